//! What things of the head were in the base: they keep what was said of them there.

use crate::analysis::Project;
use crate::changes::given::asked_each;
use crate::changes::pairing::{Known, Pairing, TELLING, pair};
use crate::changes::renamed;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::LineKind;
use crate::meter::Family;
use crate::model::{Feature, Line};

/// By table and name, or the path of a line, what it was called.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    things: HashMap<(&'static str, String), String>,
    lines: HashMap<Vec<String>, String>,
    /// Of those that may have been any of several: all of them.
    many: HashMap<(&'static str, String), Vec<String>>,
    many_lines: HashMap<Vec<String>, Vec<String>>,
    /// By the path of a line that is called otherwise, what it is called now.
    now: HashMap<TomlPath, TomlPath>,
}

impl Origins {
    pub(crate) fn new(base: &Project, head: &Project) -> Self {
        let things = renamed::successors(base, head).into_iter();
        let things = things.map(|((family, new), old)| ((family.as_str(), new), old));
        let features = renamed::heirs(base, head).into_iter();
        let features = features.map(|(new, old)| (("features", new), old));
        let things = things.chain(features);
        let mut origins = Self {
            things: things
                .map(|((table, new), old)| ((table, new.to_owned()), old.to_owned()))
                .collect(),
            ..Self::default()
        };
        let pairings = renamed::pairings(base, head).into_iter();
        let pairings = pairings.map(|(family, pairing)| (family.as_str(), pairing));
        for (table, pairing) in pairings.chain([("features", renamed::features(base, head))]) {
            let many = pairing.may_be.into_iter();
            origins.many.extend(many.map(|(new, olds)| {
                let olds = olds.into_iter().map(str::to_owned);
                ((table, new.to_owned()), olds.collect())
            }));
        }
        for (name, after) in &head.model.features {
            let was = origins.things.get(&("features", name.clone()));
            let was = was.unwrap_or(name).clone();
            let Some(before) = base.model.features.get(&was) else {
                continue;
            };
            if was == *name && before.lines == after.lines {
                continue;
            }
            origins.add_lines(name, (base, before), (head, after));
            for line in &after.lines {
                let path = ["features", name, line.kind.list(), &line.id];
                let path = TomlPath(path.map(str::to_owned).to_vec());
                if let Some(before) = origins.of(&path) {
                    origins.now.insert(before, path);
                }
            }
        }
        origins
    }

    /// Adds what the lines of a feature were that come where others of their list go.
    fn add_lines(
        &mut self,
        name: &str,
        (base, before): (&Project, &Feature),
        (head, after): (&Project, &Feature),
    ) {
        let only = |here: &Feature, there: &Feature| -> Vec<usize> {
            let is_in = |line: &Line| {
                let mut lines = there.lines.iter();
                lines.any(|it| (it.kind, &it.id) == (line.kind, &line.id))
            };
            let lines = here.lines.iter().enumerate();
            let only = lines.filter(|(_, line)| !is_in(line));
            only.map(|(place, _)| place).take(TELLING).collect()
        };
        let (gone, come) = (only(before, after), only(after, before));
        if gone.is_empty() || come.is_empty() {
            return;
        }
        for kind in LineKind::ALL {
            let of_kind = |(side, feature), only: &[usize], was: &dyn Fn(&str) -> String| {
                known_lines((side, feature), kind, only, was)
            };
            let old = of_kind((base, before), &gone, &str::to_owned);
            let table = kind.family().as_str();
            let new = of_kind((head, after), &come, &|thing| {
                let was = self.things.get(&(table, thing.to_owned()));
                was.map_or(thing, String::as_str).to_owned()
            });
            let path = |id: &str| {
                ["features", name, kind.list(), id]
                    .map(str::to_owned)
                    .to_vec()
            };
            let Pairing { was, may_be, .. } = pair(&old, &new);
            for (new, old) in was {
                self.lines.insert(path(new), old.to_owned());
            }
            for (new, olds) in may_be {
                let olds = olds.into_iter().map(str::to_owned);
                self.many_lines.insert(path(new), olds.collect());
            }
        }
    }

    /// All paths that the base may have for one of the head, where it has others.
    pub(crate) fn all(&self, path: &TomlPath) -> Vec<TomlPath> {
        let Some(was) = self.of(path) else {
            return Vec::new();
        };
        let mut all = vec![was];
        let thing = path.0.first().zip(path.0.get(1));
        let thing = thing.and_then(|(table, name)| Some((table_of(table)?, name.clone())));
        let things = thing.and_then(|key| self.many.get(&key));
        let lines = path.0.get(..4).and_then(|line| self.many_lines.get(line));
        for (at, names) in [(1, things), (3, lines)] {
            let Some(names) = names else { continue };
            let paths = all.iter().flat_map(|path| {
                names.iter().map(move |name| {
                    let mut path = path.clone();
                    if let Some(key) = path.0.get_mut(at) {
                        key.clone_from(name);
                    }
                    path
                })
            });
            all = paths.collect();
        }
        all
    }

    pub(crate) fn renames_lines(&self) -> bool {
        !self.now.is_empty()
    }

    /// What the head calls a line of the base, where that is something else.
    pub(crate) fn line_now(&self, path: &TomlPath) -> Option<&TomlPath> {
        self.now.get(path)
    }

    /// A path in backticks, with what it stands in the place of.
    pub(crate) fn named(&self, path: &TomlPath) -> String {
        match self.of(path) {
            Some(was) => format!("`{path}`, in place of `{was}`,"),
            None => format!("`{path}`"),
        }
    }

    /// A path of the head as the base would have it, where that is another.
    pub(crate) fn of(&self, path: &TomlPath) -> Option<TomlPath> {
        let (table, name) = (path.0.first()?, path.0.get(1)?);
        let table = table_of(table)?;
        let was = self.things.get(&(table, name.clone()));
        let line = path.0.get(..4).and_then(|line| self.lines.get(line));
        if was.is_none() && line.is_none() {
            return None;
        }
        let mut path = path.clone();
        for (at, was) in [(1, was), (3, line)] {
            if let (Some(key), Some(was)) = (path.0.get_mut(at), was) {
                key.clone_from(was);
            }
        }
        Some(path)
    }
}

/// The table of things, or that of features.
fn table_of(key: &str) -> Option<&'static str> {
    match key {
        "features" => Some("features"),
        key => Some(Family::of_key(key)?.as_str()),
    }
}

/// What tells what some lines of a kind are. `was` says what what they use was called.
fn known_lines<'f>(
    (side, feature): (&Project, &'f Feature),
    kind: LineKind,
    places: &[usize],
    was: &dyn Fn(&str) -> String,
) -> Vec<Known<'f>> {
    let asked: Vec<_> = asked_each(&side.model, feature).collect();
    let lines = places.iter().filter_map(|place| {
        let line = feature.lines.get(*place)?;
        let asked = format!("{:?}", asked.get(*place)?);
        let thing = was(&line.uses.thing);
        let called = line.called().map(|(_, path)| format!("endpoint {path}"));
        let marks = ["of the list".to_owned(), format!("thing {thing}")].into_iter();
        (line.kind == kind).then(|| Known {
            name: &line.id,
            declared: asked.clone(),
            asked,
            marks: marks.chain(called).collect(),
        })
    });
    lines.collect()
}
