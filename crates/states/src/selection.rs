//! Which two states are compared: from the arguments, else from the environment, else from the
//! branch that is checked out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::entries::Id;
use super::missing::{ancestor, deepen, fetch_branch, shorthand, unknown};
use super::repository::{Repository, Resolution};
use super::{Asked, Surroundings, Which, ci};
use crate::error::Error;

/// How the name of a merge base begins.
const MERGE_BASE: &str = "merge base";

/// One side of a comparison.
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

/// A commit, and what it is called.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) name: String,
    pub(super) id: Id,
}

/// Two sides, and one sentence that says which they are and why.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) base: Side,
    pub(super) head: Side,
    pub(super) case: String,
    pub(super) notes: Vec<String>,
}

impl Selection {
    /// A selection whose sentence says what the two sides are, and `why`.
    pub(super) fn new(base: Side, head: Side, why: &str) -> Self {
        let mut case = match &base {
            Side::Nothing => format!(
                "{} is compared with nothing: all of it is new",
                head.describe()
            ),
            base => format!("{} is compared with {}", head.describe(), base.describe()),
        };
        if !why.is_empty() {
            case.push_str(" (");
            case.push_str(why);
            case.push(')');
        }
        case.push('.');
        // "the working tree" begins the sentence; names keep their case.
        if let Some(rest) = case.strip_prefix("the ") {
            case = format!("The {rest}");
        }
        Self {
            base,
            head,
            case,
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

/// The state that `check` and the like are about.
pub(super) fn one(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    which: &Which,
) -> Result<Side, Error> {
    match (which, repository) {
        (Which::WorkTree, None) => Ok(Side::Folder {
            given: surroundings.dir.display().to_string(),
            path: surroundings.dir.clone(),
        }),
        (Which::WorkTree, Some(repository)) => work_tree(repository),
        (Which::Index, Some(repository)) => index(repository),
        (Which::Revision(name), Some(repository)) => {
            match revision(repository, surroundings, name)? {
                Side::Nothing => Err(Error::usage(format!("{name} has no commit yet"), None)),
                side => Ok(side),
            }
        }
        (Which::Index, None) => Err(no_repository("--staged")),
        (Which::Revision(_), None) => Err(no_repository("--rev")),
    }
}

/// The two states that `diff` is about.
pub(super) fn two(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    asked: &Asked,
) -> Result<Selection, Error> {
    match (asked.sides.as_slice(), asked.staged) {
        ([], false) => {
            let repository = repository.ok_or_else(|| {
                Error::usage(
                    "this is not a git repository",
                    "name two folders: `caplint diff BEFORE AFTER`".to_owned(),
                )
            })?;
            match ci::selection(repository, surroundings)? {
                Some(selection) => Ok(selection),
                None => local(repository, surroundings),
            }
        }
        ([], true) => {
            let repository = repository.ok_or_else(|| no_repository("--staged"))?;
            let base = match repository.head()? {
                Some(id) => Side::Commit(Revision::new("HEAD", id)),
                None => Side::Nothing,
            };
            Ok(Selection::new(base, index(repository)?, ""))
        }
        ([base], staged) => one_argument(surroundings, repository, base, staged),
        ([base, head], false) => {
            let mut notes = Vec::new();
            let base = side(surroundings, repository, base, true, &mut notes)?;
            let head = side(surroundings, repository, head, false, &mut notes)?;
            let mut selection = Selection::new(base, existing(head)?, "");
            selection.notes = notes;
            Ok(selection)
        }
        _ => Err(Error::usage(
            "--staged compares the index with one commit",
            "`caplint diff --staged [BASE]`".to_owned(),
        )),
    }
}

fn one_argument(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    argument: &OsStr,
    staged: bool,
) -> Result<Selection, Error> {
    if let (Some(repository), Some(range)) = (repository, Range::of(surroundings, argument)) {
        if staged {
            return Err(Error::usage(
                "--staged compares the index with one commit, not with a range",
                "`caplint diff --staged [BASE]`".to_owned(),
            ));
        }
        return range.select(repository, surroundings);
    }
    let mut notes = Vec::new();
    let base = side(surroundings, repository, argument, true, &mut notes)?;
    let head = match repository {
        Some(repository) if staged => index(repository)?,
        Some(repository) => work_tree(repository)?,
        None if staged => return Err(no_repository("--staged")),
        // A folder that is no repository is its own working tree.
        None => Side::Folder {
            given: surroundings.dir.display().to_string(),
            path: surroundings.dir.clone(),
        },
    };
    let mut selection = Selection::new(base, head, "");
    selection.notes = notes;
    Ok(selection)
}

/// `A..B` or `A...B`; a side that is left out is `HEAD`.
struct Range<'a> {
    from: &'a str,
    to: &'a str,
    from_merge_base: bool,
}

impl<'a> Range<'a> {
    fn of(surroundings: &Surroundings, argument: &'a OsStr) -> Option<Self> {
        let text = argument.to_str()?;
        if is_path(text) || surroundings.dir.join(text).exists() {
            return None;
        }
        let (from, to, from_merge_base) = match text.split_once("...") {
            Some((from, to)) => (from, to, true),
            None => text.split_once("..").map(|(from, to)| (from, to, false))?,
        };
        let or_head = |name: &'a str| if name.is_empty() { "HEAD" } else { name };
        Some(Self {
            from: or_head(from),
            to: or_head(to),
            from_merge_base,
        })
    }

    fn select(
        &self,
        repository: &Repository,
        surroundings: &Surroundings,
    ) -> Result<Selection, Error> {
        let from = revision(repository, surroundings, self.from)?;
        let to = existing(revision(repository, surroundings, self.to)?)?;
        match (from, &to) {
            (Side::Commit(from), Side::Commit(head)) if self.from_merge_base => {
                merge_base(repository, surroundings, &from, head, to.clone(), "")
            }
            (from, _) => Ok(Selection::new(from, to, "")),
        }
    }
}

/// Without arguments, outside of CI: what this branch adds to the default branch.
fn local(repository: &Repository, surroundings: &Surroundings) -> Result<Selection, Error> {
    let head = work_tree(repository)?;
    let Some(tip) = repository.head()? else {
        return Ok(Selection::new(
            Side::Nothing,
            head,
            "there is no commit yet",
        ));
    };
    let tip = Revision::new("HEAD", tip);
    match default_branch(repository, None)? {
        Some(branch) => merge_base(repository, surroundings, &branch, &tip, head, ""),
        // Comparing with HEAD would pass whatever the branch holds, for want of history.
        None if repository.is_shallow() => Err(Error::no_comparison(
            "the default branch is not in this shallow clone",
            deepen(
                &format!("git fetch --unshallow && {}", fetch_branch("main")),
                "0",
                surroundings,
            ),
        )),
        None => Ok(Selection::new(
            Side::Commit(tip),
            head,
            "there is no default branch to compare with",
        )),
    }
}

/// The default branch as the clone knows it: the upstream's before the local one. `named` is
/// what the environment calls it.
pub(super) fn default_branch(
    repository: &Repository,
    named: Option<&str>,
) -> Result<Option<Revision>, Error> {
    let remote_head = repository.symbolic_target("refs/remotes/origin/HEAD");
    let mut names = Vec::new();
    if let Some(named) = named {
        names.push(format!("refs/remotes/origin/{named}"));
        names.push(format!("refs/heads/{named}"));
    } else {
        names.extend(remote_head);
        for name in ["main", "master"] {
            names.push(format!("refs/remotes/origin/{name}"));
        }
        for name in ["main", "master"] {
            names.push(format!("refs/heads/{name}"));
        }
    }
    for name in names {
        if let Resolution::Commit(id) = repository.resolve(&name)? {
            return Ok(Some(Revision::new(shorthand(&name), id)));
        }
    }
    Ok(None)
}

/// The head against its merge base with another commit; `tip` is the commit that the head
/// stands on.
pub(super) fn merge_base(
    repository: &Repository,
    surroundings: &Surroundings,
    with: &Revision,
    tip: &Revision,
    head: Side,
    why: &str,
) -> Result<Selection, Error> {
    let Some(base) = repository.merge_base(with.id, tip.id)? else {
        let message = format!(
            "{} and {} have no common ancestor",
            with.describe(),
            tip.describe()
        );
        return Err(if repository.is_shallow() {
            Error::no_comparison(
                format!("{message} in this shallow clone"),
                deepen("git fetch --unshallow", "0", surroundings),
            )
        } else {
            Error::no_comparison(
                message,
                "name what to compare with: `caplint diff BASE`".to_owned(),
            )
        });
    };
    let described = format!("{MERGE_BASE} with {}", with.name);
    let (name, why) = if base == with.id || base == tip.id {
        let name = if base == with.id { with } else { tip }.name.clone();
        let reasons = [format!("the {described}"), why.to_owned()];
        (name, reasons.join("; "))
    } else {
        (described, why.to_owned())
    };
    let why = why.trim_end_matches("; ");
    Ok(Selection::new(
        Side::Commit(Revision::new(name, base)),
        head,
        why,
    ))
}

/// A side that the command line names. Revisions come first, as with git; a path that can't
/// be mistaken for one is a path.
fn side(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    argument: &OsStr,
    is_base: bool,
    notes: &mut Vec<String>,
) -> Result<Side, Error> {
    let given = argument.to_string_lossy().into_owned();
    let path = surroundings.dir.join(argument);
    if given.starts_with('-') {
        return Err(Error::usage(
            format!("{given} is no revision: none begins with a dash"),
            None,
        ));
    }
    if let (Some(repository), Some(name)) = (repository, argument.to_str())
        && !is_path(name)
    {
        let found = !matches!(repository.resolve(name)?, Resolution::Unknown);
        if found || !path.exists() {
            let side = revision(repository, surroundings, name)?;
            if path.is_dir() {
                notes.push(format!(
                    "{name} is a revision and a folder: the revision was taken; ./{name} is the folder"
                ));
            }
            return Ok(side);
        }
    }
    path_side(given, path, is_base)
}

fn path_side(given: String, path: PathBuf, is_base: bool) -> Result<Side, Error> {
    if path.is_dir() {
        return Ok(Side::Folder { given, path });
    }
    if !path.exists() {
        return Err(Error::usage(format!("no such folder: {given}"), None));
    }
    if is_base {
        return Ok(Side::Report { given, path });
    }
    Err(Error::usage(
        format!("{given} is a file; the side that is judged is a revision or a folder"),
        "a saved report may stand first: `caplint diff REPORT [HEAD]`".to_owned(),
    ))
}

/// Whether an argument can only be a path.
fn is_path(argument: &str) -> bool {
    Path::new(argument).is_absolute()
        || matches!(argument, "." | "..")
        || argument.starts_with("./")
        || argument.starts_with("../")
}

/// The commit of this name; nothing where it is the parent of a first commit, or `HEAD` before
/// one.
pub(super) fn revision(
    repository: &Repository,
    surroundings: &Surroundings,
    name: &str,
) -> Result<Side, Error> {
    match repository.resolve(name)? {
        Resolution::Commit(id) => Ok(Side::Commit(Revision::new(name, id))),
        Resolution::NotACommit => Err(Error::usage(format!("{name} is not a commit"), None)),
        Resolution::Ambiguous => Err(Error::usage(
            format!("{name} is ambiguous: several objects begin so"),
            None,
        )),
        Resolution::Unknown => {
            if matches!(name, "HEAD" | "@") && repository.head()?.is_none() {
                return Ok(Side::Nothing);
            }
            match ancestor(repository, surroundings, name)? {
                Some(side) => Ok(side),
                None => Err(unknown(repository, surroundings, name)),
            }
        }
    }
}

fn work_tree(repository: &Repository) -> Result<Side, Error> {
    match repository.work_tree {
        Some(_) => Ok(Side::WorkTree),
        None => Err(super::bare()),
    }
}

fn index(repository: &Repository) -> Result<Side, Error> {
    match repository.work_tree {
        Some(_) => Ok(Side::Index),
        None => Err(super::bare()),
    }
}

fn existing(head: Side) -> Result<Side, Error> {
    match head {
        Side::Nothing => Err(Error::no_comparison(
            "there is no commit yet to compare",
            None,
        )),
        head => Ok(head),
    }
}

fn no_repository(option: &str) -> Error {
    Error::usage(format!("{option} needs a git repository"), None)
}
