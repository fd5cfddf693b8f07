//! The text that everything else points into: files, spans, and the two sides of a comparison.
//!
//! This module owns all text. It reads nothing itself: `crate::states` fills it from commits,
//! indexes and folders.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

/// A file of the [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in a file: `start..end`, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that holds the text.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value with the place where it was written.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// Two spanned values are equal when they say the same, wherever they stand.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A line and a column, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One capacity file as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its path from the top of the repository or folder, with `/` between names. Bytes that
    /// are not UTF-8 stand as `\xNN`.
    pub path: Arc<str>,
    /// Its text. Bytes that are not UTF-8 stand as U+FFFD.
    pub text: Arc<str>,
    /// What kept the file from being read as it should, if anything did.
    pub flaw: Option<Flaw>,
}

impl SourceFile {
    /// A file that was read as it should.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            flaw: None,
        }
    }
}

/// Why a file could not be read as text, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It holds bytes that are not UTF-8; the first of them stands at this offset.
    NotUtf8 {
        /// Offset in [`SourceFile::text`].
        at: u32,
    },
    /// It is UTF-16 text; nothing of it was read.
    Utf16,
    /// It is larger than caplint reads; nothing of it was read.
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// It is a pointer of Git LFS to a text that is not in the repository.
    LfsPointer,
    /// It is a symbolic link that leads out of the repository, or to nothing.
    BadLink,
    /// A folder or submodule bears the name of a capacity file.
    NotAFile,
}

/// Every file that was read, on both sides of a comparison. A file with the same path and the
/// same content on both sides is held, and later parsed, once.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// Where the lines of each file begin, once somebody asks.
    lines: Vec<OnceLock<Arc<[u32]>>>,
    /// How many files were added in the order of their paths, before one was not.
    in_order: usize,
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let follows = self.files.last().is_none_or(|last| last.path < file.path);
        if self.in_order == self.files.len() && follows {
            self.in_order += 1;
        }
        self.files.push(file);
        self.lines.push(OnceLock::new());
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Gives a file another text.
    pub fn replace(&mut self, id: FileId, text: impl Into<Arc<str>>) {
        let index = id.0 as usize;
        if let (Some(file), Some(lines)) = (self.files.get_mut(index), self.lines.get_mut(index)) {
            file.text = text.into();
            *lines = OnceLock::new();
        }
    }

    /// The order of two files' paths.
    pub fn compare_paths(&self, one: FileId, other: FileId) -> Ordering {
        // Mostly files are added in this order, and paths need not be looked at.
        if (one.max(other).0 as usize) < self.in_order {
            return one.cmp(&other);
        }
        self.file(one).path.cmp(&self.file(other).path)
    }

    /// All files, in the order in which they were added.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Where a byte of a file stands.
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let text = &*self.file(file).text;
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts(file);
        let line = starts.partition_point(|start| *start as usize <= offset);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        Position {
            line: saturating(line),
            column: saturating(text[start as usize..offset].chars().count() + 1),
        }
    }

    /// Where the lines of a file begin. Found once: a file may have as many findings as lines.
    fn line_starts(&self, file: FileId) -> &[u32] {
        self.lines[file.0 as usize].get_or_init(|| {
            let text = &*self.file(file).text;
            let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            let starts = ends.map(|(at, _)| saturating(at + 1));
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// The text of a span, or nothing where the span lies outside its file.
    pub fn text(&self, span: Span) -> &str {
        let text = &self.file(span.file).text;
        let (start, end) = (span.start as usize, span.end as usize);
        text.get(start..end).unwrap_or_default()
    }
}

fn saturating(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// One state of a repository or folder: the capacity files in it, and which other files exist.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What it is called in reports: `worktree`, `index`, a revision, or a folder.
    pub name: String,
    /// The commit that it is, in full, where it is one.
    pub commit: Option<String>,
    /// Its capacity files, sorted by path.
    pub files: Vec<FileId>,
    /// Every path in it.
    pub listing: Listing,
}

/// The paths of a state, sorted, in one allocation: repositories have tens of thousands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    text: String,
    ends: Vec<u32>,
    /// Files that may be meant as capacity files, and have another name.
    misnamed: Vec<FileId>,
    /// Other files that are new where a capacity file has gone.
    successors: Vec<FileId>,
}

impl Listing {
    /// A listing of these paths, in any order.
    pub fn new<P: AsRef<str> + Ord>(mut paths: Vec<P>) -> Self {
        if !paths.is_sorted() {
            paths.sort_unstable();
        }
        paths.dedup();
        let mut listing = Self {
            text: String::with_capacity(paths.iter().map(|path| path.as_ref().len()).sum()),
            ends: Vec::with_capacity(paths.len()),
            misnamed: Vec::new(),
            successors: Vec::new(),
        };
        for path in paths {
            listing.text.push_str(path.as_ref());
            listing.ends.push(saturating(listing.text.len()));
        }
        listing
    }

    /// The same, with the files that may be meant as capacity files, and have another name; and
    /// with others that are new where a capacity file has gone.
    #[must_use]
    pub fn with_misnamed(self, misnamed: Vec<FileId>, successors: Vec<FileId>) -> Self {
        Self {
            misnamed,
            successors,
            ..self
        }
    }

    /// The files that may hold what a capacity file did, which nothing reads.
    pub(crate) fn unread(&self) -> impl Iterator<Item = FileId> {
        self.misnamed.iter().chain(&self.successors).copied()
    }

    /// The files that may be meant as capacity files, and have another name.
    pub(crate) fn misnamed(&self) -> &[FileId] {
        &self.misnamed
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The paths, sorted by their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Whether a file has this path.
    pub fn contains(&self, path: &str) -> bool {
        self.from(path).next() == Some(path)
    }

    /// The paths from the first that is not less than this one.
    fn from<'a>(&'a self, first: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < first {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.len()).map(|index| self.get(index))
    }

    /// The paths below a folder, which is named without a final `/`, from there; of all where the
    /// folder's name is empty.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        self.from(&prefix)
            .map_while(move |path| path.strip_prefix(prefix.as_str()))
    }

    /// Whether any path lies below this folder, which is named without a final `/`.
    pub fn contains_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        let first = self.from(&prefix).next();
        first.is_some_and(|path| path.starts_with(&prefix))
    }

    fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[index] as usize]
    }
}
