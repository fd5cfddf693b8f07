//! Whether what is staged can move anything that caplint reads. Nearly every commit cannot, and
//! telling so takes the index and the trees that differ, not one capacity file.

use super::entries::{Entries, Id, Kind};
use super::environment::Surroundings;
use super::index_file::Index;
use super::objects::Blob;
use super::paths::{CAPACITY_FILE, is_like_capacity_file, names_capacity_file};
use super::reader::Reader;
use super::repository::Repository;
use super::selection;
use super::sides::{Asked, Case, Side};
use crate::error::Error;

/// The sentence that says what is compared, where the index differs from its base only in the
/// contents of files that no project reads: no capacity file or what may be one under another
/// name, no link, and no file below a project that names usage files. Paths that come or go may
/// be those of a `spec` or a `decision`, so they are left to a whole comparison, as is all that
/// is out of the ordinary.
pub fn untouched(surroundings: &Surroundings, asked: &Asked) -> Result<Option<String>, Error> {
    let Some(repository) = super::open(surroundings)? else {
        return Ok(None);
    };
    let selection = selection::two(surroundings, Some(&repository), asked)?;
    let [Side::Commit(base)] = &selection.bases[..] else {
        return Ok(None);
    };
    if selection.case != Case::Staged || !selection.notes.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::new(surroundings, Some(&repository));
    if !is_plain(reader.index(&repository)?) {
        return Ok(None);
    }
    let (before, _) = reader.tree(&repository, base)?;
    let after = &reader.index(&repository)?.entries;
    let Some(changed) = changed_contents(&before, after) else {
        return Ok(None);
    };
    let is_untouched = !changed.is_empty() && !may_be_usage(&repository, after, &changed)?;
    Ok(is_untouched.then_some(selection.sentence))
}

/// Whether all capacity files of an index are files: where a link or a submodule has the name,
/// another path is read for it.
fn is_plain(index: &Index) -> bool {
    let mut marks = index.marks.iter();
    let entries = index.entries.iter();
    let mut named = entries.filter(|entry| names_capacity_file(entry.path));
    !index.stats.is_empty()
        && marks.all(|mark| !mark.unmerged && !mark.intent_to_add)
        && named.all(|entry| entry.kind == Kind::File)
}

/// The files whose contents differ; nothing where a path comes, goes or becomes something else,
/// or where a capacity file is among them.
fn changed_contents<'a>(before: &Entries, after: &'a Entries) -> Option<Vec<&'a [u8]>> {
    if before.len() != after.len() {
        return None;
    }
    let mut changed = Vec::new();
    for (old, new) in before.iter().zip(after.iter()) {
        if old.path != new.path || old.kind != new.kind {
            return None;
        }
        if old.id != new.id {
            if new.kind != Kind::File || is_like_capacity_file(new.path) {
                return None;
            }
            changed.push(new.path);
        }
    }
    Some(changed)
}

/// Whether a project that a changed file is in names usage files: those are below its folder.
fn may_be_usage(
    repository: &Repository,
    entries: &Entries,
    changed: &[&[u8]],
) -> Result<bool, Error> {
    let mut around: Vec<Vec<u8>> = changed.iter().flat_map(|path| above(path)).collect();
    around.sort_unstable();
    around.dedup();
    let found = around.iter().filter_map(|path| entries.find(path));
    let ids: Vec<Id> = found.map(|entry| entry.id).collect();
    let names_usage = |blob: &Blob| match blob {
        Blob::Content(text) => text.windows(5).any(|word| word == b"usage"),
        Blob::TooLarge(_) | Blob::Missing => true,
    };
    Ok(repository.blobs(&ids)?.iter().any(names_usage))
}

/// The capacity files that a path may belong to: in its folder, and in all above.
fn above(path: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let folders = ends.map(|(at, _)| &path[..=at]);
    std::iter::once(&path[..0])
        .chain(folders)
        .map(|folder| [folder, CAPACITY_FILE.as_bytes()].concat())
}
