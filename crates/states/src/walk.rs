//! Walks a folder on disk as git sees it: what is there of the tracked paths, and which
//! untracked paths no ignore file excludes.
//!
//! Folders are only listed, never looked into further: the index says which names are tracked,
//! and ignore rules are asked about the others alone. So the walk costs one `readdir` a folder,
//! and ignored folders (`target`, `node_modules`) cost nothing.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::entries::{Entries, Kind, too_deep, too_many};
use super::folder::Top;
use super::paths::{self, path_from_bytes};
use super::work::in_parallel;
use crate::error::Error;
use crate::limits;

/// What to walk, and by which rules.
pub(super) struct Walk<'a> {
    pub(super) top: &'a Top,
    pub(super) tracked: &'a Entries,
    /// The names of ignore files in folders, the weightiest first.
    pub(super) ignore_names: &'a [&'a str],
    /// The ignore files that hold everywhere, the weightiest first.
    pub(super) shared_ignore_files: Vec<PathBuf>,
    /// Whether they leave aside whether letters are large or small.
    pub(super) ignores_case: bool,
    /// Whether a tracked link is one on disk as well, and not a file.
    pub(super) has_links: bool,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    /// The tracked paths that are not there as they were, by their positions; sorted.
    pub(super) missing: Vec<Range<usize>>,
    /// Paths that are there instead or besides, sorted.
    pub(super) others: Vec<(Vec<u8>, Kind)>,
    /// What could not be looked at.
    pub(super) notes: Vec<String>,
}

struct Folder {
    /// With a final `/`; empty for the top.
    path: Vec<u8>,
    /// What is tracked in it.
    range: Range<usize>,
    is_tracked: bool,
    depth: usize,
    parent: Option<Arc<Rules>>,
}

/// The ignore rules of a folder, over those of the folders around it.
struct Rules {
    parent: Option<Arc<Rules>>,
    path: Vec<u8>,
    files: Vec<IgnoreFile>,
    ignored: OnceLock<bool>,
}

/// An ignore file, read when it is first asked: in most folders it never is.
struct IgnoreFile {
    file: PathBuf,
    ignores_case: bool,
    rules: OnceLock<Gitignore>,
}

/// Something tracked directly in a folder.
struct Child<'a> {
    name: &'a [u8],
    /// Whether it is a folder on disk: a folder of tracked paths, or a submodule.
    is_folder: bool,
    is_submodule: bool,
    range: Range<usize>,
    seen: bool,
}

/// How many times as many folders as it is given a thread visits before they are shared out anew.
const DEEPER: usize = 8;

#[derive(Default)]
struct Part {
    found: Found,
    folders: Vec<Folder>,
}

impl Walk<'_> {
    pub(super) fn run(mut self) -> Result<Found, Error> {
        let shared = std::mem::take(&mut self.shared_ignore_files).into_iter();
        let shared = shared.map(|file| IgnoreFile::new(file, self.ignores_case));
        let shared: Vec<IgnoreFile> = shared.collect();
        let mut found = Found::default();
        let mut level = vec![Folder {
            path: Vec::new(),
            range: 0..self.tracked.len(),
            is_tracked: true,
            depth: 0,
            parent: None,
        }];
        while !level.is_empty() {
            let parts = in_parallel(level, 32, |folders, buffer| {
                self.visit_all(folders, &shared, buffer)
            })?;
            level = Vec::new();
            for part in parts {
                level.extend(part.folders);
                found.missing.extend(part.found.missing);
                found.others.extend(part.found.others);
                found.notes.extend(part.found.notes);
            }
            if found.others.len() > limits::PATHS {
                return Err(too_many());
            }
        }
        found.missing.sort_unstable_by_key(|range| range.start);
        found.others.sort_unstable();
        found.notes.sort_unstable();
        Ok(found)
    }

    /// Visits folders and what is in them, up to a bound: what is left is shared out anew, since
    /// one folder may hold nearly everything.
    fn visit_all(
        &self,
        folders: Vec<Folder>,
        shared: &[IgnoreFile],
        buffer: &mut Vec<u8>,
    ) -> Result<Part, Error> {
        let mut left = folders.len() * DEEPER;
        let mut part = Part {
            folders,
            ..Part::default()
        };
        while left > 0
            && part.found.others.len() <= limits::PATHS
            && let Some(folder) = part.folders.pop()
        {
            self.visit(folder, shared, buffer, &mut part)?;
            left -= 1;
        }
        Ok(part)
    }

    fn visit(
        &self,
        folder: Folder,
        shared: &[IgnoreFile],
        buffer: &mut Vec<u8>,
        part: &mut Part,
    ) -> Result<(), Error> {
        if folder.depth > limits::FOLDER_DEPTH {
            return Err(too_deep());
        }
        let mut children = self.children(&folder);
        let mut unknown = Vec::new();
        let mut ignore_files = Vec::new();
        let mut is_repository = false;
        let found = &mut part.found;
        let listed = self.top.list(&folder.path, buffer, |name, kind| {
            if name == b".git" {
                is_repository = true;
                return;
            }
            if kind == Kind::File && self.ignore_names.iter().any(|it| it.as_bytes() == name) {
                ignore_files.push(name.to_vec());
            }
            match find_child(&children, name, kind) {
                Some(at) if self.is_same(&children[at], kind) => children[at].seen = true,
                // A file that became a link, or a link a file: no ignore rule speaks of what is
                // tracked.
                Some(_) => {
                    let path = joined(&folder.path, name, false);
                    found.others.push((path, kind));
                }
                None => unknown.push((name.to_vec(), kind)),
            }
        });
        if let Err(error) = listed {
            return self.unlisted(&folder, &error, part);
        }
        if is_repository && !folder.is_tracked {
            // Another repository, as a submodule is.
            return Ok(());
        }
        let inner = children.iter().any(|child| child.seen && child.is_folder);
        if !unknown.is_empty() || inner {
            let rules = self.rules(&folder, &ignore_files);
            go_on(&folder, &rules, &children, part);
            sort_out(&folder, &rules, unknown, shared, part);
        }
        let missing = children.iter().filter(|child| !child.seen);
        let missing = missing.map(|child| child.range.clone());
        part.found.missing.extend(missing);
        Ok(())
    }

    fn is_same(&self, child: &Child<'_>, kind: Kind) -> bool {
        let tracked = || self.tracked.get(child.range.start).kind;
        child.is_folder || tracked() == kind || !self.has_links && tracked() == Kind::Link
    }

    fn unlisted(
        &self,
        folder: &Folder,
        error: &std::io::Error,
        part: &mut Part,
    ) -> Result<(), Error> {
        if folder.is_tracked && error.kind() != std::io::ErrorKind::NotFound {
            let path = self.top.join(&folder.path);
            let path = path.display();
            return Err(Error::usage(format!("cannot list {path}: {error}")));
        }
        if folder.is_tracked {
            part.found.missing.push(folder.range.clone());
        } else if error.kind() != std::io::ErrorKind::NotFound {
            let path = paths::display(&folder.path);
            part.found
                .notes
                .push(format!("{path} was left out: {error}"));
        }
        Ok(())
    }

    fn children(&self, folder: &Folder) -> Vec<Child<'_>> {
        let mut children = Vec::new();
        let mut at = folder.range.start;
        let prefix = folder.path.len();
        while at < folder.range.end {
            let path = self.tracked.path(at);
            let name = &path[prefix..];
            let slash = name.iter().position(|byte| *byte == b'/');
            let start = at;
            at = match slash {
                Some(slash) => self
                    .tracked
                    .end_of_prefix(at..folder.range.end, &path[..=prefix + slash]),
                None => at + 1,
            };
            let is_submodule = slash.is_none() && self.tracked.get(start).kind == Kind::Submodule;
            children.push(Child {
                name: slash.map_or(name, |slash| &name[..slash]),
                is_folder: slash.is_some() || is_submodule,
                is_submodule,
                range: start..at,
                seen: false,
            });
        }
        children.sort_unstable_by_key(|child| (child.name, child.is_folder));
        children
    }

    fn rules(&self, folder: &Folder, ignore_files: &[Vec<u8>]) -> Arc<Rules> {
        let mut files = Vec::new();
        for name in self.ignore_names {
            if ignore_files.iter().any(|it| it == name.as_bytes()) {
                let file = self.top.join(&folder.path).join(name);
                files.push(IgnoreFile::new(file, self.ignores_case));
            }
        }
        Arc::new(Rules {
            parent: folder.parent.clone(),
            path: folder.path.clone(),
            files,
            ignored: if folder.is_tracked && folder.depth > 0 {
                OnceLock::new()
            } else {
                OnceLock::from(false)
            },
        })
    }
}

fn go_on(folder: &Folder, rules: &Arc<Rules>, children: &[Child<'_>], part: &mut Part) {
    for child in children {
        if child.seen && child.is_folder && !child.is_submodule {
            part.folders.push(Folder {
                path: joined(&folder.path, child.name, true),
                range: child.range.clone(),
                is_tracked: true,
                depth: folder.depth + 1,
                parent: Some(Arc::clone(rules)),
            });
        }
    }
}

/// The tracked thing of this name that is a folder where `kind` is one, by its position.
fn find_child(children: &[Child<'_>], name: &[u8], kind: Kind) -> Option<usize> {
    let wanted = (name, kind == Kind::Folder);
    children
        .binary_search_by(|child| (child.name, child.is_folder).cmp(&wanted))
        .ok()
}

/// Keeps what is not tracked and not ignored.
fn sort_out(
    folder: &Folder,
    rules: &Arc<Rules>,
    unknown: Vec<(Vec<u8>, Kind)>,
    shared: &[IgnoreFile],
    part: &mut Part,
) {
    for (name, kind) in unknown {
        let mut path = joined(&folder.path, &name, false);
        if path.len() > limits::PATH_BYTES || rules.ignores(&path, kind == Kind::Folder, shared) {
            continue;
        }
        if kind == Kind::Folder {
            path.push(b'/');
            part.folders.push(Folder {
                path,
                range: 0..0,
                is_tracked: false,
                depth: folder.depth + 1,
                parent: Some(Arc::clone(rules)),
            });
        } else {
            part.found.others.push((path, kind));
        }
    }
}

impl Rules {
    /// Whether something directly in this folder is ignored.
    fn ignores(&self, path: &[u8], is_folder: bool, shared: &[IgnoreFile]) -> bool {
        self.is_ignored(shared) || self.exclude(path, is_folder, shared)
    }

    /// Whether the folder itself is ignored, or one around it.
    fn is_ignored(&self, shared: &[IgnoreFile]) -> bool {
        *self.ignored.get_or_init(|| {
            let path = self.path.strip_suffix(b"/").unwrap_or(&self.path);
            let parent = self.parent.as_ref();
            parent.is_some_and(|parent| parent.ignores(path, true, shared))
        })
    }

    /// The last word of the ignore files, the nearest first.
    fn exclude(&self, path: &[u8], is_folder: bool, shared: &[IgnoreFile]) -> bool {
        let last_word = |files: &[IgnoreFile], below: &[u8]| {
            let mut files = files.iter();
            files.find_map(|file| file.says(below, is_folder))
        };
        std::iter::successors(Some(self), |rules| rules.parent.as_deref())
            .find_map(|rules| last_word(&rules.files, &path[rules.path.len()..]))
            .or_else(|| last_word(shared, path))
            .unwrap_or(false)
    }
}

impl IgnoreFile {
    fn new(file: PathBuf, ignores_case: bool) -> Self {
        Self {
            file,
            ignores_case,
            rules: OnceLock::new(),
        }
    }

    /// Whether a path below the file's folder is ignored; nothing where no line speaks of it.
    fn says(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        let read = || read_rules(&self.file, self.ignores_case);
        let rules = self.rules.get_or_init(read);
        match rules.matched(path_from_bytes(path), is_folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        }
    }
}

fn read_rules(file: &Path, ignores_case: bool) -> Gitignore {
    let mut builder = GitignoreBuilder::new(".");
    // It answers with itself; there is nothing that could fail.
    let _ = builder.case_insensitive(ignores_case);
    let small = std::fs::metadata(file)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= limits::IGNORE_FILE_BYTES);
    if small && let Ok(bytes) = std::fs::read(file) {
        for line in String::from_utf8_lossy(&bytes).lines() {
            // As in git, a line that makes no sense matches nothing.
            let _ = builder.add_line(None, line);
        }
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn joined(folder: &[u8], name: &[u8], is_folder: bool) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + name.len() + 1);
    path.extend_from_slice(folder);
    path.extend_from_slice(name);
    if is_folder {
        path.push(b'/');
    }
    path
}
