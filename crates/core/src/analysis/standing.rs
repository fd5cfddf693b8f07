//! A project whose meters are kept while it changes: what a change does not reach is neither
//! evaluated again nor looked at.

use crate::analysis::{Figures, Project};
use crate::collections::{HashMap, HashSet};
use crate::fit::{Fitted, Meters};
use crate::forecast::delta::Delta;
use crate::forecast::meters::Tables;
use crate::meter::Family;
use crate::model::{Id, Model};

use super::today::{Kept, Shown, Today, Views};

/// The meters of a certain project today and in its scenarios, with what they are made of.
#[derive(Debug)]
pub(crate) struct Standing {
    today: Today,
    /// By situation.
    kept: Vec<Kept>,
    /// By situation.
    meters: Vec<Stood>,
}

/// The meters of one situation: those of tables by the tables' numbers, as they are many.
#[derive(Debug, Default)]
struct Stood {
    tables: HashMap<Id, Fitted>,
    others: Vec<Fitted>,
}

impl Stood {
    /// Takes out what a change reaches.
    fn take(&mut self, reached: &HashSet<Id>) -> Meters {
        let mut judged = std::mem::take(&mut self.others);
        judged.extend(reached.iter().filter_map(|table| self.tables.remove(table)));
        Meters {
            judged,
            ..Meters::default()
        }
    }

    fn put(&mut self, model: &Model, meters: &Meters) {
        for fitted in meters {
            let numbers = &model.numbers[Family::Table];
            let table = (fitted.id.owner == Family::Table).then(|| numbers.id(&fitted.id.name));
            match table.flatten() {
                Some(table) => drop(self.tables.insert(table, fitted.clone())),
                None => self.others.push(fitted.clone()),
            }
        }
    }
}

impl Standing {
    pub(crate) fn new(project: &Project, threads: usize) -> Self {
        let today = Today::new(&project.model, Figures::Moves, threads, None);
        let shown = Shown {
            today: Tables::All,
            others: Tables::All,
            full_days: false,
        };
        let views = Views::new((project, &project.policy), (&today, shown), &[]);
        let (all, kept) = views.judged_and_kept(None, threads);
        let meters = all.iter().map(|meters| {
            let mut stood = Stood::default();
            stood.put(&project.model, meters);
            stood
        });
        Self {
            meters: meters.collect(),
            today,
            kept,
        }
    }

    /// Makes it that of a project that comes after it, which has the same policy. Returns the
    /// meters that the change may reach, as they were and as they are: today's, and then those in
    /// scenarios.
    pub(crate) fn change(
        &mut self,
        head: &Project,
        delta: &Delta,
        threads: usize,
    ) -> [Vec<Meters>; 2] {
        let reached = self.today.change(&head.model, delta);
        let shown = Shown {
            today: Tables::Of(&reached.tables),
            others: Tables::Of(&reached.tables),
            full_days: false,
        };
        let views = Views::new((head, &head.policy), (&self.today, shown), &[]);
        let kept = std::mem::take(&mut self.kept);
        let (after, kept) = views.judged_and_kept(Some((kept, &reached)), threads);
        self.kept = kept;
        let before = self.meters.iter_mut();
        let before = before.map(|stood| stood.take(&reached.tables));
        let before = before.collect();
        for (stood, meters) in self.meters.iter_mut().zip(&after) {
            stood.put(&head.model, meters);
        }
        [before, after]
    }
}
