//! `price-stale`

use crate::rules::model_facts::models;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::project("price-stale", Severity::Info, check);

/// The most days since a price was looked up.
const MOST: i64 = 90;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for model in models(context) {
        let Some(looked_up) = &model.declared().price_as_of else {
            continue;
        };
        let days = context.as_of.days_since(looked_up.value);
        if days <= MOST {
            continue;
        }
        let path = model.path();
        let message = format!(
            "the price of `{path}` was looked up {} days ago; it counts for {MOST}",
            number::count(days as f64),
        );
        let finding = findings
            .finding(&path, message)
            .at(looked_up.span)
            .help("look it up again, and set `price_as_of` to that day")
            .figure(days as f64);
        findings.push(finding);
    }
}
