//! What every commit of a history moved.
//!
//! Each file is read once, and of a project only what its changed files reach is evaluated again:
//! what a commit moved is told by its projects as they were and as they are, as a comparison of the
//! two commits tells it. A project that can't be read keeps what it was until it can.

mod between;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::analysis::{Outlook, Project, Standing};
use crate::document::{Document, read};
use crate::error::Error;
use crate::finding::file_errors;
use crate::model::projects::{declares_project, folder, innermost, projects};
use crate::parallel;
use crate::run::{pairs, refuse};
use crate::source::{FileId, SourceMap};
use crate::units::Date;
use crate::wildcard::wildcard;

pub use report::{FORMAT, History, Moved};

/// A history, as a repository has it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// All its files.
    pub sources: SourceMap,
    /// The files before the first commit.
    pub start: Vec<FileId>,
    /// The commits that change capacity files, oldest first.
    pub commits: Vec<Commit>,
    /// The last commit before them.
    pub before: Option<String>,
    /// What is worth knowing about how it was read.
    pub notes: Vec<String>,
}

/// A commit that changes capacity files.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id, in full.
    pub id: String,
    /// The day on which it was committed.
    pub day: Date,
    /// Its author's name.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// Whether it is asked for. Others only say what came before.
    pub is_listed: bool,
    /// What it changes.
    pub changed: Vec<Changed>,
}

/// A capacity file that a commit adds, removes or changes.
#[derive(Clone, Copy, Debug)]
pub struct Changed {
    /// What it was.
    pub before: Option<FileId>,
    /// What it is.
    pub after: Option<FileId>,
}

/// What of a history is shown.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Only meters whose ids match.
    pub meter: Option<String>,
    /// Only these projects, by name or folder.
    pub projects: Vec<String>,
    /// Only so many commits: those that move most of a limit, most first.
    pub top: Option<usize>,
    /// How many threads may be used.
    pub threads: usize,
}

impl Asked {
    fn has(&self, moved: &Moved) -> bool {
        let is_project = |name: &String| *name == moved.name || *name == moved.folder;
        let meter = self.meter.as_deref();
        meter.is_none_or(|glob| wildcard(glob, &moved.meter))
            && (self.projects.is_empty() || self.projects.iter().any(is_project))
    }

    fn is_everything(&self) -> bool {
        self.meter.is_none() && self.projects.is_empty()
    }
}

/// Tells what every commit moved.
///
/// # Errors
///
/// [`Error::Usage`] where a project is asked for that the history has never had.
pub fn history(past: &Past, asked: &Asked) -> Result<History, Error> {
    let start = Walk::unread(past, asked.threads);
    let parts = start.parts(&past.commits);
    let (beside, threads) = match parts.len() {
        1 => (1, asked.threads),
        several => (several, 1),
    };
    let told = parallel::each(&parts, beside, |(at, commits)| {
        Told::of(at.beginning(threads), commits, asked)
    });
    let mut commits = Vec::new();
    let (mut names, mut projects) = (BTreeSet::new(), BTreeSet::new());
    for part in told {
        commits.extend(part.commits);
        names.extend(part.moved);
        projects.extend(part.projects);
    }
    let projects = projects.iter().map(String::as_str);
    let projects = projects.filter(|name| !name.is_empty()).collect();
    refuse("project", "projects", &asked.projects, &projects)?;
    let several = names.len() > 1;
    for moved in commits.iter_mut().flat_map(|commit| &mut commit.meters) {
        moved.project = several.then(|| moved.name.clone());
    }
    if let Some(top) = asked.top {
        // The older first of those that move as much.
        commits.sort_by(|one, other| other.share().total_cmp(&one.share()));
        commits.truncate(top);
    }
    Ok(History {
        format: FORMAT.to_owned(),
        commits,
        notes: past.notes.clone(),
    })
}

/// What commits in a row moved.
#[derive(Default)]
struct Told {
    commits: Vec<report::Commit>,
    /// The folders of projects whose meters moved.
    moved: BTreeSet<String>,
    /// The words that projects are asked for by.
    projects: BTreeSet<String>,
}

impl Told {
    fn of(mut walk: Walk<'_>, commits: &[Commit], asked: &Asked) -> Self {
        let mut told = Self::default();
        told.projects.extend(walk.known.values().flat_map(called));
        for commit in commits {
            let (mut meters, error) = walk.step(commit);
            told.projects.extend(walk.touched().flat_map(called));
            told.moved.extend(meters.iter().map(|it| it.folder.clone()));
            meters.retain(|moved| asked.has(moved));
            let is_shown = asked.is_everything() || !meters.is_empty() || error.is_some();
            if commit.is_listed && is_shown {
                told.commits
                    .push(report::Commit::new(commit, meters, error));
            }
        }
        told
    }
}

/// The words that a project is asked for by.
fn called(project: &Project) -> [String; 2] {
    let declarations = &project.declarations;
    [declarations.name.clone(), declarations.folder.clone()]
}

impl Commit {
    /// The number of the pull request that it merges, where its subject names one.
    pub(crate) fn pull_request(&self) -> Option<u64> {
        report::pull_request(&self.subject)
    }
}

/// The state of a history at one commit.
pub(crate) struct Walk<'a> {
    sources: &'a SourceMap,
    threads: usize,
    /// Every file, read.
    documents: Arc<[Arc<Document>]>,
    /// The files that are there, by path: of one that can't be read what it last was.
    files: BTreeMap<&'a str, FileId>,
    /// The files that can't be read.
    broken: BTreeMap<&'a str, FileId>,
    /// The folders of files that declare a project.
    roots: BTreeSet<&'a str>,
    /// The folders of projects, once they are asked for.
    all_roots: OnceLock<Arc<[&'a str]>>,
    /// The projects as they last could be read, by folder.
    pub(crate) known: BTreeMap<String, Project>,
    /// The folders of those of which files have changed since, that could be read.
    behind: BTreeSet<&'a str>,
    /// The folders of those that the last step read.
    touched: Vec<String>,
    /// What those come to whose figures can be told without those they are compared with.
    outlooks: BTreeMap<String, Outlook>,
    /// The meters of those of which the last step changed a part.
    standings: BTreeMap<String, Standing>,
}

/// The fewest commits that are worth a thread of their own, which resolves all projects once more.
const PART: usize = 50;

impl<'a> Walk<'a> {
    pub(crate) fn new(past: &'a Past, threads: usize) -> Self {
        Self::unread(past, threads).beginning(threads)
    }

    /// Before the first commit, with no project resolved.
    fn unread(past: &'a Past, threads: usize) -> Self {
        let ids = (0..past.sources.files().len()).filter_map(|id| u32::try_from(id).ok());
        let ids: Vec<FileId> = ids.map(FileId).collect();
        let of = |id: &FileId| Arc::new(read(*id, past.sources.file(*id)));
        let mut walk = Self {
            documents: parallel::each(&ids, threads, of).into(),
            sources: &past.sources,
            threads,
            files: BTreeMap::new(),
            broken: BTreeMap::new(),
            roots: BTreeSet::new(),
            all_roots: OnceLock::new(),
            known: BTreeMap::new(),
            behind: BTreeSet::new(),
            touched: Vec::new(),
            outlooks: BTreeMap::new(),
            standings: BTreeMap::new(),
        };
        for id in &past.start {
            walk.put(walk.path(*id), Some(*id));
        }
        walk
    }

    /// The same files, with their projects resolved.
    fn beginning(&self, threads: usize) -> Self {
        let mut walk = self.files_alone();
        walk.threads = threads;
        let all = walk.all_roots();
        let start = walk.resolved(&all);
        walk.know(start);
        walk
    }

    fn files_alone(&self) -> Self {
        Self {
            documents: self.documents.clone(),
            sources: self.sources,
            threads: self.threads,
            files: self.files.clone(),
            broken: self.broken.clone(),
            roots: self.roots.clone(),
            all_roots: OnceLock::new(),
            known: BTreeMap::new(),
            behind: BTreeSet::new(),
            touched: Vec::new(),
            outlooks: BTreeMap::new(),
            standings: BTreeMap::new(),
        }
    }

    /// Commits in as many parts as there are threads, each with the files before it. A part begins
    /// where every file can be read: what a project was before one could not is known otherwise.
    fn parts<'c>(&self, commits: &'c [Commit]) -> Vec<(Self, &'c [Commit])> {
        let size = commits.len().div_ceil(self.threads.max(1)).max(PART);
        let mut at = self.files_alone();
        let mut parts = Vec::new();
        let (mut begin, mut before) = (0, at.files_alone());
        for (place, commit) in commits.iter().enumerate() {
            if place - begin >= size && at.broken.is_empty() {
                parts.push((before, &commits[begin..place]));
                (begin, before) = (place, at.files_alone());
            }
            at.change(commit);
        }
        parts.push((before, &commits[begin..]));
        parts
    }

    /// Puts what a commit changes in its place, and gives the paths at which something is declared
    /// that was not.
    fn change(&mut self, commit: &Commit) -> Vec<&'a str> {
        let mut paths = Vec::new();
        for changed in &commit.changed {
            let Some(path) = changed.after.or(changed.before).map(|id| self.path(id)) else {
                continue;
            };
            match changed.after {
                Some(id) if self.document(id).is_broken() => {
                    paths.push(path);
                    self.broken.insert(path, id);
                }
                Some(id) if self.says_the_same(path, id) => {
                    self.files.insert(path, id);
                }
                after => {
                    paths.push(path);
                    self.broken.remove(path);
                    self.put(path, after);
                }
            }
        }
        paths
    }

    fn path(&self, id: FileId) -> &'a str {
        &self.sources.file(id).path
    }

    fn document(&self, id: FileId) -> &Arc<Document> {
        &self.documents[id.0 as usize]
    }

    /// Puts a file in its place, or takes it away.
    fn put(&mut self, path: &'a str, id: Option<FileId>) {
        match id {
            Some(id) => drop(self.files.insert(path, id)),
            None => drop(self.files.remove(path)),
        }
        let are_others = match id.is_some_and(|id| declares_project(self.document(id))) {
            true => self.roots.insert(folder(path)),
            false => self.roots.remove(folder(path)),
        };
        if are_others {
            self.all_roots = OnceLock::new();
        }
    }

    /// Whether a file can be read, as the one before it could, and declares the same.
    fn says_the_same(&self, path: &str, id: FileId) -> bool {
        let before = self
            .files
            .get(path)
            .filter(|_| !self.broken.contains_key(path));
        let of = |id: FileId| self.document(id);
        before.is_some_and(|before| of(*before).declares_the_same(of(id)))
    }

    fn all_roots(&self) -> Arc<[&'a str]> {
        let all = self.all_roots.get_or_init(|| match self.roots.is_empty() {
            true => Arc::from([""]),
            false => self.roots.iter().copied().collect(),
        });
        all.clone()
    }

    /// What a commit moves, and why it can't be told of all that it changes.
    pub(crate) fn step(&mut self, commit: &Commit) -> (Vec<Moved>, Option<String>) {
        let before = self.all_roots();
        let was = |changed: &Changed| {
            let path = self.path(changed.before.or(changed.after)?);
            Some((path, self.files.get(path).copied()))
        };
        let were: Vec<_> = commit.changed.iter().filter_map(was).collect();
        let paths = self.change(commit);
        let after = self.all_roots();
        let mut affected: Vec<&str> = if before == after {
            let roots = paths.iter();
            let roots = roots.filter_map(|path| innermost(&after, folder(path)));
            roots.filter_map(|at| after.get(at).copied()).collect()
        } else {
            [&*before, &*after].concat()
        };
        affected.sort_unstable();
        affected.dedup();
        let error = self.leave_broken(&mut affected, &after);
        let mut moved = Vec::new();
        let mut changed = Vec::new();
        if before == after {
            affected.retain(|root| match self.changed(root, &after, &were) {
                Some(own) => {
                    moved.extend(own);
                    changed.push((*root).to_owned());
                    false
                }
                None => true,
            });
        }
        self.behind.retain(|root| !affected.contains(root));
        let heads = self.resolved(&affected);
        let bases = affected.iter().filter_map(|root| self.known.remove(*root));
        let bases: Vec<Project> = bases.collect();
        moved.extend(self.compared(&heads, &bases));
        moved.sort_by(|a, b| (&a.folder, &a.name, &a.meter).cmp(&(&b.folder, &b.name, &b.meter)));
        self.know(heads);
        self.touched.extend(changed);
        (moved, error)
    }

    /// Leaves out the projects that have a file that can't be read, and says why.
    fn leave_broken(&mut self, affected: &mut Vec<&'a str>, roots: &[&str]) -> Option<String> {
        let mut error = None;
        for (path, id) in &self.broken {
            let owner = innermost(roots, folder(path)).and_then(|at| roots.get(at));
            let before = affected.len();
            self.behind
                .extend(affected.extract_if(.., |root| Some(&**root) == owner.copied()));
            if affected.len() < before {
                error.get_or_insert_with(|| self.problem(*id));
            }
        }
        error
    }

    fn problem(&self, id: FileId) -> String {
        let findings = &self.document(id).findings;
        let syntax = findings.iter().find(|it| it.rule == file_errors::SYNTAX);
        let Some(finding) = syntax.or(findings.first()) else {
            return format!("{}: it can't be read", self.path(id));
        };
        let at = finding.span.map_or(0, |span| span.start);
        let line = self.sources.position(id, at).line;
        format!("{}:{line}: {}", self.path(id), finding.message)
    }

    /// The projects of these folders.
    fn resolved(&self, roots: &[&str]) -> Vec<Project> {
        let all = self.all_roots();
        let mut documents = Vec::new();
        for root in roots.iter().filter(|it| all.binary_search(it).is_ok()) {
            let prefix = match *root {
                "" => String::new(),
                root => format!("{root}/"),
            };
            let below = self.files.range(prefix.as_str()..);
            let below = below.take_while(|(path, _)| path.starts_with(&prefix));
            let own = below.filter(|(path, _)| {
                let owner = innermost(&all, folder(path));
                owner.and_then(|at| all.get(at)) == Some(root)
            });
            documents.extend(own.map(|(_, id)| self.document(*id).clone()));
        }
        let (files, _) = projects(self.sources, documents);
        let (beside, threads) = parallel::shared_out(files.len(), self.threads);
        parallel::each(&files, beside, |files| Project::new(files.clone(), threads))
    }

    /// The projects that the last step read.
    pub(crate) fn touched(&self) -> impl Iterator<Item = &Project> {
        self.touched
            .iter()
            .filter_map(|folder| self.known.get(folder))
    }

    fn know(&mut self, projects: Vec<Project>) {
        let folders = projects.iter();
        let folders = folders.map(|project| project.declarations.folder.clone());
        self.touched = folders.collect();
        let by_folder = projects
            .into_iter()
            .map(|project| (project.declarations.folder.clone(), project));
        self.known.extend(by_folder);
    }

    /// What moved between projects that may be the same.
    fn compared(&mut self, heads: &[Project], bases: &[Project]) -> Vec<Moved> {
        let mut moved = Vec::new();
        for pair in pairs(heads, bases, &[]) {
            let head = pair.head.and_then(|at| heads.get(at));
            let base = pair.base.and_then(|at| bases.get(at));
            moved.extend(self.between(base, head));
        }
        moved
    }
}
