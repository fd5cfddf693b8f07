//! What things of the head were in the base: they keep what was said of them there.

use crate::analysis::Project;
use crate::changes::renamed;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::meter::Family;
use crate::model::{Feature, Line};

/// By table and name, or the path of a line, what it was called.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    things: HashMap<(&'static str, String), String>,
    lines: HashMap<Vec<String>, String>,
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
            lines: HashMap::default(),
            now: HashMap::default(),
        };
        for (name, after) in &head.model.features {
            let was = origins.things.get(&("features", name.clone()));
            let was = was.unwrap_or(name);
            let Some(before) = base.model.features.get(was) else {
                continue;
            };
            for (path, id) in lines(name, before, after) {
                origins.lines.insert(path, id);
            }
            if was == name && before.lines == after.lines {
                continue;
            }
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
        let table = match table.as_str() {
            "features" => "features",
            table => Family::of_key(table)?.as_str(),
        };
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

/// The lines of a feature that come where others of its list go: each with one of those, one that
/// uses the same, or an endpoint of the same name, where there is one.
fn lines(name: &str, before: &Feature, after: &Feature) -> Vec<(Vec<String>, String)> {
    let is_in = |feature: &Feature, line: &Line| {
        let mut lines = feature.lines.iter();
        lines.any(|it| (it.kind, &it.id) == (line.kind, &line.id))
    };
    if before.lines == after.lines {
        return Vec::new();
    }
    let gone = before.lines.iter().filter(|line| !is_in(after, line));
    let gone: Vec<&Line> = gone.take(renamed::TELLING).collect();
    let come = after.lines.iter().filter(|_| !gone.is_empty());
    let come = come.filter(|line| !is_in(before, line));
    let origin = |line: &Line| {
        let of_list = || gone.iter().filter(|it| it.kind == line.kind);
        let path = |line: &Line| line.called().map(|(_, path)| path.to_owned());
        let alike = |it: &&&Line| {
            it.uses.thing.name == line.uses.thing.name
                || path(line).is_some_and(|own| path(it) == Some(own))
        };
        let was = of_list().find(alike).or_else(|| of_list().next())?;
        let path = ["features", name, line.kind.list(), &line.id];
        let path = path.map(str::to_owned).to_vec();
        Some((path, was.id.to_string()))
    };
    come.filter_map(origin).collect()
}
