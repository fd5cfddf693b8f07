//! Which metrics measure what a project declares: its `[metrics]`, with names put in.

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::tables::Metric;
use crate::document::{Entry, TomlPath};
use crate::measurable::{Kind, subject_and_unit};
use crate::meter::Family;
use crate::model::Model;
use crate::selectors::is_usable;
use crate::source::Span;

/// What measures the things of a project.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By subject and unit.
    found: BTreeMap<(TomlPath, String), Measure>,
    /// What has a metric that can't be used, with the reason.
    pub unusable: Vec<(TomlPath, String, String)>,
}

/// What measures one thing in one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The series.
    pub query: Query,
    /// The label that says which tenant it is about.
    pub tenant: Option<String>,
    /// Where its key stands.
    pub place: Span,
}

/// What is asked of Prometheus, in PromQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// An instant selector of series that count up.
    Counter(String),
    /// An expression for how much there is.
    Gauge(String),
}

impl Metrics {
    /// The metrics of a project. Of several keys for one thing the most literal counts.
    pub fn new(project: &Project) -> Self {
        let mut keys: HashMap<Vec<String>, Vec<(String, &Entry<Metric>)>> = HashMap::default();
        for (key, entry) in project.declarations.root.metrics.entries() {
            if let Some((path, unit)) = subject_and_unit(key) {
                keys.entry(path).or_default().push((unit, entry));
            }
        }
        let mut metrics = Self::default();
        if keys.is_empty() {
            return metrics;
        }
        for subject in subjects(&project.model) {
            let Some(kind) = Kind::of(&subject.path.0) else {
                continue;
            };
            for pattern in patterns(&subject.path.0) {
                for (unit, entry) in keys.get(&pattern).into_iter().flatten() {
                    if kind.measures(unit) || subject.units.contains(unit) {
                        let is_sampled = kind.sampled.contains(&unit.as_str());
                        metrics.add(&subject, (unit, is_sampled), entry);
                    }
                }
            }
        }
        metrics
    }

    /// What measures a thing in a unit.
    pub fn get(&self, subject: &TomlPath, unit: &str) -> Option<&Measure> {
        self.found.get(&(subject.clone(), unit.to_owned()))
    }

    /// All of them, by subject and unit.
    pub fn iter(&self) -> impl Iterator<Item = (&TomlPath, &str, &Measure)> {
        let found = self.found.iter();
        found.map(|((subject, unit), measure)| (subject, unit.as_str(), measure))
    }

    fn add(
        &mut self,
        subject: &Subject<'_>,
        (unit, is_sampled): (&str, bool),
        entry: &Entry<Metric>,
    ) {
        let metric = &entry.body.value;
        let (text, query): (_, fn(String) -> Query) = match (&metric.counter, &metric.gauge) {
            (Some(counter), _) => (&counter.value.0, Query::Counter),
            (None, Some(gauge)) => (&gauge.value.0, Query::Gauge),
            (None, None) => return,
        };
        let key = (subject.path.clone(), unit.to_owned());
        let is_known = |(path, known, _): &(TomlPath, String, String)| {
            *path == subject.path && known.as_str() == unit
        };
        if self.found.contains_key(&key) || self.unusable.iter().any(is_known) {
            return;
        }
        let put = match is_usable(metric, is_sampled) {
            true => put_in(text, |word| subject.name(word)),
            // One that is refused may be any text, and end what it would be put into.
            false => Err("its metric has an error: run `caplint check`".to_owned()),
        };
        match put {
            Ok(text) => {
                let measure = Measure {
                    query: query(text.trim().to_owned()),
                    tenant: metric.tenant.as_ref().map(|label| label.value.0.clone()),
                    place: entry.name,
                };
                self.found.insert(key, measure);
            }
            Err(problem) => self.unusable.push((key.0, key.1, problem)),
        }
    }
}

impl Kind {
    fn measures(&self, unit: &str) -> bool {
        self.counted.contains(&unit) || self.sampled.contains(&unit)
    }
}

/// Something that can be measured.
pub(crate) struct Subject<'m> {
    pub(crate) path: TomlPath,
    /// What a line uses.
    pub(crate) uses: Option<(Family, &'m str)>,
    /// The units of the model that it is about.
    pub(crate) units: &'m [String],
}

impl Subject<'_> {
    /// The name that a word stands for.
    fn name(&self, word: &str) -> Option<&str> {
        let Self { path, uses, .. } = self;
        let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
        match (word, &keys[..]) {
            ("name", [.., name])
            | ("feature", ["features", name, ..])
            | ("line", ["features", _, _, name])
            | ("api", ["apis", name])
            | ("queue", ["queues", name])
            | ("table", ["tables", name])
            | ("model", ["models", name])
            | ("tier", ["tenants", name]) => Some(name),
            _ => {
                let uses = uses.filter(|(of, _)| of.as_str().strip_suffix('s') == Some(word));
                uses.map(|(_, name)| name)
            }
        }
    }
}

/// All things of a model that can be measured.
pub(crate) fn subjects(model: &Model) -> Vec<Subject<'_>> {
    let of = |table: &str, name: &str| Subject {
        path: TomlPath::new(&[table, name]),
        uses: None,
        units: &[],
    };
    let mut all = Vec::new();
    all.extend(model.apis.keys().map(|name| of("apis", name)));
    all.extend(model.tiers.keys().map(|name| of("tenants", name)));
    all.extend(model.entities.keys().map(|name| of("entities", name)));
    all.extend(model.tables.keys().map(|name| of("tables", name)));
    all.extend(model.databases.keys().map(|name| of("databases", name)));
    all.extend(model.queues.keys().map(|name| of("queues", name)));
    all.extend(model.models.iter().map(|(name, model)| Subject {
        units: &model.units,
        ..of("models", name)
    }));
    for (name, feature) in &model.features {
        all.push(of("features", name));
        all.extend(feature.lines.iter().map(|line| {
            let thing = &line.uses.thing;
            let used = model.compute_model(thing);
            let used = used.filter(|_| line.uses_any(Family::Model).is_some());
            Subject {
                path: TomlPath::new(&["features", name, line.kind.list(), &line.id]),
                uses: Some((line.kind.family(), thing)),
                units: used.map_or(&[], |model| &model.units),
            }
        }));
    }
    all
}

/// The keys that match a path, the most literal first.
fn patterns(path: &[String]) -> Vec<Vec<String>> {
    let with = |stars: &[usize]| {
        let mut path = path.to_vec();
        for index in stars {
            if let Some(name) = path.get_mut(*index) {
                "*".clone_into(name);
            }
        }
        path
    };
    match path.len() {
        2 => vec![with(&[]), with(&[1])],
        _ => vec![with(&[]), with(&[3]), with(&[1]), with(&[1, 3])],
    }
}

/// Puts names in for words that begin with `$`, escaped as the string around them needs it. What
/// can't be escaped there is refused: no name may end a string or go on as an expression.
fn put_in<'n>(query: &str, name: impl Fn(&str) -> Option<&'n str>) -> Result<String, String> {
    let mut out = String::with_capacity(query.len());
    let mut quote = None;
    let mut rest = query;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        if letter == '$' {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (word, after) = after.split_at(end.unwrap_or(after.len()));
            let name = name(word).ok_or_else(|| format!("`${word}` is not a placeholder here"))?;
            escape(name, quote, &mut out)?;
            rest = after;
            continue;
        }
        out.push(letter);
        rest = after;
        match (quote, letter) {
            (Some('"' | '\''), '\\') => {
                let escaped = rest.chars().next();
                out.extend(escaped);
                rest = &rest[escaped.map_or(0, char::len_utf8)..];
            }
            (Some('#'), '\n') => quote = None,
            (Some(open), letter) if open == letter && open != '#' => quote = None,
            (None, '"' | '\'' | '`' | '#') => quote = Some(letter),
            _ => {}
        }
    }
    Ok(out)
}

fn escape(name: &str, quote: Option<char>, out: &mut String) -> Result<(), String> {
    use std::fmt::Write as _;
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    match quote {
        Some(quote @ ('"' | '\'')) => {
            for letter in name.chars() {
                match letter {
                    '\n' => out.push_str("\\n"),
                    '\\' => out.push_str("\\\\"),
                    _ if letter == quote => out.extend(['\\', quote]),
                    _ if letter.is_ascii_control() => {
                        // Writing to a string does not fail.
                        let _ = write!(out, "\\x{:02x}", u32::from(letter));
                    }
                    _ => out.push(letter),
                }
            }
        }
        _ if name.chars().all(is_word) => out.push_str(name),
        _ => return Err(format!("`{name}` can only stand between `\"` and `\"`")),
    }
    Ok(())
}
