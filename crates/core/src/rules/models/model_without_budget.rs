//! `model-without-budget`

use crate::meter::MeterKind;
use crate::rules::model_facts::models;
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("model-without-budget", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for model in models(context) {
        if !model.is_priced(context) || !model.lacks("budget", &model.declared().budget) {
            continue;
        }
        let path = model.path();
        let spend = model
            .meter(context, MeterKind::Spend)
            .and_then(|spend| judged_demand(context, spend));
        let spends = match spend {
            Some(spend) if spend > 0.0 => format!(
                ": it comes to {} a month",
                number::money(spend, context.project.currency())
            ),
            _ => String::new(),
        };
        let finding = findings
            .finding(
                &path,
                format!("`{path}` costs money and has no `budget`{spends}"),
            )
            .at(model.entry.name)
            .help("add `budget`: what it may cost in a month")
            .figure(spend);
        findings.push(finding);
    }
}
