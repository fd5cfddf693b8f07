//! What was assumed because nothing was declared, where the figures depend on it.

use crate::analysis::{Outlook, Project};
use crate::document::tables::{LineKeys, Root};
use crate::document::values::Broker;
use crate::meter::{Family, MeterKind};
use crate::model::{Line, Timing};

/// The most names in one sentence.
const NAMES: usize = 3;

/// Each assumption in one sentence.
pub(super) fn assumptions(project: &Project, outlook: &Outlook) -> Vec<String> {
    let finder = Finder {
        project,
        outlook,
        root: &project.declarations.root,
    };
    let mut said = Vec::new();
    said.extend(finder.scenarios());
    said.extend(finder.calendar());
    said.extend(finder.horizon());
    said.extend(finder.peak());
    said.extend(finder.spread());
    said.extend(finder.retries());
    said.extend(finder.indexes());
    said.extend(finder.kafka());
    said
}

struct Finder<'a> {
    project: &'a Project,
    outlook: &'a Outlook,
    root: &'a Root,
}

impl Finder<'_> {
    fn has_meter(&self, kinds: &[MeterKind]) -> bool {
        self.outlook
            .today
            .iter()
            .any(|fitted| kinds.contains(&fitted.id.kind) && fitted.meter.demand.point != Some(0.0))
            // Tables without a limit may have no meters.
            || kinds.contains(&MeterKind::Storage)
                && self.outlook.today.bytes.iter().any(|bytes| self.outlook.graph.point(*bytes) != 0.0)
    }

    fn scenarios(&self) -> Option<String> {
        let assumed: Vec<String> = self
            .project
            .scenarios
            .iter()
            .filter(|(scenario, _)| scenario.assumed)
            .map(|(scenario, _)| {
                let require = scenario.require.as_str();
                format!("{} (`require = \"{require}\"`)", scenario.name)
            })
            .collect();
        (!assumed.is_empty()).then(|| {
            format!(
                "No scenario is declared: {} are assumed.",
                assumed.join(" and ")
            )
        })
    }

    fn calendar(&self) -> Option<String> {
        let project = self.root.project.as_ref().map(|project| &project.value);
        let declared = project.is_some_and(|project| project.days_per_month.is_some());
        (!declared && self.has_meter(&[MeterKind::Credits, MeterKind::Spend]))
            .then(|| "A month has 30 days: `project.days_per_month` is not declared.".to_owned())
    }

    fn horizon(&self) -> Option<String> {
        let project = self.root.project.as_ref().map(|project| &project.value);
        let declared = project.is_some_and(|project| project.horizon.is_some());
        (!declared && self.has_meter(&[MeterKind::Storage])).then(|| {
            "Storage is projected over one year: `project.horizon` is not declared.".to_owned()
        })
    }

    /// The lines of which both hold; the second is only asked where the first holds.
    fn lines(
        &self,
        timed: impl Fn(&Timing) -> bool,
        declared: impl Fn(&LineKeys<'_>) -> bool,
    ) -> Vec<OfFeature<'_>> {
        let mut found = Vec::new();
        let features = &self.root.features;
        for (name, feature) in &self.project.model.features {
            let lines = feature.lines.iter().filter(|line| timed(&line.timing));
            let mut lines = lines.peekable();
            if lines.peek().is_none() {
                continue;
            }
            let Some(body) = features.get(name) else {
                continue;
            };
            for line in lines {
                if body
                    .line(line.kind, &line.id)
                    .is_some_and(|line| declared(&line.keys()))
                {
                    found.push(OfFeature { name, line });
                }
            }
        }
        found
    }

    fn peak(&self) -> Option<String> {
        let project = self.root.project.as_ref().map(|project| &project.value);
        if project.is_some_and(|project| project.peak.is_some()) {
            return None;
        }
        let flat = self.lines(
            |timing| matches!(timing, Timing::Rate { batch: false, .. }),
            |keys| keys.peak.is_none(),
        );
        sentence_of_lines(flat, |names| {
            format!("Demand is as high at its peak as on average (`peak` 1): {names}.")
        })
    }

    fn spread(&self) -> Option<String> {
        let unspread = |timing: &Timing| {
            let Timing::Rate { batch, spread, .. } = timing else {
                return false;
            };
            *batch && spread.is_none()
        };
        let even = self.lines(unspread, |_| true);
        sentence_of_lines(even, |names| {
            format!("Batches arrive evenly over their period, for want of a `spread`: {names}.")
        })
    }

    fn retries(&self) -> Option<String> {
        let undeclared: Vec<String> = self
            .root
            .apis
            .iter()
            .filter(|(name, api)| {
                let known = self.project.model.apis.get(*name);
                let demand = &self.outlook.forecast.demand;
                let lines = known.map_or(0, |known| demand.of(Family::Api, known.id).lines);
                api.retry_ratio.is_none() && lines > 0
            })
            .map(|(name, _)| name.to_owned())
            .collect();
        sentence(&undeclared, |names| {
            format!("No call is retried, for want of a `retry_ratio`: {names}.")
        })
    }

    fn indexes(&self) -> Option<String> {
        let plain: Vec<String> = self
            .root
            .tables
            .iter()
            .filter(|(name, table)| {
                let placed = self
                    .project
                    .model
                    .tables
                    .get(*name)
                    .is_some_and(|table| table.database.is_some());
                table.indexes.is_none() && placed
            })
            .map(|(name, _)| name.to_owned())
            .collect();
        sentence(&plain, |names| {
            format!("A row is one write, for want of `indexes`: {names}.")
        })
    }

    fn kafka(&self) -> Vec<String> {
        let queues = |chosen: &dyn Fn(&crate::document::tables::Queue) -> bool| -> Vec<String> {
            self.root
                .queues
                .iter()
                .filter(|(_, queue)| {
                    queue
                        .broker
                        .as_ref()
                        .is_some_and(|broker| broker.value == Broker::Kafka)
                        && chosen(queue)
                })
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        [
            sentence(
                &queues(&|queue| {
                    let retained = queue.retention.is_some() || queue.storage.is_some();
                    queue.replication.is_none() && retained
                }),
                |names| {
                    format!("One copy is kept of each message, for want of `replication`: {names}.")
                },
            ),
            sentence(&queues(&|queue| queue.replay.is_none()), |names| {
                format!("Nothing is replayed, for want of `replay`: {names}.")
            }),
            sentence(
                &queues(&|queue| {
                    queue.partitions.is_some() && queue.partition_throughput.is_none()
                }),
                |names| {
                    format!(
                        "A partition carries 3 MB/s, for want of `partition_throughput`: {names}."
                    )
                },
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A line of a feature.
struct OfFeature<'a> {
    name: &'a str,
    line: &'a Line,
}

impl OfFeature<'_> {
    fn path(&self) -> String {
        self.line.path(self.name)
    }

    /// What the order of paths is decided by, of lines of different features: a name with a `.`
    /// stands in quotes, and after each stands a `.`.
    fn key(&self) -> impl Iterator<Item = u8> {
        let quote = self.name.contains('.').then_some(b'"');
        let opened = quote.into_iter().chain(self.name.bytes());
        opened.chain(quote).chain(std::iter::once(b'.'))
    }
}

/// Says something of lines, the first of which are named by their paths. There may be many.
fn sentence_of_lines(
    mut lines: Vec<OfFeature<'_>>,
    say: impl FnOnce(String) -> String,
) -> Option<String> {
    let all = lines.len();
    if all > NAMES {
        lines.select_nth_unstable_by(NAMES - 1, |one, other| {
            let by_path = || one.path().cmp(&other.path());
            one.key().cmp(other.key()).then_with(by_path)
        });
        lines.truncate(NAMES);
    }
    let paths = lines.iter().map(OfFeature::path).collect();
    sentence_of(paths, all, say)
}

fn sentence(names: &[String], say: impl FnOnce(String) -> String) -> Option<String> {
    sentence_of(names.to_vec(), names.len(), say)
}

/// Says something of so many things, of which these names come first.
fn sentence_of(
    mut names: Vec<String>,
    all: usize,
    say: impl FnOnce(String) -> String,
) -> Option<String> {
    names.sort_unstable();
    names.truncate(NAMES);
    let mut said: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if all > NAMES {
        said.push(format!("{} more", all - NAMES));
    }
    let last = said.pop()?;
    Some(say(match said.is_empty() {
        true => last,
        false => format!("{} and {last}", said.join(", ")),
    }))
}
