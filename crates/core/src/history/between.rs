//! What a project moves from one commit to the next.

use crate::analysis::{Figures, Outlook, Project, Standing, outlooks_of};
use crate::changes::{Side, moved_between};
use crate::collections::HashMap;
use crate::run::hold;

use super::{Moved, Walk};

impl Walk<'_> {
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
                told(sides)
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
        let folder = &head.declarations.folder;
        if let Some(delta) = base.delta(head).filter(|_| is_alone) {
            self.outlooks.remove(folder);
            let standing = self.standings.remove(&base.declarations.folder);
            let mut standing = standing.unwrap_or_else(|| Standing::new(base, threads));
            let [before, after] = standing.change(head, &delta, threads);
            self.standings.insert(folder.clone(), standing);
            return told([(base, &before), (head, &after)].map(|(project, meters)| {
                let (today, scenarios) = meters.split_first()?;
                Some((project, today, scenarios))
            }));
        }
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
            self.outlooks.insert(folder.clone(), after);
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
