//! Rules of Prometheus.

use super::yaml::Yaml;
use crate::export::alerts::{Alert, Recording, Rules};

/// A file of rules, of projects with the names that Prometheus knows them by.
pub(crate) fn prometheus_rules(header: &str, projects: &[(String, Rules)]) -> String {
    let mut groups = Vec::new();
    for (name, rules) in projects {
        let recordings: Vec<_> = rules.recordings.iter().map(recording).collect();
        let alerts: Vec<_> = rules.alerts.iter().map(alert).collect();
        for (what, rules) in [("recording", recordings), ("alerts", alerts)] {
            if !rules.is_empty() {
                groups.push(Yaml::Map(vec![
                    ("name", Yaml::text(format!("caplint-{name}-{what}"))),
                    ("interval", Yaml::text("5m")),
                    ("rules", Yaml::List(rules)),
                ]));
            }
        }
    }
    let mut out = header.to_owned();
    Yaml::Map(vec![("groups", Yaml::List(groups))]).write(0, &mut out);
    out
}

fn recording(recording: &Recording) -> Yaml {
    // Prometheus takes labels of recordings as they are.
    let labels = labels(&recording.labels, |value| value.to_owned());
    Yaml::map([
        ("record", Some(Yaml::text(recording.record))),
        ("labels", labels),
        ("expr", Some(Yaml::text(&recording.expr))),
    ])
}

fn alert(alert: &Alert) -> Yaml {
    let annotations = Yaml::map([
        ("summary", Some(Yaml::text(literal(&alert.summary)))),
        ("declared", Some(Yaml::text(literal(&alert.declared)))),
        ("source", Some(Yaml::text(literal(&alert.place)))),
        (
            "status",
            alert.status.as_ref().map(|url| Yaml::text(literal(url))),
        ),
        ("value", Some(Yaml::text("{{ $value }}"))),
    ]);
    Yaml::map([
        ("alert", Some(Yaml::text(alert.alert))),
        ("expr", Some(Yaml::text(&alert.expr))),
        ("for", alert.lasts.map(Yaml::text)),
        ("labels", labels(&alert.labels, literal)),
        ("annotations", Some(annotations)),
    ])
}

fn labels(labels: &[(&'static str, String)], value: impl Fn(&str) -> String) -> Option<Yaml> {
    let labels = labels.iter();
    let labels: Vec<_> = labels
        .map(|(label, text)| (*label, Yaml::Text(value(text))))
        .collect();
    (!labels.is_empty()).then_some(Yaml::Map(labels))
}

/// A text that a template writes as it is: names may hold what begins an action.
fn literal(text: &str) -> String {
    text.replace('{', "{{\"{\"}}")
}
