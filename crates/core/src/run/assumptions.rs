//! What was assumed because nothing was declared, where the figures depend on it.

use crate::analysis::{Outlook, Project};
use crate::document::tables::{self, LineKeys, Root};
use crate::document::values::Broker;
use crate::meter::{Family, MeterKind};
use crate::model::{Line, Scenario, Timing};

const NAMES: usize = 3;

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
        let scenarios = self.project.scenarios.iter().map(|(scenario, _)| scenario);
        let assumed = scenarios.filter(|scenario| scenario.assumed);
        let assumed = assumed.map(|Scenario { name, require, .. }| {
            format!("{name} (`require = \"{}\"`)", require.as_str())
        });
        let assumed: Vec<String> = assumed.collect();
        let names = assumed.join(" and ");
        (!assumed.is_empty()).then(|| format!("No scenario is declared: {names} are assumed."))
    }

    fn declares(&self, key: impl Fn(&tables::Project) -> bool) -> bool {
        let project = self.root.project.as_ref();
        project.is_some_and(|project| key(&project.value))
    }

    fn calendar(&self) -> Option<String> {
        let declared = self.declares(|project| project.days_per_month.is_some());
        (!declared && self.has_meter(&[MeterKind::Credits, MeterKind::Spend]))
            .then(|| "No `project.days_per_month` set, so a month has 30 days.".to_owned())
    }

    fn horizon(&self) -> Option<String> {
        let declared = self.declares(|project| project.horizon.is_some());
        (!declared && self.has_meter(&[MeterKind::Storage]))
            .then(|| "No `project.horizon` set, so storage is projected over one year.".to_owned())
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
            let lines = lines.filter(|line| {
                let line = body.line(line.kind, &line.id);
                line.is_some_and(|line| declared(&line.keys()))
            });
            found.extend(lines.map(|line| OfFeature { name, line }));
        }
        found
    }

    fn peak(&self) -> Option<String> {
        if self.declares(|project| project.peak.is_some()) {
            return None;
        }
        let flat = self.lines(
            |timing| matches!(timing, Timing::Rate { batch: false, .. }),
            |keys| keys.peak.is_none(),
        );
        sentence_of_lines("No `peak` set, so the peak is the average", flat)
    }

    fn spread(&self) -> Option<String> {
        let unspread = |timing: &Timing| {
            matches!(
                timing,
                Timing::Rate {
                    batch: true,
                    spread: None,
                    ..
                }
            )
        };
        let even = self.lines(unspread, |_| true);
        let said = "No `spread` set, so batches arrive evenly over their period";
        sentence_of_lines(said, even)
    }

    fn retries(&self) -> Option<String> {
        let demand = &self.outlook.forecast.demand;
        let undeclared = self.root.apis.iter().filter(|(name, api)| {
            let known = self.project.model.apis.get(*name);
            let lines = known.map_or(0, |known| demand.of(Family::Api, known.id).lines);
            api.retry_ratio.is_none() && lines > 0
        });
        let said = "No `retry_ratio` set, so no retries are counted";
        sentence(said, undeclared.map(|(name, _)| name))
    }

    fn indexes(&self) -> Option<String> {
        let known = &self.project.model.tables;
        let plain = self.root.tables.iter().filter(|(name, table)| {
            let placed = known.get(*name).map(|table| table.database.is_some());
            table.indexes.is_none() && placed == Some(true)
        });
        let said = "No `indexes` set, so each row counts as one write";
        sentence(said, plain.map(|(name, _)| name))
    }

    fn kafka(&self) -> impl Iterator<Item = String> {
        let of_queues = |said: &str, lacks: fn(&tables::Queue) -> bool| {
            let queues = self.root.queues.iter().filter(|(_, queue)| {
                let broker = queue.broker.as_ref().map(|broker| broker.value);
                broker == Some(Broker::Kafka) && lacks(queue)
            });
            sentence(said, queues.map(|(name, _)| name))
        };
        let copies = of_queues(
            "No `replication` set, so one copy of each message is counted",
            |queue| {
                let retained = queue.retention.is_some() || queue.storage.is_some();
                queue.replication.is_none() && retained
            },
        );
        let replayed = of_queues("No `replay` set, so no replays are counted", |queue| {
            queue.replay.is_none()
        });
        let carried = of_queues(
            "No `partition_throughput` set, so a partition carries 3 MB/s",
            |queue| queue.partitions.is_some() && queue.partition_throughput.is_none(),
        );
        [copies, replayed, carried].into_iter().flatten()
    }
}

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
fn sentence_of_lines(said: &str, mut lines: Vec<OfFeature<'_>>) -> Option<String> {
    let all = lines.len();
    if all > NAMES {
        lines.select_nth_unstable_by(NAMES - 1, |one, other| {
            let by_path = || one.path().cmp(&other.path());
            one.key().cmp(other.key()).then_with(by_path)
        });
        lines.truncate(NAMES);
    }
    sentence_of(said, lines.iter().map(OfFeature::path).collect(), all)
}

fn sentence<'n>(said: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<String> = names.map(str::to_owned).collect();
    let all = names.len();
    sentence_of(said, names, all)
}

/// Says something of a number of things, of which these names come first.
fn sentence_of(said: &str, mut names: Vec<String>, all: usize) -> Option<String> {
    names.sort_unstable();
    names.truncate(NAMES);
    let mut listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if all > NAMES {
        listed.push(format!("{} more", all - NAMES));
    }
    let last = listed.pop()?;
    Some(match listed.is_empty() {
        true => format!("{said}: {last}."),
        false => format!("{said}: {} and {last}.", listed.join(", ")),
    })
}
