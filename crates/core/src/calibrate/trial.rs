//! What would break with what was measured.

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::calibrate::rewrite::{Digits, Unit};
use crate::calibrate::values::{Found, Of};
use crate::calibrate::{Calibrated, NOWHERE, writing};
use crate::fit::Fitted;
use crate::model::scenarios::set_value;
use crate::model::{Declarations, Policy};
use crate::report::Verdict;
use crate::source::SourceMap;
use crate::units::DAY;

/// A project as it is declared, and as it is judged.
pub(crate) struct Trial<'a> {
    pub(crate) project: &'a Project,
    pub(crate) outlook: &'a Outlook,
    pub(crate) policy: &'a Policy,
    pub(crate) sources: &'a SourceMap,
    pub(crate) threads: usize,
}

impl Trial<'_> {
    /// The meter that breaks first with what was measured of a feature's lines, and of the tenants
    /// and retries of all, and does not as declared.
    pub(crate) fn of(&self, calibrated: &Calibrated<'_>, feature: &str) -> Option<Fitted> {
        let mut declarations = Declarations {
            root: self.project.judged().clone(),
            ..self.project.declarations.clone()
        };
        let is_tried = |found: &&Found| match found.of {
            Of::Population | Of::Retries => true,
            Of::Line => found.path.0.get(1).is_some_and(|name| name == feature),
            Of::Cost | Of::Thing => false,
        };
        for found in calibrated.found.iter().filter(is_tried) {
            let text = self.text(found);
            set_value(
                &mut declarations,
                &found.path.to_string(),
                &text,
                NOWHERE,
                NOWHERE,
            );
        }
        let tried = self.outlook(declarations.clone());
        let breaks = |fitted: &&Fitted| fitted.meter.verdict == Verdict::Breaks;
        let known = |fitted: &&Fitted| {
            let mut declared = self.outlook.today.iter().filter(breaks);
            !declared.any(|declared| declared.id == fitted.id)
        };
        let mut broken = tried.today.iter().filter(breaks).filter(known).peekable();
        broken.peek()?;
        // What others break by themselves is not this feature's.
        declarations.root.features.remove(feature);
        let without = self.outlook(declarations);
        let confidence = self.policy.confidence();
        let takes_part = |fitted: &&Fitted| {
            let mut without = without.today.iter();
            let without = without.find(|it| it.id == fitted.id);
            let demand = |it: &Fitted| it.meter.judged(confidence);
            without.is_none_or(|without| demand(without) != demand(fitted))
        };
        let worst = |one: &&Fitted, other: &&Fitted| {
            let [one, other] = [one, other].map(|it| it.meter.utilization.unwrap_or(f64::INFINITY));
            one.total_cmp(&other)
        };
        // Of several, the first: sums of others come last.
        broken.filter(takes_part).rev().max_by(worst).cloned()
    }

    /// Today's figures of these declarations: what may come is not tried.
    fn outlook(&self, mut declarations: Declarations) -> Outlook {
        declarations.root.scenarios = Default::default();
        let mut project = Project::of(declarations, Vec::new(), self.threads);
        project.scenarios.clear();
        let [outlook] = outlooks_of([(&project, self.policy)], Figures::Judged, self.threads);
        outlook
    }

    fn text(&self, found: &Found) -> String {
        let old = found.text(self.sources);
        writing::text(old, found, Digits::All).unwrap_or_else(|| match found.unit {
            // A batch, more or less often.
            Unit::PerDay => format!("\"every {}s\"", DAY / found.measured),
            unit => super::fresh(found.measured, unit, Digits::All),
        })
    }
}
