//! Backlogs, and workers at their ceiling.

use super::{About, Severity, Writer};
use crate::document::TomlPath;
use crate::export::promql::total;
use crate::words::number;

impl Writer<'_> {
    pub(super) fn queues(&mut self) {
        let of = self.of;
        for (name, entry) in of.project.declarations.root.queues.entries() {
            let Some(workers) = entry.body.value.workers.as_deref() else {
                continue;
            };
            let path = TomlPath::new(&["queues", name]);
            let queue = of.project.model.queues.get(name);
            let drained = queue.and_then(|queue| queue.drained_at_most());
            let meter = of.meter(&path.join("workers").to_string());
            let scale = meter.and_then(|meter| meter.detail.scale_up_at.flatten());
            let owner = of.owner("queues", name);
            let meter = path.join("depth").to_string();
            let about = About {
                meter: &meter,
                feature: None,
                owner,
                declared: "",
                place: workers.span,
                status: None,
            };
            let depths = [
                (
                    scale,
                    Severity::Warning,
                    "CapacityScaleUp",
                    "more messages wait than today's workers handle in time",
                ),
                (
                    drained,
                    Severity::Critical,
                    "CapacityBacklog",
                    "more messages wait than all workers handle in time",
                ),
            ];
            for (depth, severity, alert, words) in depths {
                let Some(depth) = depth else { continue };
                let Some(gauge) = self.gauge(&path, "depth") else {
                    break;
                };
                let declared = format!("{} messages", number::count(depth));
                let about = About {
                    declared: &declared,
                    ..about
                };
                let expr = format!("{} > {depth}", total(&gauge));
                let summary = format!("{name}: {words}");
                self.alert(&about, severity, alert, expr, summary).lasts = Some("5m");
            }
            let most = workers.value.max.as_deref();
            let Some(most) = most.filter(|most| most.value.0 > 0.0) else {
                continue;
            };
            let Some(gauge) = self.gauge(&path, "workers") else {
                continue;
            };
            let (meter, count) = (path.join("workers").to_string(), most.value.0);
            let declared = format!("{} workers at most", number::count(count));
            let about = About {
                meter: &meter,
                declared: &declared,
                place: most.span,
                ..about
            };
            let expr = format!("{} >= {count}", total(&gauge));
            let summary = format!("{name} runs its maximum number of workers");
            let alert = "CapacityWorkersAtCeiling";
            self.alert(&about, Severity::Warning, alert, expr, summary)
                .lasts = Some("15m");
        }
    }
}
