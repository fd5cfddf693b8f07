//! What a repository stores.

use super::entries::Id;

/// What a revision turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Commit(Id),
    /// A tree or a blob.
    NotACommit,
    /// An abbreviation of several objects.
    Ambiguous,
    Unknown,
}

/// An object as it is stored.
pub(super) struct Object {
    pub(super) kind: ObjectKind,
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Other,
}

/// What came of reading a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blob {
    Content(Vec<u8>),
    /// It is larger than what is read; its size in bytes.
    TooLarge(u64),
    /// The clone does not have it.
    Missing,
}

/// What a commit says of itself.
pub(super) struct Commit {
    pub(super) tree: Id,
    /// Its parents as the commit names them: in a shallow clone they need not be there.
    pub(super) parents: Vec<Id>,
}
