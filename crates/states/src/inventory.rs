//! A state before its texts are read: where each capacity file's content lies, and all paths.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use super::entries::{Entries, Id, Kind};
use super::folder::Top;
use super::index_file::{Index, Stat};
use super::objects::Blob;
use super::paths::{
    self, CAPACITY_FILE, is_like_capacity_file, names_capacity_file, path_from_bytes, path_to_bytes,
};
use super::repository::Repository;
use super::walk::{Found, Walk};
use super::work::read_bounded;
use crate::error::Error;
use crate::limits;
use crate::source::{Flaw, Listing};

/// A state before its texts are read.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// The capacity files, and those that may be some under another name; sorted by path.
    pub(super) capacity: Vec<Capacity>,
    pub(super) listing: Listing,
    pub(super) notes: Vec<String>,
    /// The folder on disk that the files are below.
    pub(super) top: Option<Top>,
}

#[derive(Clone, Debug)]
pub(super) struct Capacity {
    pub(super) path: Vec<u8>,
    pub(super) content: Content,
}

/// Where the content of a file lies.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// In the object store.
    Blob(Id),
    /// On disk, below the top; with what git knows of the file there, where it is tracked.
    Disk(Place, Option<(Stat, Id)>),
    /// Nowhere that it could be read.
    Flawed(Flaw),
}

/// Where below the top a file lies on disk.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// At its path.
    Own,
    /// Where a link leads.
    Linked(Vec<u8>),
}

impl Inventory {
    pub(super) fn of_entries(repository: &Repository, entries: &Entries) -> Result<Self, Error> {
        let mut capacity = Vec::new();
        for entry in entries.iter() {
            if is_like_capacity_file(entry.path) {
                let content = match entry.kind {
                    Kind::File => Content::Blob(entry.id),
                    _ if !names_capacity_file(entry.path) => continue,
                    Kind::Link => follow_stored(repository, entries, entry.path)?,
                    Kind::Submodule | Kind::Folder => Content::Flawed(Flaw::NotAFile),
                };
                capacity.push(Capacity {
                    path: entry.path.to_vec(),
                    content,
                });
            }
        }
        let all = entries.iter().map(|entry| entry.path).collect();
        Self::finish(capacity, all, Vec::new())
    }

    pub(super) fn of_index(repository: &Repository, index: &Index) -> Result<Self, Error> {
        let mut entries = Entries::default();
        for (entry, mark) in index.entries.iter().zip(&index.marks) {
            if mark.unmerged && names_capacity_file(entry.path) {
                let error = Error::no_comparison(format!(
                    "{} is in conflict in the index",
                    paths::display(entry.path)
                ));
                return Err(error.with_help("resolve the conflict and `git add` the file"));
            }
            if !mark.intent_to_add {
                entries.push(entry.path, entry.kind, entry.id)?;
            }
        }
        Self::of_entries(repository, &entries)
    }

    pub(super) fn of_work_tree(
        repository: &Repository,
        path: &Path,
        index: &Index,
    ) -> Result<Self, Error> {
        let top = Top::new(path);
        let has_links = repository.has_links();
        let walk = Walk {
            top: &top,
            tracked: &index.entries,
            ignore_names: &[".gitignore"],
            shared_ignore_files: repository.shared_ignore_files(),
            ignores_case: repository.ignores_case(),
            has_links,
        };
        let mut found = walk.run()?;
        let mut skipped = Ranges::new(&found.missing);
        let mut all = Vec::with_capacity(index.entries.len() + found.others.len());
        let mut capacity = Vec::new();
        let mut stats = index.stats.iter().peekable();
        let mut absent = 0;
        for (at, entry) in index.entries.iter().enumerate() {
            let stat = stats.next_if(|(it, _)| *it == at).map(|(_, stat)| *stat);
            let is_skipped = skipped.contains(at);
            let mark = index.marks[at];
            if is_skipped && !mark.skip_worktree {
                continue;
            }
            all.push(entry.path);
            let is_file = matches!(entry.kind, Kind::File) && !is_skipped;
            let may_be_one = is_file && is_like_capacity_file(entry.path);
            if !names_capacity_file(entry.path) && !may_be_one {
                continue;
            }
            let known = stat.filter(|_| !mark.unmerged && !mark.intent_to_add);
            let content = match entry.kind {
                Kind::Submodule | Kind::Folder => Content::Flawed(Flaw::NotAFile),
                Kind::File | Kind::Link if is_skipped => {
                    absent += 1;
                    match entry.kind {
                        Kind::Link => follow_stored(repository, &index.entries, entry.path)?,
                        _ => Content::Blob(entry.id),
                    }
                }
                Kind::File => Content::Disk(Place::Own, known.map(|stat| (stat, entry.id))),
                Kind::Link if has_links => follow_on_disk(path, entry.path),
                Kind::Link => follow_as_text(path, &index.entries, entry.path)?,
            };
            capacity.push(Capacity {
                path: entry.path.to_vec(),
                content,
            });
        }
        let mut notes = std::mem::take(&mut found.notes);
        if absent > 0 {
            notes.push(format!(
                "{absent} capacity files are not checked out and were read from the index"
            ));
        }
        add_others(path, &found, &mut capacity, &mut all);
        let inventory = Self::finish(capacity, all, notes)?;
        Ok(Self {
            top: Some(top),
            ..inventory
        })
    }

    /// What a folder holds that belongs to no repository, or is taken as if it did not.
    pub(super) fn of_folder(path: &Path) -> Result<Self, Error> {
        let top = Top::new(path);
        let nothing = Entries::default();
        let walk = Walk {
            top: &top,
            tracked: &nothing,
            ignore_names: &[".ignore", ".gitignore"],
            shared_ignore_files: Vec::new(),
            ignores_case: false,
            has_links: true,
        };
        let mut found = walk.run()?;
        let notes = std::mem::take(&mut found.notes);
        let (mut capacity, mut all) = (Vec::new(), Vec::new());
        add_others(path, &found, &mut capacity, &mut all);
        let inventory = Self::finish(capacity, all, notes)?;
        Ok(Self {
            top: Some(top),
            ..inventory
        })
    }

    /// Adds the folders that bear the name of a capacity file, and sorts.
    fn finish(
        mut capacity: Vec<Capacity>,
        all: Vec<&[u8]>,
        notes: Vec<String>,
    ) -> Result<Self, Error> {
        // Paths of one folder stand together.
        let (mut last, mut last_folder): (&[u8], &[u8]) = (b"", b"");
        for path in &all {
            let end = path.iter().rposition(|byte| *byte == b'/');
            let folder = &path[..end.map_or(0, |at| at + 1)];
            if folder == last_folder {
                continue;
            }
            last_folder = folder;
            for folder in misnamed_folders(folder) {
                if folder != last {
                    last = folder;
                    capacity.push(Capacity {
                        path: folder.to_vec(),
                        content: Content::Flawed(Flaw::NotAFile),
                    });
                }
            }
        }
        capacity.sort_by(|one, two| one.path.cmp(&two.path));
        capacity.dedup_by(|one, two| one.path == two.path);
        forget_beside_capacity_files(&mut capacity);
        if capacity.len() > limits::CAPACITY_FILES {
            let message = format!(
                "there are {} files named {CAPACITY_FILE}; caplint reads at most {}",
                capacity.len(),
                limits::CAPACITY_FILES
            );
            return Err(Error::no_comparison(message));
        }
        let texts: Vec<Cow<'_, str>> = all.into_iter().map(paths::display).collect();
        Ok(Self {
            capacity,
            listing: Listing::new(texts),
            notes,
            top: None,
        })
    }
}

/// Forgets what may be a capacity file under another name where its folder has one.
fn forget_beside_capacity_files(capacity: &mut Vec<Capacity>) {
    fn folder(path: &[u8]) -> &[u8] {
        let end = path.iter().rposition(|byte| *byte == b'/');
        &path[..end.unwrap_or(0)]
    }
    let named = |it: &Capacity| names_capacity_file(&it.path);
    if capacity.iter().all(named) {
        return;
    }
    let files = capacity.iter().filter(|it| named(it));
    let folders: HashSet<Vec<u8>> = files.map(|it| folder(&it.path).to_vec()).collect();
    capacity.retain(|it| named(it) || !folders.contains(folder(&it.path)));
}

/// The folders on a path that bear the name of a capacity file.
fn misnamed_folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'/')
        .map(|(at, _)| &path[..at])
        .filter(|folder| names_capacity_file(folder))
}

fn add_others<'a>(
    top: &Path,
    found: &'a Found,
    capacity: &mut Vec<Capacity>,
    all: &mut Vec<&'a [u8]>,
) {
    for (path, kind) in &found.others {
        all.push(path);
        let is_link = matches!(kind, Kind::Link);
        if names_capacity_file(path) || (!is_link && is_like_capacity_file(path)) {
            let content = match kind {
                Kind::Link => follow_on_disk(top, path),
                _ => Content::Disk(Place::Own, None),
            };
            capacity.push(Capacity {
                path: path.clone(),
                content,
            });
        }
    }
}

/// Answers, for growing positions, whether one lies in sorted ranges.
struct Ranges<'a> {
    rest: &'a [Range<usize>],
}

impl<'a> Ranges<'a> {
    fn new(ranges: &'a [Range<usize>]) -> Self {
        Self { rest: ranges }
    }

    fn contains(&mut self, at: usize) -> bool {
        while let [first, rest @ ..] = self.rest
            && first.end <= at
        {
            self.rest = rest;
        }
        self.rest.first().is_some_and(|range| range.contains(&at))
    }
}

/// Where a link on disk leads, if that is a file of the same folder tree.
fn follow_on_disk(top: &Path, path: &[u8]) -> Content {
    let Ok(target) = top.join(path_from_bytes(path)).canonicalize() else {
        return Content::Flawed(Flaw::BadLink);
    };
    match target.strip_prefix(top) {
        Ok(below) if below.iter().all(|name| name != ".git") && target.is_file() => {
            let below = path_to_bytes(below);
            Content::Disk(Place::Linked(below), None)
        }
        _ => Content::Flawed(Flaw::BadLink),
    }
}

/// Where a link leads that is checked out as a file, as git does where `core.symlinks` is false.
fn follow_as_text(top: &Path, entries: &Entries, path: &[u8]) -> Result<Content, Error> {
    let end = follow(entries, path, |link, _| {
        let on_disk = top.join(path_from_bytes(link));
        Ok(read_bounded(&on_disk, limits::PATH_BYTES as u64).ok())
    })?;
    Ok(end.map_or(Content::Flawed(Flaw::BadLink), |end| {
        follow_on_disk(top, &end)
    }))
}

/// Where a link in the object store leads, if that is a file of the same state.
pub(super) fn follow_stored(
    repository: &Repository,
    entries: &Entries,
    path: &[u8],
) -> Result<Content, Error> {
    let end = follow(entries, path, |_, id| {
        match repository.blobs(&[id])?.pop() {
            Some(Blob::Content(target)) => Ok(Some(target)),
            Some(Blob::Missing) => Err(repository.missing(id)),
            _ => Ok(None),
        }
    })?;
    let file = end.and_then(|end| entries.find(&end));
    Ok(match file {
        Some(entry) if entry.kind == Kind::File => Content::Blob(entry.id),
        _ => Content::Flawed(Flaw::BadLink),
    })
}

/// The path that a link of `entries` leads to in the end, by way of what `target_of` reads of each
/// link; nothing where it leads out of the state, in a circle, or by way of what can't be read.
fn follow(
    entries: &Entries,
    path: &[u8],
    mut target_of: impl FnMut(&[u8], Id) -> Result<Option<Vec<u8>>, Error>,
) -> Result<Option<Vec<u8>>, Error> {
    let mut path = path.to_vec();
    for _ in 0..limits::LINK_HOPS {
        // The first link on the way: the path itself, or a folder of it.
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let link = ends.map(|(at, _)| at).chain([path.len()]).find_map(|end| {
            let entry = entries.find(&path[..end])?;
            (entry.kind == Kind::Link).then_some((end, entry.id))
        });
        let Some((end, id)) = link else {
            return Ok(Some(path));
        };
        let Some(target) = target_of(&path[..end], id)? else {
            return Ok(None);
        };
        match paths::follow(&path[..end], &target, &path[end..]) {
            Some(next) => path = next,
            None => return Ok(None),
        }
    }
    Ok(None)
}
