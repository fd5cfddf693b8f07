//! What may come: the model as a scenario's `set` makes it, and values set from outside.

use crate::collections::{HashSet, IndexMap};
use crate::document::reader::Reader;
use crate::document::tables::Root;
use crate::document::values::Require;
use crate::document::{TomlPath, tables};
use crate::finding::{Finding, file_errors};
use crate::model::merge::Declarations;
use crate::source::Span;
use crate::suggest::closest;
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
    /// The same of a line that has taken over what another feature asked for, by its path.
    pub(crate) taken: IndexMap<String, f64>,
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
        taken: IndexMap::default(),
        payload: 1.0,
        event: None,
        sets: false,
        is_unread: false,
        assumed: true,
    }
}

/// Declarations without their scenarios: what a `set` is applied to.
pub(crate) fn without_scenarios(declarations: &Declarations) -> Declarations {
    let mut declarations = declarations.clone();
    declarations.root.scenarios = Default::default();
    declarations
}

/// Whether a scenario sets anything.
pub(crate) fn sets(root: &Root) -> bool {
    let mut scenarios = root.scenarios.entries();
    scenarios.any(|(_, it)| it.body.value.set.names().next().is_some())
}

/// Declarations as a scenario's `set` makes them, with what is wrong in it.
pub(crate) fn with_set(
    declarations: &Declarations,
    scenario: Option<&tables::Scenario>,
) -> (Declarations, Vec<Finding>) {
    let mut changed = declarations.clone();
    let mut findings = Vec::new();
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

/// What was found in a project, to tell what is new where values are set.
pub struct Found(HashSet<(&'static str, String, String)>);

impl Found {
    /// All of it.
    pub fn new(findings: &[Finding]) -> Self {
        Self(findings.iter().map(Self::key).collect())
    }

    fn key(finding: &Finding) -> (&'static str, String, String) {
        let (subject, message) = (finding.subject.clone(), finding.message.clone());
        (finding.rule, subject, message)
    }

    /// What was not found before: what the values that are set don't go with.
    pub fn clashes(&self, found: &[Finding]) -> Vec<Finding> {
        let new = found.iter().filter(|it| !self.0.contains(&Self::key(it)));
        new.cloned().collect()
    }
}

impl Finding {
    /// About what a scenario sets, and not about what is there.
    pub(crate) fn in_set(mut self, scenario: &str) -> Self {
        let mut path = TomlPath::new(&["scenarios", scenario, "set"]);
        path.0
            .extend(TomlPath::parse(&self.subject).unwrap_or_default().0);
        self.subject = path.to_string();
        self
    }
}

/// What a scenario's `set` makes of a project that its files may not say either, where it is set.
pub(crate) fn clashes_of_set(scenario: &tables::Scenario, clashes: Vec<Finding>) -> Vec<Finding> {
    let keys = |path: &str| TomlPath::parse(path).unwrap_or_default().0;
    let set: Vec<(Vec<String>, Span)> = (scenario.set.entries())
        .map(|(path, entry)| (keys(path), entry.body.span))
        .collect();
    let at = |finding: Finding| {
        let subject = keys(&finding.subject);
        let shared = |(path, _): &&(Vec<String>, Span)| {
            let pairs = path.iter().zip(&subject);
            pairs.take_while(|(one, other)| one == other).count()
        };
        let span = set.iter().max_by_key(shared).map(|(_, span)| *span);
        let message = format!("with what is set here, {}", finding.message);
        let clash = Finding::new(finding.rule, finding.severity, finding.subject, message);
        let clash = match finding.help {
            Some(help) => clash.help(help),
            None => clash,
        };
        clash.at(span)
    };
    clashes.into_iter().map(at).collect()
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
    let (place, known) = match found {
        Some(Ok(())) => return reader.finish(),
        Some(Err(missing)) => missing,
        None => Default::default(),
    };
    let finding = unknown(format!("there is no value `{path}`"));
    let word = parsed.0.get(place).map_or("", String::as_str);
    vec![match closest(word, known.iter().map(String::as_str)) {
        Some(meant) => {
            let mut other = parsed.clone();
            if let Some(key) = other.0.get_mut(place) {
                *key = meant.word.to_owned();
            }
            finding.help(format!("did you mean `{}`?", other))
        }
        None => finding,
    }]
}
