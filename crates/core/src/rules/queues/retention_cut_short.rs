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
    let (kept, scenario) = cut(queue, retention.value.seconds)?;
    let when = scenario.map_or(String::new(), |name| format!(" in `{name}`"));
    let message = format!(
        "`{queue}` keeps messages for {}{when}, not for {}: `retention_bytes` is full before",
        number::duration(kept),
        number::duration(retention.value.seconds),
    );
    // What a partition keeps grows with the time that it keeps it.
    let enough = rounded_up(bytes.value.bytes * retention.value.seconds / kept);
    let enough = Size { bytes: enough };
    let mut finding = queue
        .finding(&RULE, message)
        .at(bytes.span)
        .also(retention.span, "how long they are to be kept")
        .help("raise `retention_bytes`, add partitions, or shorten `retention`")
        .ways([write(
            "retention_bytes",
            bytes.span,
            format!("\"{enough}\""),
        )])
        .figure(kept)
        .lower_is_worse();
    if scenario.is_some() {
        finding.severity = Severity::Warning;
    }
    Some(finding)
}

/// The seconds for which messages are kept where that is too short: today, or else in the first
/// scenario that has to fit or warns, with its name.
fn cut<'a>(queue: &DeclaredQueue<'_, 'a>, retention: f64) -> Option<(f64, Option<&'a str>)> {
    let id = queue.meter_id(MeterKind::Retained);
    let kept = |meters: &Meters| {
        let kept = find(meters, &id)?.meter.detail.kept_for.flatten()?;
        (kept < retention * (1.0 - 1e-9)).then_some(kept)
    };
    if let Some(kept) = kept(&queue.context.outlook.today) {
        return Some((kept, None));
    }
    let scenarios = queue.context.scenarios();
    let mut judged = scenarios.filter(|(scenario, _)| scenario.require != Require::Report);
    judged.find_map(|(scenario, meters)| Some((kept(meters)?, Some(scenario.name.as_str()))))
}
