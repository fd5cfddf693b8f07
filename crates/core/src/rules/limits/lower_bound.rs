use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::unknown;
use crate::fit::Fitted;
use crate::model::lines::events::Amount;
use crate::model::{LineKind, Value};
use crate::report::Verdict;
use crate::rules::lines::LineOf;
use crate::rules::prelude::*;
use crate::rules::queues::broker_message_limit;
use crate::rules::support::{against, at_limit};

pub(in crate::rules) static RULE: Rule =
    Rule::project("lower-bound", Severity::Warning, check).escalates();

fn check(context: &Context<'_>, findings: &mut Findings) {
    forgotten_sizes(context, findings);
    let unknown = |fitted: &&Fitted| {
        fitted.meter.verdict == Verdict::Unknown
            || (fitted.meter.lower_bound && fitted.meter.limit.is_some())
    };
    let mut bounds = context.outlook.today.iter().filter(unknown).peekable();
    if bounds.peek().is_none() {
        return;
    }
    let culprits = culprits(context, context.lines());
    for fitted in bounds {
        let id = &*fitted.meter.id;
        let message = match fitted.meter.limit {
            Some(_) => format!("`{id}` is at least {}", against(context, fitted)),
            None => format!("the limit of `{id}` is unknown"),
        };
        let forgotten = context.comparison.map(|it| &it.forgotten);
        let was_known = forgotten.is_some_and(|forgotten| forgotten.has_meter(id));
        let (known, severity) = match was_known {
            true => (", but the base had a value", Severity::Error),
            false => ("", RULE.severity),
        };
        let key = (fitted.id.owner, fitted.id.name.as_str(), fitted.id.kind);
        let culprit = culprits.get(&key);
        let is_too_large = match culprit {
            Some((line, _)) => is_too_large(line),
            None => fitted.meter.demand.point.is_none(),
        };
        let (what, help) = if is_too_large {
            let what = "a number that is too large to calculate with";
            (what, "correct the numbers that it is calculated from")
        } else {
            let help = "replace `\"unknown\"` with an estimate, such as `{ p50 = …, p90 = … }`";
            ("an `\"unknown\"`", help)
        };
        let message = format!("{message}: it includes {what}{known}");
        let mut finding = findings.finding(id, message).help(help);
        finding.severity = severity;
        findings.push(match culprit {
            Some((line, span)) => finding.at(*span).also(line.target_span(), "what it calls"),
            None => at_limit(context, &fitted.id, finding),
        });
    }
}

/// What a broker accepts is a limit that no meter has.
fn forgotten_sizes(context: &Context<'_>, findings: &mut Findings) {
    let Some(comparison) = context.comparison else {
        return;
    };
    let was_unknown = |path: &TomlPath| {
        let path = comparison.origins.of(path).unwrap_or_else(|| path.clone());
        let model = comparison.base().map(|base| &base.model);
        let size = match (model, &path.0[..]) {
            (Some(model), [_, queue]) => model.queues.get(queue).map(|it| &it.message_size),
            (Some(model), [_, feature, _, id]) => {
                let lines = model.features.get(feature).map(|it| &it.lines);
                let mut lines = lines.into_iter().flatten();
                let line = lines.find(|it| it.kind == LineKind::Message && *it.id == **id);
                line.and_then(|line| line.uses.size.as_ref())
            }
            _ => None,
        };
        size == Some(&Value::Unknown)
    };
    for unknown in broker_message_limit::unknown_sizes(context) {
        let throughput = MeterId::new(
            Family::Queue,
            &unknown.queue,
            MeterKind::Throughput,
            Vec::new(),
        );
        let path = &unknown.path;
        if !comparison.forgotten.has_meter(&throughput.to_string()) || was_unknown(path) {
            continue;
        }
        let accepted = number::bytes(unknown.most);
        let message = format!(
            "the size of a message of `{path}` is `\"unknown\"`, but the base had a value: its \
             broker accepts {accepted}"
        );
        let mut finding = findings
            .finding(path.to_string(), message)
            .at(unknown.span)
            .help("replace `\"unknown\"` with an estimate, such as `{ p50 = …, p90 = … }`");
        finding.severity = Severity::Error;
        findings.push(finding);
    }
}

type Meter<'a> = (Family, &'a str, MeterKind);

/// The meters that can't be told where an amount is unknown.
fn untold(amount: Amount) -> &'static [MeterKind] {
    use MeterKind::{Concurrency, Credits, Depth, Drain, Rate, Retained, Spend, Throughput};
    match amount {
        Amount::Requested | Amount::Reached | Amount::Billed => &[Rate, Concurrency],
        Amount::Credits => &[Credits, Spend, Rate],
        Amount::Spend | Amount::Priced(_) => &[Spend],
        Amount::Unit(_) | Amount::BilledUnit(_) => &[Rate, Spend],
        Amount::Window(_) | Amount::Member { .. } => &[Rate, Concurrency],
        Amount::RowsRead | Amount::PeakReads => &[MeterKind::Reads],
        Amount::Rows | Amount::PeakRows => &[MeterKind::Storage, MeterKind::Writes, Spend],
        Amount::Bytes | Amount::MeanBytes | Amount::PeakBytes => &[Throughput, Retained, Spend],
        Amount::Messages | Amount::MeanMessages | Amount::SteadyMessages | Amount::Work => {
            &[MeterKind::Workers, Depth, Drain]
        }
    }
}

/// The first unknown line of each meter, with the value that is unknown where it stands in the
/// line itself.
fn culprits<'a, 'l>(
    context: &Context<'a>,
    lines: &'l [LineOf<'a>],
) -> HashMap<Meter<'a>, (&'l LineOf<'a>, Span)> {
    let mut found = HashMap::default();
    for line in lines {
        let amounts = line.flow.asked.amounts().iter();
        let unknown = amounts.filter(|(_, quantity)| quantity.is_unknown());
        for kinds in unknown.map(|(amount, _)| untold(*amount)) {
            let thing: &'a str = &line.line.uses.thing;
            let family = line.line.kind.family();
            let table = context.project.model.tables.get(thing);
            let table = table.filter(|_| family == Family::Table);
            let database = table.and_then(|table| table.database.as_deref());
            let database = database.map(|name| (Family::Database, name));
            for (owner, name) in [(family, thing)].into_iter().chain(database) {
                for kind in kinds {
                    found
                        .entry((owner, name, *kind))
                        .or_insert_with(|| (line, unknown_span(lines, line)));
                }
            }
        }
    }
    found
}

/// Whether numbers of a line's are infinite: more than what can be written.
fn is_too_large(line: &LineOf<'_>) -> bool {
    let flow = &line.flow;
    let amounts = flow.asked.amounts().iter().map(|(_, quantity)| *quantity);
    [flow.population, flow.per_member, flow.occurrences]
        .into_iter()
        .chain(amounts)
        .any(|number| number.as_certain() == Some(f64::INFINITY))
}

/// Where a line, or the one that it follows in the end, says `"unknown"`; else the line.
fn unknown_span(lines: &[LineOf<'_>], line: &LineOf<'_>) -> Span {
    let root = lines.get(line.root).unwrap_or(line);
    let keys = line.written.keys();
    unknown(keys.rate)
        .or_else(|| unknown(keys.fanout))
        .or(keys.unknown)
        .or_else(|| unknown(root.written.keys().rate))
        .unwrap_or_else(|| line.written.span())
}
