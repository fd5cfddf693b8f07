//! What a limit has to be so that a meter fits.

use crate::document::dotted;
use crate::fit::{Fitted, ROUNDING};
use crate::meter::{Family, MeterId, MeterKind};
use crate::packs::Pack;
use crate::rules::Context;
use crate::rules::support::{find, judged_demand};
use crate::words::number::{exponent, ten_to};

/// The keys of a limit, below the thing that has it.
pub(super) type Keys = &'static [&'static str];

/// Which of two limits, where a thing has two.
pub(super) type Part = Option<Keys>;

pub(super) const CLUSTER: Keys = &["throughput"];
pub(super) const PARTITIONS: Keys = &["partitions"];

/// What a limit has to be in one situation.
#[derive(Clone, Copy)]
pub(super) struct Needed {
    pub(super) keys: Keys,
    pub(super) value: f64,
}

/// What a limit has to be so that a meter fits that is judged by `meters`, all of one situation, and
/// breaks above this share of it. `held` is what a scenario may buy on top of the declared limit.
pub(super) fn needed(
    context: &Context<'_>,
    meters: &[Fitted],
    fitted: &Fitted,
    (breaks, held): (f64, f64),
    part: Part,
) -> Option<Needed> {
    let id = &fitted.id;
    let demand = judged_demand(context, fitted);
    let at_least = demand.map(|demand| demand / breaks);
    let (keys, value): (Keys, f64) = match id.kind {
        // Their key is looked up by who needs it.
        MeterKind::Rate | MeterKind::Concurrency => (&[], ceil(at_least?)),
        MeterKind::Credits => (&["plan", "credits"], ceil((at_least? - held).max(0.0))),
        MeterKind::Spend => (&["budget"], ceil(at_least? * 100.0) / 100.0),
        MeterKind::Storage if id.owner == Family::Table => (&["max_size"], at_least?),
        MeterKind::Storage | MeterKind::Retained => (&["storage"], at_least?),
        MeterKind::Writes => (&["writes"], at_least?),
        MeterKind::Reads => (&["reads"], at_least?),
        MeterKind::Depth => (&["max_depth"], ceil(at_least?)),
        MeterKind::Throughput if part == Some(CLUSTER) => (CLUSTER, at_least?),
        MeterKind::Throughput => {
            let queue = context.project.model.queues.get(&id.name)?;
            (PARTITIONS, ceil(at_least? / queue.partition_throughput))
        }
        MeterKind::Workers | MeterKind::Drain => (
            &["workers", "max"],
            workers(context, meters, fitted, breaks)?,
        ),
    };
    value.is_finite().then_some(Needed { keys, value })
}

/// The credits that packs add to a plan in scenarios.
pub(super) fn packs(context: &Context<'_>, id: &MeterId) -> f64 {
    if id.owner != Family::Api || id.kind != MeterKind::Credits {
        return 0.0;
    }
    let api = context.project.model.apis.get(&id.name);
    let packs = api.map_or(&[][..], |api| &api.packs);
    let most = |pack: &Pack| pack.max.map_or(f64::INFINITY, |max| max as f64);
    packs.iter().map(|pack| pack.credits * most(pack)).sum()
}

/// How many workers keep up with a queue, or drain its backlog in time: with `C` jobs a second
/// the backlog takes `backlog / (C − λ)`, so `C = λ + backlog / (drain · breaks)`.
fn workers(context: &Context<'_>, meters: &[Fitted], fitted: &Fitted, breaks: f64) -> Option<f64> {
    let queue = context.project.model.queues.get(&fitted.id.name)?;
    let rate = queue.workers.as_ref()?.rate.as_ref()?.point()?;
    let of = |kind: MeterKind| {
        let keys = [Family::Queue.as_str(), &fitted.id.name, kind.as_str()];
        find(meters, &dotted(keys.into_iter()))
    };
    let work = of(MeterKind::Workers)?;
    let arriving = judged_demand(context, work)?;
    let jobs = match (fitted.id.kind, judged_demand(context, fitted)) {
        (MeterKind::Workers, Some(demand)) => demand / breaks,
        (_, Some(drain)) if drain > 0.0 => {
            let capacity = work.meter.limit?;
            let backlog = judged_demand(context, of(MeterKind::Depth)?)?;
            let others = capacity - backlog / drain;
            others + backlog / (fitted.meter.limit? * breaks)
        }
        // It never drains: a little more than what arrives.
        _ => return Some((arriving / rate).floor() + 1.0),
    };
    // Searched and divided numbers end a hair above round ones.
    Some((jobs / rate * (1.0 - 1e-9)).ceil())
}

/// The next whole number, but for what was rounded off: verdicts leave that aside too.
fn ceil(number: f64) -> f64 {
    (number * (1.0 - ROUNDING)).ceil()
}

/// Three significant digits, rounded up: bytes that suffice.
pub(in crate::rules) fn rounded_up(bytes: f64) -> f64 {
    if bytes <= 0.0 {
        return 0.0;
    }
    let scale = ten_to((exponent(bytes) - 2).max(0));
    ceil(bytes / scale) * scale
}
