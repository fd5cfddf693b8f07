//! What a comparison looks at of a side: its meters today, and their verdicts in scenarios.

use std::collections::BTreeMap;

use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::fit::Meters;
use crate::report::{self, Meter, Verdict};

/// A side of a comparison.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// Today's meters, by id.
    pub(super) meters: BTreeMap<&'a str, &'a Meter>,
    /// The verdicts by meter, by scenario.
    pub(super) scenarios: BTreeMap<&'a str, HashMap<&'a str, Verdict>>,
}

impl<'a> Seen<'a> {
    /// What is seen of a project.
    pub(super) fn of(project: &'a Project, outlook: &'a Outlook) -> Self {
        Self::of_meters(project, &outlook.today, &outlook.scenarios)
    }

    /// What is seen of the meters of a project today and in its scenarios.
    pub(super) fn of_meters(
        project: &'a Project,
        today: &'a Meters,
        in_them: &'a [Meters],
    ) -> Self {
        let names = project
            .scenarios
            .iter()
            .map(|(scenario, _)| scenario.name.as_str());
        Self::new(
            today.iter().map(|fitted| &fitted.meter),
            names.zip(
                in_them
                    .iter()
                    .map(|meters| meters.iter().map(|fitted| &fitted.meter)),
            ),
        )
    }

    /// What is seen of a project in a saved report.
    pub(super) fn reported(project: &'a report::Project) -> Self {
        Self::new(
            project.meters.iter(),
            project
                .scenarios
                .iter()
                .map(|scenario| (scenario.name.as_str(), scenario.meters.iter())),
        )
    }

    fn new<M: Iterator<Item = &'a Meter>>(
        today: impl Iterator<Item = &'a Meter>,
        scenarios: impl Iterator<Item = (&'a str, M)>,
    ) -> Self {
        Self {
            meters: today.map(|meter| (&*meter.id, meter)).collect(),
            scenarios: scenarios
                .map(|(name, meters)| {
                    let verdicts = meters.map(|meter| (&*meter.id, meter.verdict));
                    (name, verdicts.collect())
                })
                .collect(),
        }
    }

    /// A meter's verdict in a scenario. Those without a limit may be left out there.
    pub(super) fn verdict_in(&self, scenario: &str, meter: &str) -> Option<Verdict> {
        let verdict = self.scenarios.get(scenario)?.get(meter).copied();
        let left_out = self.meters.contains_key(meter);
        verdict.or(left_out.then_some(Verdict::Unlimited))
    }
}
