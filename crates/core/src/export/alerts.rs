//! Rules of Prometheus: alerts on what is declared and measured.

mod apis;
mod lines;
mod queues;
mod quotas;
mod storage;

use std::collections::BTreeSet;

use crate::document::TomlPath;
use crate::export::Reported;
use crate::metrics::{Measure, Metrics, Query};
use crate::source::Span;

/// What Prometheus records and alerts on for one project.
#[derive(Debug, Default)]
pub struct Rules {
    /// What is recorded, in the order in which it is needed.
    pub recordings: Vec<Recording>,
    /// Sorted by meter, feature and name.
    pub alerts: Vec<Alert>,
    /// What nothing alerts on, each with the reason.
    pub missing: BTreeSet<String>,
}

/// A series that Prometheus records.
#[derive(Debug)]
pub struct Recording {
    /// Its name.
    pub record: &'static str,
    /// What is recorded.
    pub expr: String,
    /// The labels that it gets.
    pub labels: Vec<(&'static str, String)>,
}

/// An alert.
#[derive(Debug)]
pub struct Alert {
    /// Its name.
    pub alert: &'static str,
    /// When it fires.
    pub expr: String,
    /// For how long that has to hold.
    pub lasts: Option<&'static str>,
    /// `project`, `meter`, `feature`, `owner` and `severity`, where there is one.
    pub labels: Vec<(&'static str, String)>,
    /// What is wrong, in a sentence.
    pub summary: String,
    /// What is declared, in words.
    pub declared: String,
    /// Where: file and line.
    pub place: String,
    /// Where the provider says what is wrong.
    pub status: Option<String>,
}

/// How far measured rates, costs and retries may be over what is declared. Less is for
/// calibration: an alert wakes people.
const OVER: f64 = 1.25;

/// The rules of a project, which Prometheus knows by `name`.
pub fn rules(of: Reported<'_>, name: &str) -> Rules {
    let metrics = Metrics::new(of.project);
    let mut writer = Writer {
        of,
        name,
        metrics: &metrics,
        rules: Rules::default(),
    };
    for (subject, unit, problem) in &metrics.unusable {
        writer.skip(&format!("{subject}.{unit}"), problem);
    }
    writer.apis();
    writer.lines();
    writer.queues();
    writer.storage();
    writer.quotas();
    let mut rules = writer.rules;
    rules
        .alerts
        .sort_by(|a, b| (&a.labels, a.alert, &a.expr).cmp(&(&b.labels, b.alert, &b.expr)));
    rules
}

struct Writer<'a> {
    of: Reported<'a>,
    name: &'a str,
    metrics: &'a Metrics,
    rules: Rules,
}

/// What an alert is about.
#[derive(Clone, Copy)]
struct About<'a> {
    meter: &'a str,
    feature: Option<&'a str>,
    owner: Option<&'a str>,
    /// What is declared, in words, and where.
    declared: &'a str,
    place: Span,
    status: Option<&'a str>,
}

#[derive(Clone, Copy)]
enum Severity {
    Warning,
    Critical,
}

impl Writer<'_> {
    fn alert(
        &mut self,
        about: &About<'_>,
        severity: Severity,
        alert: &'static str,
        expr: String,
        summary: String,
    ) -> &mut Alert {
        let severity = match severity {
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        let labels = [
            ("project", Some(self.name)),
            ("meter", Some(about.meter)),
            ("feature", about.feature),
            ("owner", about.owner),
            ("severity", Some(severity)),
        ];
        let labels = labels.into_iter();
        let labels = labels.filter_map(|(label, value)| Some((label, value?.to_owned())));
        let place = self.of.place(about.place);
        self.rules.alerts.push(Alert {
            alert,
            expr,
            lasts: None,
            labels: labels.collect(),
            summary,
            declared: about.declared.to_owned(),
            place,
            status: about.status.map(str::to_owned),
        });
        let last = self.rules.alerts.len() - 1;
        &mut self.rules.alerts[last]
    }

    fn record(&mut self, record: &'static str, expr: String, labels: [(&'static str, &str); 2]) {
        let labels = labels.map(|(label, value)| (label, value.to_owned()));
        self.rules.recordings.push(Recording {
            record,
            expr,
            labels: labels.into(),
        });
    }

    fn skip(&mut self, what: &str, why: &str) {
        self.rules.missing.insert(format!("`{what}`: {why}"));
    }

    /// What measures a thing in a unit; says so where nothing does.
    fn measure(&mut self, subject: &TomlPath, unit: &str) -> Option<&Measure> {
        let measure = self.metrics.get(subject, unit);
        let is_known = |(path, known, _): &(TomlPath, String, String)| {
            path == subject && known.as_str() == unit
        };
        if measure.is_none() && !self.metrics.unusable.iter().any(is_known) {
            self.skip(&format!("{subject}.{unit}"), "no metric");
        }
        measure
    }

    /// The expression of what is sampled.
    fn gauge(&mut self, subject: &TomlPath, unit: &str) -> Option<String> {
        match &self.measure(subject, unit)?.query {
            Query::Gauge(gauge) => Some(gauge.clone()),
            Query::Counter(_) => None,
        }
    }

    /// The selector of what is counted, where something does.
    fn counter(&self, subject: &TomlPath, unit: &str) -> Option<String> {
        match &self.metrics.get(subject, unit)?.query {
            Query::Counter(selector) => Some(selector.clone()),
            Query::Gauge(_) => None,
        }
    }
}
