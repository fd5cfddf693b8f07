//! One cause, one finding: silences findings that others speak for.
//!
//! A finding speaks for others whether or not something speaks for it too; one that is turned
//! off speaks for none. A waived one does so only where the other says the same again: whoever
//! accepts that a plan runs out has not accepted that it runs out unseen, or twice as fast.

use crate::collections::{HashMap, HashSet};
use crate::document::declared::TomlPath;
use crate::document::tables::Root;
use crate::finding::{Finding, Related};
use crate::fit::{Fitted, Meters};
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::Id;
use crate::model::policy::Side;
use crate::report::Change;
use crate::rules::Context;
use crate::rules::hanging::Hanging;
use crate::rules::limits::scenario_over_limit::misfits;
use crate::rules::support::find;

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is reported.
    Counts,
    /// It is accepted, by a waiver or an `allow`.
    Waived,
    /// Its rule is turned off.
    Off,
}

/// Drops the findings of rules that others speak for, or that hang on what could not be read.
#[must_use]
pub fn silence(
    context: &Context<'_>,
    mut findings: Vec<Finding>,
    standing: impl Fn(&Finding) -> Standing,
) -> Vec<Finding> {
    let standings: Vec<Standing> = findings.iter().map(standing).collect();
    let spoken = Spoken::new(context, &findings, &standings);
    let scenarios = ScenarioFindings::new(context, &findings, &standings);
    let mut dropped = vec![false; findings.len()];
    let mut related: Vec<(usize, Related)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        dropped[index] = spoken.speaks_for(context, finding);
        if let Some(scenario) = scenarios.that_speaks_for(finding) {
            dropped[index] = true;
            related.extend(finding.span.map(|span| {
                let message = finding.message.clone();
                (scenario, Related { span, message })
            }));
        }
    }
    for (scenario, other) in related {
        findings[scenario].related.push(other);
    }
    let mut dropped = dropped.into_iter();
    findings.retain(|_| !dropped.next().unwrap_or(false));
    findings
}

/// The keys of a subject; none where it is no path.
fn keys(subject: &str) -> Vec<String> {
    TomlPath::parse(subject).map_or(Vec::new(), |path| path.0)
}

/// The thing that a subject belongs to: its first two keys.
fn thing(subject: &str) -> String {
    let mut keys = keys(subject);
    keys.truncate(2);
    TomlPath(keys).to_string()
}

/// What some finding speaks for.
struct Spoken<'a> {
    hanging: Hanging,
    /// Meters that are over, and that break on a day to come.
    over: HashSet<&'a str>,
    ahead: HashSet<&'a str>,
    /// Queues without a bound.
    unbounded: HashSet<String>,
    /// Meters that break because of what another finding says.
    caused: HashSet<String>,
    /// By database and by themselves: tables that grow for ever.
    growing: HashMap<String, Vec<Id>>,
    /// Features that pass their own threshold.
    grown: HashSet<String>,
    /// Whether something could not be read, so that what is absent may be there after all.
    broken_files: bool,
}

impl<'a> Spoken<'a> {
    fn new(context: &Context<'_>, findings: &'a [Finding], standings: &[Standing]) -> Self {
        let mut spoken = Self {
            hanging: Hanging::new(context),
            over: HashSet::default(),
            ahead: HashSet::default(),
            unbounded: HashSet::default(),
            caused: HashSet::default(),
            growing: HashMap::default(),
            grown: HashSet::default(),
            broken_files: !context.project.findings.is_empty(),
        };
        let mut ceilings = Vec::new();
        for (finding, standing) in findings.iter().zip(standings) {
            let subject = finding.subject.as_str();
            if *standing == Standing::Off {
                continue;
            }
            // What says the same again, whether it was accepted or not.
            if matches!(finding.rule, "queue-unbounded" | "workers-without-ceiling") {
                spoken.unbounded.insert(thing(subject));
            }
            if *standing == Standing::Waived {
                continue;
            }
            match finding.rule {
                "over-limit" => drop(spoken.over.insert(subject)),
                "limit-ahead" => drop(spoken.ahead.insert(subject)),
                "queue-unstable" => {
                    for kind in [MeterKind::Workers, MeterKind::Drain] {
                        let mut path = keys(&thing(subject));
                        path.push(kind.as_str().to_owned());
                        spoken.caused.insert(TomlPath(path).to_string());
                    }
                }
                // Without a ceiling there is no capacity, so that nothing ever drains.
                "workers-without-ceiling" => {
                    let mut path = keys(&thing(subject));
                    path.push(MeterKind::Drain.as_str().to_owned());
                    spoken.caused.insert(TomlPath(path).to_string());
                }
                "worker-ceiling-over-rate-limit" => ceilings.push(subject),
                "table-without-retention" => spoken.growing(context, subject),
                "feature-change-over-threshold" => {
                    spoken.grown.extend(keys(subject).get(1).cloned());
                }
                _ => {}
            }
        }
        if !ceilings.is_empty() {
            spoken.caused.extend(caused_by_workers(context, &ceilings));
        }
        spoken
    }

    fn growing(&mut self, context: &Context<'_>, subject: &str) {
        let keys = keys(subject);
        let Some(name) = keys.get(1) else { return };
        let Some(table) = context.project.model.tables.get(name) else {
            return;
        };
        let of_table = TomlPath::new(&["tables", name, "storage"]).to_string();
        self.growing.insert(of_table, vec![table.id]);
        if let Some(database) = &table.database {
            let of_database = TomlPath::new(&["databases", database, "storage"]).to_string();
            self.growing.entry(of_database).or_default().push(table.id);
        }
    }

    fn speaks_for(&self, context: &Context<'_>, finding: &Finding) -> bool {
        let subject = finding.subject.as_str();
        let today = &context.outlook.today;
        match finding.rule {
            "over-limit" if self.caused.contains(subject) => return true,
            "near-limit"
                if self.over.contains(subject)
                    || self.ahead.contains(subject)
                    || self.caused.contains(subject) =>
            {
                return true;
            }
            "limit-ahead"
                if self.over.contains(subject)
                    || self.caused.contains(subject)
                    || find(today, subject).is_some_and(|fitted| {
                        self.only_grows(context, today, fitted, Side::Today)
                    }) =>
            {
                return true;
            }
            "scenario-over-limit" if self.scenario(context, subject) => return true,
            "alert-blind-zone" | "alert-lead-too-short" if self.over.contains(subject) => {
                return true;
            }
            "change-over-threshold"
                if self.over.contains(subject) || self.one_feature(context, subject) =>
            {
                return true;
            }
            "limit-missing" if self.unbounded.contains(&thing(subject)) => return true,
            // Who uses a name, and what stands on what, is known when all files are.
            "unused-declaration" | "spec-without-feature" | "table-without-rollup"
                if self.broken_files =>
            {
                return true;
            }
            _ => {}
        }
        self.hanging.holds(subject)
    }

    /// Whether a meter of storage breaks only because tables grow for ever: the rest fits.
    fn only_grows(
        &self,
        context: &Context<'_>,
        meters: &Meters,
        fitted: &Fitted,
        side: Side,
    ) -> bool {
        let (Some(tables), Some(limit)) = (self.growing.get(&*fitted.meter.id), fitted.meter.limit)
        else {
            return false;
        };
        let overhead = match fitted.id.owner {
            Family::Database => context
                .project
                .model
                .databases
                .get(&fitted.id.name)
                .map_or(0.0, |database| database.overhead),
            _ => 0.0,
        };
        let graph = &context.outlook.graph;
        let of_table = |table: &Id| {
            meters
                .bytes
                .get(table.index())
                .map(|bytes| graph.point(*bytes))
        };
        let growing: f64 = tables
            .iter()
            .filter_map(of_table)
            .filter(|bytes| bytes.is_finite())
            .sum();
        let Some(demand) = fitted.meter.demand.point else {
            return true;
        };
        let rest = demand - growing * (1.0 + overhead);
        rest <= limit * context.policy.bar(MeterKind::Storage, side).breaks
    }

    /// Whether all that does not fit in a scenario is said elsewhere, or hangs on what could not
    /// be read.
    fn scenario(&self, context: &Context<'_>, subject: &str) -> bool {
        let keys = keys(subject);
        let Some(meters) = keys.get(1).and_then(|name| scenario_meters(context, name)) else {
            return false;
        };
        let misfits = misfits(context, meters);
        misfits.iter().all(|fitted| {
            let id = &*fitted.meter.id;
            self.caused.contains(id)
                || self.hanging.holds(id)
                || self.only_grows(context, meters, fitted, Side::Scenario)
        })
    }

    /// Whether one feature, of which is said that it grew too much, alone takes a meter of an
    /// API past the change's threshold.
    fn one_feature(&self, context: &Context<'_>, subject: &str) -> bool {
        let (Some(comparison), Some(fitted)) =
            (context.comparison, find(&context.outlook.today, subject))
        else {
            return false;
        };
        if self.grown.is_empty() || fitted.id.owner != Family::Api {
            return false;
        }
        let changes = &comparison.changes;
        let change = changes.binary_search_by(|change| change.meter.as_str().cmp(subject));
        let (Some(change), Some(limit)) = (
            change.ok().and_then(|index| changes.get(index)),
            context.policy.change_limit(fitted.id.kind),
        ) else {
            return false;
        };
        let Some(before) = change.before else {
            return false;
        };
        by_feature(change).iter().any(|(feature, delta)| {
            self.grown.contains(feature) && limit.is_passed(before, before + delta)
        })
    }
}

/// How much each feature's declarations change a meter.
fn by_feature(change: &Change) -> HashMap<String, f64> {
    let mut deltas: HashMap<String, f64> = HashMap::default();
    for attribution in &change.attribution {
        let mut keys = keys(&attribution.path).into_iter();
        if let (Some("features"), Some(feature)) = (keys.next().as_deref(), keys.next()) {
            *deltas.entry(feature).or_default() += attribution.delta;
        }
    }
    deltas
}

fn scenario_meters<'a>(context: &Context<'a>, name: &str) -> Option<&'a Meters> {
    let scenarios = &context.project.scenarios;
    let index = scenarios
        .iter()
        .position(|(scenario, _)| scenario.name == name)?;
    context.outlook.scenarios.get(index)
}

/// The rate meters that workers with too high a ceiling cause: what else calls the API fits.
fn caused_by_workers(context: &Context<'_>, ceilings: &[&str]) -> Vec<String> {
    let root = &context.project.declarations.root;
    let apis: HashSet<String> = ceilings
        .iter()
        .filter_map(|subject| api_of(root, &keys(subject)))
        .collect();
    let mut others: HashMap<(String, usize), f64> = HashMap::default();
    for line in context.lines() {
        let Some((api, _)) = line.line.called() else {
            continue;
        };
        if line.flow.ceiling.is_none() && apis.contains(api) {
            for (index, window) in line.flow.asked.windows().enumerate() {
                *others.entry((api.to_string(), index)).or_default() +=
                    context.outlook.graph.point(window);
            }
        }
    }
    let breaks = context.policy.bar(MeterKind::Rate, Side::Today).breaks;
    let mut meters = Vec::new();
    for name in &apis {
        let Some(api) = context.project.model.apis.get(name) else {
            continue;
        };
        for (index, limit) in api.rate_limits.iter().enumerate() {
            let rest = others.get(&(name.clone(), index)).copied().unwrap_or(0.0);
            if rest <= limit.bound.now * breaks {
                let rest = vec![limit.window.clone()];
                let id = MeterId::new(Family::Api, name, MeterKind::Rate, rest);
                meters.push(id.to_string());
            }
        }
    }
    meters
}

/// The API that a subject is about: itself, or the one that a queue's workers share.
fn api_of(root: &Root, keys: &[String]) -> Option<String> {
    let name = keys.get(1)?;
    match keys.first()?.as_str() {
        "apis" => Some(name.clone()),
        "queues" => {
            let queue = root.queues.get(name)?;
            let api = queue.workers.as_ref()?.value.api.as_ref()?;
            Some(api.value.0.clone())
        }
        _ => None,
    }
}

/// The findings about scenarios, by each thing that does not fit in one.
struct ScenarioFindings(HashMap<String, usize>);

impl ScenarioFindings {
    fn new(context: &Context<'_>, findings: &[Finding], standings: &[Standing]) -> Self {
        let mut by_thing = HashMap::default();
        for (index, (finding, standing)) in findings.iter().zip(standings).enumerate() {
            if finding.rule != "scenario-over-limit" || *standing != Standing::Counts {
                continue;
            }
            let keys = keys(&finding.subject);
            let meters = keys.get(1).and_then(|name| scenario_meters(context, name));
            for fitted in meters.map_or(Vec::new(), |meters| misfits(context, meters)) {
                let thing = TomlPath::new(&[fitted.id.owner.as_str(), &fitted.id.name]);
                by_thing.entry(thing.to_string()).or_insert(index);
            }
        }
        Self(by_thing)
    }

    fn that_speaks_for(&self, finding: &Finding) -> Option<usize> {
        if finding.rule != "irreversible-undecided" {
            return None;
        }
        self.0.get(&thing(&finding.subject)).copied()
    }
}

#[cfg(test)]
mod tests;
