use crate::rules::measurements::calibrated;
use crate::rules::support::listed;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(super) static RULE: Rule =
    Rule::project("calibration-missing", Severity::Info, check).allowed_on(AllowedOn::Lines);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(calibrated(context, RULE.name), |findings, feature| {
        let launch = feature.feature.launch.as_ref();
        if launch.is_some_and(|launch| launch.value > context.as_of) {
            return None;
        }
        let facts = feature.facts.iter();
        let never = facts.filter(|fact| fact.is_silent && fact.measured.is_none());
        let never: Vec<_> = never.collect();
        let (first, others) = never.split_first()?;
        let path = feature.path();
        let names: Vec<String> = never.iter().map(|fact| fact.what()).collect();
        let names = listed(&names, ", ");
        let message = format!("`{path}` uses estimates that were never measured: {names}");
        let mut finding = findings
            .finding(path, message)
            .at(first.span)
            .help("measure one tenant and add `measured = YYYY-MM-DD`")
            .figure(never.len() as f64);
        for fact in others.iter().take(4) {
            finding = finding.also(fact.span, "also never measured");
        }
        Some(finding)
    });
}
