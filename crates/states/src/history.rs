//! The capacity files of a history: what every commit of it changed.

use caplint_core::history::{Changed, Commit, Past};

use super::ancestry::is_ancestor;
use super::contents;
use super::entries::{Id, Kind};
use super::environment::Surroundings;
use super::inventory::{Capacity, Content, follow_stored};
use super::missing::no_repository;
use super::names::revision;
use super::objects::Described;
use super::repository::Repository;
use super::sides::Side;
use super::trees::{TreeChange, Trees};
use crate::collections::{HashMap, IndexSet};
use crate::error::Error;
use crate::source::{FileId, Flaw, SourceMap};
use crate::units::Date;

/// Where a history begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// With the commits of this day.
    Day(Date),
    /// After what this revision has.
    Revision(String),
}

/// Reads the first-parent history of a revision, as far as the clone has it.
/// Fails with [`Error::Usage`] where it was asked wrongly, with [`Error::NoComparison`] where an
/// object is missing.
pub fn read_history(
    surroundings: &Surroundings,
    name: &str,
    since: Option<&Since>,
) -> Result<Past, Error> {
    let repository = super::open(surroundings)?;
    let repository = repository.ok_or_else(|| no_repository("a history"))?;
    let commit = |name| match revision(&repository, surroundings, name)? {
        Side::Commit(commit) => Ok(commit.id),
        _ => Err(Error::no_comparison("there is no commit yet")),
    };
    let mut chain = chain(&repository, commit(name)?)?;
    match since {
        None => {}
        Some(Since::Day(day)) => chain.since(*day),
        Some(Since::Revision(name)) => chain.after(&repository, commit(name)?)?,
    }
    let mut past = changes(&repository, &chain)?;
    past.notes.extend(chain.note());
    Ok(past)
}

/// Commits, newest first, each the first parent of the one before.
struct Chain {
    commits: Vec<(Id, Described)>,
    /// Whether what comes before the last of them was left out of the clone.
    is_cut: bool,
    /// Of which commits the history is: from the first on, those that `is_listed`.
    listed: usize,
    from: Option<Date>,
}

fn chain(repository: &Repository, tip: Id) -> Result<Chain, Error> {
    let boundary = repository.shallow_boundary()?;
    let mut commits = Vec::new();
    let mut next = Some(tip);
    let mut is_cut = false;
    while let Some(id) = next {
        let Some(described) = repository.described(id)? else {
            if commits.is_empty() {
                return Err(repository.missing(id));
            }
            is_cut = true;
            break;
        };
        next = described.commit.parents.first().copied();
        commits.push((id, described));
        if boundary.contains(&id) {
            is_cut = true;
            break;
        }
    }
    // What the last one changed can't be told where its parent is not there.
    let listed = commits.len() - usize::from(is_cut);
    Ok(Chain {
        commits,
        is_cut,
        listed,
        from: None,
    })
}

impl Chain {
    fn since(&mut self, day: Date) {
        let listed = self.commits.iter().take(self.listed);
        let last = listed.rev().position(|(_, it)| it.day() >= day);
        let last = last.map(|from_end| self.listed - 1 - from_end);
        self.listed = last.map_or(0, |last| last + 1);
        self.from = Some(day);
    }

    /// Of a chain of commits those that a revision has are the last.
    fn after(&mut self, repository: &Repository, revision: Id) -> Result<(), Error> {
        let (mut low, mut high) = (0, self.listed);
        while low < high {
            let middle = low + (high - low) / 2;
            if is_ancestor(repository, self.commits[middle].0, revision)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.listed = low;
        Ok(())
    }

    fn is_listed(&self, described: &Described) -> bool {
        self.from.is_none_or(|from| described.day() >= from)
    }

    /// What is missing of what was asked for.
    fn note(&self) -> Option<String> {
        let reaches_cut = self.is_cut && self.listed + 1 == self.commits.len();
        let (id, last) = self.commits.last().filter(|_| reaches_cut)?;
        Some(format!(
            "The clone is shallow: what was before {} of {} is not in it. \
             `git fetch --unshallow` gets it.",
            id.short(),
            last.day()
        ))
    }
}

/// What stands in a tree under the name of a capacity file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum File {
    Blob(Id),
    Other,
    BadLink,
}

/// A capacity file that comes, goes or becomes another.
struct Difference {
    path: Vec<u8>,
    before: Option<File>,
    after: Option<File>,
}

fn changes(repository: &Repository, chain: &Chain) -> Result<Past, Error> {
    let mut walk = Walk {
        repository,
        trees: Trees::default(),
        links: HashMap::default(),
    };
    let commits = chain.commits.get(..chain.listed).unwrap_or_default();
    let base = chain.commits.get(chain.listed);
    let mut tree = base.map(|(_, base)| base.commit.tree);
    let start = walk.step(None, tree)?;
    let mut steps = Vec::new();
    for (id, described) in commits.iter().rev() {
        let differences = walk.step(tree, Some(described.commit.tree))?;
        tree = Some(described.commit.tree);
        if !differences.is_empty() {
            steps.push((id, described, differences));
        }
    }
    let all = steps.iter().flat_map(|(.., differences)| differences);
    let files = Files::read(repository, start.iter().chain(all))?;
    let changed = |difference: &Difference| Changed {
        before: files.id(&difference.path, difference.before),
        after: files.id(&difference.path, difference.after),
    };
    let steps = steps.iter().map(|(id, described, differences)| Commit {
        id: id.to_string(),
        day: described.day(),
        author: described.author.clone(),
        subject: described.subject.clone(),
        is_listed: chain.is_listed(described),
        changed: differences.iter().map(changed).collect(),
    });
    Ok(Past {
        start: start.iter().filter_map(|it| changed(it).after).collect(),
        commits: steps.collect(),
        sources: files.sources,
        before: base.map(|(id, _)| id.to_string()),
        notes: Vec::new(),
    })
}

struct Walk<'a> {
    repository: &'a Repository,
    trees: Trees,
    /// The links that are capacity files, and what they lead to.
    links: HashMap<Vec<u8>, File>,
}

impl Walk<'_> {
    /// The capacity files that differ between two trees, the second of which comes after the first.
    fn step(&mut self, before: Option<Id>, after: Option<Id>) -> Result<Vec<Difference>, Error> {
        if before == after {
            return Ok(Vec::new());
        }
        let repository = self.repository;
        let found = repository.capacity_between(before, after, &mut self.trees)?;
        let mut differences = Vec::new();
        for TreeChange {
            path,
            before,
            after,
        } in found
        {
            let was_link = self.links.remove(&path);
            let file = |(kind, id)| match kind {
                Kind::File => Some(File::Blob(id)),
                Kind::Link => None,
                Kind::Submodule | Kind::Folder => Some(File::Other),
            };
            if matches!(after, Some((Kind::Link, _))) {
                // Where it leads is found below, as all links' ends may have changed.
                self.links.insert(path.clone(), File::BadLink);
            }
            differences.push(Difference {
                before: was_link.or_else(|| before.and_then(file)),
                after: after.and_then(file),
                path,
            });
        }
        if let Some(tree) = after.filter(|_| !self.links.is_empty()) {
            self.follow(tree, &mut differences)?;
        }
        differences.retain(|it| it.before != it.after);
        Ok(differences)
    }

    /// Follows all links, whose ends may be any files.
    fn follow(&mut self, tree: Id, differences: &mut Vec<Difference>) -> Result<(), Error> {
        let (entries, _) = self.repository.tree(tree, &[])?;
        for (path, was) in &mut self.links {
            let now = match follow_stored(self.repository, &entries, path)? {
                Content::Blob(id) => File::Blob(id),
                _ => File::BadLink,
            };
            match differences.iter_mut().find(|it| it.path == *path) {
                Some(difference) => difference.after = Some(now),
                None => differences.push(Difference {
                    path: path.clone(),
                    before: Some(*was),
                    after: Some(now),
                }),
            }
            *was = now;
        }
        differences.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(())
    }
}

/// All files of a history, each that differs by path or content once.
struct Files {
    sources: SourceMap,
    ids: HashMap<(Vec<u8>, File), FileId>,
}

impl Files {
    fn read<'d>(
        repository: &Repository,
        differences: impl Iterator<Item = &'d Difference>,
    ) -> Result<Self, Error> {
        let mut all: IndexSet<(&[u8], File)> = IndexSet::default();
        for difference in differences {
            let sides = [difference.before, difference.after];
            let sides = sides.into_iter().flatten();
            all.extend(sides.map(|file| (difference.path.as_slice(), file)));
        }
        all.sort_unstable();
        let capacity = all.iter().map(|(path, file)| Capacity {
            path: path.to_vec(),
            content: match file {
                File::Blob(id) => Content::Blob(*id),
                File::Other => Content::Flawed(Flaw::NotAFile),
                File::BadLink => Content::Flawed(Flaw::BadLink),
            },
        });
        let capacity: Vec<Capacity> = capacity.collect();
        let mut sources = SourceMap::default();
        let ids = contents::load_stored(repository, &capacity, &mut sources)?;
        let keys = all.iter().map(|(path, file)| (path.to_vec(), *file));
        let known = keys.zip(ids).filter_map(|(key, id)| Some((key, id?)));
        Ok(Self {
            ids: known.collect(),
            sources,
        })
    }

    fn id(&self, path: &[u8], file: Option<File>) -> Option<FileId> {
        self.ids.get(&(path.to_vec(), file?)).copied()
    }
}
