//! Tenants over their quota.

use super::{About, Severity, Writer};
use crate::document::TomlPath;
use crate::document::values::Flow;
use crate::export::promql::{Calendar, quoted, recorded};
use crate::export::quotas::quotas_of;
use crate::metrics::Query;
use crate::words::number;

const HOURS: &str = "caplint:quota:increase1h";
const TO_DATE: &str = "caplint:quota:period_to_date";
const DAY: f64 = 86_400.0;

impl Writer<'_> {
    pub(super) fn quotas(&mut self) {
        let of = self.of;
        for name in of.project.declarations.root.models.names() {
            let all = quotas_of(of.project, name);
            let mut units: Vec<&str> = all.iter().map(|quota| quota.unit).collect();
            units.sort_unstable();
            units.dedup();
            for unit in units {
                let per_day = |flow: &Flow| flow.count / self.seconds(flow) * DAY;
                let of_unit = all.iter().filter(|quota| quota.unit == unit);
                // Series don't say which tier a tenant is of.
                let largest = of_unit.max_by(|a, b| per_day(a.flow).total_cmp(&per_day(b.flow)));
                let Some(largest) = largest else { continue };
                let meter = TomlPath::new(&["models", name, "tenant_quota", unit]).to_string();
                let period = &largest.flow.period;
                let declared = format!("{} {unit} per {period}", number::count(largest.flow.count));
                let about = About {
                    meter: &meter,
                    feature: None,
                    owner: of.owner("models", name),
                    declared: &declared,
                    place: largest.span,
                    status: None,
                };
                self.quota(
                    &about,
                    &TomlPath::new(&["models", name]),
                    unit,
                    largest.flow,
                );
            }
        }
    }

    fn seconds(&self, flow: &Flow) -> f64 {
        let days = self.of.project.model.calendar.days_per_month;
        flow.period.seconds(days)
    }

    fn quota(&mut self, about: &About<'_>, path: &TomlPath, unit: &str, flow: &Flow) {
        let Some(measure) = self.measure(path, unit).cloned() else {
            return;
        };
        let Query::Counter(selector) = &measure.query else {
            return;
        };
        let Some(label) = &measure.tenant else {
            let why = "the metric has no label for the tenant";
            return self.skip(&format!("{path}.{unit}"), why);
        };
        let seconds = self.seconds(flow);
        let (calendar, most) = match flow.period.name() {
            "month" => (Calendar::Months, flow.count),
            "week" => (Calendar::Weeks, flow.count),
            _ if seconds < DAY => (Calendar::Seconds(DAY), flow.count / seconds * DAY),
            _ => (Calendar::Seconds(seconds), flow.count),
        };
        let labels = [("project", self.name), ("meter", about.meter)];
        let series = format!("increase({selector}[1h])");
        let series = match label.as_str() {
            "tenant" => series,
            _ => format!(
                "label_replace({series}, \"tenant\", \"$1\", {}, \"(.*)\")",
                quoted(label)
            ),
        };
        let hours = format!("sum by (tenant) ({series})");
        let recorded_hours = recorded(HOURS, &labels);
        self.record(HOURS, calendar.of_hour("period", &hours, true), labels);
        let to_date = calendar.to_date("period", &recorded_hours, "project, meter, tenant");
        self.record(TO_DATE, to_date, labels);
        let used = recorded(TO_DATE, &labels);
        let summary = format!("a tenant has used more of {path} than its quota");
        let alert = "CapacityTenantOverQuota";
        self.alert(
            about,
            Severity::Warning,
            alert,
            format!("{used} > {most}"),
            summary,
        );
    }
}
