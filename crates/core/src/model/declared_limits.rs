//! Where the limits of meters are declared.

use crate::document::TomlPath;
use crate::document::tables::{LimitKeys, Root};
use crate::document::values::Flow;
use crate::meter::{Family, MeterId, MeterKind};
use crate::source::{Span, Spanned};

/// Where a meter's limit is declared.
pub(crate) fn declared_limit(root: &Root, id: &MeterId) -> Option<Span> {
    fn span<T>(slot: Option<&Spanned<T>>) -> Option<Span> {
        slot.map(|spanned| spanned.span)
    }
    let name = id.name.as_str();
    match id.owner {
        Family::Api => {
            let api = root.apis.get(name)?;
            match id.kind {
                MeterKind::Credits => span(api.plan.as_deref()?.value.credits.as_deref()),
                MeterKind::Spend => span(api.budget.as_deref()),
                _ => {
                    let name = id.rest.last()?;
                    let declared = api
                        .limits
                        .get(name)
                        .and_then(|limit| limit.value.keys().span());
                    let windows = api.rate_limit.iter().flat_map(|limits| &limits.value.0);
                    let is_it = |flow: &Flow| flow.period.name() == name;
                    let mut windows = windows.filter(|it| it.value.now().is_some_and(is_it));
                    declared.or_else(|| windows.next().map(|limit| limit.span))
                }
            }
        }
        Family::Budget => span(root.budgets.get(name)?.budget.as_deref()),
        Family::Cost => None,
        Family::Database => {
            let database = root.databases.get(name)?;
            match id.kind {
                MeterKind::Writes => span(database.writes.as_deref()),
                MeterKind::Reads => span(database.reads.as_deref()),
                MeterKind::Spend => span(database.budget.as_deref()),
                _ => span(database.storage.as_deref()),
            }
        }
        Family::Model => {
            let model = root.models.get(name)?;
            match id.kind {
                MeterKind::Spend => span(model.budget.as_deref()),
                _ => match id.rest.as_slice() {
                    [limit] => model
                        .limits
                        .get(limit)
                        .and_then(|it| it.value.keys().span()),
                    rest => {
                        let capacity = model.capacity.as_deref()?;
                        let of_unit = rest.first().and_then(|unit| capacity.value.span_of(unit));
                        of_unit.or(Some(capacity.span))
                    }
                },
            }
        }
        Family::Queue => {
            let queue = root.queues.get(name)?;
            match id.kind {
                MeterKind::Throughput => {
                    let partitions = span(queue.partitions.as_deref());
                    partitions.or(span(queue.throughput.as_deref()))
                }
                MeterKind::Spend => span(queue.budget.as_deref()),
                MeterKind::Retained => span(queue.storage.as_deref()),
                MeterKind::Depth => span(queue.max_depth.as_deref()),
                MeterKind::Drain => span(queue.drain.as_deref()),
                _ => span(queue.workers.as_deref()?.value.max.as_deref()),
            }
        }
        Family::Table => span(root.tables.get(name)?.max_size.as_deref()),
    }
}

/// The entry of `limits` that limits a meter of rate or concurrency.
fn entry<'r>(root: &'r Root, id: &MeterId) -> Option<LimitKeys<'r>> {
    let name = id.rest.last()?;
    match id.owner {
        Family::Api => Some(root.apis.get(&id.name)?.limits.get(name)?.value.keys()),
        _ if id.rest.len() > 1 => None,
        _ => Some(root.models.get(&id.name)?.limits.get(name)?.value.keys()),
    }
}

/// Where the limit of a tier is declared, where each has its own.
pub(crate) fn limit_of_tier(root: &Root, id: &MeterId, tier: &str) -> Option<Span> {
    entry(root, id)?.of_tier(tier)
}

/// The path of the declaration that limits a meter of rate or concurrency, for the tier that it is
/// judged by.
pub(crate) fn limit_key(root: &Root, id: &MeterId, tier: Option<&str>) -> TomlPath {
    let path = TomlPath::new(&[id.owner.as_str(), &id.name]);
    let Some(declared) = entry(root, id) else {
        if id.owner == Family::Api {
            return path.join("rate_limit");
        }
        let path = path.join("capacity");
        let capacity = root.models.get(&id.name);
        let capacity = capacity.and_then(|model| model.capacity.as_deref());
        let unit = id
            .rest
            .first()
            .filter(|unit| capacity.is_some_and(|capacity| capacity.value.span_of(unit).is_some()));
        return match unit {
            Some(unit) => path.join(unit),
            None => path,
        };
    };
    let name = id.rest.last().map_or("", String::as_str);
    let path = path.join("limits").join(name).join(declared.key());
    match tier.filter(|_| declared.is_by_tier()) {
        Some(tier) => path.join(tier),
        None => path,
    }
}
