//! `rollup-too-fine`

use crate::collections::HashMap;
use crate::document::values::TableKind;
use crate::rules::support::{passes, percent};
use crate::rules::table_facts::{Stored, stored};
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("rollup-too-fine", Severity::Warning, check).allowed_on(AllowedOn::Tables);

/// Rows out per row in, above which a rollup saves too little.
const TENTH: f64 = 0.1;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut rollups: HashMap<&str, Vec<Stored<'_>>> = HashMap::default();
    for stored in stored(context) {
        if let Some(from) = &stored.declared().from {
            rollups.entry(&from.value.0).or_default().push(stored);
        }
    }
    for raw in stored(context) {
        let kind = raw.declared().kind.as_ref().map(|kind| kind.value);
        if kind.is_none_or(|kind| kind == TableKind::Rollup) {
            continue;
        }
        let Some((share, rollup)) = coarsest(raw.name, &rollups) else {
            continue;
        };
        let Some(ratio) = &rollup.declared().ratio else {
            continue;
        };
        if !passes(share, TENTH) {
            continue;
        }
        let (path, source) = (rollup.path(), raw.name);
        let message = format!(
            "`{path}` keeps {} of the rows of `{source}`, and nothing on it is coarser",
            percent(share),
        );
        let finding = findings
            .finding(&path, message)
            .at(ratio.span)
            .also(raw.entry.name, "the table that it stands on")
            .help(format!(
                "sum up over {} times as long: a rollup worth its disk keeps at most 10%",
                number::count((share / TENTH - 1e-9).ceil().max(2.0)),
            ))
            .figure(share);
        findings.push(finding);
    }
}

/// The rollup on a table, or on its rollups, that keeps the least of its rows; nothing where
/// there is none, or of one nobody knows.
fn coarsest<'a>(raw: &str, rollups: &HashMap<&str, Vec<Stored<'a>>>) -> Option<(f64, Stored<'a>)> {
    let mut least: Option<(f64, Stored<'a>)> = None;
    // A rollup stands on one table, so each is met once.
    let mut pending = vec![(raw, 1.0)];
    while let Some((name, share)) = pending.pop() {
        for rollup in rollups.get(name).into_iter().flatten() {
            let ratio = rollup.declared().ratio.as_ref()?.value.median()?.0;
            let share = share * ratio;
            if least.is_none_or(|(least, _)| share < least) {
                least = Some((share, *rollup));
            }
            pending.push((rollup.name, share));
        }
    }
    least
}
