use crate::rules::measurements::calibrated;
use crate::rules::support::listed;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(super) static RULE: Rule =
    Rule::project("calibration-missing", Severity::Info, check).allowed_on(AllowedOn::Lines);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for feature in calibrated(context, RULE.name) {
        let launch = feature.feature.launch.as_ref();
        if launch.is_some_and(|launch| launch.value > context.as_of) {
            continue;
        }
        let never: Vec<_> = feature
            .facts
            .iter()
            .filter(|fact| fact.is_silent && fact.measured.is_none())
            .collect();
        let Some(first) = never.first() else {
            continue;
        };
        let names: Vec<String> = never.iter().map(|fact| fact.what()).collect();
        let message = format!(
            "`{}` rests on what was never measured: {}",
            feature.path(),
            listed(&names, ", ")
        );
        let mut finding = findings
            .finding(feature.path(), message)
            .at(first.span)
            .help("measure for one tenant, and add `measured` with the date")
            .figure(never.len() as f64);
        for fact in never.iter().skip(1).take(4) {
            finding = finding.also(fact.span, "never measured, too");
        }
        findings.push(finding);
    }
}
