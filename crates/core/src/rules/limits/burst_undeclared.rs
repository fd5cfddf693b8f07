use crate::collections::HashMap;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::{Amount, Arrival};
use crate::model::{LineKind, Timing};
use crate::rules::lines::LineOf;
use crate::rules::support::limit_span;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

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
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let lines = context.lines();
    let mut worst: HashMap<usize, Burst> = HashMap::default();
    for line in lines {
        let Some(root) = lines.get(line.root) else {
            continue;
        };
        let declared = matches!(
            root.line.timing,
            Timing::Rate {
                spread: Some(_),
                ..
            }
        );
        if let (Arrival::Batch { period, .. }, false) = (line.flow.arrival, declared) {
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
    let mut worst: Vec<(usize, Burst)> = worst.into_iter().collect();
    worst.sort_by_key(|(root, _)| *root);
    for (root, burst) in worst {
        let Some(root) = lines.get(root) else {
            continue;
        };
        let message = format!(
            "`{}` sends {} {} at once, and `{}` takes {}: nothing says over how long they come",
            root.path(),
            number::count(burst.size),
            burst.counted,
            burst.id,
            number::count(burst.limit)
        );
        let minutes = (burst.spread / 60.0).ceil() * 60.0;
        let span = root
            .written
            .keys()
            .rate
            .map_or(root.written.span(), |rate| rate.span);
        let mut finding = findings
            .finding(root.path(), message)
            .at(span)
            .figure(burst.over)
            .help(format!(
                "declare over how long one batch comes: a `spread` of {} or more fits",
                number::duration(minutes)
            ));
        if let Some(limit) = limit_span(context, &burst.id) {
            finding = finding.also(limit, "the limit");
        }
        findings.push(finding);
    }
}

/// What one batch of a line comes to against each limit that it meets.
fn bursts(context: &Context<'_>, line: &LineOf<'_>, period: f64) -> Vec<Burst> {
    let graph = &context.outlook.graph;
    let model = &context.project.model;
    let ceiling = line.flow.ceiling.map(|ceiling| graph.point(ceiling));
    let occurrences = graph.point(line.flow.occurrences);
    let per_day = |amount| {
        line.flow
            .amount(amount)
            .map_or(0.0, |amount| graph.point(amount))
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
        }
    };
    let id = |owner, name: &str, kind, rest: &[&str]| {
        let rest = rest.iter().map(|key| (*key).to_owned()).collect();
        MeterId::new(owner, name, kind, rest)
    };
    let thing = &line.line.uses.thing;
    match line.line.kind {
        LineKind::Call => {
            let limits = model
                .apis
                .get(&**thing)
                .map_or(&[][..], |api| &api.rate_limits);
            let billed = per_day(Amount::Billed);
            limits
                .iter()
                .filter(|limit| limit.seconds < period)
                .map(|limit| {
                    let id = id(Family::Api, thing, MeterKind::Rate, &[&limit.window]);
                    burst(billed, limit.seconds, limit.bound.now, id, "calls")
                })
                .collect()
        }
        LineKind::Write => {
            let Some(table) = model.tables.get(&**thing) else {
                return Vec::new();
            };
            let Some(name) = &table.database else {
                return Vec::new();
            };
            let limit = model
                .databases
                .get(&**name)
                .and_then(|database| database.writes);
            let writes = per_day(Amount::Rows) * (1.0 + table.indexes);
            limit
                .map(|limit| {
                    let id = id(Family::Database, name, MeterKind::Writes, &[]);
                    burst(writes, 1.0, limit.now, id, "writes")
                })
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}
