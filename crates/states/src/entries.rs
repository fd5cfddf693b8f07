//! The paths of a state as git stores them: one sorted list with modes and object ids, and
//! where each folder's part of it lies.

use std::fmt;
use std::ops::Range;

use crate::collections::HashMap;
use crate::error::Error;
use crate::limits;

/// The id of an object: 20 bytes (SHA-1) or 32 (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    bytes: [u8; 32],
    length: u8,
}

impl Id {
    pub(super) fn from_bytes(raw: &[u8]) -> Option<Self> {
        if raw.len() != 20 && raw.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(Self {
            bytes,
            length: u8::try_from(raw.len()).ok()?,
        })
    }

    pub(super) fn from_hex(text: &str) -> Option<Self> {
        let digit = |digit: char| u8::try_from(digit.to_digit(16)?).ok();
        let digits: Vec<u8> = text.chars().map(digit).collect::<Option<_>>()?;
        let (pairs, []) = digits.as_chunks() else {
            return None;
        };
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
        Self::from_bytes(&bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Enough of it for people to tell commits apart.
    pub(super) fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(10);
        text
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    File,
    /// A symbolic link; the blob holds where it leads.
    Link,
    /// A submodule: a commit of another repository.
    Submodule,
    /// A folder: in trees, and in sparse indexes.
    Folder,
}

impl Kind {
    pub(super) fn from_mode(mode: u32) -> Option<Self> {
        match mode & 0o170_000 {
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Link),
            0o160_000 => Some(Self::Submodule),
            0o040_000 => Some(Self::Folder),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Item {
    end: u32,
    kind: Kind,
    id: Id,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) path: &'a [u8],
    pub(super) kind: Kind,
    pub(super) id: Id,
}

/// Paths in git's order (by bytes), all text in one allocation.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    text: Vec<u8>,
    items: Vec<Item>,
}

impl Entries {
    pub(super) fn with_capacity(paths: usize, bytes: usize) -> Self {
        Self {
            text: Vec::with_capacity(bytes),
            items: Vec::with_capacity(paths),
        }
    }

    /// Adds a path, which comes after all that are there.
    pub(super) fn push(&mut self, path: &[u8], kind: Kind, id: Id) -> Result<(), Error> {
        self.push_parts(path, b"", kind, id)
    }

    pub(super) fn push_parts(
        &mut self,
        folder: &[u8],
        name: &[u8],
        kind: Kind,
        id: Id,
    ) -> Result<(), Error> {
        self.text.extend_from_slice(folder);
        self.text.extend_from_slice(name);
        let end = u32::try_from(self.text.len()).map_err(|_| too_many())?;
        self.items.push(Item { end, kind, id });
        if self.items.len() > limits::PATHS {
            return Err(too_many());
        }
        Ok(())
    }

    pub(super) fn extend(&mut self, other: &Self, range: Range<usize>) -> Result<(), Error> {
        let start = other.start(range.start);
        let end = if range.is_empty() {
            start
        } else {
            other.items[range.end - 1].end as usize
        };
        let shift = self.text.len();
        self.text.extend_from_slice(&other.text[start..end]);
        if u32::try_from(self.text.len()).is_err() || self.items.len() + range.len() > limits::PATHS
        {
            return Err(too_many());
        }
        for item in &other.items[range] {
            let end = u32::try_from(item.end as usize - start + shift).map_err(|_| too_many())?;
            self.items.push(Item { end, ..*item });
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn path(&self, index: usize) -> &[u8] {
        &self.text[self.start(index)..self.items[index].end as usize]
    }

    pub(super) fn get(&self, index: usize) -> Entry<'_> {
        Entry {
            path: self.path(index),
            kind: self.items[index].kind,
            id: self.items[index].id,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub(super) fn find(&self, path: &[u8]) -> Option<Entry<'_>> {
        let index = self.lower_bound(0..self.len(), path);
        (index < self.len() && self.path(index) == path).then(|| self.get(index))
    }

    pub(super) fn lower_bound(&self, range: Range<usize>, path: &[u8]) -> usize {
        self.partition_point(range, |it| it < path)
    }

    /// The first index of `range` whose path is not as those before it are.
    fn partition_point(&self, range: Range<usize>, is_before: impl Fn(&[u8]) -> bool) -> usize {
        let Range {
            start: mut low,
            end: mut high,
        } = range;
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(self.path(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The end of the run of paths, from `start` on, that begin with `prefix`.
    pub(super) fn end_of_prefix(&self, range: Range<usize>, prefix: &[u8]) -> usize {
        // Folders are mostly small: doubling steps find a near end without crossing the list.
        let mut step = 1;
        let mut low = range.start;
        while low + step < range.end && self.path(low + step).starts_with(prefix) {
            low += step;
            step *= 2;
        }
        let near = low..range.end.min(low + step);
        self.partition_point(near, |it| it.starts_with(prefix))
    }

    fn start(&self, index: usize) -> usize {
        if index == 0 {
            0
        } else {
            self.items[index - 1].end as usize
        }
    }
}

/// Which part of some [`Entries`] is a folder's, and the id of its tree, by the folder's path
/// (with a final `/`; empty for the top).
#[derive(Clone, Debug, Default)]
pub(super) struct Folders {
    map: HashMap<Box<[u8]>, (Id, Range<usize>)>,
}

impl Folders {
    pub(super) fn insert(&mut self, path: &[u8], tree: Id, range: Range<usize>) {
        self.map.insert(path.into(), (tree, range));
    }

    /// The entries below a folder, where it is known to be exactly this tree.
    pub(super) fn find(&self, path: &[u8], tree: Id) -> Option<Range<usize>> {
        match self.map.get(path) {
            Some((id, range)) if *id == tree => Some(range.clone()),
            _ => None,
        }
    }
}

pub(super) fn too_many() -> Error {
    let most = limits::PATHS;
    Error::no_comparison(format!("the repository has more than {most} paths"))
}

pub(super) fn too_deep() -> Error {
    let most = limits::FOLDER_DEPTH;
    Error::no_comparison(format!("folders nest deeper than {most} levels"))
}
