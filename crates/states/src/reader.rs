//! Reads the inventories of several states, keeping what one can take from another.

use std::path::Path;

use super::entries::{Entries, Folders, Kind};
use super::environment::Surroundings;
use super::index_file;
use super::inventory::{Content, Inventory, Place};
use super::missing::bare;
use super::paths::path_from_bytes;
use super::repository::Repository;
use super::sides::{Revision, Side};
use crate::error::Error;

pub(super) struct Reader<'a> {
    surroundings: &'a Surroundings,
    repository: Option<&'a Repository>,
    index: Option<index_file::Index>,
    index_folders: Option<Folders>,
    head: Option<(Entries, Folders)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(surroundings: &'a Surroundings, repository: Option<&'a Repository>) -> Self {
        Self {
            surroundings,
            repository,
            index: None,
            index_folders: None,
            head: None,
        }
    }

    /// The inventory of a side. The head's is read first.
    pub(super) fn inventory(&mut self, side: &Side) -> Result<Inventory, Error> {
        let needed = |repository: Option<&'a Repository>| {
            repository.ok_or_else(|| Error::no_comparison("there is no git repository here"))
        };
        match side {
            Side::Folder { path, .. } => Inventory::of_folder(path),
            Side::Commit(revision) => self.commit(needed(self.repository)?, revision),
            Side::Index => {
                let repository = needed(self.repository)?;
                Inventory::of_index(repository, self.index(repository)?)
            }
            Side::WorkTree => match self.repository {
                Some(repository) => {
                    let top = repository.work_tree.as_deref().ok_or_else(bare)?;
                    Inventory::of_work_tree(repository, top, self.index(repository)?)
                }
                None => Inventory::of_folder(&self.surroundings.dir),
            },
            Side::Report { .. } | Side::Nothing => Ok(Inventory::default()),
        }
    }

    /// Where the content of a file of the head lies; nothing for what is no file.
    pub(super) fn content(&self, side: &Side, path: &[u8]) -> Option<Content> {
        let stored = |entries: &Entries| {
            let entry = entries.find(path)?;
            (entry.kind == Kind::File).then_some(Content::Blob(entry.id))
        };
        let on_disk = |top: &Path| {
            let metadata = top.join(path_from_bytes(path)).symlink_metadata().ok()?;
            metadata
                .is_file()
                .then_some(Content::Disk(Place::Own, None))
        };
        match side {
            Side::Commit(_) => stored(&self.head.as_ref()?.0),
            Side::Index => stored(&self.index.as_ref()?.entries),
            Side::WorkTree => {
                let tree = self.repository.map(|it| it.work_tree.as_deref());
                on_disk(tree.unwrap_or(Some(&self.surroundings.dir))?)
            }
            Side::Folder { path, .. } => on_disk(path),
            Side::Report { .. } | Side::Nothing => None,
        }
    }

    pub(super) fn index(&mut self, repository: &Repository) -> Result<&index_file::Index, Error> {
        let index = match self.index.take() {
            Some(index) => index,
            None => repository.index()?,
        };
        Ok(self.index.insert(index))
    }

    fn commit(&mut self, repository: &Repository, revision: &Revision) -> Result<Inventory, Error> {
        let (entries, folders) = self.tree(repository, revision)?;
        let inventory = Inventory::of_entries(repository, &entries)?;
        self.head.get_or_insert((entries, folders));
        Ok(inventory)
    }

    /// All paths of a commit.
    pub(super) fn tree(
        &mut self,
        repository: &Repository,
        revision: &Revision,
    ) -> Result<(Entries, Folders), Error> {
        let commit = repository.commit(revision.id)?;
        let commit = commit.ok_or_else(|| repository.missing(revision.id))?;
        // Most folders of most commits are those that the index has: it knows their trees.
        if repository.work_tree.is_some() && self.index_folders.is_none() {
            self.index = self.index.take().or_else(|| repository.index_at_hand());
            self.index_folders = self.index.as_ref().map(index_file::Index::folders);
        }
        let mut known = Vec::new();
        if let Some((entries, folders)) = &self.head {
            known.push((entries, folders));
        }
        if let (Some(index), Some(folders)) = (&self.index, &self.index_folders) {
            known.push((&index.entries, folders));
        }
        repository.tree(commit.tree, &known)
    }
}
