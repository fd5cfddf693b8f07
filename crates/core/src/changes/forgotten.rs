//! What the base knew and the head does not: `"unknown"` in place of a value.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Outlook, Project};
use crate::collections::{HashMap, HashSet};
use crate::document::tables::Root;
use crate::document::{Difference, DifferenceKind, TomlPath};
use crate::exceptions::name_span;
use crate::forecast::Flow;
use crate::meter::{Family, MeterId};
use crate::model::{Line, LineKind, Timing};
use crate::report::{self, State, Verdict};
use crate::source::SourceMap;

use super::given::given;
use super::{is_of_model, renamed};

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

/// What a change makes unknown: the meters that cannot be told of what the declarations reach
/// that say `"unknown"` now.
pub(super) fn forgotten(
    (base, before): (&Project, &Outlook),
    (head, after): (&Project, &Outlook),
    differences: &[Difference],
    sources: &SourceMap,
) -> Forgotten {
    let unknown: Vec<&MeterId> = unknown(after).collect();
    if unknown.is_empty() {
        return Forgotten::default();
    }
    let replaced = Replaced::new((base, before), (head, after), differences);
    let of_model = differences.iter().filter(|it| is_of_model(it));
    let is_lost = |it: &&Difference| match it.kind {
        DifferenceKind::Changed => {
            let unknowns = |span| sources.text(span).matches("unknown").count();
            it.after.map_or(0, unknowns) > it.before.map_or(0, unknowns)
        }
        DifferenceKind::Added => replaced.stands_in(it),
        DifferenceKind::Removed => false,
    };
    let lost: Vec<&Difference> = of_model.filter(is_lost).collect();
    let reached = Reached::by(head, &lost);
    let known = Known::new((base, before), head);
    let is_forgotten = |id: &&MeterId| reached.has(id) || (reached.may_have(id) && known.has(id));
    let meters = unknown.into_iter().filter(is_forgotten);
    Forgotten {
        meters: meters.map(ToString::to_string).collect(),
        paths: lost.iter().map(|it| thing(&it.path)).collect(),
    }
}

/// The meters of today that cannot be told.
fn unknown(outlook: &Outlook) -> impl Iterator<Item = &MeterId> {
    let today = outlook.today.iter();
    let unknown = today.filter(|fitted| is_unknown(&fitted.meter));
    unknown.map(|fitted| &fitted.id)
}

/// The meters that the base could tell.
struct Known<'a> {
    meters: HashSet<MeterId>,
    /// What things were called.
    renamed: BTreeMap<(Family, &'a str), &'a str>,
}

impl<'a> Known<'a> {
    fn new((base, before): (&'a Project, &Outlook), head: &'a Project) -> Self {
        let known = before.today.iter().filter(|it| !is_unknown(&it.meter));
        Self {
            meters: known.map(|fitted| fitted.id.clone()).collect(),
            renamed: renamed::successors(base, head),
        }
    }

    fn has(&self, id: &MeterId) -> bool {
        match self.renamed.get(&(id.owner, id.name.as_str())) {
            Some(old) => {
                let before = MeterId::new(id.owner, old, id.kind, id.rest.clone());
                self.meters.contains(&before)
            }
            None => self.meters.contains(id),
        }
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

type Things = BTreeSet<(Family, String)>;

/// What some declarations reach.
struct Reached {
    /// What they are about, or the lines that they are, use.
    things: Things,
    /// The tables that are in the same databases, and things that are new.
    more: Things,
    /// Whether whom demand is counted for is among them.
    everything: bool,
}

impl Reached {
    fn by(head: &Project, lost: &[&Difference]) -> Self {
        let mut reached = Self {
            things: Things::new(),
            more: Things::new(),
            everything: false,
        };
        for difference in lost {
            let keys: Vec<&str> = difference.path.0.iter().map(String::as_str).collect();
            match keys[..] {
                ["features", ref rest @ ..] => reached.things.extend(used_after(head, rest)),
                [table, name, ..] if let Some(family) = Family::of_key(table) => {
                    let things = match difference.kind {
                        DifferenceKind::Added => &mut reached.more,
                        _ => &mut reached.things,
                    };
                    things.insert((family, name.to_owned()));
                }
                _ => reached.everything = true,
            }
        }
        let tables = &head.model.tables;
        for things in [&mut reached.things, &mut reached.more] {
            let of_tables = things.iter().filter(|(family, _)| *family == Family::Table);
            let databases = of_tables.filter_map(|(_, name)| tables.get(name)?.database.as_deref());
            let databases: Vec<String> = databases.map(str::to_owned).collect();
            things.extend(databases.into_iter().map(|name| (Family::Database, name)));
        }
        for (name, table) in tables {
            let database = table.database.as_deref().unwrap_or_default();
            let database = (Family::Database, database.to_owned());
            if reached.things.contains(&database) || reached.more.contains(&database) {
                reached.more.insert((Family::Table, name.clone()));
            }
        }
        reached
    }

    fn has(&self, id: &MeterId) -> bool {
        self.things.contains(&(id.owner, id.name.clone()))
    }

    fn may_have(&self, id: &MeterId) -> bool {
        self.everything || self.more.contains(&(id.owner, id.name.clone()))
    }
}

/// What a feature's lines use; of one line that and what the lines use that follow it.
fn used_after(project: &Project, path: &[&str]) -> Things {
    let feature = path
        .first()
        .and_then(|name| project.model.features.get(*name));
    let lines = feature.map_or(&[][..], |feature| &feature.lines);
    let is_line = path
        .get(1)
        .is_some_and(|list| LineKind::of_list(list).is_some());
    let wanted = path.get(2).filter(|_| is_line);
    // Whether each line is that one, or follows it, once that is known.
    let mut follows: Vec<Option<bool>> = vec![None; lines.len()];
    for start in 0..lines.len() {
        let (mut chain, mut at) = (Vec::new(), start);
        let found = loop {
            let Some(line) = lines.get(at) else {
                break false;
            };
            if let Some(known) = follows[at] {
                break known;
            }
            chain.push(at);
            match line.timing {
                _ if wanted.is_none_or(|id| *line.id == **id) => break true,
                Timing::After { parent, .. } if chain.len() <= lines.len() => at = parent,
                _ => break false,
            }
        };
        for index in chain {
            follows[index] = Some(found);
        }
    }
    let used = lines
        .iter()
        .zip(follows)
        .filter(|(_, follows)| *follows == Some(true));
    used.map(|(line, _)| (line.kind.family(), line.uses.thing.name.to_string()))
        .collect()
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
    /// The tables of the format of which a thing goes.
    tables: HashSet<&'a str>,
    /// The paths of the lines of base and head that nobody can tell.
    unknown: [HashSet<String>; 2],
    /// By what they use, how many more lines that are known go than come.
    lines: HashMap<(Family, String), i64>,
}

impl<'a> Replaced<'a> {
    fn new(
        (base, before): (&'a Project, &'a Outlook),
        (head, after): (&'a Project, &'a Outlook),
        differences: &'a [Difference],
    ) -> Self {
        let mut replaced = Self {
            base,
            head,
            unknown: [unknown_lines(base, before), unknown_lines(head, after)],
            tables: HashSet::default(),
            lines: HashMap::default(),
        };
        for difference in differences {
            let keys: Vec<&'a str> = difference.path.0.iter().map(String::as_str).collect();
            match (difference.kind, &keys[..]) {
                (DifferenceKind::Removed, ["features", rest @ ..]) => replaced.count(0, rest),
                (DifferenceKind::Added, ["features", rest @ ..]) => replaced.count(1, rest),
                (DifferenceKind::Removed, [.., list, _]) => drop(replaced.tables.insert(list)),
                _ => {}
            }
        }
        // Of what stays and asks for less, what comes may have the rest.
        for (feature, line) in given(base, head) {
            let after = head.model.features.get(feature);
            let mut lines = after.into_iter().flat_map(|after| &after.lines);
            let stays = lines.any(|it| (it.kind, &it.id) == (line.kind, &line.id));
            if stays && !replaced.unknown[0].contains(&line.path(feature)) {
                let used = replaced.used(line);
                *replaced.lines.entry(used).or_default() += 1;
            }
        }
        replaced
    }

    /// Counts the lines of a side that are known.
    fn count(&mut self, side: usize, path: &[&str]) {
        let (project, by) = [(self.base, 1), (self.head, -1)][side];
        let feature = path.first().copied().unwrap_or_default();
        for line in lines(project, path) {
            if !self.unknown[side].contains(&line.path(feature)) {
                *self.lines.entry(self.used(line)).or_default() += by;
            }
        }
    }

    /// What a line uses; what only one side has may be the same under another name.
    fn used(&self, line: &Line) -> (Family, String) {
        let (family, name) = (line.kind.family(), &*line.uses.thing.name);
        let sides = [self.base, self.head].map(|side| &side.declarations.root);
        let is_in = |root: &&Root| name_span(root, family.as_str(), name).is_some();
        let name = if sides.iter().all(is_in) { name } else { "" };
        (family, name.to_owned())
    }

    /// Whether something that is added, and may not be known, can stand in the place of what goes.
    fn stands_in(&self, added: &Difference) -> bool {
        let keys: Vec<&str> = added.path.0.iter().map(String::as_str).collect();
        match &keys[..] {
            ["features", rest @ ..] => {
                let feature = rest.first().copied().unwrap_or_default();
                let is_unknown = |line: &&Line| self.unknown[1].contains(&line.path(feature));
                let mut lines = lines(self.head, rest).filter(is_unknown);
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

/// The paths of the lines that nobody can tell.
fn unknown_lines(project: &Project, outlook: &Outlook) -> HashSet<String> {
    let is_unknown = |flow: &Flow| {
        let mut sums = flow.asked.sums().iter();
        flow.occurrences.is_unknown() || sums.any(|(_, sum)| sum.is_unknown())
    };
    let mut unknown = HashSet::default();
    for (name, feature) in &project.model.features {
        let flows = outlook.forecast.flows.get(name).into_iter().flatten();
        let lines = feature.lines.iter().zip(flows);
        let lines = lines.filter(|(_, flow)| is_unknown(flow));
        unknown.extend(lines.map(|(line, _)| line.path(name)));
    }
    unknown
}
