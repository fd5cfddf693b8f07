//! `workers-without-ceiling`

use crate::document::Table as _;
use crate::meter::MeterKind;
use crate::rules::limits::{self, limit_missing};
use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity, Speaks};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("workers-without-ceiling", Severity::Error, check).speaks_for(&[
        Speaks::Thing(&[&limit_missing::RULE]),
        // Without a ceiling there is no capacity, so that nothing ever drains.
        Speaks::Meters(limits::OF_METERS, &[MeterKind::Drain]),
    ]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        if !queue.is_complete() || workers.value.max.is_some() || workers.value.is_broken("max") {
            continue;
        }
        let path = queue.path();
        let help = match queue.enough_workers(context) {
            Some(enough) => format!(
                "add `max` to `workers`, {} or more: so many do today's peak in time",
                number::count(enough)
            ),
            None => "add `max` to `workers`: the most that may ever run".to_owned(),
        };
        let mut finding = findings
            .finding(&path, format!("the workers of `{path}` have no ceiling"))
            .at(workers.span)
            .help(help);
        if let Some(api) = &workers.value.api {
            let shared = format!("they call `{}`, which everybody shares", api.value.0);
            finding = finding.also(api.span, shared);
        }
        findings.push(finding);
    }
}
