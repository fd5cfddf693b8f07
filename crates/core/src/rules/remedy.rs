//! What makes a meter fit: how far its limit has to be raised, and by which declaration, or how much
//! less often its largest user may run. Each is tried before it is named.

mod needed;

use crate::advice::{Reach, Set, Today, Way};
use crate::document::dotted;
use crate::document::values::Require;
use crate::edit::is_value;
use crate::fit::{Fitted, Meters, ROUNDING};
use crate::meter::{MeterId, MeterKind};
use crate::model::policy::Side;
use crate::model::{Bound, Scenario};
use crate::report::Verdict;
use crate::rules::Context;
use crate::rules::lines::Largest;
use crate::rules::support::{
    find, judged_demand, limit_key, limit_of_tier, limit_span, plan_price,
};
use crate::units::{Size, Throughput};
use crate::words::number::toml;
pub(super) use needed::rounded_up;
use needed::{CLUSTER, Keys, Needed, PARTITIONS, Part, needed, packs};

/// The kinds of ways that make a meter fit.
const RAISED: &str = "raised";
const SLOWER: &str = "slower";

/// How far a way carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits<'s> {
    /// Through the scenarios of a level too.
    Scenarios(Require),
    /// Today, so that it is not even tight, and on the days that are declared.
    Ahead,
    Today,
    /// In this scenario, whatever it is today.
    Scenario(&'s str),
}

/// A meter in a situation: with all meters of that, the share above which it breaks, and what is
/// held on top of the declared limit.
type Situation<'a> = (&'a [Fitted], &'a Fitted, f64, f64);

/// What ends what is found of a meter, that which carries furthest first: a limit that is raised,
/// then the largest user that runs less often.
pub(super) fn ways(context: &Context<'_>, id: &MeterId, largest: &Largest<'_, '_>) -> Vec<Way> {
    let all = [Fits::Scenarios(Require::Fit), Fits::Ahead, Fits::Today];
    ways_to(context, id, largest, &all)
}

/// What makes a meter fit all scenarios of a level, and what makes it fit this one.
pub(super) fn ways_in(
    context: &Context<'_>,
    id: &MeterId,
    largest: &Largest<'_, '_>,
    scenario: &Scenario,
) -> [Vec<Way>; 2] {
    let all = [
        Fits::Scenarios(scenario.require),
        Fits::Scenario(&scenario.name),
    ];
    all.map(|fits| ways_to(context, id, largest, &[fits]))
}

fn ways_to(
    context: &Context<'_>,
    id: &MeterId,
    largest: &Largest<'_, '_>,
    all: &[Fits<'_>],
) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    if let Some(today) = find(&context.outlook.today, &id.to_string()) {
        let reaching = |ways: Vec<Way>, fits: Fits<'_>| {
            let reach = reach(context, today, fits);
            let ways = ways.into_iter();
            ways.map(move |way| way.enough_for(reach.clone()))
        };
        let raised = all
            .iter()
            .flat_map(|fits| reaching(raised(context, today, *fits), *fits));
        let slower = all
            .iter()
            .flat_map(|fits| reaching(slower(context, today, largest, *fits), *fits));
        ways.extend(raised.chain(slower));
    }
    ways
}

/// What ways that make a meter fit so far are enough for.
fn reach(context: &Context<'_>, today: &Fitted, fits: Fits<'_>) -> Reach {
    let bar = context.policy.bar(today.id.kind, Side::Today);
    let id = &today.meter.id;
    let moves = |(_, meters): &&(u32, Meters)| {
        let then = find(meters, id).and_then(|then| judged_demand(context, then));
        then != judged_demand(context, today)
    };
    let days = context.outlook.horizons.iter().filter(moves);
    let last = days.map(|(day, _)| *day).max();
    let last = last.filter(|_| matches!(fits, Fits::Ahead | Fits::Scenarios(_)));
    // What is on disk is forecast for the horizon.
    let filled = today.on_disk.filter(|_| !matches!(fits, Fits::Scenario(_)));
    let filled = filled.map(|_| context.project.model.calendar.horizon);
    Reach {
        meters: vec![id.clone()],
        today: match fits {
            Fits::Scenario(_) => None,
            Fits::Ahead | Fits::Scenarios(_) if bar.tight < bar.breaks => {
                Some(Today::Below(bar.tight))
            }
            _ => Some(Today::Fits),
        },
        days: last.max(filled),
        scenarios: then(context, today, fits)
            .into_iter()
            .map(|(name, _)| name.to_owned())
            .collect(),
    }
}

/// The situations of today's limit in which a meter has to fit.
fn now<'a>(context: &'a Context<'_>, today: &'a Fitted, fits: Fits<'_>) -> Vec<Situation<'a>> {
    if let Fits::Scenario(_) = fits {
        return Vec::new();
    }
    let bar = context.policy.bar(today.id.kind, Side::Today);
    let first = match fits {
        Fits::Today => bar.breaks,
        _ => bar.tight.min(bar.breaks),
    };
    let mut all: Vec<Situation<'_>> = vec![(&*context.outlook.today, today, first, 0.0)];
    if fits != Fits::Today {
        for (_, meters) in &context.outlook.horizons {
            let then = find(meters, &today.meter.id);
            all.extend(then.map(|then| (&**meters, then, bar.breaks, 0.0)));
        }
    }
    all
}

/// The scenarios in which it has to fit, with the limit as far as it can be raised.
fn then<'a>(
    context: &'a Context<'_>,
    today: &'a Fitted,
    fits: Fits<'_>,
) -> Vec<(&'a str, Situation<'a>)> {
    let breaks = context.policy.bar(today.id.kind, Side::Scenario).breaks;
    let held = packs(context, &today.id);
    let required = context.scenarios().filter(|(scenario, _)| match fits {
        Fits::Scenarios(Require::Fit) => scenario.require == Require::Fit,
        Fits::Scenarios(_) => scenario.require != Require::Report,
        Fits::Scenario(name) => scenario.name == name,
        Fits::Ahead | Fits::Today => false,
    });
    let meters = required.filter_map(|(scenario, meters)| {
        let then = find(meters, &today.meter.id)?;
        Some((&*scenario.name, (&**meters, then, breaks, held)))
    });
    meters.collect()
}

/// The most that a limit has to be in any of some situations.
fn most(context: &Context<'_>, situations: &[Situation<'_>], part: Part) -> Option<Needed> {
    let needed = situations.iter().map(|(meters, fitted, share, held)| {
        needed(context, meters, fitted, (*share, *held), part)
    });
    needed.reduce(|one, other| {
        let (one, other) = (one?, other?);
        Some(if other.value > one.value { other } else { one })
    })?
}

/// Ways to raise the limit of a meter: of the two that a topic may have, each that is too low.
fn raised(context: &Context<'_>, today: &Fitted, fits: Fits<'_>) -> Vec<Way> {
    if today.id.kind != MeterKind::Throughput {
        return raised_part(context, today, fits, None);
    }
    let part = |keys| raised_part(context, today, fits, Some(keys));
    let (cluster, partitions) = (part(CLUSTER), part(PARTITIONS));
    let (Some(last), true) = (partitions.last(), !cluster.is_empty()) else {
        return cluster.into_iter().chain(partitions).collect();
    };
    let both = cluster.into_iter().enumerate();
    both.map(|(index, way)| way.and(partitions.get(index).unwrap_or(last).clone()))
        .collect()
}

fn raised_part(context: &Context<'_>, today: &Fitted, fits: Fits<'_>, part: Part) -> Vec<Way> {
    // Workers are counted otherwise than their jobs.
    let limit = match (today.id.kind, part) {
        (MeterKind::Workers | MeterKind::Drain, _) => Some(Bound {
            now: 0.0,
            max: None,
        }),
        (_, Some(keys)) => bound_of(context, &today.id, keys),
        _ => Some(Bound {
            now: today.meter.limit.unwrap_or(0.0),
            max: None,
        }),
    };
    let Some(limit) = limit else {
        return Vec::new();
    };
    let passes = |limit: f64| move |needed: &Needed| needed.value > limit * (1.0 + ROUNDING);
    let scenarios = then(context, today, fits).into_iter();
    let scenarios: Vec<Situation<'_>> = scenarios.map(|(_, situation)| situation).collect();
    let breaks = |(_, fitted, ..): &Situation<'_>| fitted.meter.verdict == Verdict::Breaks;
    let max = most(context, &scenarios, part).filter(|_| scenarios.iter().any(breaks));
    let max = match part {
        Some(_) => max.filter(passes(limit.max.unwrap_or(limit.now))),
        None => max,
    };
    // What is too little only in scenarios stays as it is now.
    let now = most(context, &now(context, today, fits), part).filter(passes(limit.now));
    let Some(keys) = now.or(max).map(|it| it.keys) else {
        return Vec::new();
    };
    let [now, max] = [now, max].map(|it| it.map(|it| it.value));
    let both = max.map_or(now, |max| Some(now.map_or(max, |now| now.max(max))));
    let sides = [(now, max), (now, both)];
    let ways = sides.map(|(now, max)| raise(context, today, keys, now, max));
    ways.into_iter().flatten().collect()
}

/// What a topic's cluster, or one of its partitions, carries: the number that its key declares.
fn bound_of(context: &Context<'_>, id: &MeterId, keys: Keys) -> Option<Bound> {
    let queue = context.project.model.queues.get(&id.name)?;
    match keys == CLUSTER {
        true => queue.throughput,
        false => queue.partitions,
    }
}

/// The way that raises a limit to this, now and at most.
fn raise(
    context: &Context<'_>,
    today: &Fitted,
    keys: &[&str],
    now: Option<f64>,
    max: Option<f64>,
) -> Option<Way> {
    let id = &today.id;
    let root = &context.project.declarations.root;
    let span = match (id.kind, keys) {
        (MeterKind::Throughput, PARTITIONS) => root.queues.get(&id.name)?.partitions.as_ref()?.span,
        (MeterKind::Throughput, _) => root.queues.get(&id.name)?.throughput.as_ref()?.span,
        (MeterKind::Workers | MeterKind::Drain, _) => {
            let workers = root.queues.get(&id.name)?.workers.as_ref()?;
            workers.value.max.as_ref()?.span
        }
        _ => {
            let tier = today.meter.detail.tier.as_deref();
            let own = tier.and_then(|tier| limit_of_tier(root, id, tier));
            own.or_else(|| limit_span(context, id))?
        }
    };
    let write = |value: f64| written(context, today, keys, value);
    let asks = [now, max].map(|it| it.unwrap_or(0.0));
    let (now, max) = (now.map(write), max.map(write));
    // A written value that is not there is none.
    let (now, max) = match (now, max) {
        (Some(None), _) | (_, Some(None)) | (None, None) => return None,
        (now, max) => (now.flatten(), max.flatten()),
    };
    let key = key(context, today, keys);
    let has_sides = !is_value(context.sources.text(span));
    let words = match (&now, &max) {
        (Some(now), Some(max)) if has_sides => {
            format!("raise `{key}` to `{now}`, with a `max` of `{max}`")
        }
        (None, Some(max)) if has_sides => format!("raise the `max` of `{key}` to `{max}`"),
        (Some(now), None) if has_sides => format!("raise the `now` of `{key}` to `{now}`"),
        (_, Some(whole)) | (Some(whole), None) => format!("raise `{key}` to `{whole}`"),
        (None, None) => return None,
    };
    let value = match (&now, &max) {
        (Some(now), Some(max)) if has_sides => format!("`{now}` with a `max` of `{max}`"),
        (None, Some(max)) if has_sides => format!("a `max` of `{max}`"),
        (now, max) => format!("`{}`", max.as_ref().or(now.as_ref())?),
    };
    let mut way = Way::new(RAISED, words, Set::Limit { span, now, max });
    way.reminder = plan_price(context, id).map(|_| {
        let plan = dotted([id.owner.as_str(), &id.name, "plan", "price"].into_iter());
        format!("`{plan}` is still the price of the smaller plan: update it")
    });
    way.values.push(value);
    way.asks.extend(match has_sides {
        true => asks,
        false => [asks[0].max(asks[1]), 0.0],
    });
    Some(way)
}

/// A limit of a meter as TOML writes it.
fn written(context: &Context<'_>, today: &Fitted, keys: &[&str], value: f64) -> Option<String> {
    let root = &context.project.declarations.root;
    let month = context.project.model.calendar.days_per_month;
    let id = &today.id;
    Some(match id.kind {
        MeterKind::Credits | MeterKind::Depth | MeterKind::Concurrency => whole(rounded_up(value)),
        MeterKind::Workers | MeterKind::Drain => whole(value),
        MeterKind::Spend => toml(&format!("{:.2}", rounded_up(value))),
        MeterKind::Rate => {
            let window = today.meter.unit.split_once('/')?.1;
            format!("\"{}/{window}\"", rounded_up(value))
        }
        MeterKind::Storage | MeterKind::Retained => {
            let bytes = rounded_up(value);
            format!("\"{}\"", Size { bytes })
        }
        MeterKind::Writes | MeterKind::Reads => {
            let database = root.databases.get(&id.name)?;
            let flow = match id.kind {
                MeterKind::Writes => database.writes.as_ref()?.value.now()?,
                _ => database.reads.as_ref()?.value.now()?,
            };
            let count = rounded_up(value * flow.period.seconds(month));
            format!("\"{count}/{}\"", flow.period)
        }
        MeterKind::Throughput if keys == PARTITIONS => whole(value),
        MeterKind::Throughput => {
            let queue = root.queues.get(&id.name)?;
            let period = queue.throughput.as_ref()?.value.now()?.period.clone();
            let bytes = rounded_up(value * period.seconds(month));
            let size = Size { bytes };
            format!("\"{}\"", Throughput { size, period })
        }
    })
}

fn whole(number: f64) -> String {
    toml(&number.ceil().to_string())
}

/// Ways in which the line that uses most of a meter runs less often.
fn slower(
    context: &Context<'_>,
    today: &Fitted,
    largest: &Largest<'_, '_>,
    fits: Fits<'_>,
) -> Vec<Way> {
    let Some(demand) = judged_demand(context, today) else {
        return Vec::new();
    };
    let mut all = now(context, today, fits);
    all.extend(then(context, today, fits).into_iter().map(|(_, it)| it));
    // The share of today's demand that may be left in each.
    let left = all.into_iter().map(|(_, fitted, share, _)| {
        let (demand, limit) = (judged_demand(context, fitted)?, fitted.meter.limit?);
        Some(limit * share / demand)
    });
    let left = left.collect::<Option<Vec<f64>>>();
    let Some(left) = left.and_then(|all| all.into_iter().reduce(f64::min)) else {
        return Vec::new();
    };
    // Demand is not always in proportion to one rate.
    let ways = [1.0, 0.98].map(|slack| {
        let excess = demand * (1.0 - left * slack);
        let (line, span, slower) = largest.slower(context, today, excess)?;
        let words = format!("lower `{line}.rate` to `{slower}`");
        let value = format!("\"{slower}\"");
        let month = context.project.model.calendar.days_per_month;
        let asks = -slower.count / slower.period.seconds(month);
        let mut way = Way::new(SLOWER, words, Set::Value { span, value });
        way.values.push(format!("`{slower}`"));
        way.asks.push(asks);
        Some(way)
    });
    ways.into_iter().flatten().collect()
}

/// What to do about a meter where no value is known to help.
pub(super) fn advice(context: &Context<'_>, fitted: &Fitted) -> String {
    let part = match (fitted.id.kind, bound_of(context, &fitted.id, CLUSTER)) {
        (MeterKind::Throughput, Some(bound)) if fitted.meter.limit == Some(bound.now) => CLUSTER,
        _ => PARTITIONS,
    };
    match needed(
        context,
        &context.outlook.today,
        fitted,
        (1.0, 0.0),
        Some(part),
    ) {
        Some(needed) => format!(
            "raise `{}`, or reduce demand",
            key(context, fitted, needed.keys)
        ),
        None => "raise the limit or reduce demand".to_owned(),
    }
}

/// The declaration that limits a meter, as a path.
fn key(context: &Context<'_>, fitted: &Fitted, keys: &[&str]) -> String {
    let (id, root) = (&fitted.id, &context.project.declarations.root);
    if keys.is_empty() {
        return limit_key(root, id, fitted.meter.detail.tier.as_deref()).to_string();
    }
    let owner = [id.owner.as_str(), id.name.as_str()];
    dotted(owner.into_iter().chain(keys.iter().copied()))
}
