//! The paths of a tree, from its objects, and the capacity files that differ between two.

use std::cmp::Ordering;
use std::rc::Rc;

use super::entries::{Entries, Folders, Id, Kind, too_deep};
use super::paths::names_capacity_file;
use crate::collections::HashMap;
use crate::error::Error;
use crate::limits;

/// Walks a tree: `read` has the bytes of one object.
pub(super) struct TreeWalk<'a, F> {
    pub(super) read: F,
    pub(super) id_length: usize,
    pub(super) known: &'a [(&'a Entries, &'a Folders)],
    pub(super) entries: Entries,
    pub(super) folders: Folders,
}

impl<F: Fn(Id) -> Result<Vec<u8>, Error>> TreeWalk<'_, F> {
    pub(super) fn folder(
        &mut self,
        tree: Id,
        path: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth > limits::FOLDER_DEPTH || path.len() > limits::PATH_BYTES {
            return Err(too_deep());
        }
        let start = self.entries.len();
        let known = self.known.iter().find_map(|(entries, folders)| {
            let range = folders.find(path, tree)?;
            Some((*entries, range))
        });
        if let Some((entries, range)) = known {
            self.entries.extend(entries, range)?;
        } else {
            self.read_all(tree, path, depth)?;
            self.folders.insert(path, tree, start..self.entries.len());
        }
        Ok(())
    }

    fn read_all(&mut self, tree: Id, path: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        let data = (self.read)(tree)?;
        let mut rest = data.as_slice();
        while !rest.is_empty() {
            let (kind, name, id, after) = next_item(rest, self.id_length)
                .ok_or_else(|| Error::no_comparison(format!("tree {tree} is broken")))?;
            rest = after;
            match kind {
                Some(Kind::Folder) => {
                    let parent = path.len();
                    path.extend_from_slice(name);
                    path.push(b'/');
                    self.folder(id, path, depth + 1)?;
                    path.truncate(parent);
                }
                Some(kind) => self.entries.push_parts(path, name, kind, id)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Splits the first item off a tree: its kind, name and id, and the rest.
type TreeItem<'a> = (Option<Kind>, &'a [u8], Id, &'a [u8]);

fn next_item(data: &[u8], id_length: usize) -> Option<TreeItem<'_>> {
    let space = data.iter().position(|byte| *byte == b' ')?;
    let mode = std::str::from_utf8(&data[..space]).ok()?;
    let mode = u32::from_str_radix(mode, 8).ok()?;
    let rest = &data[space + 1..];
    let nul = rest.iter().position(|byte| *byte == 0)?;
    let (name, rest) = (&rest[..nul], &rest[nul + 1..]);
    let id = Id::from_bytes(rest.get(..id_length)?)?;
    Some((Kind::from_mode(mode), name, id, &rest[id_length..]))
}

/// How many bytes the items take that two trees both begin with.
fn same_items(one: &[u8], other: &[u8], id_length: usize) -> usize {
    const PIECE: usize = 256;
    let pieces = one.chunks_exact(PIECE).zip(other.chunks_exact(PIECE));
    let same_bytes = PIECE * pieces.take_while(|(one, other)| one == other).count();
    let mut same = 0;
    while let Some(name) = one[same..same_bytes].iter().position(|byte| *byte == 0) {
        let end = same + name + 1 + id_length;
        if end > same_bytes {
            break;
        }
        same = end;
    }
    same
}

/// What has the name of a capacity file in one tree, and in another.
#[derive(Clone, Debug)]
pub(super) struct TreeChange {
    pub(super) path: Vec<u8>,
    pub(super) before: Option<(Kind, Id)>,
    pub(super) after: Option<(Kind, Id)>,
}

/// The trees that were last read: those of a commit are mostly those of the one before.
#[derive(Default)]
pub(super) struct Trees {
    last: HashMap<Id, Rc<Vec<u8>>>,
    read: HashMap<Id, Rc<Vec<u8>>>,
}

/// The capacity files that differ between two trees, sorted by path; folders and submodules of
/// that name are told too.
pub(super) fn differences(
    trees: &mut Trees,
    read: &dyn Fn(Id) -> Result<Vec<u8>, Error>,
    id_length: usize,
    [before, after]: [Option<Id>; 2],
) -> Result<Vec<TreeChange>, Error> {
    trees.last = std::mem::take(&mut trees.read);
    let mut comparing = Comparing {
        trees,
        read,
        id_length,
        path: Vec::new(),
        changes: Vec::new(),
    };
    comparing.folders(before, after, 0)?;
    let mut changes = comparing.changes;
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(joined(changes))
}

/// What is a file in one tree and a folder in the other is one change.
fn joined(changes: Vec<TreeChange>) -> Vec<TreeChange> {
    let mut joined: Vec<TreeChange> = Vec::with_capacity(changes.len());
    for change in changes {
        match joined.last_mut() {
            Some(last) if last.path == change.path => {
                last.before = last.before.or(change.before);
                last.after = last.after.or(change.after);
            }
            _ => joined.push(change),
        }
    }
    joined
}

struct Comparing<'a> {
    trees: &'a mut Trees,
    read: &'a dyn Fn(Id) -> Result<Vec<u8>, Error>,
    id_length: usize,
    path: Vec<u8>,
    changes: Vec<TreeChange>,
}

impl Comparing<'_> {
    fn tree(&mut self, id: Option<Id>, is_kept: bool) -> Result<Rc<Vec<u8>>, Error> {
        let Some(id) = id else {
            return Ok(Rc::default());
        };
        let known = self
            .trees
            .read
            .get(&id)
            .or_else(|| self.trees.last.get(&id));
        let data = match known {
            Some(data) => data.clone(),
            None => Rc::new((self.read)(id)?),
        };
        if is_kept {
            self.trees.read.insert(id, data.clone());
        }
        Ok(data)
    }

    /// Walks two folders side by side, of which git sorts the items alike.
    fn folders(
        &mut self,
        before: Option<Id>,
        after: Option<Id>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth > limits::FOLDER_DEPTH || self.path.len() > limits::PATH_BYTES {
            return Err(too_deep());
        }
        let old = self.tree(before, false)?;
        let new = self.tree(after, true)?;
        let (mut old, mut new) = (old.as_slice(), new.as_slice());
        loop {
            let same = same_items(old, new, self.id_length);
            (old, new) = (&old[same..], &new[same..]);
            let [one, other] = [old, new].map(|rest| next_item(rest, self.id_length));
            let is_broken = |rest: &[u8], item: &Option<_>| !rest.is_empty() && item.is_none();
            if is_broken(old, &one) || is_broken(new, &other) {
                return Err(Error::no_comparison("a tree is broken"));
            }
            let order = match (&one, &other) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => compare(one, other),
            };
            let one = one.filter(|_| order.is_le());
            let other = other.filter(|_| order.is_ge());
            if let Some((.., rest)) = one {
                old = rest;
            }
            if let Some((.., rest)) = other {
                new = rest;
            }
            let stored = |item: TreeItem<'_>| item.0.map(|kind| (kind, item.2));
            let name = one.or(other).map_or(&[][..], |item| item.1);
            self.item(name, one.and_then(stored), other.and_then(stored), depth)?;
        }
    }

    fn item(
        &mut self,
        name: &[u8],
        before: Option<(Kind, Id)>,
        after: Option<(Kind, Id)>,
        depth: usize,
    ) -> Result<(), Error> {
        if before == after {
            return Ok(());
        }
        let parent = self.path.len();
        self.path.extend_from_slice(name);
        let folder = |item: Option<(Kind, Id)>| match item {
            Some((Kind::Folder, id)) => Some(id),
            _ => None,
        };
        let folders = [folder(before), folder(after)];
        if names_capacity_file(&self.path) {
            self.changes.push(TreeChange {
                path: self.path.clone(),
                before,
                after,
            });
        }
        if let [Some(_), _] | [_, Some(_)] = folders {
            self.path.push(b'/');
            self.folders(folders[0], folders[1], depth + 1)?;
        }
        self.path.truncate(parent);
        Ok(())
    }
}

/// Git's order: a folder's name ends in `/`. What is a folder in one tree and none in the other is
/// no item of both.
fn compare(one: &TreeItem<'_>, other: &TreeItem<'_>) -> Ordering {
    fn key<'a>(item: &TreeItem<'a>) -> impl Iterator<Item = u8> + use<'a> {
        let end = matches!(item.0, Some(Kind::Folder)).then_some(b'/');
        item.1.iter().copied().chain(end)
    }
    match one.1 == other.1 && one.0 == other.0 {
        true => Ordering::Equal,
        false => key(one).cmp(key(other)),
    }
}
