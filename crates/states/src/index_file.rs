//! Reads `.git/index` itself: that is several times faster than through libgit2, and every run
//! on a working tree begins with it. The format is `gitformat-index(5)`, versions 2 to 4.
//!
//! What this reader does not know (split indexes, extensions that must be understood) it leaves to the `git` program.

use std::ops::Range;

use super::entries::{Entries, Folders, Id, Kind};
use crate::error::Error;

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// All paths, each once. A sparse index also has whole folders, as [`Kind::Folder`] and with
    /// a final `/`, until they are [expanded](Index::expand).
    pub(super) entries: Entries,
    /// Per entry: what git's flags say of it.
    pub(super) marks: Vec<Mark>,
    /// What git knew of capacity files on disk when it last looked, by position in `entries`.
    pub(super) stats: Vec<(usize, Stat)>,
    /// The cache of trees, unread.
    trees: Vec<u8>,
    id_length: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// It is not checked out, and has not to be: a sparse checkout.
    pub(super) skip_worktree: bool,
    /// Only announced, by `git add --intent-to-add`; it has no content yet.
    pub(super) intent_to_add: bool,
    pub(super) unmerged: bool,
}

/// What tells whether a file is the one that git saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) changed: (u32, u32),
    pub(super) modified: (u32, u32),
    pub(super) inode: u32,
    pub(super) size: u32,
}

/// Why an index could not be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Another reader may know it.
    Unknown(String),
    /// No reader will.
    Failed(Error),
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

const ENTRY_FIXED: usize = 40;
const FLAG_EXTENDED: u16 = 0x4000;
const FLAG_NAME: u16 = 0x0fff;
const EXTENDED_SKIP_WORKTREE: u16 = 0x4000;
const EXTENDED_INTENT_TO_ADD: u16 = 0x2000;

pub(super) fn parse(
    bytes: &[u8],
    id_length: usize,
    is_capacity_file: impl Fn(&[u8]) -> bool,
) -> Result<Index, Unread> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(4)? != b"DIRC" {
        return Err(Unread::Unknown("it does not begin as an index".into()));
    }
    let version = reader.u32()?;
    if !(2..=4).contains(&version) {
        return Err(Unread::Unknown(format!("its version is {version}")));
    }
    let count = reader.u32()? as usize;
    // An entry takes more than its fixed part, whatever the header claims.
    let likely = count.min(bytes.len() / ENTRY_FIXED);
    let mut index = Index {
        entries: Entries::with_capacity(likely, bytes.len().saturating_sub(likely * 62)),
        marks: Vec::with_capacity(likely),
        id_length,
        ..Index::default()
    };
    let mut path = Vec::new();
    for _ in 0..count {
        read_entry(
            &mut reader,
            version,
            &mut path,
            &mut index,
            &is_capacity_file,
        )?;
    }
    read_extensions(&mut reader, &mut index)?;
    Ok(index)
}

fn read_entry(
    reader: &mut Reader<'_>,
    version: u32,
    path: &mut Vec<u8>,
    index: &mut Index,
    is_capacity_file: &impl Fn(&[u8]) -> bool,
) -> Result<(), Unread> {
    let start = reader.at;
    let fixed = reader.take(ENTRY_FIXED)?;
    let id = reader.id(index.id_length)?;
    let flags = reader.u16()?;
    let extended = if flags & FLAG_EXTENDED == 0 {
        0
    } else if version == 2 {
        return Err(Unread::Unknown("version 2 with extended flags".into()));
    } else {
        reader.u16()?
    };
    let path = read_path(reader, version, flags, start, path)?;
    let mode = be32(fixed, 24);
    let kind = match Kind::from_mode(mode) {
        Some(kind) => kind,
        None => return Err(Unread::Unknown(format!("mode {mode:o}"))),
    };
    let mark = Mark {
        skip_worktree: extended & EXTENDED_SKIP_WORKTREE != 0,
        intent_to_add: extended & EXTENDED_INTENT_TO_ADD != 0,
        unmerged: flags & 0x3000 != 0,
    };
    if mark.unmerged
        && let Some(last) = index.entries.len().checked_sub(1)
        && index.entries.path(last) == path
    {
        // Up to three stages of one path: it is listed once.
        return Ok(());
    }
    if kind == Kind::File && is_capacity_file(path) {
        let stat = Stat {
            changed: (be32(fixed, 0), be32(fixed, 4)),
            modified: (be32(fixed, 8), be32(fixed, 12)),
            inode: be32(fixed, 20),
            size: be32(fixed, 36),
        };
        index.stats.push((index.entries.len(), stat));
    }
    index.entries.push(path, kind, id)?;
    index.marks.push(mark);
    Ok(())
}

/// An entry's path. In version 4 it continues the last one, which is kept in `last`.
fn read_path<'p, 'r: 'p>(
    reader: &mut Reader<'r>,
    version: u32,
    flags: u16,
    start: usize,
    last: &'p mut Vec<u8>,
) -> Result<&'p [u8], Unread> {
    if version == 4 {
        let strip = reader.offset()?;
        let keep = last.len().checked_sub(strip).ok_or_else(truncated)?;
        last.truncate(keep);
        last.extend_from_slice(reader.until(0)?);
        return Ok(last);
    }
    let length = usize::from(flags & FLAG_NAME);
    let path = if length < usize::from(FLAG_NAME) {
        reader.take(length)?
    } else {
        let path = reader.until(0)?;
        reader.at -= 1;
        path
    };
    // One to eight NULs, up to a multiple of eight bytes from the entry's start.
    let size = reader.at - start;
    reader.take((size / 8 + 1) * 8 - size)?;
    Ok(path)
}

fn read_extensions(reader: &mut Reader<'_>, index: &mut Index) -> Result<(), Unread> {
    let end = reader.bytes.len().checked_sub(index.id_length);
    let end = end.ok_or_else(truncated)?;
    while reader.at + 8 <= end {
        let name: [u8; 4] = reader.take(4)?.try_into().unwrap_or_default();
        let size = reader.u32()? as usize;
        let body = reader.take(size)?;
        match &name {
            b"TREE" => index.trees = body.to_vec(),
            // It may hold whole folders, which is seen of each.
            b"sdir" => {}
            // Capital letters mark what may be left unread.
            [b'A'..=b'Z', ..] => {}
            other => {
                let name = String::from_utf8_lossy(other);
                return Err(Unread::Unknown(format!("extension {name}")));
            }
        }
    }
    Ok(())
}

impl Index {
    /// Puts the paths of a folder in the place of each that a sparse index holds as one.
    pub(super) fn expand(self, read: impl Fn(Id) -> Result<Entries, Error>) -> Result<Self, Error> {
        if self.entries.iter().all(|entry| entry.kind != Kind::Folder) {
            return Ok(self);
        }
        let mut whole = Self {
            trees: self.trees,
            id_length: self.id_length,
            ..Self::default()
        };
        let mut stats = self.stats.into_iter().peekable();
        for (at, entry) in self.entries.iter().enumerate() {
            if entry.kind == Kind::Folder {
                for inner in read(entry.id)?.iter() {
                    whole
                        .entries
                        .push_parts(entry.path, inner.path, inner.kind, inner.id)?;
                    whole.marks.push(Mark {
                        skip_worktree: true,
                        ..Mark::default()
                    });
                }
                continue;
            }
            if let Some((_, stat)) = stats.next_if(|(it, _)| *it == at) {
                whole.stats.push((whole.entries.len(), stat));
            }
            whole.entries.push(entry.path, entry.kind, entry.id)?;
            whole.marks.push(self.marks[at]);
        }
        Ok(whole)
    }

    /// The folders whose tree git has at hand: most of them, after a checkout or a commit.
    /// Trees that the cache does not vouch for, and caches that do not add up, are left out.
    pub(super) fn folders(&self) -> Folders {
        let mut folders = Folders::default();
        let mut reader = Reader {
            bytes: &self.trees,
            at: 0,
        };
        let mut path = Vec::new();
        // A cache that breaks off has still vouched for what came before.
        let _ = self.read_trees(
            &mut reader,
            &mut path,
            0..self.entries.len(),
            0,
            &mut folders,
        );
        folders
    }

    fn read_trees(
        &self,
        reader: &mut Reader<'_>,
        path: &mut Vec<u8>,
        within: Range<usize>,
        depth: usize,
        folders: &mut Folders,
    ) -> Result<(), Unread> {
        if depth > crate::limits::FOLDER_DEPTH {
            return Err(truncated());
        }
        let parent = path.len();
        let name = reader.until(0)?;
        if depth > 0 {
            path.extend_from_slice(name);
            path.push(b'/');
        }
        let count = reader.number(b' ')?;
        let subtrees = reader.number(b'\n')?;
        let start = self.entries.lower_bound(within.clone(), path);
        let end = self.entries.end_of_prefix(start..within.end, path);
        if let Ok(count) = usize::try_from(count) {
            let id = reader.id(self.id_length)?;
            if count == end - start {
                folders.insert(path, id, start..end);
            }
        }
        for _ in 0..subtrees {
            self.read_trees(reader, path, start..end, depth + 1, folders)?;
        }
        path.truncate(parent);
        Ok(())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Unread> {
        let end = self.at.checked_add(count).ok_or_else(truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or_else(truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Unread> {
        Ok(be32(self.take(4)?, 0))
    }

    fn u16(&mut self) -> Result<u16, Unread> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn id(&mut self, length: usize) -> Result<Id, Unread> {
        Id::from_bytes(self.take(length)?).ok_or_else(truncated)
    }

    fn until(&mut self, end: u8) -> Result<&'a [u8], Unread> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let length = rest.iter().position(|byte| *byte == end);
        let length = length.ok_or_else(truncated)?;
        self.at += length + 1;
        Ok(&rest[..length])
    }

    /// A decimal number in text, up to its end mark.
    fn number(&mut self, end: u8) -> Result<i64, Unread> {
        let text = std::str::from_utf8(self.until(end)?).ok();
        text.and_then(|text| text.parse().ok())
            .ok_or_else(truncated)
    }

    /// The variable-width number of version 4 (the encoding of OFS_DELTA offsets).
    fn offset(&mut self) -> Result<usize, Unread> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value
                .checked_add(1)
                .and_then(|value| value.checked_mul(128))
                .ok_or_else(truncated)?
                + usize::from(byte & 0x7f);
        }
        Ok(value)
    }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn truncated() -> Unread {
    Unread::Unknown("it breaks off".into())
}
