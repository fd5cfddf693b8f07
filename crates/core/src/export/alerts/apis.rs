//! Credits of a month, what a call costs, and retries.

use super::{About, OVER, Severity, Writer};
use crate::document::TomlPath;
use crate::document::tables::Api;
use crate::export::Reported;
use crate::export::promql::{Calendar, increase, recorded};
use crate::model::Value;
use crate::source::Span;
use crate::words::number;

const HOURS: &str = "caplint:credits:increase1h";
const TO_DATE: &str = "caplint:credits:month_to_date";

/// Days until the month ends, and with it what was used.
const DAYS_LEFT: &str = "(days_in_month() + 1 - day_of_month() - hour() / 24 - minute() / 1440)";

impl Writer<'_> {
    pub(super) fn apis(&mut self) {
        let of = self.of;
        for (name, entry) in of.project.declarations.root.apis.entries() {
            let api = &entry.body.value;
            let path = TomlPath::new(&["apis", name]);
            self.credits(name, &path, api);
            self.per_call(name, &path, api, entry.name);
            self.retries(name, &path, api);
        }
    }

    /// The series that count what an API is used for: its own, else those of all its lines.
    fn series(&self, name: &str, path: &TomlPath, unit: &str) -> Option<Vec<String>> {
        if let Some(selector) = self.counter(path, unit) {
            return Some(vec![selector]);
        }
        let mut series = Vec::new();
        for (feature, of) in &self.of.project.model.features {
            for line in &of.lines {
                if line.called().is_some_and(|(api, _)| api == name) {
                    let path = ["features", feature, line.kind.list(), &line.id];
                    series.push(self.counter(&TomlPath::new(&path), unit)?);
                }
            }
        }
        // Several lines may be counted by one.
        series.sort();
        series.dedup();
        (!series.is_empty()).then_some(series)
    }

    fn credits(&mut self, name: &str, path: &TomlPath, api: &Api) {
        let meter = path.join("credits").to_string();
        let plan = api.plan.as_deref();
        let plan = plan.and_then(|plan| plan.value.credits.as_deref());
        let limit = self.of.meter(&meter).and_then(|meter| meter.limit);
        let (Some(plan), Some(limit)) = (plan, limit) else {
            return;
        };
        let Some(series) = self.series(name, path, "credits") else {
            self.measure(path, "credits");
            return;
        };
        let labels = [("project", self.name), ("meter", &meter)];
        let (hours, recorded_hours) = (increase(&series, "1h"), recorded(HOURS, &labels));
        let month = Calendar::Months;
        self.record(HOURS, month.of_hour("month", &hours, false), labels);
        let to_date = month.to_date("month", &recorded_hours, "project, meter");
        self.record(TO_DATE, to_date, labels);
        let used = recorded(TO_DATE, &labels);
        let declared = format!("{} credits a month", number::count(limit));
        let about = about(self.of, (name, api), [&meter, &declared], plan.span);
        let policy = &self.of.project.policy;
        let ((soft, by_day), hard) = (policy.soft_alert(), policy.hard_alert());
        let [soft_share, hard_share] = [soft, hard].map(|share| number::share(Some(share)));
        self.alert(
            &about,
            Severity::Warning,
            "CapacityCreditsSoft",
            format!("{used} > {soft} * {limit} and on() day_of_month() <= {by_day}"),
            format!("{soft_share} of the month's {name} credits are used by day {by_day}"),
        );
        self.alert(
            &about,
            Severity::Critical,
            "CapacityCreditsHard",
            format!("{used} > {hard} * {limit}"),
            format!("{hard_share} of the month's {name} credits are used"),
        );
        if let Some(lead) = api.lead_time.as_deref() {
            let (days, burn) = (lead.value.days(), increase(&series, "3d"));
            let takes = lead.value.0;
            self.alert(
                &about,
                Severity::Critical,
                "CapacityCreditsGoneBeforeMoreCanBeHad",
                format!(
                    "({limit} - {used}) / on() group_left() ({burn} / 3) < {days} and \
                     ({limit} - {used}) / on() group_left() ({burn} / 3) < on() group_left() \
                     {DAYS_LEFT}"
                ),
                format!("{name} runs out of credits before more can be bought (lead time {takes})"),
            );
        }
    }

    /// What a call costs, all calls of an API together.
    fn per_call(&mut self, name: &str, path: &TomlPath, api: &Api, place: Span) {
        let series = ["credits", "calls"].map(|unit| self.counter(path, unit));
        let [Some(credits), Some(calls)] = series else {
            return;
        };
        let prefix = format!("{name}:");
        let lines = self.of.report.lines.iter();
        let lines = lines.filter(|line| line.list == "calls" && line.target.starts_with(&prefix));
        let (mut asked, mut cost) = (0.0, 0.0);
        for line in lines {
            asked += line.per_day.billed.unwrap_or_default();
            cost += line.per_day.credits.unwrap_or_default();
        }
        let meter = path.join("credits").to_string();
        let about = about(self.of, (name, api), [&meter, ""], place);
        self.cost(&about, name, [credits, calls], cost / asked);
    }

    /// Alerts where calls cost more than they are declared to.
    pub(super) fn cost(&mut self, about: &About<'_>, what: &str, series: [String; 2], each: f64) {
        if !(each.is_finite() && each > 0.0) {
            let what = format!("{} per call", about.meter);
            return self.skip(&what, "the cost of a call is unknown");
        }
        let [credits, calls] = series.map(|selector| increase(&[selector], "1d"));
        let declared = format!("{} per call", number::count(each));
        self.alert(
            &About {
                declared: &declared,
                ..*about
            },
            Severity::Warning,
            "CapacityCreditsPerCall",
            format!("{credits} / {calls} > {OVER} * {each}"),
            format!("calls of {what} cost more credits than declared"),
        );
    }

    fn retries(&mut self, name: &str, path: &TomlPath, api: &Api) {
        let Some(declared) = api.retry_ratio.as_deref() else {
            return;
        };
        let ratio = self.of.project.model.apis.get(name);
        let ratio = ratio.map_or(Value::Unknown, |api| api.retry_ratio.clone());
        let ratio = match ratio.point() {
            Some(ratio) if ratio > 0.0 => ratio,
            // Of none at all, any would be too many.
            Some(_) => return,
            None => return self.skip(&format!("{path}.retries"), "the ratio is unknown"),
        };
        let calls = self.series(name, path, "calls");
        let retries = self.counter(path, "retries");
        let (Some(retries), Some(calls)) = (retries, calls) else {
            for unit in ["retries", "calls"] {
                self.measure(path, unit);
            }
            return;
        };
        let (retries, calls) = (increase(&[retries], "1h"), increase(&calls, "1h"));
        let meter = path.join("retry_ratio").to_string();
        let words = format!("{} of calls", number::share(Some(ratio)));
        let about = about(self.of, (name, api), [&meter, &words], declared.span);
        self.alert(
            &about,
            Severity::Warning,
            "CapacityRetries",
            format!("{retries} / ({calls} - {retries}) > {OVER} * {ratio}"),
            format!("more calls of {name} are retried than declared"),
        );
    }
}

fn about<'a>(
    of: Reported<'a>,
    (name, api): (&str, &'a Api),
    [meter, declared]: [&'a str; 2],
    place: Span,
) -> About<'a> {
    About {
        meter,
        feature: None,
        owner: of.owner("apis", name),
        declared,
        place,
        status: api.status_url.as_deref().map(|url| url.value.0.as_str()),
    }
}
