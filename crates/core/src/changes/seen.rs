//! What a comparison looks at of a side: its meters today, and their verdicts in scenarios.

use std::collections::BTreeMap;

use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::report::{self, Meter, Verdict};

/// A side of a comparison.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// Today's meters, by id.
    pub(super) meters: BTreeMap<&'a str, Brief>,
    /// The verdicts by meter, by scenario.
    pub(super) scenarios: BTreeMap<&'a str, HashMap<&'a str, Verdict>>,
}

/// What of a meter is compared.
#[derive(Clone, Copy)]
pub(super) struct Brief {
    pub(super) point: Option<f64>,
    pub(super) limit: Option<f64>,
    pub(super) utilization: Option<f64>,
    pub(super) verdict: Verdict,
    pub(super) breaking_point: Option<f64>,
    pub(super) lower_bound: bool,
}

impl Brief {
    fn of(meter: &Meter) -> Self {
        Self {
            point: meter.demand.point,
            limit: meter.limit,
            utilization: meter.utilization,
            verdict: meter.verdict,
            breaking_point: meter.breaking_point,
            lower_bound: meter.lower_bound,
        }
    }
}

impl<'a> Seen<'a> {
    /// What is seen of a project.
    pub(super) fn of(project: &'a Project, outlook: &'a Outlook) -> Self {
        let names = project
            .scenarios
            .iter()
            .map(|(scenario, _)| scenario.name.as_str());
        Self::new(
            outlook.today.iter().map(|fitted| &fitted.meter),
            names.zip(
                outlook
                    .scenarios
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
            meters: today.map(|meter| (&*meter.id, Brief::of(meter))).collect(),
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
