//! What several rules need: where a meter's limit is declared, and figures in words.

pub(super) mod models;
pub(super) mod queues;
pub(super) mod tables;

use crate::document::declared::{Entry, Map, Table, TomlPath};
use crate::document::tables::Root;
use crate::finding::Finding;
use crate::fit::Fitted;
use crate::forecast::meters::{Kind, MeterId, Owner};
use crate::render::number;
use crate::rules::Context;
use crate::source::{Span, Spanned};

/// Where a meter's limit is declared, else the thing that the meter belongs to.
pub(super) fn limit_span(context: &Context<'_>, id: &MeterId) -> Option<Span> {
    let root = &context.project.declarations.root.value;
    declared_limit(root, id).or_else(|| owner_span(root, id))
}

/// Where the name of the thing stands that a meter belongs to.
pub(super) fn owner_span(root: &Root, id: &MeterId) -> Option<Span> {
    macro_rules! named {
        ($field:ident) => {
            root.$field
                .as_ref()
                .and_then(|all| all.value.0.get(&id.name))
                .map(|entry| entry.name)
        };
    }
    match id.owner {
        Owner::Api => named!(apis),
        Owner::Database => named!(databases),
        Owner::Model => named!(models),
        Owner::Queue => named!(queues),
        Owner::Table => named!(tables),
    }
}

fn declared_limit(root: &Root, id: &MeterId) -> Option<Span> {
    fn span<T>(slot: Option<&Spanned<T>>) -> Option<Span> {
        slot.map(|spanned| spanned.span)
    }
    let name = id.name.as_str();
    match id.owner {
        Owner::Api => {
            let api = root.apis.as_ref()?.value.get(name)?;
            match id.kind {
                Kind::Credits => span(api.plan.as_ref()?.value.credits.as_ref()),
                Kind::Spend => span(api.budget.as_ref()),
                _ => {
                    let window = id.rest.last()?;
                    let limits = &api.rate_limit.as_ref()?.value.0;
                    limits
                        .iter()
                        .find(|limit| limit.value.now.period.name() == window)
                        .map(|limit| limit.span)
                }
            }
        }
        Owner::Database => {
            let database = root.databases.as_ref()?.value.get(name)?;
            match id.kind {
                Kind::Writes => span(database.writes.as_ref()),
                _ => span(database.storage.as_ref()),
            }
        }
        Owner::Model => {
            let model = root.models.as_ref()?.value.get(name)?;
            match id.kind {
                Kind::Spend => span(model.budget.as_ref()),
                _ => span(model.capacity.as_ref()),
            }
        }
        Owner::Queue => {
            let queue = root.queues.as_ref()?.value.get(name)?;
            match id.kind {
                Kind::Throughput => span(queue.partitions.as_ref()),
                Kind::Retained => span(queue.storage.as_ref()),
                Kind::Depth => span(queue.max_depth.as_ref()),
                Kind::Drain => span(queue.drain.as_ref()),
                _ => span(queue.workers.as_ref()?.value.max.as_ref()),
            }
        }
        Owner::Table => span(root.tables.as_ref()?.value.get(name)?.max_size.as_ref()),
    }
}

/// Points a finding to a meter's limit.
pub(super) fn at_limit(context: &Context<'_>, id: &MeterId, finding: Finding) -> Finding {
    match limit_span(context, id) {
        Some(span) => finding.at(span),
        None => finding,
    }
}

/// A meter's figure in its unit, such as `2,628,000 credits/month`.
pub(super) fn amount(context: &Context<'_>, fitted: &Fitted, value: Option<f64>) -> String {
    number::quantity(value, &fitted.meter.unit, context.project.currency())
}

/// What a meter's demand is judged at: the policy's percentile.
pub(super) fn judged_demand(context: &Context<'_>, fitted: &Fitted) -> Option<f64> {
    let demand = &fitted.meter.demand;
    match context.policy.confidence() {
        p if p == 0.5 => demand.p50,
        p if p == 0.8 => demand.p80,
        p if p == 0.9 => demand.p90,
        _ => demand.p95,
    }
}

/// Demand against limit in words: `2,628,000 of 2,500,000 credits/month (105.1 %)`.
pub(super) fn against(context: &Context<'_>, fitted: &Fitted) -> String {
    let demand = match fitted.meter.verdict {
        _ if judged_demand(context, fitted).is_none() => "an infinite demand".to_owned(),
        _ => amount(context, fitted, judged_demand(context, fitted)),
    };
    match fitted.meter.limit {
        None => demand,
        Some(_) => {
            let limit = amount(context, fitted, fitted.meter.limit);
            match fitted.meter.utilization {
                Some(share) => format!("{demand} of {limit}, {}", number::share(Some(share))),
                None => format!("{demand} of {limit}"),
            }
        }
    }
}

/// The meter with this id among the meters of one situation.
pub(super) fn meter<'a>(meters: &'a [Fitted], id: &[&str]) -> Option<&'a Fitted> {
    let id = TomlPath::new(id).to_string();
    let index = meters
        .binary_search_by(|fitted| fitted.meter.id.as_str().cmp(&id))
        .ok()?;
    meters.get(index)
}

/// Whether a number is above another by more than what multiplying them can round off.
pub(super) fn passes(number: f64, limit: f64) -> bool {
    number > limit * (1.0 + 1e-9)
}

/// A thing that a project declares, as rules about declarations see it.
pub(super) struct Thing<'a, T> {
    list: &'static str,
    /// Its name.
    pub(super) name: &'a str,
    /// Where the name stands, and what it declares.
    pub(super) entry: &'a Entry<T>,
    complete: bool,
}

impl<T> Clone for Thing<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Thing<'_, T> {}

/// The things of one table of the format, such as `queues`, in the order of declaration.
pub(super) fn things<'a, T>(
    context: &Context<'a>,
    list: &'static str,
    declared: &'a Option<Spanned<Map<T>>>,
) -> impl Iterator<Item = Thing<'a, T>> {
    let incomplete = &context.project.declarations.incomplete;
    let things = declared.iter().flat_map(|map| &map.value.0);
    things.map(move |(name, entry)| Thing {
        list,
        name,
        entry,
        complete: !incomplete.contains(&entry.name.file),
    })
}

impl<'a, T: Table> Thing<'a, T> {
    /// What it declares.
    pub(super) fn declared(&self) -> &'a T {
        &self.entry.body.value
    }

    /// Its path in the model.
    pub(super) fn path(&self) -> String {
        TomlPath::new(&[self.list, self.name]).to_string()
    }

    /// Whether its declaration was read wholly and says nothing of a key, whose slot this is.
    pub(super) fn lacks<V>(&self, key: &str, slot: &Option<V>) -> bool {
        slot.is_none() && self.complete && !self.declared().is_broken(key)
    }

    /// Whether the file that declares it was read wholly.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// One of its meters today.
    pub(super) fn meter(&self, context: &Context<'a>, kind: Kind) -> Option<&'a Fitted> {
        meter(
            &context.outlook.today,
            &[self.list, self.name, kind.as_str()],
        )
    }
}
