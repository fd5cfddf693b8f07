//! What hangs on a value that could not be read.
//!
//! A file's error names the key that is wrong. What is said of the same thing (a table, a queue,
//! an API, one line of a feature) is then not judged. Its meters are: what could not be read counts
//! as nothing in them, and what is over without it is over.

use crate::analysis::{Outlook, Project};
use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::tables::Root;
use crate::document::{Map, dotted};
use crate::fit::Meters;
use crate::meter::{Family, MeterKind};
use crate::model::LineKind;
use crate::report::{self, Verdict};
use crate::rules::causes::keys;
use crate::rules::changes::change_over_threshold;
use crate::rules::features::{burn_hard, burn_soft};
use crate::rules::limits::OF_METERS;
use crate::rules::rule;
use crate::rules::support::find;
use crate::rules::unread::Unread;
use crate::source::{FileId, SourceMap, Span};

/// Things that could not be read wholly.
pub(crate) struct Hanging<'a> {
    project: &'a Project,
    outlook: &'a Outlook,
    /// Paths of things and of lines.
    things: HashSet<String>,
    /// Paths of what the lines of broken features use.
    used: HashSet<String>,
    /// Whether whom demand is counted for could not be read.
    population: bool,
    unread: Unread<'a>,
}

impl<'a> Hanging<'a> {
    /// Reads a project's errors. Nothing hangs where there are none.
    pub(crate) fn new(project: &'a Project, outlook: &'a Outlook, sources: &'a SourceMap) -> Self {
        let mut hanging = Self {
            project,
            outlook,
            things: HashSet::default(),
            used: HashSet::default(),
            population: false,
            unread: Unread::new(project, sources),
        };
        for finding in &project.findings {
            let keys = keys(&finding.subject);
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            hanging.population |= matches!(keys[..], ["tenants" | "entities", ..]);
            if let [family, name, ..] = keys[..] {
                hanging.things.insert(path(&[family, name]));
                if family == "features" {
                    hanging.used_by(name);
                }
            }
        }
        let root = &project.declarations.root;
        if !project.findings.is_empty() {
            hanging.broken_lines(root);
        }
        if !project.declarations.incomplete.is_empty() {
            hanging.incomplete(root, &project.declarations.incomplete);
        }
        hanging
    }

    /// Whether what a rule says of a subject hangs on something broken, or on something that may
    /// stand in what could not be read.
    pub(crate) fn holds(&self, rule_name: &str, subject: &str, span: Option<Span>) -> bool {
        if self.project.findings.is_empty() {
            return false;
        }
        let keys = keys(subject);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        if rule(rule_name).is_some_and(|rule| rule.needs_every_file)
            && self.unread.may_use(self.project, &keys, span)
        {
            return true;
        }
        match keys[..] {
            ["features", _, list, _, ..] if LineKind::of_list(list).is_some() => {
                self.things.contains(&path(&keys[..4]))
            }
            [family, name, kind, ..] if let Some(kind) = MeterKind::of_key(kind) => {
                !is_true_of_the_least(rule_name) && self.is_reached(family, name, kind)
            }
            [family, name, ..] => self.things.contains(&path(&[family, name])),
            _ => false,
        }
    }

    /// Whether what could not be read reaches a meter of a thing.
    fn is_reached(&self, family: &str, name: &str, kind: MeterKind) -> bool {
        let thing = path(&[family, name]);
        let gaps = &self.project.model.gaps;
        let owner = Family::of_key(family);
        owner.is_some_and(|owner| gaps.reach(owner, name, kind))
            || self.things.contains(&thing)
            || self.used.contains(&thing)
            || self.population
    }

    /// Whether nothing can be told of what a finding of the base says: it is not fixed because the
    /// project does not have it.
    pub(crate) fn leaves_open(&self, finding: &report::Finding) -> bool {
        let Some(rule) = rule(&finding.rule).filter(|rule| !rule.is_file_error()) else {
            return false;
        };
        if self.project.model.gaps.is_everything() {
            return true;
        }
        let keys = keys(&finding.subject);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let is_unknown = |meters: &Meters| {
            let mut meters = meters.iter();
            meters.any(|fitted| fitted.meter.verdict == Verdict::Unknown)
        };
        match keys[..] {
            [family, name, kind, ..] if let Some(kind) = MeterKind::of_key(kind) => {
                let today = find(&self.outlook.today, &finding.subject);
                match today {
                    Some(fitted) => {
                        fitted.meter.lower_bound || fitted.meter.verdict == Verdict::Unknown
                    }
                    None => self.is_reached(family, name, kind),
                }
            }
            ["scenarios", name, ..] => {
                let scenarios = self.project.scenarios.iter().zip(&self.outlook.scenarios);
                let mut named = scenarios.filter(|((scenario, _), _)| scenario.name == name);
                named.any(|(_, meters)| is_unknown(meters))
            }
            _ => self.holds(rule.name, &finding.subject, finding.span),
        }
    }

    fn used_by(&mut self, feature: &str) {
        let model = &self.project.model;
        let lines = model.features.get(feature).map(|feature| &feature.lines);
        for line in lines.into_iter().flatten() {
            let (family, name) = (line.kind.family(), &line.uses.thing);
            self.used.insert(path(&[family.as_str(), name]));
            let table = model.tables.get(&**name);
            let table = table.filter(|_| family == Family::Table);
            if let Some(database) = table.and_then(|table| table.database.as_deref()) {
                self.used.insert(path(&["databases", database]));
            }
        }
    }

    /// Lines with keys that could not be read.
    fn broken_lines(&mut self, root: &Root) {
        for (name, feature) in root.features.iter() {
            for (id, line) in feature.lines() {
                let keys = line.keys();
                let broken_cache = match keys.cache.map(|cache| &cache.value) {
                    Some(CacheChoice::On(cache)) => !cache.broken.is_empty(),
                    _ => false,
                };
                if !keys.broken.is_empty() || broken_cache {
                    let list = line.kind().list();
                    self.things.insert(path(&["features", name, list, id]));
                }
            }
        }
    }

    /// Files of which something may be missing: nothing in them is judged.
    fn incomplete(&mut self, root: &Root, files: &HashSet<FileId>) {
        let families = [
            ("tenants", declared_in(&root.tenants, files)),
            ("entities", declared_in(&root.entities, files)),
            ("apis", declared_in(&root.apis, files)),
            ("databases", declared_in(&root.databases, files)),
            ("tables", declared_in(&root.tables, files)),
            ("queues", declared_in(&root.queues, files)),
            ("models", declared_in(&root.models, files)),
            ("features", declared_in(&root.features, files)),
        ];
        for (family, names) in families {
            let names = names.into_iter();
            self.things.extend(names.map(|name| path(&[family, name])));
        }
        for (name, entry) in root.features.entries() {
            if files.contains(&entry.name.file) {
                let lines = entry.body.value.lines();
                let lines =
                    lines.map(|(id, line)| path(&["features", name, line.kind().list(), id]));
                self.things.extend(lines);
            }
        }
    }
}

/// Whether what a rule says of a meter's least demand, or of what was measured, is true of what it
/// comes to.
fn is_true_of_the_least(rule: &str) -> bool {
    let others = [
        &change_over_threshold::RULE,
        &burn_hard::RULE,
        &burn_soft::RULE,
    ];
    let mut rules = OF_METERS.iter().copied().chain(others);
    rules.any(|other| other.name == rule)
}

fn path(keys: &[&str]) -> String {
    dotted(keys.iter().copied())
}

/// The names of a table that these files declare.
fn declared_in<'a, T>(map: &'a Map<T>, files: &HashSet<FileId>) -> Vec<&'a str> {
    let declared = map.entries();
    let within = declared.filter(|(_, it)| files.contains(&it.name.file));
    within.map(|(name, _)| name).collect()
}
