//! What has come in the place of what only a saved report knows: by its lines, as far as they tell.

use std::collections::{BTreeMap, BTreeSet};

use super::renamed::most_common;
use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::LineKind;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::meter::Family;
use crate::report::{self, Meter};

/// The family and the name of a thing.
type Thing = (Family, String);

/// A limited meter of a saved report in the place of whose thing something new has come that has no
/// such limit.
pub(crate) struct Moved<'a> {
    pub(crate) old: &'a Meter,
    /// What has come.
    pub(crate) heir: TomlPath,
    /// The meters of the kind of all that has come in its place without a limit, and of what is left.
    pub(crate) now: Vec<&'a Fitted>,
}

/// The limits of a saved report that something else may have taken over.
#[derive(Default)]
pub(crate) struct Since<'a> {
    pub(crate) moved: Vec<Moved<'a>>,
    /// What is gone with its limits while something has come of which nothing tells what it was.
    pub(crate) untold: Option<TomlPath>,
}

impl<'a> Since<'a> {
    pub(crate) fn new(
        before: &'a report::Project,
        (head, outlook): (&Project, &'a Outlook),
    ) -> Self {
        let mut all = Self::default();
        let root = &head.declarations.root;
        let (heirs, unknown) = heirs(before, head);
        for old in before.meters.iter().filter(|it| it.limit.is_some()) {
            let Some(thing) = thing_of(&old.id) else {
                continue;
            };
            let path = |name: &str| TomlPath::new(&[thing.0.as_str(), name]);
            let of = |name: &str| {
                let own = outlook.today.iter().filter(|it| {
                    it.id.owner == thing.0 && it.id.name == name && it.id.kind.as_str() == old.kind
                });
                own.collect::<Vec<_>>()
            };
            let stays = name_span(root, thing.0.as_str(), &thing.1).is_some();
            match heirs.get(&thing) {
                Some(names) => {
                    let is_open =
                        |name: &&String| of(name).iter().all(|it| it.meter.limit.is_none());
                    let open: Vec<&String> = names.iter().filter(is_open).collect();
                    let left = of(&thing.1).into_iter().filter(|_| stays);
                    let now = open.iter().flat_map(|name| of(name)).chain(left);
                    let now: Vec<&Fitted> = now.collect();
                    all.moved.extend(open.iter().map(|name| Moved {
                        old,
                        heir: path(name),
                        now: now.clone(),
                    }));
                }
                None if !stays && unknown.contains(&thing.0) => {
                    all.untold.get_or_insert_with(|| path(&thing.1));
                }
                None => {}
            }
        }
        all
    }
}

/// The thing that a meter is of.
fn thing_of(meter: &str) -> Option<Thing> {
    let mut keys = TomlPath::parse(meter).ok()?.0.into_iter();
    Some((Family::of_key(&keys.next()?)?, keys.next()?))
}

/// What a line uses: the thing, and the endpoint.
fn used<'l>(list: &str, target: &'l str) -> Option<(Family, &'l str, Option<&'l str>)> {
    let family = LineKind::of_list(list)?.family();
    Some(
        match target.split_once(':').filter(|_| family == Family::Api) {
            Some((name, path)) => (family, name, Some(path)),
            None => (family, target, None),
        },
    )
}

/// By thing of a saved report, what is new and has come in its place: what its lines use now, or what
/// has most endpoints, lines and features in common, or the only one that comes where only it goes.
/// And the families of which something has come that may be anything.
fn heirs(
    before: &report::Project,
    head: &Project,
) -> (HashMap<Thing, BTreeSet<String>>, BTreeSet<Family>) {
    let meters = before.meters.iter().filter_map(|it| thing_of(&it.id));
    let lines = before.lines.iter();
    let lines = lines.filter_map(|line| {
        let (family, name, path) = used(&line.list, &line.target)?;
        Some((line, (family, name.to_owned()), path))
    });
    let lines: Vec<_> = lines.collect();
    let known: BTreeSet<Thing> = meters
        .chain(lines.iter().map(|(_, thing, _)| thing.clone()))
        .collect();
    let mut now: HashMap<String, Thing> = HashMap::default();
    let mut users: BTreeMap<Thing, Vec<String>> = BTreeMap::new();
    for (name, feature) in &head.model.features {
        for line in &feature.lines {
            let list = line.kind.list();
            let thing = (line.kind.family(), line.uses.thing.name.to_string());
            let path = TomlPath::new(&["features", name, list, &line.id]).to_string();
            if !known.contains(&thing) {
                let users = users.entry(thing.clone()).or_default();
                users.extend([
                    format!("feature {name} {list}"),
                    format!("line {list} {}", line.id),
                ]);
                users.extend(line.called().map(|(_, path)| format!("endpoint {path}")));
            }
            now.insert(path, thing);
        }
    }
    let mut by_user: HashMap<String, Vec<&str>> = HashMap::default();
    for (line, thing, path) in &lines {
        if now.get(&*line.path) == Some(thing) {
            continue;
        }
        let id = line.path.rsplit('.').next().unwrap_or_default();
        let own = [
            format!("feature {} {}", line.feature, line.list),
            format!("line {} {id}", line.list),
        ];
        let endpoint = path.map(|path| format!("endpoint {path}"));
        for user in own.into_iter().chain(endpoint) {
            by_user.entry(user).or_default().push(&thing.1);
        }
    }
    let mut heirs: HashMap<Thing, BTreeSet<String>> = HashMap::default();
    let mut add = |(family, new): &Thing, old: &str| {
        let heirs = heirs.entry((*family, old.to_owned())).or_default();
        heirs.insert(new.clone());
    };
    for (line, was, _) in &lines {
        let thing = now.get(&*line.path).filter(|thing| !known.contains(*thing));
        if let Some(thing) = thing {
            add(thing, &was.1);
            users.remove(thing);
        }
    }
    for (thing, users) in &users {
        let of_user = users.iter().filter_map(|user| by_user.get(user));
        if let Some(old) = most_common(of_user) {
            add(thing, old);
        }
    }
    let unknown = last(&mut heirs, &known, head);
    (heirs, unknown)
}

/// Lets the only thing that comes stand for the only one that goes; the families of which more come.
fn last(
    heirs: &mut HashMap<Thing, BTreeSet<String>>,
    known: &BTreeSet<Thing>,
    head: &Project,
) -> BTreeSet<Family> {
    let root = &head.declarations.root;
    let mut unknown = BTreeSet::new();
    for family in [
        Family::Api,
        Family::Database,
        Family::Model,
        Family::Queue,
        Family::Table,
    ] {
        let is_told = |thing: &Thing| heirs.values().any(|it| it.contains(&thing.1));
        let come = names_in(head, family).filter(|it| !known.contains(it) && !is_told(it));
        let come: Vec<Thing> = come.collect();
        let is_gone = |it: &&Thing| {
            it.0 == family
                && name_span(root, family.as_str(), &it.1).is_none()
                && !heirs.contains_key(*it)
        };
        let gone: Vec<&Thing> = known.iter().filter(is_gone).collect();
        match (&come[..], &gone[..]) {
            ([], _) | (_, []) => {}
            ([new], [old]) => {
                heirs.insert((*old).clone(), BTreeSet::from([new.1.clone()]));
            }
            _ => {
                unknown.insert(family);
            }
        }
    }
    unknown
}

fn names_in(project: &Project, family: Family) -> impl Iterator<Item = Thing> {
    super::renamed::names(&project.model, family)
        .into_iter()
        .map(move |name| (family, name.to_owned()))
}
