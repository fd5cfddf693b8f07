//! What the base knew and the head does not: `"unknown"` in place of a value.

use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::collections::{HashMap, HashSet};
use crate::document::tables::Root;
use crate::document::{Difference, DifferenceKind, TomlPath};
use crate::exceptions::name_span;
use crate::forecast::Flow;
use crate::meter::{Family, MeterId};
use crate::model::Line;
use crate::report::{self, State, Verdict};
use crate::source::SourceMap;

use super::is_of_model;

/// What is no longer known.
#[derive(Debug, Default)]
pub(crate) struct Forgotten {
    /// The lines and things that say so.
    paths: Vec<TomlPath>,
    /// The meters that cannot be told because of that.
    meters: HashSet<String>,
}

impl Forgotten {
    /// Whether a meter was known.
    pub(crate) fn has_meter(&self, id: &str) -> bool {
        self.meters.contains(id)
    }

    /// Whether nothing is forgotten.
    pub(crate) fn is_empty(&self) -> bool {
        self.meters.is_empty()
    }

    /// Whether a finding of the base may be as true as it was, and only cannot be told any more.
    pub(crate) fn hides(&self, finding: &report::Finding, meters: &[report::Scenario]) -> bool {
        if self.is_empty() || finding.state != Some(State::Fixed) {
            return false;
        }
        let Ok(subject) = TomlPath::parse(&finding.subject) else {
            return false;
        };
        let unknown = |scenario: &report::Scenario| {
            let mut meters = scenario.meters.iter();
            meters.any(|meter| self.has_meter(&meter.id))
        };
        match &subject.0[..] {
            [scenarios, name] if scenarios == "scenarios" => meters
                .iter()
                .any(|scenario| scenario.name == *name && unknown(scenario)),
            _ => {
                self.has_meter(&finding.subject)
                    || self.paths.iter().any(|path| subject.0.starts_with(&path.0))
            }
        }
    }
}

/// What a change makes unknown: the meters that cannot be told any more of what the declarations
/// reach that say `"unknown"` now.
pub(super) fn forgotten(
    (base, before): (&Project, &Outlook),
    (head, after): (&Project, &Outlook),
    differences: &[Difference],
    sources: &SourceMap,
) -> Forgotten {
    let unknown = |outlook: &'_ Outlook| -> Vec<MeterId> {
        let meters = outlook.today.iter();
        let unknown = meters.filter(|fitted| is_unknown(&fitted.meter));
        unknown.map(|fitted| fitted.id.clone()).collect()
    };
    let mut meters = unknown(after);
    if meters.is_empty() {
        return Forgotten::default();
    }
    let never_known: HashSet<MeterId> = unknown(before).into_iter().collect();
    meters.retain(|id| !never_known.contains(id));
    let replaced = Replaced::new(base, (head, after), differences);
    let of_model = differences.iter().filter(|it| is_of_model(it));
    let is_lost = |it: &&Difference| match it.kind {
        DifferenceKind::Changed => {
            let unknowns = |span| sources.text(span).matches("unknown").count();
            it.after.map_or(0, unknowns) > it.before.map_or(0, unknowns)
        }
        DifferenceKind::Added => replaced.stands_in(it),
        DifferenceKind::Removed => false,
    };
    let paths: Vec<TomlPath> = of_model.filter(is_lost).map(|it| thing(&it.path)).collect();
    let reached: Vec<Reached> = paths.iter().map(|path| Reached::by(head, path)).collect();
    meters.retain(|id| reached.iter().any(|reached| reached.has(id)));
    Forgotten {
        paths,
        meters: meters.iter().map(ToString::to_string).collect(),
    }
}

/// What a change makes unknown of what a report says: every line was known in the meters that
/// were, and where no line is new it is one of those that is not any more.
pub(super) fn forgotten_since(
    before: &report::Project,
    (head, after): (&Project, &Outlook),
) -> Forgotten {
    let known = before.meters.iter().filter(|meter| !is_unknown(meter));
    let known: HashSet<&str> = known.map(|meter| &*meter.id).collect();
    let lines: HashSet<&str> = before.lines.iter().map(|line| &*line.path).collect();
    let mut features = head.model.features.iter();
    let is_new = features.any(|(name, feature)| {
        let mut own = feature.lines.iter();
        own.any(|line| !lines.contains(&*line.path(name)))
    });
    let meters = after.today.iter().map(|fitted| &fitted.meter);
    let forgotten = meters.filter(|it| !is_new && is_unknown(it) && known.contains(&*it.id));
    Forgotten {
        paths: Vec::new(),
        meters: forgotten.map(|meter| meter.id.to_string()).collect(),
    }
}

/// What a declaration reaches.
enum Reached {
    Everything,
    /// Things, and of tables all that are in the same database.
    Things(BTreeSet<(Family, String)>),
}

impl Reached {
    fn by(head: &Project, path: &TomlPath) -> Self {
        let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
        let mut things: BTreeSet<(Family, String)> = match keys[..] {
            // What follows a line is in the same feature.
            ["features", feature, ..] => lines(head, &[feature])
                .map(|line| (line.kind.family(), line.uses.thing.name.to_string()))
                .collect(),
            [table, name, ..] if let Some(family) = Family::of_key(table) => {
                BTreeSet::from([(family, name.to_owned())])
            }
            _ => return Self::Everything,
        };
        let tables = &head.model.tables;
        let databases: BTreeSet<&str> = things
            .iter()
            .filter(|(family, _)| *family == Family::Table)
            .filter_map(|(_, name)| tables.get(name)?.database.as_deref())
            .collect();
        let beside = tables.iter().filter(|(_, table)| {
            let database = table.database.as_deref();
            database.is_some_and(|database| databases.contains(database))
        });
        let beside = beside.map(|(name, _)| (Family::Table, name.clone()));
        let databases = databases
            .iter()
            .map(|it| (Family::Database, (*it).to_owned()));
        let more: Vec<(Family, String)> = beside.chain(databases).collect();
        things.extend(more);
        Self::Things(things)
    }

    fn has(&self, id: &MeterId) -> bool {
        match self {
            Self::Everything => true,
            Self::Things(things) => things.contains(&(id.owner, id.name.clone())),
        }
    }
}

fn is_unknown(meter: &report::Meter) -> bool {
    meter.lower_bound || meter.verdict == Verdict::Unknown
}

/// The line, or the named thing, that a path leads into.
fn thing(path: &TomlPath) -> TomlPath {
    let mut path = path.clone();
    let depth = match path.0.first().map(String::as_str) {
        Some("features") => 4,
        _ => 2,
    };
    path.0.truncate(depth);
    path
}

/// What goes with a change, so that what comes may stand in its place.
struct Replaced<'a> {
    base: &'a Project,
    head: &'a Project,
    after: &'a Outlook,
    /// The tables of the format of which a thing goes.
    tables: HashSet<&'a str>,
    /// By what they use, how many more lines go than come with known values.
    lines: HashMap<(Family, String), i64>,
}

impl<'a> Replaced<'a> {
    fn new(
        base: &'a Project,
        (head, after): (&'a Project, &'a Outlook),
        differences: &'a [Difference],
    ) -> Self {
        let mut replaced = Self {
            base,
            head,
            after,
            tables: HashSet::default(),
            lines: HashMap::default(),
        };
        for difference in differences {
            let keys: Vec<&'a str> = difference.path.0.iter().map(String::as_str).collect();
            match (difference.kind, &keys[..]) {
                (DifferenceKind::Removed, ["features", rest @ ..]) => {
                    lines(base, rest).for_each(|line| replaced.count(line, 1));
                }
                (DifferenceKind::Added, ["features", rest @ ..]) => {
                    let unknown = replaced.unknown(rest);
                    let known = lines(head, rest).filter(|it| !unknown.contains(&*it.id));
                    known.for_each(|line| replaced.count(line, -1));
                }
                (DifferenceKind::Removed, [.., list, _]) => drop(replaced.tables.insert(list)),
                _ => {}
            }
        }
        replaced
    }

    fn count(&mut self, line: &Line, by: i64) {
        *self.lines.entry(self.used(line)).or_default() += by;
    }

    /// What a line uses; what only one side has may be the same under another name.
    fn used(&self, line: &Line) -> (Family, String) {
        let (family, name) = (line.kind.family(), &*line.uses.thing.name);
        let sides = [self.base, self.head].map(|side| &side.declarations.root);
        let is_in = |root: &&Root| name_span(root, family.as_str(), name).is_some();
        let name = if sides.iter().all(is_in) { name } else { "" };
        (family, name.to_owned())
    }

    /// The ids of a feature's lines that nobody can tell.
    fn unknown(&self, feature: &[&str]) -> HashSet<&'a str> {
        let name = feature.first().copied().unwrap_or_default();
        let flows = self.after.forecast.flows.get(name).into_iter().flatten();
        let is_unknown = |flow: &Flow| {
            let mut sums = flow.asked.sums().iter();
            flow.occurrences.is_unknown() || sums.any(|(_, sum)| sum.is_unknown())
        };
        let lines = lines(self.head, &[name]).zip(flows);
        let unknown = lines.filter(|(_, flow)| is_unknown(flow));
        unknown.map(|(line, _)| &*line.id).collect()
    }

    /// Whether something that is added, and may not be known, can stand in the place of what goes.
    fn stands_in(&self, added: &Difference) -> bool {
        let keys: Vec<&str> = added.path.0.iter().map(String::as_str).collect();
        match &keys[..] {
            ["features", rest @ ..] => {
                let unknown = self.unknown(rest);
                let mut lines = lines(self.head, rest).filter(|it| unknown.contains(&*it.id));
                lines.any(|line| self.lines.get(&self.used(line)).is_some_and(|it| *it > 0))
            }
            [.., list, _] => self.tables.contains(list),
            _ => false,
        }
    }
}

/// The lines of a feature, or the one with an id, by the path below `features`.
fn lines<'p>(project: &'p Project, path: &[&str]) -> impl Iterator<Item = &'p Line> + use<'p> {
    let feature = path
        .first()
        .and_then(|name| project.model.features.get(*name));
    let id = path.get(2).map(|id| (*id).to_owned());
    let lines = feature.into_iter().flat_map(|feature| &feature.lines);
    lines.filter(move |line| id.as_ref().is_none_or(|id| *line.id == **id))
}
