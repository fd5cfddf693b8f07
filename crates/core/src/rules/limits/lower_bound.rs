//! `lower-bound`

use crate::collections::HashMap;
use crate::document::Estimate;
use crate::forecast::Effect;
use crate::forecast::meters::{Kind, Owner};
use crate::model::Target;
use crate::report::Verdict;
use crate::rules::lines::{LineOf, Written};
use crate::rules::support::{against, at_limit};
use crate::rules::{Context, Findings, Rule, Severity};
use crate::source::{Span, Spanned};

pub(in crate::rules) static RULE: Rule = Rule::project("lower-bound", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let unknown = |fitted: &&crate::fit::Fitted| {
        fitted.meter.verdict == Verdict::Unknown
            || (fitted.meter.lower_bound && fitted.meter.limit.is_some())
    };
    let mut bounds = context.outlook.today.iter().filter(unknown).peekable();
    if bounds.peek().is_none() {
        return;
    }
    let lines = context.lines();
    let culprits = culprits(context, lines);
    for fitted in bounds {
        let id = &*fitted.meter.id;
        let message = if fitted.meter.limit.is_some() {
            format!("`{id}` is at least {}", against(context, fitted))
        } else {
            format!("the limit of `{id}` is unknown")
        };
        let finding = findings
            .finding(id, format!("{message}: it includes an `\"unknown\"`"))
            .help("estimate what is unknown, as `{ p50 = …, p90 = … }` where it is a guess");
        let key = (fitted.id.owner, fitted.id.name.as_str(), fitted.id.kind);
        findings.push(match culprits.get(&key) {
            Some((line, span)) => finding.at(*span).also(
                line.written.target_span(),
                "what nobody knows is part of this demand",
            ),
            None => at_limit(context, &fitted.id, finding),
        });
    }
}

type Meter<'a> = (Owner, &'a str, Kind);

/// The first unknown line of each meter, with the value that is unknown where it stands in the
/// line itself.
fn culprits<'a, 'l>(
    context: &Context<'a>,
    lines: &'l [LineOf<'a>],
) -> HashMap<Meter<'l>, (&'l LineOf<'a>, Span)> {
    let mut found = HashMap::default();
    for line in lines {
        let mut mark = |key: Meter<'l>, unknown: bool| {
            if unknown {
                found
                    .entry(key)
                    .or_insert_with(|| (line, unknown_span(lines, line)));
            }
        };
        match (&line.line.target, &line.flow.effect) {
            (Target::Call { api, .. }, Effect::Call { credits, peak, .. }) => {
                mark((Owner::Api, api, Kind::Credits), credits.is_unknown());
                mark((Owner::Api, api, Kind::Spend), credits.is_unknown());
                mark((Owner::Api, api, Kind::Rate), peak.is_unknown());
            }
            (Target::Write { table, .. }, Effect::Write { rows, .. }) => {
                mark((Owner::Table, table, Kind::Storage), rows.is_unknown());
                let declared = context.project.model.tables.get(&**table);
                // Names of the model outlive the lines that borrow them here.
                if let Some(database) = declared.and_then(|table| table.database.as_deref()) {
                    let database: &'l str = database;
                    mark(
                        (Owner::Database, database, Kind::Storage),
                        rows.is_unknown(),
                    );
                    mark((Owner::Database, database, Kind::Writes), rows.is_unknown());
                }
            }
            (
                Target::Message { queue, .. },
                Effect::Message {
                    bytes, messages, ..
                },
            ) => {
                for kind in [Kind::Throughput, Kind::Retained] {
                    mark((Owner::Queue, queue, kind), bytes.is_unknown());
                }
                for kind in [Kind::Workers, Kind::Depth, Kind::Drain] {
                    mark((Owner::Queue, queue, kind), messages.is_unknown());
                }
            }
            (Target::Inference { model, .. }, Effect::Inference { spend, billed, .. }) => {
                mark((Owner::Model, model, Kind::Spend), spend.is_unknown());
                mark((Owner::Model, model, Kind::Rate), billed.is_unknown());
            }
            _ => {}
        }
    }
    found
}

/// Where a line, or the one that it follows in the end, says `"unknown"`; else the line.
fn unknown_span(lines: &[LineOf<'_>], line: &LineOf<'_>) -> Span {
    fn of<T>(slot: Option<&Spanned<Estimate<T>>>) -> Option<Span> {
        let slot = slot?;
        matches!(slot.value, Estimate::Unknown).then_some(slot.span)
    }
    let root = lines.get(line.root).unwrap_or(line);
    let common = line.written.common();
    let own = match line.written {
        Written::Call(call) => of(call.value.items.as_deref()),
        Written::Write(write) => of(write.value.rows.as_deref()),
        Written::Message(message) => {
            of(message.value.count.as_deref()).or_else(|| of(message.value.size.as_deref()))
        }
        Written::Inference(_) => None,
    };
    of(common.rate)
        .or_else(|| of(common.fanout.as_deref()))
        .or(own)
        .or_else(|| of(root.written.common().rate))
        .unwrap_or_else(|| line.written.span())
}
