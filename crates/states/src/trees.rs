//! The paths of a tree, from its objects.

use super::entries::{Entries, Folders, Id, Kind, too_deep};
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
