//! The sides of a comparison, and what a comparison is.

use std::ffi::OsString;
use std::path::PathBuf;

use super::entries::Id;

pub(super) const MERGE_BASE: &str = "merge base";

#[derive(Clone, Debug)]
pub(super) enum Side {
    WorkTree,
    Index,
    Commit(Revision),
    /// A folder, as it was given and where it is.
    Folder {
        given: String,
        path: PathBuf,
    },
    /// A saved report, as it was given and where it is.
    Report {
        given: String,
        path: PathBuf,
    },
    /// There is no state: what is compared with it is all new.
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) name: String,
    pub(super) id: Id,
}

/// What is compared, and one sentence that says what it is and why.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    /// One, but where branches were merged crosswise or a merge is in progress.
    pub(super) bases: Vec<Side>,
    pub(super) head: Side,
    pub(super) case: Case,
    /// Why the comparison is not certain, where it is not.
    pub(super) reason: Option<String>,
    pub(super) sentence: String,
    pub(super) notes: Vec<String>,
}

impl Selection {
    /// A selection whose sentence says what the sides are, and `why`.
    pub(super) fn new(case: Case, base: Side, head: Side, why: &str) -> Self {
        Self::of(case, vec![base], head, why)
    }

    pub(super) fn of(case: Case, bases: Vec<Side>, head: Side, why: &str) -> Self {
        let names: Vec<String> = bases.iter().map(Side::describe).collect();
        let is_first = matches!(bases[..], [Side::Nothing]);
        let all_new = if is_first { ": all of it is new" } else { "" };
        let why = match why {
            "" => String::new(),
            why => format!(" ({why})"),
        };
        let names = names.join(" and with ");
        let judged = head.describe();
        let sentence = format!("{judged} is compared with {names}{all_new}{why}.");
        // "the working tree" begins the sentence; names keep their case.
        let sentence = match sentence.strip_prefix("the ") {
            Some(rest) => format!("The {rest}"),
            None => sentence,
        };
        Self {
            bases,
            head,
            case,
            reason: None,
            sentence,
            notes: Vec::new(),
        }
    }
}

impl Side {
    fn describe(&self) -> String {
        match self {
            Self::WorkTree => "the working tree".into(),
            Self::Index => "the index".into(),
            Self::Commit(revision) => revision.describe(),
            Self::Folder { given, .. } => format!("the folder {given}"),
            Self::Report { given, .. } => format!("the saved report {given}"),
            Self::Nothing => "nothing".into(),
        }
    }
}

impl Revision {
    pub(super) fn new(name: impl Into<String>, id: Id) -> Self {
        Self {
            name: name.into(),
            id,
        }
    }

    pub(super) fn describe(&self) -> String {
        let short = self.id.short();
        if self.id.to_string().starts_with(&self.name) {
            short
        } else if self.name.starts_with(MERGE_BASE) {
            format!("the {} ({short})", self.name)
        } else {
            format!("{} ({short})", self.name)
        }
    }
}

/// Which of the comparisons that the specification names is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Two revisions that the command line names.
    Revisions,
    /// The head with its merge base with a branch.
    MergeBase,
    /// A merge commit with its first parent.
    Parent,
    /// A push with what was there before.
    Push,
    /// A merge queue's group with its base.
    MergeGroup,
    /// A merge that is not committed yet, with the default branch or with all of its parents.
    MergeInProgress,
    /// The index with a commit.
    Staged,
    /// Folders.
    Folders,
    /// A saved report.
    Report,
    /// No base is known, or there is none.
    Nothing,
}

impl Case {
    /// Its name in the JSON report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revisions => "revisions",
            Self::MergeBase => "merge-base",
            Self::Parent => "parent",
            Self::Push => "push",
            Self::MergeGroup => "merge-group",
            Self::MergeInProgress => "merge-in-progress",
            Self::Staged => "staged",
            Self::Folders => "folders",
            Self::Report => "report",
            Self::Nothing => "nothing",
        }
    }
}

/// Which state `check` and the like read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The working tree; outside a repository, the folder.
    WorkTree,
    /// The index, as `--staged` asks for.
    Index,
    /// A commit, as `--rev` asks for.
    Revision(String),
}

/// What `diff` was asked to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Up to two sides: revisions, folders, a saved report as the base; or one range.
    pub sides: Vec<OsString>,
    /// Whether the head is the index.
    pub staged: bool,
}
