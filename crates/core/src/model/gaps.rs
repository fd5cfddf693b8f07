//! What of a project could not be read, by the meters that it reaches.
//!
//! A value that may be unknown is, where it cannot be read (`Declared::unknown`), and marks what it
//! reaches by itself. Everything else that is wrong with a file is looked up here by what it is
//! about: the demand of a meter is then at least what is known of it, and a limit is unknown. What
//! cannot be told apart counts for more meters rather than for fewer.

mod keys;

use crate::collections::{HashMap, HashSet};
use crate::document::projection::Projection;
use crate::document::tables::{Feature, LineKind, Root};
use crate::document::{Table, TomlPath, UNKNOWN};
use crate::finding::{Finding, file_errors};
use crate::meter::{Family, MeterKind};
use crate::model::lines::{Line, Timing};
use crate::model::merge::Declarations;
use crate::model::names::Endpoints;
use crate::model::scenarios::JUDGING;
use crate::model::things::Model;

/// Keys that no meter reads.
const BESIDE_METERS: [&str; 28] = [
    "allow",
    "assumed",
    "balance",
    "cacheable",
    "currency",
    "decision",
    "engine",
    "eviction",
    "expires",
    "id",
    "launch",
    "lead_time",
    "max_message",
    "measured",
    "name",
    "owner",
    "price_as_of",
    "reason",
    "refresh",
    "relation",
    "require",
    "reversible",
    "scale_on",
    "spec",
    "specs",
    "status_url",
    "tenant_quota",
    "tenants_counted",
];

pub(crate) fn is_beside_meters(key: &str) -> bool {
    BESIDE_METERS.contains(&key)
}

/// Keys of a table that only its bytes depend on.
fn is_of_bytes(key: &str) -> bool {
    matches!(
        key,
        "row_size" | "retention" | "partition" | "expire" | "compress" | "existing"
    )
}

/// What is not known of a meter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Gap {
    /// Whether it may ask for more.
    pub(crate) demand: bool,
    pub(crate) limit: LimitGap,
}

/// Where a limit is unknown. Ordered by how much is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LimitGap {
    #[default]
    Nowhere,
    /// Where none could be read: there may be one.
    WhereAbsent,
    InScenarios,
    Everywhere,
}

const DEMAND: Gap = Gap {
    demand: true,
    limit: LimitGap::Nowhere,
};
const LIMIT: Gap = Gap {
    demand: false,
    limit: LimitGap::Everywhere,
};

/// The meters of which something could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gaps {
    /// Whether nothing can be told of which meters are reached.
    everything: bool,
    /// Families of which all things may ask for more.
    families: [bool; Family::COUNT],
    meters: HashMap<(Family, MeterKind), HashMap<String, Gap>>,
}

impl Gaps {
    /// The gaps that errors and lost text leave in a model.
    pub(crate) fn new<'e>(
        errors: impl Iterator<Item = (&'static str, &'e str)>,
        declarations: &Declarations,
        model: &Model,
    ) -> Self {
        let mut search = Search {
            root: &declarations.root,
            model,
            gaps: Self::default(),
            features: HashSet::default(),
            lines: HashMap::default(),
            written: Vec::new(),
        };
        let mut errors = errors.peekable();
        if errors.peek().is_none() && declarations.lost.is_empty() {
            return search.gaps;
        }
        for (rule, subject) in errors {
            let keys = TomlPath::parse(subject).unwrap_or_default().0;
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            search.error(rule, &keys);
        }
        let endpoints = Endpoints::new(&declarations.root.apis);
        for lost in declarations.lost.values() {
            let words: Vec<&str> = lost.words().collect();
            search.lost(lost.is_everything(), &words, &endpoints);
        }
        search.lines();
        search.rollups();
        search.gaps
    }

    pub(crate) fn of(&self, owner: Family, name: &str, kind: MeterKind) -> Gap {
        let known = self.meters.get(&(owner, kind));
        let gap = known.and_then(|names| names.get(name)).copied();
        let gap = gap.unwrap_or_default();
        Gap {
            demand: gap.demand || self.everything || self.families[owner as usize],
            ..gap
        }
    }

    /// Whether nothing can be told of which meters are reached.
    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether anything of a meter could not be read.
    pub(crate) fn reach(&self, owner: Family, name: &str, kind: MeterKind) -> bool {
        self.of(owner, name, kind) != Gap::default()
    }

    /// The things whose spend may be more than what is known of it.
    pub(crate) fn unread_spend(&self) -> impl Iterator<Item = (Family, &str)> {
        let meters = self.meters.iter();
        let spends = meters.filter(|((_, kind), _)| *kind == MeterKind::Spend);
        spends.flat_map(|((owner, _), names)| {
            let unread = names.iter().filter(|(_, gap)| gap.demand);
            unread.map(|(name, _)| (*owner, name.as_str()))
        })
    }

    fn mark(&mut self, owner: Family, name: &str, kinds: &[MeterKind], gap: Gap) {
        for kind in kinds {
            let names = self.meters.entry((owner, *kind)).or_default();
            let known = names.entry(name.to_owned()).or_default();
            known.demand |= gap.demand;
            known.limit = known.limit.max(gap.limit);
        }
    }
}

/// The subjects of errors, with their rules.
pub(crate) fn errors(findings: &[Finding]) -> impl Iterator<Item = (&'static str, &str)> {
    let findings = findings.iter();
    findings.map(|finding| (finding.rule, finding.subject.as_str()))
}

/// The scenarios of which something could not be read that meters depend on.
pub(crate) fn unread_scenarios(declarations: &Declarations) -> HashSet<String> {
    let errors = declarations.errors.iter();
    let of_scenarios = errors.filter(|(_, subject)| subject.starts_with("scenarios."));
    let names = of_scenarios.filter_map(|(_, subject)| {
        let mut keys = TomlPath::parse(subject).ok()?.0.into_iter().skip(1);
        let name = keys.next()?;
        (keys.next().as_deref() != Some("require")).then_some(name)
    });
    names.collect()
}

struct Search<'a> {
    root: &'a Root,
    model: &'a Model,
    gaps: Gaps,
    /// Features of which all that they use is unknown.
    features: HashSet<&'a str>,
    /// The lines of which something is unknown, by feature.
    lines: HashMap<&'a str, HashSet<(LineKind, &'a str)>>,
    /// Tables to which more rows may come.
    written: Vec<String>,
}

impl<'a> Search<'a> {
    fn error(&mut self, rule: &str, keys: &[&str]) {
        // What stands for nothing, or for two things, was read.
        let is_unknown =
            rule != file_errors::UNKNOWN_REFERENCE && rule != file_errors::DUPLICATE_NAME;
        match keys {
            [table, ..] if JUDGING.contains(table) => {}
            ["project", key, ..] if is_beside_meters(key) => {}
            ["tenants", tier, rest @ ..] if is_unknown && self.root.tenants.get(tier).is_some() => {
                let quantile = |key: &str| matches!(key, "p10" | "p50" | "p90");
                let day = |key: &&str| Projection::day(key).is_some() || quantile(key);
                self.gaps.everything |= !rest.iter().all(day);
            }
            ["entities", entity, "per_tenant" | "count", ..]
                if is_unknown && self.root.entities.get(entity).is_some() => {}
            ["features", name, rest @ ..] => self.feature(rule, name, rest),
            [table, name, rest @ ..] => match Family::of_key(table) {
                Some(family) => self.thing(rule, family, name, rest),
                None => self.gaps.everything = true,
            },
            _ => self.gaps.everything = true,
        }
    }

    fn feature(&mut self, rule: &str, name: &str, rest: &[&str]) {
        let Some((name, entry)) = self.root.features.named(name) else {
            self.gaps.everything = true;
            return;
        };
        match rest {
            [] if rule != file_errors::SYNTAX => self.gaps.everything = true,
            [list, line, keys @ ..] if let Some(kind) = LineKind::of_list(list) => {
                let beside = keys.first().is_some_and(|key| is_beside_meters(key));
                let id = entry.body.value.id_of(kind, line);
                // Before lines have ids they are known by their index, and what could not be read
                // of one is unknown in the model.
                if rule == file_errors::SYNTAX {
                    self.features.insert(name);
                } else if let Some(id) = id.filter(|_| !beside) {
                    self.lines.entry(name).or_default().insert((kind, id));
                }
            }
            [key, ..] if is_beside_meters(key) => {}
            _ => drop(self.features.insert(name)),
        }
    }

    /// What the lines use of which something is unknown.
    fn lines(&mut self) {
        let root = self.root;
        for (name, feature) in root.features.iter() {
            let modelled = self.model.features.get(name);
            let lines = modelled.map_or(&[][..], |feature| &feature.lines);
            if self.features.contains(name) {
                // Where none of them could be read, they may use anything.
                self.gaps.everything |= lines.is_empty();
                for line in lines {
                    self.demand_of(line.kind.family(), &line.uses.thing);
                }
            }
            if feature.lines().count() > lines.len() {
                self.missing_lines(feature, lines);
            }
            for kind in feature.broken_lists() {
                self.all_of(kind.family());
            }
            let mut unknown = self.lines.remove(name).unwrap_or_default();
            for (id, line) in feature.lines() {
                let broken = line.keys().broken;
                if broken.contains(&"peak")
                    || broken.contains(&"peak_day")
                    || broken.contains(&UNKNOWN)
                {
                    unknown.insert((line.kind(), id));
                }
            }
            self.lines_and_followers(lines, &unknown);
        }
    }

    fn lines_and_followers(&mut self, lines: &[Line], unknown: &HashSet<(LineKind, &str)>) {
        let mut reached = Vec::with_capacity(lines.len());
        for line in lines {
            let follows = match line.timing {
                Timing::After { parent, .. } => reached.get(parent) == Some(&true),
                Timing::Rate { .. } => false,
            };
            let is_reached = follows || unknown.contains(&(line.kind, &*line.id));
            if is_reached {
                self.demand_of(line.kind.family(), &line.uses.thing);
            }
            reached.push(is_reached);
        }
    }

    /// The lines that are not in the model: they use what they say, or may use all of its kind.
    fn missing_lines(&mut self, feature: &Feature, lines: &[Line]) {
        let lines = lines.iter().map(|line| (line.kind, &*line.id));
        let modelled: HashSet<(LineKind, &str)> = lines.collect();
        for (id, line) in feature.lines() {
            if modelled.contains(&(line.kind(), id)) {
                continue;
            }
            let family = line.kind().family();
            let uses = line.keys().uses.map_or("", |(uses, _)| uses);
            let thing = match (family, uses.split_once(':')) {
                (Family::Api, Some((api, _))) => api,
                _ => uses,
            };
            match self.is_there(family, thing) {
                true => self.demand_of(family, thing),
                false => self.all_of(family),
            }
        }
    }

    fn thing(&mut self, rule: &str, family: Family, name: &str, rest: &[&str]) {
        if let Some(marks) = keys::marks(family, rest) {
            for (kinds, gap) in marks {
                self.gaps.mark(family, name, kinds, *gap);
            }
            // How much a partition keeps is declared, and not how many there are.
            let queue = self
                .root
                .queues
                .get(name)
                .filter(|_| family == Family::Queue);
            if rest.first() == Some(&"partitions")
                && queue.is_some_and(|queue| queue.retention_bytes.is_some())
            {
                self.gaps.mark(family, name, keys::KEPT, DEMAND);
            }
            return;
        }
        match (family, rest) {
            (_, [key, ..]) if is_beside_meters(key) => {}
            (Family::Table, ["indexes", ..]) => self.in_database(name, &[MeterKind::Writes]),
            (Family::Table, [key, ..]) if is_of_bytes(key) => {
                self.gaps.mark(family, name, &[MeterKind::Storage], DEMAND);
                self.in_database(name, &[MeterKind::Storage, MeterKind::Spend]);
            }
            (_, [_, ..]) => self.unread(family, name, LimitGap::WhereAbsent),
            (_, []) if rule == file_errors::SYNTAX => {
                self.unread(family, name, LimitGap::WhereAbsent);
            }
            (_, []) => self.unread(family, name, LimitGap::Everywhere),
        }
    }

    /// What stands in the broken parts of a file may be anything of what is named there.
    fn lost(&mut self, everything: bool, words: &[&str], endpoints: &Endpoints) {
        let of_all = |word: &&str| {
            let root = self.root;
            matches!(*word, "tenants" | "entities" | "project")
                || root.tenants.get(word).is_some()
                || root.entities.get(word).is_some()
        };
        if everything || words.iter().any(of_all) {
            self.gaps.everything = true;
            return;
        }
        let mut named = HashSet::default();
        for word in words {
            for family in Family::ALL {
                if self.is_there(family, word) {
                    self.unread(family, word, LimitGap::WhereAbsent);
                    named.insert(family.as_str());
                }
            }
            let path = word.split_once(':').map_or(*word, |(_, path)| path);
            for api in endpoints.owners(path) {
                self.demand_of(Family::Api, api);
                named.insert("features");
            }
            if let Some((name, _)) = self.root.features.named(word) {
                self.features.insert(name);
                named.insert("features");
            }
        }
        let tables = words.iter().filter(|word| Root::NAMES.contains(word));
        let mut tables = tables.filter(|word| !JUDGING.contains(word));
        self.gaps.everything |= tables.any(|table| !named.contains(table));
    }

    fn is_there(&self, family: Family, name: &str) -> bool {
        self.model.numbers[family].id(name).is_some()
    }

    fn all_of(&mut self, family: Family) {
        self.gaps.families[family as usize] = true;
        if family == Family::Table {
            self.all_of(Family::Database);
        }
    }

    /// The rollups of tables to which more rows may come.
    fn rollups(&mut self) {
        let mut by_source: HashMap<&str, Vec<&str>> = HashMap::default();
        for (name, table) in self
            .model
            .tables
            .iter()
            .filter(|_| !self.written.is_empty())
        {
            if let Some((source, _)) = &table.from {
                by_source.entry(source).or_default().push(name);
            }
        }
        while let Some(source) = self.written.pop() {
            for rollup in by_source.remove(source.as_str()).unwrap_or_default() {
                self.demand_of(Family::Table, rollup);
            }
        }
    }

    fn demand_of(&mut self, family: Family, name: &str) {
        if family == Family::Table {
            self.written.push(name.to_owned());
        }
        self.unread(family, name, LimitGap::Nowhere);
    }

    /// What a thing asks for, and maybe its limits.
    fn unread(&mut self, family: Family, name: &str, limit: LimitGap) {
        let gap = Gap { limit, ..DEMAND };
        self.gaps.mark(family, name, &MeterKind::ALL, gap);
        if family == Family::Table {
            use MeterKind::{Reads, Spend, Storage, Writes};
            self.in_database(name, &[Storage, Writes, Reads, Spend]);
        }
    }

    /// The database of a table; all where that is not known.
    fn in_database(&mut self, table: &str, kinds: &[MeterKind]) {
        let table = self.model.tables.get(table);
        match table.and_then(|table| table.database.as_deref()) {
            Some(database) => self.gaps.mark(Family::Database, database, kinds, DEMAND),
            None => self.all_of(Family::Database),
        }
    }
}
