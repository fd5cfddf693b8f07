//! Prices that a change takes away or cuts, so that less of what is used counts against a budget.

use super::named::units;
use super::{CHEAPER, Removed, UNPRICED};
use crate::analysis::Project;
use crate::changes::renamed;
use crate::document::tables::Root;
use crate::document::{TomlPath, dotted};
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{Api, Model};
use crate::source::{Span, Spanned};
use crate::wildcard::wildcard;

/// A thing whose price is gone or lower.
pub(super) struct Unpriced {
    pub(super) thing: TomlPath,
    /// The key of its price.
    pub(super) key: &'static str,
    /// What is to be said, where it fed a budget that is still there.
    pub(super) removed: Option<Removed>,
}

/// The share of a budget's worth of use that is no longer a price.
const NEXT_TO_NOTHING: f64 = 0.01;

/// Less than before by more than rounding.
const CHEAPER_THAN: f64 = 1.0 - 1e-9;

/// The things that both sides have and that cost less now.
pub(super) fn unpriced(base: &Project, head: &Project, old: &Root) -> Vec<Unpriced> {
    let new = &head.declarations.root;
    let things = renamed::successors(base, head);
    let mut all = Vec::new();
    for Price {
        family,
        name,
        key,
        before,
        after,
    } in changed(old, new)
    {
        let was = things.get(&(family, name)).copied().unwrap_or(name);
        let budgets = limited(old, family, name);
        let most = budgets.iter().map(|(_, most)| *most).fold(0.0, f64::max);
        let units = match family {
            Family::Model => units((base, was), (head, name)),
            _ => Vec::new(),
        };
        let sides = [(&base.model, was), (&head.model, name)];
        let left = share(sides, family, &units, most).filter(|_| most > 0.0);
        let instead = match left {
            Some(left) if left < NEXT_TO_NOTHING => UNPRICED,
            Some(left) if left < CHEAPER_THAN => CHEAPER,
            _ => continue,
        };
        let kept = limited(new, family, name);
        let is_kept = |id: &MeterId| kept.iter().any(|(kept, _)| kept == id);
        let meters = budgets.into_iter().map(|(id, _)| id);
        let meters: Vec<MeterId> = meters.filter(is_kept).collect();
        if instead == CHEAPER && meters.is_empty() {
            continue;
        }
        let thing = TomlPath::new(&[family.as_str(), name]);
        let removed = Removed {
            instead: Some((instead, after)),
            meters,
            ..Removed::new(thing.join(key), before)
        };
        all.push(Unpriced {
            thing,
            key,
            removed: (!removed.meters.is_empty()).then_some(removed),
        });
    }
    all
}

/// A price that is declared otherwise.
struct Price<'r> {
    family: Family,
    name: &'r str,
    key: &'static str,
    before: Span,
    after: Option<Span>,
}

/// The prices that the head declares otherwise, of things that both sides have.
fn changed<'r>(old: &Root, new: &'r Root) -> Vec<Price<'r>> {
    fn span<T>(price: Option<&Spanned<T>>) -> Option<Span> {
        price.map(|price| price.span)
    }
    let mut prices = Vec::new();
    macro_rules! changed {
        ($($list:ident $key:ident $family:ident,)*) => {$(
            for (name, after) in new.$list.iter() {
                let before = old.$list.get(name);
                let before = before.filter(|before| before.$key != after.$key);
                if let Some(before) = before.and_then(|before| span(before.$key.as_deref())) {
                    prices.push(Price {
                        family: Family::$family,
                        name,
                        key: stringify!($key),
                        before,
                        after: span(after.$key.as_deref()),
                    });
                }
            }
        )*};
    }
    changed! {
        apis overage Api,
        apis packs Api,
        databases price Database,
        models price Model,
        queues price Queue,
    }
    prices
}

/// The meters of the budgets that a thing counts against, each with how much it allows.
fn limited(root: &Root, family: Family, name: &str) -> Vec<(MeterId, f64)> {
    let own = match family {
        Family::Api => root
            .apis
            .get(name)
            .and_then(|it| it.budget.as_deref()?.value.now()),
        Family::Database => {
            let database = root.databases.get(name);
            database.and_then(|it| it.budget.as_deref()?.value.now())
        }
        Family::Model => root
            .models
            .get(name)
            .and_then(|it| it.budget.as_deref()?.value.now()),
        Family::Queue => root
            .queues
            .get(name)
            .and_then(|it| it.budget.as_deref()?.value.now()),
        Family::Budget | Family::Cost | Family::Table => None,
    };
    let id = |family, name: &str| MeterId::new(family, name, MeterKind::Spend, Vec::new());
    let path = dotted([family.as_str(), name].into_iter());
    let together = root.budgets.iter().filter_map(|(budget, declared)| {
        let is_for = declared.of.as_ref().is_none_or(|of| {
            let mut patterns = of.value.0.iter();
            patterns.any(|pattern| wildcard(&pattern.value, &path))
        });
        let most = declared.budget.as_ref()?.value.now()?;
        is_for.then(|| (id(Family::Budget, budget), most.to_f64()))
    });
    let own = own.map(|most| (id(family, name), most.to_f64()));
    own.into_iter().chain(together).collect()
}

/// The least share of a budget that what it paid for at the first side's price costs at the other's.
fn share(
    sides: [(&Model, &str); 2],
    family: Family,
    units: &[(String, String)],
    budget: f64,
) -> Option<f64> {
    match family {
        Family::Api => {
            let [before, after] = sides.map(|(model, name)| model.apis.get(name));
            of_credits(before?, after?, budget)
        }
        Family::Model => {
            let [before, after] = sides.map(|(model, name)| {
                let model = model.models.get(name);
                model.map_or(&[][..], |model| &model.prices)
            });
            let shares = before.iter().filter_map(|(unit, before)| {
                let renamed = units.iter().find(|(old, _)| old == unit);
                let unit = renamed.map_or(unit, |(_, new)| new);
                let units = before.most_within(budget);
                let after = after.iter().find(|(own, _)| own == unit);
                let price = after.map_or(0.0, |(_, after)| after.price(units));
                units.is_finite().then_some(price / budget)
            });
            shares.min_by(f64::total_cmp)
        }
        Family::Database => {
            let price = |(model, name): (&Model, &str)| model.databases.get(name)?.price;
            of_bytes(sides.map(price))
        }
        Family::Queue => {
            let price = |(model, name): (&Model, &str)| model.queues.get(name)?.price;
            of_bytes(sides.map(price))
        }
        Family::Budget | Family::Cost | Family::Table => None,
    }
}

fn of_bytes([before, after]: [Option<f64>; 2]) -> Option<f64> {
    let before = before.filter(|before| *before > 0.0)?;
    Some(after.unwrap_or(0.0) / before)
}

/// The same of credits past the plan. Where there are none to be had, the plan is the limit.
fn of_credits(before: &Api, after: &Api, budget: f64) -> Option<f64> {
    let is_open = after.overage.is_some() || !after.packs.is_empty();
    let is_held = after.plan.is_some_and(|plan| plan.credits.is_some());
    if is_held && !is_open {
        return None;
    }
    let [before, after] = [before, after].map(|api| {
        Tariff::new(&Api {
            plan: None,
            ..api.clone()
        })
    });
    let credits = before.credits_within(budget)?;
    let price = after.price(credits).filter(|_| credits.is_finite())?;
    Some(price / budget)
}
