//! `[apis.NAME]`.

use crate::collections::IndexMap;
use crate::document::Lines;
use crate::document::declared::{
    Declared, Difference, Kind, Map, NOWHERE, Named, Slot, TomlPath, whole,
};
use crate::document::estimate::Estimate;
use crate::document::limit::{Limit, RateLimits};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::document::values::{Cacheable, Count, Positive, Text};
use crate::source::Spanned;
use crate::units::{Date, Duration, Money, Ratio};

crate::table! {
    /// A metered API: what its calls cost, and what it allows.
    Api {
        /// Calls that the provider allows in each window: one limit, or a list with one a window.
        rate_limit: RateLimits,
        /// Billed retries per call. Default: 0.
        retry_ratio: Estimate<Ratio>,
        /// What is held now, per month.
        plan: Plan,
        /// What credits past the plan cost, billed as they are used.
        overage: Overage,
        /// What can be bought ahead.
        packs: Packs,
        /// Money per month.
        budget: Limit<Money>,
        /// From deciding to buy credits to having them.
        lead_time: Duration,
        /// Its endpoints, by path.
        endpoints: Map<Endpoint>,
    }
}

impl Named for Api {}

crate::table! {
    /// The credits that are held, per month.
    Plan {
        /// Credits per month.
        credits: Limit<Count>,
        /// What they cost per month.
        price: Money,
        /// Unused credits on hand.
        balance: Count,
    }
}

crate::table! {
    /// The price of credits past the plan.
    Overage {
        /// What `per` credits cost.
        @required price: Money,
        /// How many credits the price is for.
        @required per: Positive,
    }
}

crate::table! {
    /// Credits that can be bought ahead.
    Pack {
        /// Its name.
        @required name: Text,
        /// How many credits it holds.
        @required credits: Count,
        /// What it costs.
        @required price: Money,
        /// How many can be stacked; absent: any number.
        max: Count,
    }
}

/// The packs of an API, each known by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packs(pub Vec<Spanned<Pack>>);

impl Packs {
    fn position(&self, name: &str) -> Option<usize> {
        let named = |pack: &Spanned<Pack>| {
            let own = pack.value.name.as_ref();
            own.is_some_and(|own| own.value.0 == name)
        };
        self.0.iter().position(named)
    }

    /// Names and packs; nothing where a name is missing or there twice.
    fn by_name(&self) -> Option<IndexMap<&str, &Spanned<Pack>>> {
        let mut packs = IndexMap::with_capacity_and_hasher(self.0.len(), Default::default());
        for pack in &self.0 {
            let name = pack.value.name.as_ref()?;
            if packs.insert(name.value.0.as_str(), pack).is_some() {
                return None;
            }
        }
        Some(packs)
    }
}

impl Declared for Packs {
    fn empty() -> Option<Self> {
        Some(Self::default())
    }

    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Lines::<Pack>::read(reader, at, value).map(|packs| Self(packs.into_vec()))
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let Some((name, rest)) = path.split_first() else {
            if let Some(read) = Self::read(reader, at, value) {
                *slot = Some(spanned(reader, read, value));
            }
            return true;
        };
        let Some(packs) = slot else { return false };
        let Some(index) = packs.value.position(name) else {
            return false;
        };
        let mut pack = Some(packs.value.0[index].clone());
        let found = Pack::set(&mut pack, reader, &at.key(name), rest, value);
        if let Some(pack) = pack {
            packs.value.0[index] = pack;
        }
        found
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        if before.value == after.value {
            return;
        }
        let first = out.len();
        if let (Some(old), Some(new)) = (before.value.by_name(), after.value.by_name()) {
            for (name, old) in &old {
                match new.get(name) {
                    None => out.push(whole(path.join(name), Kind::Removed, old.span)),
                    Some(new) => Pack::differences(old, new, &path.join(name), out),
                }
            }
            for (name, new) in &new {
                if !old.contains_key(name) {
                    out.push(whole(path.join(name), Kind::Added, new.span));
                }
            }
        }
        // In another order, or without names to tell them apart.
        if out.len() == first {
            out.push(Difference {
                path: path.clone(),
                with: Vec::new(),
                kind: Kind::Changed,
                before: Some(before.span),
                after: Some(after.span),
            });
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let Some((name, rest)) = path.split_first() else {
            *slot = from.cloned();
            return;
        };
        let source = from.and_then(|from| {
            let index = from.value.position(name)?;
            from.value.0.get(index)
        });
        let packs = slot.get_or_insert_with(|| Spanned {
            value: Self::default(),
            span: from.map_or(NOWHERE, |from| from.span),
        });
        match (packs.value.position(name), source) {
            (Some(index), Some(source)) => {
                let mut pack = Some(packs.value.0[index].clone());
                Pack::assign(&mut pack, Some(source), rest);
                if let Some(pack) = pack {
                    packs.value.0[index] = pack;
                }
            }
            (Some(index), None) if rest.is_empty() => {
                packs.value.0.remove(index);
            }
            (None, Some(source)) if rest.is_empty() => packs.value.0.push(source.clone()),
            _ => {}
        }
    }
}

crate::table! {
    /// One endpoint of an API, and what a call to it costs.
    Endpoint {
        /// Credits per call.
        credits: Estimate<Count>,
        /// Credits per item of a call.
        credits_per_item: Estimate<Count>,
        /// The least that a call costs, in credits.
        min_credits: Count,
        /// `false` where freshness is the value, or the most staleness that a product may show.
        cacheable: Cacheable,
        /// The date on which the cost was last measured.
        measured: Date,
    }
}

impl Named for Endpoint {
    const ANY_NAME: bool = true;
}
