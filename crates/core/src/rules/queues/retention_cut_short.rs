use crate::document::values::Require;
use crate::fit::Meters;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::remedy::rounded_up;
use crate::rules::support::{find, write};
use crate::units::Size;

pub(crate) static RULE: Rule =
    Rule::queues("retention-cut-short", Severity::Error, check).escalates();

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let retention = queue.declared.retention.as_ref()?;
    let bytes = queue.declared.retention_bytes.as_ref()?;
    let all = cut(queue, retention.value.seconds);
    let (kept, scenario) = *all.first()?;
    let when = scenario.map_or(String::new(), |name| format!(" in `{name}`"));
    let message = format!(
        "`{queue}` keeps messages for {}{when}, not for {}: `retention_bytes` is full first",
        number::duration(kept),
        number::duration(retention.value.seconds),
    );
    // What a partition keeps grows with the time that it keeps it.
    let least = all.iter().map(|(kept, _)| *kept).fold(kept, f64::min);
    let enough = [least, kept].map(|kept| {
        let enough = rounded_up(bytes.value.0 * retention.value.seconds / kept);
        let enough = format!("\"{}\"", Size { bytes: enough });
        write("retention_bytes", bytes.span, enough)
    });
    let mut finding = queue
        .finding(&RULE, message)
        .at(bytes.span)
        .also(retention.span, "the declared retention")
        .help("raise `retention_bytes`, add partitions, or shorten `retention`")
        .ways(enough)
        .figure(kept)
        .lower_is_worse();
    if scenario.is_some() {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// The seconds for which messages are kept where that is too short: today, and in the scenarios that
/// have to fit or warn, with their names.
fn cut<'a>(queue: &DeclaredQueue<'_, 'a>, retention: f64) -> Vec<(f64, Option<&'a str>)> {
    let id = queue.meter_id(MeterKind::Retained);
    let kept = |meters: &Meters| {
        let kept = find(meters, &id)?.meter.detail.kept_for.flatten()?;
        (kept < retention * (1.0 - 1e-9)).then_some(kept)
    };
    let today = kept(&queue.context.outlook.today).map(|kept| (kept, None));
    let scenarios = queue.context.scenarios();
    let judged = scenarios.filter(|(scenario, _)| scenario.require != Require::Report);
    let in_scenarios =
        judged.filter_map(|(scenario, meters)| Some((kept(meters)?, Some(scenario.name.as_str()))));
    today.into_iter().chain(in_scenarios).collect()
}
