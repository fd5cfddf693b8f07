//! What a project moves from one commit to the next.

use crate::analysis::{Figures, Outlook, Project, Standing, outlooks_of};
use crate::changes::{Side, moved_between};
use crate::collections::HashMap;
use crate::model::merge::Exchange;
use crate::model::projects::{folder, innermost};
use crate::run::hold;
use crate::source::FileId;

use super::{Moved, Walk};

impl<'a> Walk<'a> {
    /// What a project moves of which only some features and tables change, given the files that were
    /// in the place of those that changed; nothing where more may change.
    pub(super) fn changed(
        &mut self,
        root: &str,
        roots: &[&str],
        were: &[(&'a str, Option<FileId>)],
    ) -> Option<Vec<Moved>> {
        if self.files.is_empty() || self.behind.contains(root) {
            return None;
        }
        let own = were.iter().filter(|(path, _)| {
            let owner = innermost(roots, folder(path)).and_then(|at| roots.get(at));
            owner == Some(&root)
        });
        let own: Vec<_> = own.copied().collect();
        let (documents, threads) = (self.documents.clone(), self.threads);
        let document = |id: FileId| documents.get(id.0 as usize).map(|it| &**it);
        let gone = own.iter().filter_map(|(_, was)| document((*was)?));
        let come = own
            .iter()
            .filter_map(|(path, _)| document(*self.files.get(path)?));
        let (gone, come): (Vec<_>, Vec<_>) = (gone.collect(), come.collect());
        let files = Exchange {
            gone: &gone,
            come: &come,
        };
        let project = self.known.get_mut(root).filter(|it| it.can_change(files))?;
        self.outlooks.remove(root);
        let standing = self.standings.remove(root);
        let mut standing = standing.unwrap_or_else(|| Standing::new(project, threads));
        let Some(delta) = project.change(files) else {
            self.restore(root, own);
            return None;
        };
        let [before, after] = standing.change(project, &delta, threads);
        let moved = told([&before, &after].map(|meters| {
            let (today, scenarios) = meters.split_first()?;
            Some((&*project, today, scenarios))
        }));
        self.standings.insert(root.to_owned(), standing);
        Some(moved)
    }

    /// Resolves a project again as it was before files came in the place of others.
    fn restore(&mut self, root: &str, mut files: Vec<(&'a str, Option<FileId>)>) {
        let mut exchange = |walk: &mut Self| {
            for (path, id) in &mut files {
                let now = walk.files.get(path).copied();
                walk.put(path, std::mem::replace(id, now));
            }
        };
        exchange(self);
        let before = self.resolved(&[root]).pop();
        exchange(self);
        self.known.remove(root);
        self.known
            .extend(before.map(|project| (root.to_owned(), project)));
    }

    pub(super) fn between(&mut self, base: Option<&Project>, head: Option<&Project>) -> Vec<Moved> {
        let (figures, threads) = (Figures::Moves, self.threads);
        match (base, head) {
            (Some(base), Some(head)) => self.both(base, head),
            (None, Some(one)) | (Some(one), None) => {
                self.forget(one);
                let [outlook] = outlooks_of([(one, &one.policy)], figures, threads);
                let mut sides = [None, Some(side(one, &outlook))];
                if head.is_none() {
                    sides.reverse();
                }
                let moved = told(sides);
                if head.is_some() && one.is_certain() {
                    let folder = one.declarations.folder.clone();
                    self.outlooks.insert(folder, outlook);
                }
                moved
            }
            (None, None) => Vec::new(),
        }
    }

    fn both(&mut self, base: &Project, head: &Project) -> Vec<Moved> {
        let (figures, threads) = (Figures::Moves, self.threads);
        let held = (!base.judges_alike(head)).then(|| {
            let mut held = head.clone();
            hold(&mut held, base, threads);
            held
        });
        let is_alone = held.as_ref().is_none_or(|held| {
            let is_held = held.held.is_some() || held.scenarios != head.scenarios;
            !is_held && base.policy == head.policy
        });
        let held = held.as_ref().unwrap_or(head);
        // What is certain is drawn from no graph that both share.
        let known = self.outlooks.remove(&base.declarations.folder);
        self.forget(base);
        let is_alone = is_alone && base.is_certain() && head.is_certain();
        let (before, after) = match known.filter(|_| is_alone) {
            Some(before) => {
                let [after] = outlooks_of([(held, &base.policy)], figures, threads);
                (before, after)
            }
            None => {
                let sides = [(held, &base.policy), (base, &base.policy)];
                let [after, before] = outlooks_of(sides, figures, threads);
                (before, after)
            }
        };
        let moved = told([Some(side(base, &before)), Some(side(held, &after))]);
        if is_alone {
            let folder = head.declarations.folder.clone();
            self.outlooks.insert(folder, after);
        }
        moved
    }

    /// Forgets what is known of a project's figures.
    fn forget(&mut self, project: &Project) {
        let folder = &project.declarations.folder;
        self.outlooks.remove(folder);
        self.standings.remove(folder);
    }
}

fn side<'a>(project: &'a Project, outlook: &'a Outlook) -> Side<'a> {
    (project, &outlook.today, &outlook.scenarios)
}

/// What moved from what a project was to what it is.
fn told(sides: [Option<Side<'_>>; 2]) -> Vec<Moved> {
    let changes = moved_between(sides);
    let [before, after] = sides;
    let Some((project, ..)) = after.or(before) else {
        return Vec::new();
    };
    let mut units: HashMap<&str, &str> = HashMap::default();
    let todays = sides.into_iter().flatten().map(|(_, today, _)| today);
    for today in todays.filter(|_| !changes.is_empty()) {
        units.extend(today.iter().map(|it| (&*it.meter.id, &*it.meter.unit)));
    }
    let moved = changes.iter().map(|change| {
        let unit = units.get(&*change.meter).copied().unwrap_or_default();
        Moved::new(project, change, unit)
    });
    moved.collect()
}
