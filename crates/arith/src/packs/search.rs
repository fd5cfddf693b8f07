//! The search over whole numbers: depth first, one pack after another from the cheapest per
//! credit on, each with the most of it first.
//!
//! A branch is left when it cannot beat the best purchase so far. Its price is bounded by the
//! linear relaxation (what is missing, bought at the best prices per credit, fractions allowed,
//! maxima heeded), rounded up to the common divisor of the remaining prices after what is missing
//! was rounded up to the common divisor of the remaining credits; its packs by the largest
//! remaining pack. As a pack's count falls, the relaxation only rises, so the first count whose
//! relaxation is too dear ends the loop, and so does the first that can at best be as dear with
//! more packs. Of a pack without a maximum no count is tried that leaves more than so many other
//! packs (see `Cover::fewest`). And a state (which packs remain, what is missing) that
//! was reached before by no worse a purchase is not searched again, which makes the search no
//! more than a dynamic programme where numbers are small.

use std::cmp::{Ordering, Reverse};

use super::scale::gcd;
use crate::collections::HashMap;

/// A pack in whole numbers: `units > 0`, `max > 0`; `units` and `price` below 2^63.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Where it stands among the packs as declared.
    pub(super) index: usize,
    pub(super) units: u128,
    pub(super) price: u128,
    /// `u64::MAX` for any number.
    pub(super) max: u64,
}

impl Item {
    pub(super) fn is_unlimited(&self) -> bool {
        self.max == u64::MAX
    }

    /// Units times the other's price: compares prices per unit without dividing.
    fn crossed(&self, other: &Self) -> u128 {
        self.price * other.units
    }

    /// Whether no purchase needs `other`, since as many units of this one are always better.
    /// Ties keep both: which is better hangs on the rest.
    fn beats(&self, other: &Self) -> bool {
        if self.units == other.units && self.price == other.price {
            return self.is_unlimited() && self.index < other.index;
        }
        let packs = other.units.div_ceil(self.units);
        self.is_unlimited() && packs * self.price < other.price
    }
}

/// What a search for a cover came to.
pub(super) enum Outcome {
    /// The counts of the best purchase, in the items' order.
    Found(Vec<u64>),
    /// The items don't hold so many units.
    Impossible,
    /// The work ran out.
    Exhausted {
        /// The best so far.
        best: Option<Vec<u64>>,
        /// Nothing is cheaper.
        at_least: u128,
    },
}

/// Drops items that no purchase needs, and sorts by price per unit, then the larger first.
pub(super) fn prepare(mut items: Vec<Item>) -> Vec<Item> {
    let all = items.clone();
    items.retain(|item| {
        !all.iter()
            .any(|other| other.index != item.index && other.beats(item))
    });
    items.sort_by(|a, b| {
        a.crossed(b)
            .cmp(&b.crossed(a))
            .then_with(|| (Reverse(a.units), a.index).cmp(&(Reverse(b.units), b.index)))
    });
    items
}

/// The best purchase of at least `need` units, within so many steps.
pub(super) fn cover(items: &[Item], need: u128, work: u64) -> Outcome {
    let mut search = Cover::new(items, work);
    let Some(relaxed) = search.relaxed(0, need) else {
        return Outcome::Impossible;
    };
    let finished = search.visit(0, need, Key::default());
    match (finished, search.best) {
        (Some(()), Some((_, counts))) => Outcome::Found(counts),
        (Some(()), None) => Outcome::Impossible,
        (None, best) => Outcome::Exhausted {
            best: best.map(|(_, counts)| counts),
            at_least: relaxed.price,
        },
    }
}

/// What a purchase is judged by, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    price: u128,
    packs: u128,
    units: u128,
}

impl Key {
    /// With so many of an item; saturates far beyond what can be bought.
    fn with(self, item: &Item, count: u64) -> Self {
        let count = u128::from(count);
        Self {
            price: self.price.saturating_add(item.price * count),
            packs: self.packs.saturating_add(count),
            units: self.units.saturating_add(item.units * count),
        }
    }
}

/// What is common to the items from one on.
#[derive(Clone, Copy, Default)]
struct Rest {
    units_step: u128,
    price_step: u128,
    largest: u128,
    /// How many items the relaxation may look at: up to the first unlimited one.
    reach: usize,
}

/// What the linear relaxation comes to.
struct Relaxed {
    /// Rounded up.
    price: u128,
    /// Rounded up; a bound only where nothing dearer than the relaxation is considered.
    packs: u128,
    /// Whether the price needed no rounding.
    exact: bool,
}

struct Cover<'a> {
    items: &'a [Item],
    /// For each item, of it and those after it.
    rests: Vec<Rest>,
    /// The items' places in the order of the packs.
    declared: Vec<usize>,
    counts: Vec<u64>,
    best: Option<(Key, Vec<u64>)>,
    /// The best way by which a state was reached.
    seen: HashMap<(usize, u128), (Key, Vec<u64>)>,
    work: u64,
}

impl<'a> Cover<'a> {
    fn new(items: &'a [Item], work: u64) -> Self {
        let mut rests = Vec::with_capacity(items.len());
        let mut rest = Rest::default();
        for item in items.iter().rev() {
            rest = Rest {
                units_step: gcd(rest.units_step, item.units),
                price_step: gcd(rest.price_step, item.price),
                largest: rest.largest.max(item.units),
                reach: if item.is_unlimited() {
                    1
                } else {
                    rest.reach + 1
                },
            };
            rests.push(rest);
        }
        rests.reverse();
        let mut declared: Vec<usize> = (0..items.len()).collect();
        declared.sort_by_key(|place| items[*place].index);
        Self {
            items,
            rests,
            declared,
            counts: vec![0; items.len()],
            best: None,
            seen: HashMap::default(),
            work,
        }
    }

    /// Takes so many steps; nothing where there are none left.
    fn step(&mut self, steps: usize) -> Option<()> {
        self.work = self.work.checked_sub(u64::try_from(steps).ok()?)?;
        Some(())
    }

    /// The linear relaxation for so many units of the items from `depth` on: the least price,
    /// and the fewest packs at exactly that price. Nothing where they don't hold as many.
    fn relaxed(&self, depth: usize, missing: u128) -> Option<Relaxed> {
        let mut left = missing;
        let mut sum = Relaxed {
            price: 0,
            packs: 0,
            exact: true,
        };
        if left == 0 {
            return Some(sum);
        }
        for item in &self.items[depth..] {
            let Item { units, price, .. } = *item;
            let max = u128::from(item.max);
            if left <= units * max {
                // Both factors of the product are below 2^63.
                let part = left % units * price;
                let whole = (left / units).saturating_mul(price);
                let rounded = whole.saturating_add(part.div_ceil(units));
                sum.price = sum.price.saturating_add(rounded);
                sum.packs = sum.packs.saturating_add(left.div_ceil(units));
                sum.exact = part.is_multiple_of(units);
                return Some(sum);
            }
            sum.price = sum.price.saturating_add(price * max);
            sum.packs = sum.packs.saturating_add(max);
            left -= units * max;
        }
        None
    }

    /// Whether nothing below this state can beat the best.
    fn hopeless(&self, depth: usize, missing: u128, key: Key) -> bool {
        let rest = &self.rests[depth];
        let missing = round_up(missing, rest.units_step);
        let Some(relaxed) = self.relaxed(depth, missing) else {
            return true;
        };
        let Some((best, _)) = &self.best else {
            return false;
        };
        let bound = Key {
            price: key
                .price
                .saturating_add(round_up(relaxed.price, rest.price_step.max(1))),
            packs: key.packs.saturating_add(missing.div_ceil(rest.largest)),
            units: key.units.saturating_add(missing),
        };
        bound > *best
    }

    /// Whether a no worse purchase has led to this state before; else this one is noted.
    fn known(&mut self, depth: usize, missing: u128, key: Key) -> bool {
        let state = (depth, round_up(missing, self.rests[depth].units_step));
        if let Some((known, counts)) = self.seen.get(&state) {
            let by_order = || self.by_order(counts, depth);
            if known.cmp(&key).then_with(by_order).is_le() {
                return true;
            }
        }
        self.seen
            .insert(state, (key, self.counts[..depth].to_vec()));
        false
    }

    /// Compares counts with those at hand, of the items before `depth`: less is better, and has
    /// more of the first pack, as declared, in which they differ.
    fn by_order(&self, counts: &[u64], depth: usize) -> Ordering {
        let places = self.declared.iter().filter(|place| **place < depth);
        let mut orders = places.map(|place| self.counts[*place].cmp(&counts[*place]));
        let first = orders.find(|order| order.is_ne());
        first.unwrap_or(Ordering::Equal)
    }

    /// Keeps the purchase at hand, of the items before `depth`, where it is the best so far.
    fn offer(&mut self, depth: usize, key: Key) {
        self.counts[depth..].fill(0);
        let better = self.best.as_ref().is_none_or(|(best, counts)| {
            let by_order = || self.by_order(counts, self.items.len());
            best.cmp(&key).then_with(by_order).is_gt()
        });
        if better {
            self.best = Some((key, self.counts.clone()));
        }
    }

    /// Searches the items from `depth` on for what is missing; nothing where the work ran out.
    fn visit(&mut self, depth: usize, missing: u128, key: Key) -> Option<()> {
        if missing == 0 {
            self.offer(depth, key);
            return Some(());
        }
        let Some(&item) = self.items.get(depth) else {
            return Some(());
        };
        self.step(1 + self.rests[depth].reach / 8)?;
        if self.hopeless(depth, missing, key) {
            return Some(());
        }
        let last = depth + 1 == self.items.len();
        if depth > 0 && !last {
            self.step(1 + depth / 8)?;
            if self.known(depth, missing, key) {
                return Some(());
            }
        }
        let enough = missing.div_ceil(item.units);
        let mut count = item.max;
        if enough <= u128::from(item.max) {
            count = u64::try_from(enough).unwrap_or(item.max);
            self.counts[depth] = count;
            self.offer(depth + 1, key.with(&item, count));
            count -= 1;
        }
        if last {
            Some(())
        } else {
            self.count_down(depth, missing, key, count)
        }
    }

    /// Tries so many of an item, none of which suffices alone, and ever fewer.
    fn count_down(&mut self, depth: usize, missing: u128, key: Key, most: u64) -> Option<()> {
        let item = self.items[depth];
        let cost = 1 + self.rests[depth].reach / 8;
        let fewest = self.fewest(depth, missing);
        let mut count = most;
        loop {
            self.step(cost)?;
            let left = missing - item.units * u128::from(count);
            let next = key.with(&item, count);
            // Fewer of this item leave more to the dearer ones: no count below does better.
            let Some(relaxed) = self.relaxed(depth + 1, left) else {
                return Some(());
            };
            let price = next.price.saturating_add(relaxed.price);
            let packs = next.packs.saturating_add(relaxed.packs);
            if let Some((best, _)) = &self.best
                && (price > best.price
                    || price == best.price && relaxed.exact && packs > best.packs)
            {
                return Some(());
            }
            self.counts[depth] = count;
            self.visit(depth + 1, left, next)?;
            if count <= fewest {
                return Some(());
            }
            count -= 1;
        }
    }

    /// The fewest of an item that the best way to cover what is missing has, with the items after
    /// it. Of an unlimited item of `u` units, those others number fewer than `u / step`: among
    /// that many, some have a sum of units divisible by `u` (of their partial sums two are the
    /// same modulo `u`), and as many units of this item are cheaper, or as cheap in fewer packs.
    fn fewest(&self, depth: usize, missing: u128) -> u64 {
        let (item, rest) = (&self.items[depth], &self.rests[depth]);
        if !item.is_unlimited() {
            return 0;
        }
        let units = item.units;
        let others = (units / rest.units_step - 1).saturating_mul(rest.largest);
        u64::try_from(missing.saturating_sub(others) / units).unwrap_or(u64::MAX)
    }
}

/// The most units that can be had for at most `budget`, within so many steps. No unlimited item
/// may be free.
pub(super) fn fill(items: &[Item], budget: u128, work: u64) -> Option<u128> {
    let mut reach = 0;
    let mut costs = Vec::with_capacity(items.len());
    for item in items.iter().rev() {
        reach = if item.is_unlimited() { 1 } else { reach + 1 };
        costs.push(1 + reach / 8);
    }
    costs.reverse();
    let mut search = Fill {
        items,
        costs,
        best: 0,
        work,
    };
    search.visit(0, budget, 0)?;
    Some(search.best)
}

struct Fill<'a> {
    items: &'a [Item],
    /// The steps that one look at an item and its relaxation costs.
    costs: Vec<u64>,
    best: u128,
    work: u64,
}

impl Fill<'_> {
    /// The most units for so much money of the items from `depth` on, fractions allowed.
    fn relaxed(&self, depth: usize, money: u128) -> u128 {
        let mut left = money;
        let mut units = 0_u128;
        for item in &self.items[depth..] {
            let cost = item.price * u128::from(item.max);
            if left <= cost && item.price > 0 {
                let (packs, rest) = (left / item.price, left % item.price);
                let part = rest * item.units / item.price;
                let whole = packs.saturating_mul(item.units);
                return units.saturating_add(whole).saturating_add(part);
            }
            units = units.saturating_add(item.units * u128::from(item.max));
            left -= cost;
        }
        units
    }

    fn visit(&mut self, depth: usize, money: u128, units: u128) -> Option<()> {
        self.best = self.best.max(units);
        let Some(item) = self.items.get(depth) else {
            return Some(());
        };
        let affordable = money.checked_div(item.price).unwrap_or(u128::MAX);
        let mut count = u64::try_from(affordable).unwrap_or(u64::MAX).min(item.max);
        loop {
            self.work = self.work.checked_sub(self.costs[depth])?;
            let left = money - item.price * u128::from(count);
            let have = units.saturating_add(item.units * u128::from(count));
            if have.saturating_add(self.relaxed(depth + 1, left)) <= self.best {
                return Some(());
            }
            self.visit(depth + 1, left, have)?;
            if count == 0 {
                return Some(());
            }
            count -= 1;
        }
    }
}

fn round_up(value: u128, step: u128) -> u128 {
    value.div_ceil(step).saturating_mul(step)
}
