//! What leaves a project otherwise than by being removed from it: its root, or declarations that
//! another project now has. Whatever leaves is judged by other limits, or by none.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::analysis::{Outlook, Project};
use crate::changes::given::{given, thing_of};
use crate::changes::renamed::{Lines, lines_of};
use crate::collections::{HashMap, HashSet};
use crate::document::tables::Root;
use crate::document::{Map, Table, TomlPath};
use crate::exceptions::name_span;
use crate::meter::Family;
use crate::model::projects::folder;
use crate::report;
use crate::source::{FileId, Listing, SourceMap, Span};
use crate::words::text::quotable;

/// One way in which something leaves a project.
#[derive(Clone, Debug)]
pub(crate) enum Departure {
    /// The whole project is gone.
    Project,
    /// It has no `[project]` any more.
    Table,
    /// The file in its folder is gone.
    RootFile,
    /// Declarations that are elsewhere now.
    Declarations(Elsewhere),
}

/// Declarations of a project that are elsewhere now.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    /// The project that has them, in words; nothing where none has.
    pub(crate) to: Option<String>,
    pub(crate) paths: Vec<TomlPath>,
    /// Where the first of them, or the file that it is in, stands now.
    pub(crate) at: Option<Span>,
}

/// What leaves each project of the base. `head_of` says which project of the head each is, and
/// `outside` which files of the head belong to none.
pub(crate) fn departures<'a>(
    base: &'a [Project],
    head: &'a [Project],
    head_of: &[Option<usize>],
    outside: &'a HashSet<&'a str>,
    (listing, sources): (&'a Listing, &'a SourceMap),
) -> Vec<Vec<Departure>> {
    let mut base_of: Vec<Option<&Project>> = vec![None; head.len()];
    for (before, after) in base.iter().zip(head_of) {
        if let Some(slot) = after.and_then(|after| base_of.get_mut(after)) {
            *slot = Some(before);
        }
    }
    let places = Places {
        head,
        base_of,
        outside,
        listing,
        unread: by_folder(listing, sources),
        sources,
        holders: OnceCell::new(),
    };
    let mut departures = Vec::with_capacity(base.len());
    for (before, after) in base.iter().zip(head_of) {
        departures.push(match *after {
            None => vec![Departure::Project],
            Some(after) => {
                let root = places.root(before, &head[after]).into_iter();
                let elsewhere = places.elsewhere(before, after);
                root.chain(elsewhere.map(Departure::Declarations)).collect()
            }
        });
    }
    departures
}

fn by_folder<'a>(listing: &Listing, sources: &'a SourceMap) -> HashMap<&'a str, Vec<FileId>> {
    let mut unread: HashMap<&str, Vec<FileId>> = HashMap::default();
    for id in listing.unread() {
        let path = &*sources.file(id).path;
        unread.entry(folder(path)).or_default().push(id);
    }
    unread
}

struct Places<'a> {
    head: &'a [Project],
    base_of: Vec<Option<&'a Project>>,
    outside: &'a HashSet<&'a str>,
    listing: &'a Listing,
    /// Files that nothing reads, by folder.
    unread: HashMap<&'a str, Vec<FileId>>,
    sources: &'a SourceMap,
    holders: OnceCell<Holders<'a>>,
}

/// The projects of the head that hold something that they did not hold before.
#[derive(Default)]
struct Holders<'a> {
    names: HashMap<(&'static str, &'a str), (usize, Span)>,
    lines: HashMap<Lines<'a>, (usize, Span)>,
    files: HashMap<&'a str, (usize, Span)>,
}

impl<'a> Places<'a> {
    /// Whether a project lost what makes it one.
    fn root(&self, before: &Project, after: &Project) -> Option<Departure> {
        let [old, new] = [before, after].map(|project| &project.declarations);
        let declared = |root: &Root| root.project.is_some() || root.is_broken("project");
        // What could not be read may have it.
        if declared(&old.root) && !declared(&new.root) && new.incomplete.is_empty() {
            return Some(Departure::Table);
        }
        let has_file = |project: &Project| {
            let declarations = &project.declarations;
            let first = declarations.files.first();
            first.is_some_and(|file| folder(&self.sources.file(*file).path) == declarations.folder)
        };
        (has_file(before) && !has_file(after)).then_some(Departure::RootFile)
    }

    /// What a project no longer has and another newly has, by the other.
    fn elsewhere(
        &self,
        before: &'a Project,
        after: usize,
    ) -> impl Iterator<Item = Elsewhere> + use<> {
        let own = &self.head[after];
        let moved = before.declarations.folder != own.declarations.folder;
        let mut found: BTreeMap<(Option<usize>, Option<String>), Elsewhere> = BTreeMap::new();
        let mut unread: HashMap<FileId, Option<String>> = HashMap::default();
        let left = self.left_behind(before, own);
        for (list, name, span) in things(&before.declarations.root) {
            if name_span(&own.declarations.root, list, name).is_some() {
                let place = self.taken_over((list, name), after);
                if let Some((project, at)) = place.filter(|_| left.contains(&(list, name))) {
                    let elsewhere = found.entry((Some(project), None));
                    let elsewhere = elsewhere.or_insert_with(|| Elsewhere {
                        to: Some(self.called(project, before)),
                        paths: Vec::new(),
                        at: Some(at),
                    });
                    elsewhere.paths.push(TomlPath::new(&[list, name]));
                }
                continue;
            }
            let file = &*self.sources.file(span.file).path;
            let mut unread = || {
                let place = unread.entry(span.file);
                place.or_insert_with(|| self.unread(span.file)).clone()
            };
            let (place, at) = match self.holder(before, after, (list, name), file) {
                Some((project, at)) => ((Some(project), None), Some(at)),
                None if moved && self.outside.contains(file) => ((None, None), None),
                None => match unread() {
                    Some(unread) => ((None, Some(unread)), None),
                    None => continue,
                },
            };
            let (project, unread) = place.clone();
            let elsewhere = found.entry(place).or_insert_with(|| Elsewhere {
                to: project.map(|to| self.called(to, before)).or(unread),
                paths: Vec::new(),
                at,
            });
            elsewhere.paths.push(TomlPath::new(&[list, name]));
        }
        found.into_values()
    }

    /// What stays in a project and asks for less: features, and what they use.
    fn left_behind(&self, before: &'a Project, own: &Project) -> HashSet<(&'static str, &'a str)> {
        let mut left = HashSet::default();
        if self.head.len() < 2 {
            return left;
        }
        for (feature, line) in given(before, own) {
            left.insert(("features", feature));
            let family = line.kind.family();
            for family in [family, Family::Database] {
                let thing = thing_of(&before.model, family, line);
                left.extend(thing.map(|thing| (family.as_str(), thing)));
            }
        }
        left
    }

    /// The project that has a thing of the same name now: a feature, or anything where it is new.
    fn taken_over(&self, thing: (&'static str, &str), after: usize) -> Option<(usize, Span)> {
        let holders = self.holders.get_or_init(|| self.holders());
        let place = holders.names.get(&thing).copied();
        place.filter(|(project, _)| {
            let is_new = self.base_of.get(*project).is_some_and(Option::is_none);
            *project != after && (is_new || thing.0 == "features")
        })
    }

    /// What nothing reads and has the content of a file of the base, in words: another file of its
    /// folder, or what has taken the place of the folder.
    fn unread(&self, file: FileId) -> Option<String> {
        let before = self.sources.file(file);
        let path = &*before.path;
        if self.listing.contains(path) {
            return None;
        }
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(taken) = folders.into_iter().find(|it| self.listing.contains(it)) {
            let taken = quotable(taken);
            return Some(format!(
                "`{taken}`, a submodule or a link, which is not read"
            ));
        }
        fn lines(text: &str) -> HashSet<&str> {
            let lines = text.lines().map(str::trim);
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.collect()
        }
        let known = lines(&before.text);
        let unread = self.unread.get(folder(path))?.iter();
        let mut unread = unread.map(|id| self.sources.file(*id));
        let same = unread.find(|other| {
            let shared = lines(&other.text).intersection(&known).count();
            shared > 0 && shared * 2 >= known.len()
        })?;
        Some(format!("`{}`, which nothing reads", quotable(&same.path)))
    }

    /// A project of the head in words: of two with one name its folder tells which.
    fn called(&self, project: usize, before: &Project) -> String {
        let declarations = &self.head[project].declarations;
        match (&*declarations.name, &*declarations.folder) {
            (name, "") => format!("project `{name}`"),
            (name, folder) if name == before.declarations.name => {
                format!("project `{name}` in `{folder}`")
            }
            (name, _) => format!("project `{name}`"),
        }
    }

    /// The other project that has a declaration now: by its name, by the lines of a feature, or by
    /// the file that it was in.
    fn holder(
        &self,
        before: &'a Project,
        after: usize,
        (list, name): (&'static str, &str),
        file: &str,
    ) -> Option<(usize, Span)> {
        let holders = self.holders.get_or_init(|| self.holders());
        let feature = before.model.features.get(name);
        let lines = feature
            .filter(|_| list == "features")
            .and_then(|feature| lines_of(feature));
        let known = [
            holders.names.get(&(list, name)),
            lines.and_then(|lines| holders.lines.get(&lines)),
            holders.files.get(file),
        ];
        let other = |place: &&(usize, Span)| place.0 != after;
        known.into_iter().flatten().find(other).copied()
    }

    fn holders(&self) -> Holders<'a> {
        let mut holders = Holders::default();
        for (index, project) in self.head.iter().enumerate() {
            let before = self.base_of[index];
            for (list, name, span) in things(&project.declarations.root) {
                let had = |before: &Project| {
                    let root = &before.declarations.root;
                    name_span(root, list, name).is_some()
                };
                if before.is_some_and(had) {
                    continue;
                }
                holders.names.insert((list, name), (index, span));
                let feature = project.model.features.get(name);
                let lines = feature
                    .filter(|_| list == "features")
                    .and_then(|feature| lines_of(feature));
                holders
                    .lines
                    .extend(lines.map(|lines| (lines, (index, span))));
            }
            for file in &project.declarations.files {
                let span = Span {
                    file: *file,
                    start: 0,
                    end: 0,
                };
                let path = &*self.sources.file(*file).path;
                holders.files.insert(path, (index, span));
            }
        }
        holders
    }
}

/// Whatever makes demand or is a limit, with where its name stands.
fn things(root: &Root) -> impl Iterator<Item = (&'static str, &str, Span)> {
    fn of<'r, T>(
        list: &'static str,
        map: &'r Map<T>,
    ) -> impl Iterator<Item = (&'static str, &'r str, Span)> {
        let entries = map.entries();
        entries.map(move |(name, entry)| (list, name, entry.name))
    }
    of("features", &root.features)
        .chain(of("apis", &root.apis))
        .chain(of("databases", &root.databases))
        .chain(of("tables", &root.tables))
        .chain(of("queues", &root.queues))
        .chain(of("models", &root.models))
}

/// What a departure takes along.
pub struct Departed<'a> {
    /// The project's name.
    pub(crate) name: &'a str,
    pub(crate) how: &'a Departure,
    pub(crate) lost: Vec<Lost<'a>>,
    /// Whether its `[policy]` is gone.
    pub(crate) policy: bool,
    /// How many severities of rules and how many waivers are gone.
    pub(crate) rules: usize,
    pub(crate) waivers: usize,
    pub(crate) currency: &'a str,
    pub(crate) at: Option<Span>,
}

/// A meter of the project that loses demand or its limit.
pub(crate) struct Lost<'a> {
    pub(crate) meter: &'a str,
    pub(crate) unit: &'a str,
    /// The demand that is gone.
    pub(crate) amount: f64,
    /// Whether its limit no longer judges that demand.
    pub(crate) limited: bool,
}

impl<'a> Departed<'a> {
    /// What a project of a saved report takes along when it is gone.
    pub(crate) fn of_report(project: &'a report::Project) -> Self {
        Self {
            name: &project.name,
            how: &Departure::Project,
            lost: project.meters.iter().map(Lost::wholly).collect(),
            policy: false,
            rules: 0,
            waivers: 0,
            currency: &project.currency,
            at: None,
        }
    }

    /// What a departure takes from a project of the base. `after` is that project in the head.
    pub(crate) fn new(
        (base, outlook): (&'a Project, &'a Outlook),
        after: Option<&Project>,
        changes: &[report::Change],
        how: &'a Departure,
    ) -> Self {
        let meters = outlook.today.iter().map(|fitted| &fitted.meter);
        let root = &base.declarations.root;
        let has_root = |after: &Project| {
            let root = &after.declarations.root;
            (root.policy.is_some(), root.rules.len(), waivers(root))
        };
        let (policy, rules, left_waivers) = match how {
            Departure::Declarations(_) => (true, root.rules.len(), waivers(root)),
            _ => after.map_or((false, 0, 0), has_root),
        };
        let named = root.project.as_ref().map(|project| project.span);
        Self {
            name: &base.declarations.name,
            how,
            lost: match how {
                Departure::Project => meters.map(Lost::wholly).collect(),
                _ => lost(meters, changes, how),
            },
            policy: root.policy.is_some() && !policy,
            rules: root.rules.len().saturating_sub(rules),
            waivers: waivers(root).saturating_sub(left_waivers),
            currency: base.currency(),
            at: match how {
                Departure::Declarations(elsewhere) => elsewhere.at,
                _ => named.or_else(|| first_of(base)),
            },
        }
    }
}

impl<'a> Lost<'a> {
    /// A meter that is gone.
    fn wholly(meter: &'a report::Meter) -> Self {
        Self {
            meter: &meter.id,
            unit: &meter.unit,
            amount: meter.demand.point.unwrap_or(f64::INFINITY),
            limited: meter.limit.is_some(),
        }
    }
}

/// The meters of a project that stays, with what they lose.
fn lost<'a>(
    meters: impl Iterator<Item = &'a report::Meter>,
    changes: &[report::Change],
    how: &Departure,
) -> Vec<Lost<'a>> {
    let change_of = |id: &str| {
        let index = changes.binary_search_by(|change| change.meter.as_str().cmp(id));
        changes.get(index.ok()?)
    };
    let of = |meter: &'a report::Meter| {
        let change = change_of(&meter.id)?;
        let (amount, limited) = match how {
            Departure::Declarations(elsewhere) => {
                let amount = moved(change, &elsewhere.paths);
                (amount, amount > 0.0 && meter.limit.is_some())
            }
            _ => (
                change.delta.map_or(0.0, |delta| -delta),
                change.limit.before.is_some() && change.limit.after.is_none(),
            ),
        };
        Some(Lost {
            meter: &meter.id,
            unit: &meter.unit,
            amount,
            limited,
        })
    };
    meters.filter_map(of).collect()
}

/// How much of a meter's demand went with these declarations.
fn moved(change: &report::Change, paths: &[TomlPath]) -> f64 {
    let within = |path: &str| {
        let parsed = TomlPath::parse(path);
        parsed.is_ok_and(|path| paths.iter().any(|thing| path.0.starts_with(&thing.0)))
    };
    let causes = change.attribution.iter();
    let causes = causes.filter(|cause| within(&cause.path));
    -causes.map(|cause| cause.delta).sum::<f64>()
}

fn waivers(root: &Root) -> usize {
    root.waivers
        .as_ref()
        .map_or(0, |waivers| waivers.value.0.len())
}

fn first_of(project: &Project) -> Option<Span> {
    let file = *project.declarations.files.first()?;
    Some(Span {
        file,
        start: 0,
        end: 0,
    })
}
