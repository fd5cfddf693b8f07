use crate::document::values::ScaleOn;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::write;

pub(crate) static RULE: Rule = Rule::queues("workers-scale-on-cpu", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let scale_on = queue.workers()?.value.scale_on.as_ref()?;
    if scale_on.value != ScaleOn::Cpu {
        return None;
    }
    let message =
        format!("workers of `{queue}` scale on CPU, which stays low while they wait on I/O");
    let mut way = write("scale_on", scale_on.span, "\"queue-depth\"");
    if let Some(depth) = scale_up_at(queue) {
        let waiting = number::plural(depth as usize, "waiting message");
        way.words += &format!(", and add workers above {waiting}");
    }
    let finding = queue.finding(&RULE, message).at(scale_on.span);
    Some(finding.help("scale on the queue's depth").ways([way]))
}

/// The depth above which the workers that there are need longer than the target.
fn scale_up_at(queue: &DeclaredQueue<'_, '_>) -> Option<f64> {
    let workers = queue.meter(MeterKind::Workers)?;
    let depth = workers.meter.detail.scale_up_at??;
    (depth >= 1.0 && depth.is_finite()).then_some(depth.floor())
}
