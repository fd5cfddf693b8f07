use std::collections::BTreeMap;

use crate::model::lines::events::{Amount, Arrival};
use crate::model::{Counts, LineKind, Timing, Value};
use crate::rules::lines::LineOf;
use crate::rules::prelude::*;
use crate::rules::support::{added, find, limit_span};
use crate::units::{DAY, Duration};

pub(super) static RULE: Rule =
    Rule::project("burst-undeclared", Severity::Warning, check).allowed_on(AllowedOn::Lines);

/// What a batch would do to a limit if it came at once.
struct Burst {
    over: f64,
    size: f64,
    limit: f64,
    id: MeterId,
    counted: &'static str,
    /// Seconds over which it would have to be spread.
    spread: f64,
    /// Seconds from one batch to the next.
    period: f64,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let lines = context.lines();
    let mut worst: BTreeMap<usize, Burst> = BTreeMap::new();
    for line in lines {
        if let Arrival::Batch { period, .. } = line.flow.arrival
            && let Some(root) = lines.get(line.root)
            && !matches!(
                root.line.timing,
                Timing::Rate {
                    spread: Some(_),
                    ..
                }
            )
        {
            let period = context.outlook.graph.point(period);
            for burst in bursts(context, line, period) {
                let known = worst.get(&line.root).map_or(1.0, |burst| burst.over);
                // What is too much even when spread over its period breaks the meter itself.
                if burst.over > known && burst.spread < period {
                    worst.insert(line.root, burst);
                }
            }
        }
    }
    findings.each(worst, |findings, (root, burst)| {
        let root = lines.get(root)?;
        let Burst { counted, id, .. } = &burst;
        let (path, size, limit) = (
            root.path(),
            number::count(burst.size),
            at_limit_of(context, &burst),
        );
        let message = format!(
            "`{path}` sends {size} {counted} at once, but `{id}` allows {limit}; no `spread` is set"
        );
        let rate = root.written.keys().rate;
        let finding = findings
            .finding(path, message)
            .at(rate.map_or(root.written.span(), |rate| rate.span))
            .figure(burst.over)
            .help("add `spread`, the time over which a batch arrives")
            .ways(spreads(&burst, root.written.span()));
        Some(finding.also(limit_span(context, &burst.id), "the limit"))
    });
}

/// What one batch of a line comes to against each limit that it meets.
fn bursts(context: &Context<'_>, line: &LineOf<'_>, period: f64) -> Vec<Burst> {
    let graph = &context.outlook.graph;
    let model = &context.project.model;
    let ceiling = line.flow.ceiling.map(|ceiling| graph.point(ceiling));
    let occurrences = graph.point(line.flow.occurrences);
    let per_day = |amount| {
        let amount = line.flow.amount(amount);
        amount.map_or(0.0, |amount| graph.point(amount))
    };
    let burst = |per_day: f64, seconds: f64, limit: f64, id: MeterId, counted| {
        let each = per_day / occurrences;
        // Workers let no more through than they can do.
        let most = ceiling.map_or(f64::INFINITY, |ceiling| ceiling * seconds * each);
        let size = (per_day * period / DAY).min(most);
        Burst {
            over: size / limit,
            size,
            limit,
            id,
            counted,
            spread: size * seconds / limit,
            period,
        }
    };
    let thing = &line.line.uses.thing;
    match line.line.kind {
        LineKind::Call => {
            let calls = || {
                let api = model.apis.get(&**thing)?;
                let endpoint = api.endpoint(line.line.uses.endpoint.as_ref()?)?;
                let duration = endpoint.duration.as_ref().and_then(Value::point);
                let counted = endpoint.counted.iter();
                let limits = counted.filter_map(move |place| api.limits.get(usize::from(*place)));
                Some(limits.map(move |limit| (limit, limit.seconds().or(duration))))
            };
            let mut all = Vec::new();
            for (limit, seconds) in calls().into_iter().flatten() {
                // Of what each member has to itself a batch is one anyway.
                let (Some(bound), None) = (limit.bound, limit.members()) else {
                    continue;
                };
                let (amount, counted) = match limit.counts {
                    Counts::Credits => (Amount::Credits, "credits"),
                    Counts::Events | Counts::Units(_) => (Amount::Billed, "calls"),
                };
                if let Some(seconds) = seconds.filter(|seconds| *seconds < period) {
                    let id = MeterId::new(Family::Api, thing, limit.kind(), limit.name.clone());
                    all.push(burst(per_day(amount), seconds, bound.now, id, counted));
                }
            }
            all
        }
        LineKind::Write => {
            let writes = || {
                let table = model.tables.get(&**thing)?;
                let database = table.database.as_ref()?;
                let limit = model.databases.get(&**database)?.writes?;
                let id = MeterId::new(Family::Database, database, MeterKind::Writes, Vec::new());
                let writes = per_day(Amount::Rows) * (1.0 + table.indexes);
                Some(burst(writes, 1.0, limit.now, id, "writes"))
            };
            writes().into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The limit that a batch meets, with its window where it has one: `400/s`.
fn at_limit_of(context: &Context<'_>, burst: &Burst) -> String {
    let limit = number::count(burst.limit);
    let fitted = find(&context.outlook.today, &burst.id.to_string());
    let window = fitted.and_then(|fitted| fitted.meter.unit.split_once('/'));
    window.map_or(limit.clone(), |(_, window)| format!("{limit}/{window}"))
}

/// Longer and longer times over which a batch may come, up to when the next does: beside it others
/// count against the limit.
fn spreads(burst: &Burst, span: Span) -> Vec<Way> {
    let minutes = (burst.spread / 60.0).ceil();
    let times = [1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0];
    let times = times.map(|times| (minutes * times).ceil() * 60.0);
    let shorter = times.into_iter().filter(|seconds| *seconds < burst.period);
    let spreads = shorter.chain([burst.period]).map(|seconds| {
        let entries = vec![("spread", format!("\"{}\"", Duration { seconds }))];
        let longer = if seconds < burst.period {
            ", or longer"
        } else {
            ""
        };
        let words = format!("{}{longer}", added(&entries));
        Way::new("spread", words, Set::Within { span, entries })
    });
    spreads.collect()
}
