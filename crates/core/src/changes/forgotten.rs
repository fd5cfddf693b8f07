//! What the base knew and the head does not: `"unknown"` in place of a value.

use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::collections::HashSet;
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

    /// Whether a finding of the base may be as true as it was, and only cannot be told any more.
    pub(crate) fn hides(&self, finding: &report::Finding, meters: &[report::Scenario]) -> bool {
        if self.paths.is_empty() || finding.state != Some(State::Fixed) {
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
    let replaced = Replaced::new(base, head, differences);
    let of_model = differences.iter().filter(|it| is_of_model(it));
    let is_lost = |it: &&Difference| match it.kind {
        DifferenceKind::Changed => {
            let unknowns = |span| sources.text(span).matches("unknown").count();
            it.after.map_or(0, unknowns) > it.before.map_or(0, unknowns)
        }
        DifferenceKind::Added => replaced.stands_in((head, after), it),
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
            ["features", feature, ..] => lines(head, feature, None).map(used).collect(),
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
struct Replaced {
    /// The tables of the format of which a thing goes.
    tables: HashSet<String>,
    /// What the lines use that go.
    used: BTreeSet<(Family, String)>,
}

impl Replaced {
    fn new(base: &Project, head: &Project, differences: &[Difference]) -> Self {
        let mut tables = HashSet::default();
        let mut used = BTreeSet::new();
        for difference in differences {
            if difference.kind != DifferenceKind::Removed {
                continue;
            }
            let keys: Vec<&str> = difference.path.0.iter().map(String::as_str).collect();
            match keys[..] {
                ["features", feature, ref rest @ ..] => {
                    used.extend(lines(base, feature, rest.get(1).copied()).map(self::used));
                }
                [.., list, _] => drop(tables.insert(list.to_owned())),
                _ => {}
            }
        }
        // What was used under another name.
        let is_gone = |(family, name): &(Family, String)| {
            let root = &head.declarations.root;
            name_span(root, family.as_str(), name).is_none()
        };
        let gone: BTreeSet<Family> = used
            .iter()
            .filter(|it| is_gone(it))
            .map(|it| it.0)
            .collect();
        let new = |name: &str, family: Family| {
            let root = &base.declarations.root;
            name_span(root, family.as_str(), name).is_none()
        };
        let of_head = head.model.features.values().flat_map(|it| &it.lines);
        let renamed: Vec<(Family, String)> = of_head
            .map(self::used)
            .filter(|(family, name)| gone.contains(family) && new(name, *family))
            .collect();
        used.extend(renamed);
        Self { tables, used }
    }

    /// Whether something that is added, and may not be known, can stand in the place of what goes.
    fn stands_in(&self, (head, outlook): (&Project, &Outlook), added: &Difference) -> bool {
        let keys: Vec<&str> = added.path.0.iter().map(String::as_str).collect();
        match keys[..] {
            ["features", feature, ref rest @ ..] => {
                let flows = outlook.forecast.flows.get(feature).into_iter().flatten();
                let unknown = |flow: &Flow| {
                    let mut sums = flow.asked.sums().iter();
                    flow.occurrences.is_unknown() || sums.any(|(_, sum)| sum.is_unknown())
                };
                let unknown: HashSet<&str> = lines(head, feature, None)
                    .zip(flows)
                    .filter(|(_, flow)| unknown(flow))
                    .map(|(line, _)| &*line.id)
                    .collect();
                let mut added = lines(head, feature, rest.get(1).copied());
                added.any(|it| unknown.contains(&*it.id) && self.used.contains(&used(it)))
            }
            [.., list, _] => self.tables.contains(list),
            _ => false,
        }
    }
}

/// The lines of a feature, or the one with an id.
fn lines<'p>(
    project: &'p Project,
    feature: &str,
    id: Option<&str>,
) -> impl Iterator<Item = &'p Line> + use<'p> {
    let feature = project.model.features.get(feature);
    let id = id.map(str::to_owned);
    let lines = feature.into_iter().flat_map(|feature| &feature.lines);
    lines.filter(move |line| id.as_ref().is_none_or(|id| *line.id == **id))
}

/// What a line uses.
fn used(line: &Line) -> (Family, String) {
    (line.kind.family(), line.uses.thing.to_string())
}
