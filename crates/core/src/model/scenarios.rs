//! What may come: the model as a scenario's `set` makes it, and values set from outside.

use crate::collections::IndexMap;
use crate::document::TomlPath;
use crate::document::reader::Reader;
use crate::document::values::Require;
use crate::finding::{Finding, file_errors};
use crate::model::merge::Declarations;
use crate::source::Span;
use crate::units::Date;

/// What may come: growth, or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    pub(crate) require: Require,
    pub(crate) tenants: Multiplier,
    /// Per feature: how many times as much.
    pub(crate) rates: IndexMap<String, f64>,
    /// How many times as large messages, rows and units are.
    pub(crate) payload: f64,
    pub(crate) event: Option<Event>,
    pub(crate) sets: bool,
    /// Whether something in it could not be read, so that it may ask for more.
    pub(crate) is_unread: bool,
    /// Whether it was assumed because no scenario is declared.
    pub(crate) assumed: bool,
}

/// How many times as many tenants.
#[derive(Clone, Debug, PartialEq)]
pub enum Multiplier {
    /// The same for all.
    All(f64),
    /// By tier, in the order of the tiers.
    Tiers(Vec<f64>),
}

impl Multiplier {
    /// How many times as many of a tier, by its place among all.
    pub(crate) fn of(&self, tier: usize) -> f64 {
        match self {
            Self::All(times) => *times,
            Self::Tiers(times) => times.get(tier).copied().unwrap_or(1.0),
        }
    }
}

/// An event: a scenario with a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub(crate) on: Date,
    /// How many days it lasts; a whole month where undeclared.
    pub(crate) days: Option<f64>,
    /// What is bought on top of its increase.
    pub(crate) buffer: Option<f64>,
}

/// A scenario that multiplies tenants.
pub fn assumed(name: &str, times: f64, require: Require) -> Scenario {
    Scenario {
        name: name.to_owned(),
        require,
        tenants: Multiplier::All(times),
        rates: IndexMap::default(),
        payload: 1.0,
        event: None,
        sets: false,
        is_unread: false,
        assumed: true,
    }
}

/// The declarations as a scenario's `set` makes them, with what is wrong in it.
pub(crate) fn with_set(
    declarations: &Declarations,
    scenario: &str,
) -> (Declarations, Vec<Finding>) {
    let mut changed = declarations.clone();
    let mut findings = Vec::new();
    let scenario = declarations.root.scenarios.get(scenario);
    for (path, entry) in scenario.iter().flat_map(|scenario| scenario.set.entries()) {
        let body = &entry.body;
        findings.extend(set_value(
            &mut changed,
            path,
            &body.value.0,
            entry.name,
            body.span,
        ));
    }
    (changed, findings)
}

/// The tables that say how the model is judged and measured.
pub(crate) const JUDGING: [&str; 7] = [
    "policy",
    "rules",
    "waivers",
    "scenarios",
    "metrics",
    "usage",
    "risk",
];

/// Replaces the value at a path of the model.
pub fn set_value(
    declarations: &mut Declarations,
    path: &str,
    value: &str,
    path_span: Span,
    value_span: Span,
) -> Vec<Finding> {
    let unknown = |message: String| {
        Finding::new(
            file_errors::UNKNOWN_REFERENCE,
            crate::finding::Severity::Error,
            path.to_owned(),
            message,
        )
        .at(path_span)
        .help("write the path of a value, such as `apis.twilio.retry_ratio` or `features.sync.calls.posts.rate`")
    };
    let parsed = match TomlPath::parse(path) {
        Ok(parsed) => parsed,
        Err(problem) => return vec![unknown(problem)],
    };
    let table = parsed.0.first().map_or("", String::as_str);
    if JUDGING.contains(&table) {
        return vec![unknown(format!("`{path}` is not part of the model"))];
    }
    let mut reader = Reader::new(value_span.file, "".into());
    let root = &mut declarations.root;
    let found = reader.with_value(value, value_span.start, |reader, value| {
        root.set(reader, &parsed, value)
    });
    match found {
        Some(true) => reader.finish(),
        _ => vec![unknown(format!("the model has no `{path}`"))],
    }
}
