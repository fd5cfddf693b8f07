//! Which projects a run is about, and what of them is shown.

use std::collections::BTreeSet;

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::error::Error;
use crate::meter::Family;
use crate::model::Model;
use crate::model::projects::folder;
use crate::report;
use crate::source::SourceMap;
use crate::suggest::did_you_mean_or;

use super::Settings;

pub(super) struct Selection<'a> {
    settings: &'a Settings,
    owners_of_paths: HashSet<String>,
}

impl<'a> Selection<'a> {
    pub(super) fn new<'r>(
        settings: &'a Settings,
        folders: impl IntoIterator<Item = &'r str>,
    ) -> Self {
        let folders: HashSet<&str> = folders.into_iter().collect();
        let mut selected = HashSet::default();
        for path in &settings.paths {
            selected.extend(innermost(&folders, path).map(str::to_owned));
            let below = folders.iter().filter(|folder| holds(path, folder));
            selected.extend(below.map(|folder| (*folder).to_owned()));
        }
        Self {
            settings,
            owners_of_paths: selected,
        }
    }

    pub(super) fn has(&self, name: &str, folder: &str) -> bool {
        let Settings {
            projects, paths, ..
        } = self.settings;
        let is_wanted = |wanted: &String| wanted == name || wanted == folder;
        (projects.is_empty() || projects.iter().any(is_wanted))
            && (paths.is_empty() || self.owners_of_paths.contains(folder))
    }

    pub(super) fn has_file(&self, file: &str) -> bool {
        self.settings.projects.is_empty()
            && self.settings.owners.is_empty()
            && (self.settings.paths.is_empty()
                || self.settings.paths.iter().any(|path| holds(path, file)))
    }
}

/// The deepest folder with a project that holds a path.
pub(super) fn innermost<'r>(folders: &HashSet<&'r str>, path: &str) -> Option<&'r str> {
    let mut at = path;
    loop {
        if let Some(found) = folders.get(at) {
            return Some(found);
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

/// Whether a folder holds a path, or is it.
pub fn holds(folder: &str, path: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

pub(super) fn refuse_unknown<'p>(
    settings: &Settings,
    projects: impl Iterator<Item = &'p Project> + Clone,
) -> Result<(), Error> {
    let names: BTreeSet<&str> = projects
        .clone()
        .flat_map(|project| {
            let declarations = &project.declarations;
            [declarations.name.as_str(), declarations.folder.as_str()]
        })
        .filter(|name| !name.is_empty())
        .collect();
    let owners: BTreeSet<&str> = projects
        .flat_map(|project| project.declarations.root.features.iter())
        .filter_map(|(_, feature)| feature.owner.as_ref())
        .map(|owner| owner.value.0.as_str())
        .collect();
    refuse("project", "projects", &settings.projects, &names)?;
    refuse("owner", "owners", &settings.owners, &owners)
}

/// Fails with [`Error::Usage`] where a name is asked for that is not known.
pub(crate) fn refuse(
    what: &str,
    all: &str,
    wanted: &[String],
    known: &BTreeSet<&str>,
) -> Result<(), Error> {
    const SHOWN: usize = 10;
    let Some(unknown) = wanted.iter().find(|name| !known.contains(name.as_str())) else {
        return Ok(());
    };
    let help = did_you_mean_or(unknown, known.iter().copied(), || {
        if known.is_empty() {
            return format!("there are no {all}");
        }
        let mut names: Vec<&str> = known.iter().copied().take(SHOWN).collect();
        if known.len() > SHOWN {
            names.push("…");
        }
        format!("the {all} are {}", names.join(", "))
    });
    Err(Error::usage(format!("there is no {what} `{unknown}`")).with_help(help))
}

/// What an owner's features are and use, on both sides of a comparison.
#[derive(Default)]
pub(super) struct Owned {
    features: HashSet<String>,
    /// The files that declare those features, the project's root file aside.
    files: HashSet<String>,
    /// The first two keys of what they use.
    used: HashSet<[String; 2]>,
}

impl Owned {
    pub(super) fn add(&mut self, project: &Project, owners: &[String], sources: &SourceMap) {
        let declarations = &project.declarations;
        let rollups = rollups(&project.model);
        for (name, entry) in declarations.root.features.entries() {
            let owner = entry.body.value.owner.as_ref();
            if !owner.is_some_and(|owner| owners.contains(&owner.value.0)) {
                continue;
            }
            self.features.insert(name.to_owned());
            let file = &sources.file(entry.name.file).path;
            if folder(file) != declarations.folder {
                self.files.insert(file.to_string());
            }
            self.use_all(&project.model, &rollups, name);
        }
    }

    fn use_all(&mut self, model: &Model, rollups: &HashMap<&str, Vec<&str>>, feature: &str) {
        let Some(feature) = model.features.get(feature) else {
            return;
        };
        for line in &feature.lines {
            match line.kind.family() {
                Family::Table => self.use_table(model, rollups, &line.uses.thing),
                family => self.uses(family, &line.uses.thing),
            }
        }
    }

    fn use_table(&mut self, model: &Model, rollups: &HashMap<&str, Vec<&str>>, table: &str) {
        let mut pending = vec![table];
        while let Some(name) = pending.pop() {
            if !self.used.insert(["tables".to_owned(), name.to_owned()]) {
                continue;
            }
            if let Some(database) = model.tables.get(name).and_then(|t| t.database.as_ref()) {
                self.uses(Family::Database, database);
            }
            pending.extend(rollups.get(name).into_iter().flatten());
        }
    }

    fn uses(&mut self, family: Family, name: &str) {
        let table = family.as_str().to_owned();
        self.used.insert([table, name.to_owned()]);
    }

    /// Leaves of a report what these features are about: their lines, the meters of what they
    /// use, and the findings about them, about what they use, and about what else their files
    /// declare.
    pub(super) fn narrow(&self, project: &mut report::Project) {
        let meters = |meter: &report::Meter| self.has_meter(&meter.id);
        let lines = &mut project.lines;
        lines.retain(|line| self.features.contains(&*line.feature));
        project.meters.retain(meters);
        for horizon in &mut project.horizons {
            horizon.meters.retain(meters);
        }
        for scenario in &mut project.scenarios {
            scenario.meters.retain(meters);
        }
        let before = project.changes.len() + project.unchanged;
        let changes = &mut project.changes;
        changes.retain(|change| self.has_meter(&change.meter));
        let unchanged = project.meters.len().saturating_sub(changes.len());
        project.unchanged = unchanged.min(before);
        let breaks = |meter: &report::Meter| meter.verdict == report::Verdict::Breaks;
        let scenarios = project.scenarios.iter();
        let breaking = scenarios.filter(|scenario| scenario.meters.iter().any(breaks));
        let breaking = breaking.map(|it| TomlPath::new(&["scenarios", &it.name]).to_string());
        let breaking: HashSet<String> = breaking.collect();
        let in_file = |file: Option<&String>| file.is_some_and(|file| self.files.contains(file));
        project.findings.retain(|finding| {
            self.is_about(&finding.subject)
                || self.has_meter(&finding.subject)
                || breaking.contains(&finding.subject)
                || in_file(finding.file.as_ref())
                // What is said of the project as a whole.
                || finding.subject == "project"
        });
        project.edits.retain(|edit| {
            let excerpt = edit.after.as_ref().or(edit.before.as_ref());
            self.is_about(&edit.path) || in_file(excerpt.map(|excerpt| &excerpt.file))
        });
    }

    fn is_about(&self, path: &str) -> bool {
        let thing = thing(path);
        thing.is_some_and(|[table, name]| table == "features" && self.features.contains(&name))
    }

    fn has_meter(&self, id: &str) -> bool {
        thing(id).is_some_and(|thing| self.used.contains(&thing))
    }
}

/// The first two keys of a path.
fn thing(path: &str) -> Option<[String; 2]> {
    let mut keys = TomlPath::parse(path).ok()?.0.into_iter();
    Some([keys.next()?, keys.next()?])
}

fn rollups(model: &Model) -> HashMap<&str, Vec<&str>> {
    let mut rollups: HashMap<&str, Vec<&str>> = HashMap::default();
    for (name, table) in &model.tables {
        if let Some((from, _)) = &table.from {
            rollups.entry(from).or_default().push(name);
        }
    }
    rollups
}
