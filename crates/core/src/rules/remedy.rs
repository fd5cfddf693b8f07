//! The smallest change that makes a meter fit: how far its limit has to be raised, and by which
//! declaration, or by how much demand has to shrink.

use rust_decimal::prelude::ToPrimitive;

use crate::document::dotted;
use crate::fit::{Fitted, ROUNDING};
use crate::meter::{Family, MeterKind};
use crate::model::Bound;
use crate::purchases::cover;
use crate::rules::Context;
use crate::rules::support::{find, judged_demand, limit_key, measured, percent};
use crate::words::number::{self, exponent, ten_to};

pub(super) struct Remedy {
    /// The declaration that limits it.
    pub(super) key: String,
    /// What that has to be, in words: `484 calls/min`, `12 workers`.
    pub(super) limit: String,
    /// How many times as much as today that is, where it is known.
    pub(super) times: Option<f64>,
    /// Or how much less, in words: `cut calls by 59%`.
    pub(super) less: Option<String>,
}

impl Remedy {
    /// As a finding's help: ``raise `apis.tiklive.rate_limit` to 484 calls/min, or cut calls by
    /// 59%``.
    pub(super) fn help(&self) -> String {
        let limit = format!("raise `{}` to {}", self.key, self.limit);
        match &self.less {
            Some(less) => format!("{limit}, or {less}"),
            None => limit,
        }
    }
}

/// What makes a meter fit that is judged by `meters`, all of one situation, and breaks above
/// this share of its limit. `held` is what a scenario may buy on top of the declared limit.
pub(super) fn remedy(
    context: &Context<'_>,
    meters: &[Fitted],
    fitted: &Fitted,
    breaks: f64,
    held: f64,
) -> Option<Remedy> {
    let id = &fitted.id;
    let demand = judged_demand(context, fitted);
    let limit = fitted.meter.limit;
    let needed = demand.map(|demand| demand / breaks);
    let less = demand.zip(limit).and_then(|(demand, limit)| {
        let share = 1.0 - limit * breaks / demand;
        (share > 0.0 && share < 1.0)
            .then(|| format!("cut {} by {}", cut(fitted), percent_up(share)))
    });
    let (keys, value): (&[&str], f64) = match id.kind {
        // Their key is looked up below.
        MeterKind::Rate | MeterKind::Concurrency => (&[], whole_up(needed?)),
        MeterKind::Credits => (&["plan", "credits"], whole_up((needed? - held).max(0.0))),
        MeterKind::Spend => (&["budget"], ceil(needed? * 100.0) / 100.0),
        MeterKind::Storage if id.owner == Family::Table => (&["max_size"], rounded_up(needed?)),
        MeterKind::Storage | MeterKind::Retained => (&["storage"], rounded_up(needed?)),
        MeterKind::Writes => (&["writes"], whole_up(needed?)),
        MeterKind::Reads => (&["reads"], whole_up(needed?)),
        MeterKind::Depth => (&["max_depth"], whole_up(needed?)),
        MeterKind::Throughput => {
            let queue = context.project.model.queues.get(&id.name)?;
            let carried = |of: Bound| of.max.unwrap_or(of.now) * queue.partition_throughput;
            let partitions = queue.partitions.map_or(f64::INFINITY, carried);
            if partitions >= needed? {
                (&["throughput"], rounded_up(needed?))
            } else {
                (&["partitions"], ceil(needed? / queue.partition_throughput))
            }
        }
        MeterKind::Workers | MeterKind::Drain => (
            &["workers", "max"],
            workers(context, meters, fitted, breaks)?,
        ),
    };
    if !value.is_finite() {
        return None;
    }
    let counted = match id.kind {
        MeterKind::Throughput if keys == ["partitions"] => Some("partition"),
        MeterKind::Workers | MeterKind::Drain => Some("worker"),
        _ => None,
    };
    let words = match counted {
        Some(one) => number::plural(value as usize, one),
        None => measured(context, fitted, Some(value)),
    };
    let now = limit.filter(|_| counted.is_none());
    let now = now.map(|limit| limit - held).filter(|now| *now > 0.0);
    let owner = [id.owner.as_str(), id.name.as_str()];
    let key = match keys {
        [] => {
            let root = &context.project.declarations.root;
            limit_key(root, id, fitted.meter.detail.tier.as_deref()).to_string()
        }
        keys => dotted(owner.into_iter().chain(keys.iter().copied())),
    };
    Some(Remedy {
        key,
        limit: words,
        times: now.map(|now| value / now),
        less: less.filter(|_| id.kind != MeterKind::Drain),
    })
}

/// What covering the credits past a plan costs a month: `covering 128,000 credits past the plan
/// costs 180.00 USD a month (2 × 100k)`.
pub(super) fn covering(context: &Context<'_>, fitted: &Fitted) -> Option<String> {
    if fitted.id.kind != MeterKind::Credits {
        return None;
    }
    let (name, project) = (&*fitted.id.name, context.project);
    let past = judged_demand(context, fitted)? - fitted.meter.limit?;
    let declared = project.declarations.root.apis.get(name)?;
    let bought = cover::covering(declared, project.model.apis.get(name)?, past)?;
    let how = match bought.overage > 0.0 {
        true if bought.packs.is_empty() => "billed as overage".to_owned(),
        true => format!("{}, the rest as overage", bought.packs),
        false => bought.packs,
    };
    let price = number::money(bought.price.to_f64()?, project.currency());
    let past = number::count(past);
    Some(format!(
        "covering {past} credits past the plan costs {price} a month ({how})"
    ))
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

/// What there should be less of.
fn cut(fitted: &Fitted) -> &str {
    match fitted.id.kind {
        MeterKind::Rate | MeterKind::Concurrency => {
            let unit = fitted.meter.unit.split('/').next();
            unit.unwrap_or("calls")
        }
        MeterKind::Credits => "credits",
        MeterKind::Writes => "writes",
        MeterKind::Reads => "reads",
        MeterKind::Workers => "jobs",
        MeterKind::Depth => "messages",
        MeterKind::Spend => "spend",
        MeterKind::Storage | MeterKind::Retained | MeterKind::Throughput | MeterKind::Drain => {
            "data"
        }
    }
}

/// Whole percents, rounded up, so that what is said suffices.
fn percent_up(share: f64) -> String {
    let whole = (share * 100.0 - 1e-9).ceil() / 100.0;
    percent(if whole < 1.0 { whole } else { share })
}

/// Whole, or four significant digits where reports show no more, rounded up.
fn whole_up(number: f64) -> f64 {
    let scale = if number >= 1e7 {
        ten_to(exponent(number) - 3)
    } else {
        1.0
    };
    ceil(number / scale) * scale
}

/// The next whole number, but for what was rounded off: verdicts leave that aside too.
fn ceil(number: f64) -> f64 {
    (number * (1.0 - ROUNDING)).ceil()
}

/// Three significant digits, rounded up: bytes that suffice.
pub(super) fn rounded_up(bytes: f64) -> f64 {
    if bytes <= 0.0 {
        return 0.0;
    }
    let scale = ten_to((exponent(bytes) - 2).max(0));
    ceil(bytes / scale) * scale
}
