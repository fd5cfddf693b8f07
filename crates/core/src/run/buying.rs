//! What a project buys, and what it bought before the change.

use crate::analysis::{Figures, Project};
use crate::model::Policy;
use crate::purchases::{Asked, Extent, MONTHS, purchases};
use crate::report;

use super::judging::Run;

impl Run<'_> {
    /// Adds what is to be bought, where it is shown.
    pub(super) fn buy(
        &self,
        reported: &mut report::Project,
        (head, policy): (&Project, &Policy),
        base: Option<&Project>,
        saved: Option<&report::Project>,
    ) {
        if self.settings.figures == Figures::Judged {
            return;
        }
        let of = |project, extent| {
            let asked = Asked {
                as_of: self.settings.as_of,
                months: MONTHS,
                usage: &self.settings.usage,
                extent,
            };
            purchases(project, policy, asked, self.threads).purchases
        };
        reported.purchases = of(head, Extent::Options);
        reported.bought_before = match (base, saved) {
            // Of it only what is bought is shown.
            (Some(base), _) => of(base, Extent::Bought),
            (None, Some(saved)) => saved.purchases.clone(),
            (None, None) => Vec::new(),
        };
    }
}
