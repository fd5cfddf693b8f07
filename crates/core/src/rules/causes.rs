//! One cause, one finding: silences findings that others speak for, as `Speaks` has it.

use crate::collections::HashMap;
use crate::document::{TomlPath, dotted};
use crate::finding::{Finding, Related, Severity};
use crate::fit::{Fitted, Meters};
use crate::meter::{Family, MeterKind};
use crate::model::Id;
use crate::model::policy::Side;
use crate::report::Change;
use crate::rules::hanging::Hanging;
use crate::rules::limits::scenario_over_limit::{self, is_part, misfits};
use crate::rules::rule::{Rules, Speaks};
use crate::rules::support::find;
use crate::rules::{Context, rule};

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its severity, after `[rules]` and the command line.
    pub severity: Severity,
    /// Whether a waiver or an `allow` accepts it.
    pub waived: bool,
}

impl Standing {
    /// The severity up to which it silences others: what nobody has to act on silences nothing.
    fn voice(self) -> Severity {
        if self.waived {
            Severity::Off
        } else {
            self.severity
        }
    }
}

/// Drops the findings of rules that others speak for, or that hang on what could not be read.
pub fn silence(
    context: &Context<'_>,
    mut findings: Vec<Finding>,
    standing: impl Fn(&Finding) -> Standing,
) -> Vec<Finding> {
    let standings: Vec<Standing> = findings.iter().map(standing).collect();
    let spoken = Spoken::new(context, &findings, &standings);
    let mut dropped = vec![false; findings.len()];
    let mut related: Vec<(usize, Related)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let severity = standings[index].severity;
        dropped[index] = spoken.speaks_for(context, finding, severity);
        let taken_up_by = spoken.scenario_of(finding, severity);
        if let Some(other) = taken_up_by.or_else(|| spoken.part_of(finding, severity)) {
            dropped[index] = true;
            related.extend(finding.span.map(|span| {
                let message = finding.message.clone();
                (other, Related { span, message })
            }));
        }
    }
    for (finding, other) in related {
        findings[finding].related.push(other);
    }
    let mut dropped = dropped.into_iter();
    findings.retain(|_| !dropped.next().unwrap_or(false));
    findings
}

/// The keys of a subject; none where it is no path.
pub(super) fn keys(subject: &str) -> Vec<String> {
    TomlPath::parse(subject).map_or(Vec::new(), |path| path.0)
}

/// The thing that a subject belongs to: its first two keys.
fn thing(subject: &str) -> TomlPath {
    let mut keys = keys(subject);
    keys.truncate(2);
    TomlPath(keys)
}

/// How loud a subject, a thing or a feature is spoken for, by the name of the rule whose findings
/// about it are.
type ByRule = HashMap<&'static str, HashMap<String, Severity>>;

/// A finding that speaks: its index, its subject, and how loud it is.
type Said<'f> = (usize, &'f str, Severity);

/// What some finding speaks for. A finding is silenced only by one that is at least as severe.
struct Spoken<'a> {
    hanging: Hanging<'a>,
    subjects: ByRule,
    things: ByRule,
    /// Meters that break because of what another finding says.
    caused: HashMap<String, Severity>,
    /// Meters of storage that may break only because of tables that grow, and those tables.
    outgrown: ByRule,
    growing: HashMap<String, Vec<(Id, Severity)>>,
    /// Features that pass their own threshold.
    grown: ByRule,
    /// By rule and by what breaks in a scenario: the findings about such scenarios, by index.
    scenarios: HashMap<(&'static str, String), Vec<(usize, Severity)>>,
    /// By rule and by budget: the findings about what it counts, by index.
    budgets: HashMap<(&'static str, String), Vec<(usize, Severity)>>,
    /// Whether something could not be read, so that what is absent may be there after all.
    broken_files: bool,
}

impl<'a> Spoken<'a> {
    fn new(context: &Context<'a>, findings: &[Finding], standings: &[Standing]) -> Self {
        let mut spoken = Self {
            hanging: Hanging::new(context.project, context.outlook),
            subjects: ByRule::default(),
            things: ByRule::default(),
            caused: HashMap::default(),
            outgrown: ByRule::default(),
            growing: HashMap::default(),
            grown: ByRule::default(),
            scenarios: HashMap::default(),
            budgets: HashMap::default(),
            broken_files: !context.project.findings.is_empty(),
        };
        let mut by_rule: HashMap<&str, Vec<Said<'_>>> = HashMap::default();
        for (index, (finding, standing)) in findings.iter().zip(standings).enumerate() {
            let voice = standing.voice();
            if voice != Severity::Off {
                let said = by_rule.entry(finding.rule).or_default();
                said.push((index, finding.subject.as_str(), voice));
            }
        }
        for (name, said) in by_rule {
            let speaks_for = rule(name).map_or(&[][..], |rule| rule.speaks_for);
            for speaks in speaks_for {
                spoken.add(context, speaks, &said);
            }
        }
        spoken
    }

    fn add(&mut self, context: &Context<'_>, speaks: &Speaks, said: &[Said<'_>]) {
        match speaks {
            Speaks::Subject(rules) => {
                let subjects = said.iter().map(|(_, it, voice)| ((*it).to_owned(), *voice));
                insert(&mut self.subjects, rules, subjects);
            }
            Speaks::Thing(rules) => {
                let things = said.iter();
                let things = things.map(|(_, it, voice)| (thing(it).to_string(), *voice));
                insert(&mut self.things, rules, things);
            }
            Speaks::Meters(rules, kinds) => {
                for (_, subject, voice) in said {
                    let thing = thing(subject);
                    let meters = kinds.iter().map(|kind| thing.join(kind.as_str()));
                    self.caused(rules, meters.map(|it| it.to_string()).collect(), *voice);
                }
            }
            Speaks::Caused(rules, meters) => {
                for voice in [Severity::Info, Severity::Warning, Severity::Error] {
                    let loud = said.iter().filter(|(_, _, own)| *own >= voice);
                    let subjects: Vec<&str> = loud.map(|(_, subject, _)| *subject).collect();
                    if !subjects.is_empty() {
                        self.caused(rules, meters(context, &subjects), voice);
                    }
                }
            }
            Speaks::Growth(rules) => {
                for (_, subject, voice) in said {
                    self.growth(context, rules, subject, *voice);
                }
            }
            Speaks::Feature(rules) => {
                let features = said.iter().filter_map(|(_, subject, voice)| {
                    Some((keys(subject).into_iter().nth(1)?, *voice))
                });
                insert(&mut self.grown, rules, features);
            }
            Speaks::Budgets(rules) => self.add_parts(context, rules, said),
            Speaks::Scenario(rules) => {
                for (index, subject, voice) in said {
                    let meters = scenario_meters(context, subject);
                    for fitted in meters.into_iter().flat_map(|it| misfits(context, it)) {
                        let thing = dotted([fitted.id.owner.as_str(), &fitted.id.name].into_iter());
                        for rule in *rules {
                            let key = (rule.name, thing.clone());
                            self.scenarios
                                .entry(key)
                                .or_default()
                                .push((*index, *voice));
                        }
                    }
                }
            }
        }
    }

    /// Of a budget and its parts only the parts are told.
    fn add_parts(&mut self, context: &Context<'_>, rules: Rules, said: &[Said<'_>]) {
        let today = &context.outlook.today;
        let budgets = today.iter().filter(|it| it.id.owner == Family::Budget);
        let budgets: Vec<&Fitted> = budgets.collect();
        for (index, subject, voice) in said {
            let part = find(today, subject).filter(|it| it.id.kind == MeterKind::Spend);
            let Some(part) = part else { continue };
            for budget in budgets.iter().filter(|it| is_part(context, it, &part.id)) {
                for rule in rules {
                    let key = (rule.name, budget.meter.id.to_string());
                    self.budgets.entry(key).or_default().push((*index, *voice));
                }
            }
        }
    }

    fn caused(&mut self, rules: Rules, meters: Vec<String>, voice: Severity) {
        let loud = |meter: &String| (meter.clone(), voice);
        insert(&mut self.subjects, rules, meters.iter().map(loud));
        for meter in meters {
            raise(&mut self.caused, meter, voice);
        }
    }

    fn growth(&mut self, context: &Context<'_>, rules: Rules, subject: &str, voice: Severity) {
        let keys = keys(subject);
        let Some(name) = keys.get(1) else { return };
        let Some(table) = context.project.model.tables.get(name) else {
            return;
        };
        let owners = [
            ("tables", Some(name.as_str())),
            ("databases", table.database.as_deref()),
        ];
        for (owner, name) in owners {
            let Some(name) = name else { continue };
            let meter = TomlPath::new(&[owner, name, MeterKind::Storage.as_str()]).to_string();
            insert(
                &mut self.outgrown,
                rules,
                [(meter.clone(), voice)].into_iter(),
            );
            self.growing
                .entry(meter)
                .or_default()
                .push((table.id, voice));
        }
    }

    /// Whether others speak for a finding of this severity.
    fn speaks_for(&self, context: &Context<'_>, finding: &Finding, severity: Severity) -> bool {
        let subject = finding.subject.as_str();
        let is_in = |by_rule: &ByRule, key: &str| {
            let keys = by_rule.get(finding.rule);
            let voice = keys.and_then(|keys| keys.get(key));
            voice.is_some_and(|voice| *voice >= severity)
        };
        let today = &context.outlook.today;
        is_in(&self.subjects, subject)
            || (!self.things.is_empty() && is_in(&self.things, &thing(subject).to_string()))
            || (is_in(&self.outgrown, subject)
                && find(today, subject).is_some_and(|fitted| {
                    self.only_grows(context, today, fitted, (Side::Today, severity))
                }))
            || self.one_feature(context, finding, severity) == Some(true)
            || (finding.rule == scenario_over_limit::RULE.name
                && self.scenario(context, subject, severity))
            // Who uses a name, and which rollup sums up a table, is known when all files are.
            || (self.broken_files && rule(finding.rule).is_some_and(|rule| rule.needs_every_file))
            || self.hanging.holds(finding.rule, subject)
    }

    /// Whether a meter of storage breaks only because tables grow forever, of which is said that
    /// loud: the rest fits.
    fn only_grows(
        &self,
        context: &Context<'_>,
        meters: &Meters,
        fitted: &Fitted,
        (side, severity): (Side, Severity),
    ) -> bool {
        let (Some(tables), Some(limit)) = (self.growing.get(&*fitted.meter.id), fitted.meter.limit)
        else {
            return false;
        };
        let loud = tables.iter().filter(|(_, voice)| *voice >= severity);
        let mut loud = loud.map(|(table, _)| table).peekable();
        if loud.peek().is_none() {
            return false;
        }
        let Some(demand) = fitted.meter.demand.point else {
            return true;
        };
        let databases = &context.project.model.databases;
        let database = databases.get(&fitted.id.name);
        let overhead = match fitted.id.owner {
            Family::Database => database.map_or(0.0, |database| database.overhead),
            _ => 0.0,
        };
        let growing: f64 = loud
            .filter_map(|table| meters.bytes.get(table.index()))
            .map(|bytes| context.outlook.graph.point(*bytes))
            .filter(|bytes| bytes.is_finite())
            .sum();
        let rest = demand - growing * (1.0 + overhead);
        rest <= limit * context.policy.bar(MeterKind::Storage, side).breaks
    }

    /// Whether all that does not fit in a scenario is said elsewhere, that loud.
    fn scenario(&self, context: &Context<'_>, subject: &str, severity: Severity) -> bool {
        let Some(meters) = scenario_meters(context, subject) else {
            return false;
        };
        misfits(context, meters).iter().all(|fitted| {
            let id = &*fitted.meter.id;
            let caused = self.caused.get(id);
            caused.is_some_and(|voice| *voice >= severity)
                || self.only_grows(context, meters, fitted, (Side::Scenario, severity))
        })
    }

    /// The index of the finding about a scenario that takes up a finding of this severity.
    fn scenario_of(&self, finding: &Finding, severity: Severity) -> Option<usize> {
        if self.scenarios.is_empty() {
            return None;
        }
        let key = (finding.rule, thing(&finding.subject).to_string());
        let mut said = self.scenarios.get(&key)?.iter();
        let (index, _) = said.find(|(_, voice)| *voice >= severity)?;
        Some(*index)
    }

    /// The index of the finding about a part of a budget that takes up one about the budget.
    fn part_of(&self, finding: &Finding, severity: Severity) -> Option<usize> {
        if self.budgets.is_empty() {
            return None;
        }
        let mut said = self
            .budgets
            .get(&(finding.rule, finding.subject.clone()))?
            .iter();
        let (index, _) = said.find(|(_, voice)| *voice >= severity)?;
        Some(*index)
    }

    /// Whether one feature, of which is said that it grew too much, alone takes a meter of an
    /// API past the change's threshold.
    fn one_feature(
        &self,
        context: &Context<'_>,
        finding: &Finding,
        severity: Severity,
    ) -> Option<bool> {
        let grown = self.grown.get(finding.rule)?;
        let subject = finding.subject.as_str();
        let changes = &context.comparison?.changes;
        let id = &find(&context.outlook.today, subject)?.id;
        if id.owner != Family::Api {
            return None;
        }
        let index = changes.binary_search_by(|change| change.meter.as_str().cmp(subject));
        let change = changes.get(index.ok()?)?;
        let limit = context.policy.change_limit(id.kind)?;
        let before = change.before?;
        let by_feature = by_feature(change);
        let mut deltas = by_feature.iter();
        Some(deltas.any(|(feature, delta)| {
            let voice = grown.get(feature);
            voice.is_some_and(|voice| *voice >= severity) && limit.is_passed(before, before + delta)
        }))
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

/// Adds what some rules' findings about are spoken for, and how loud.
fn insert(by_rule: &mut ByRule, rules: Rules, what: impl Iterator<Item = (String, Severity)>) {
    for (what, voice) in what {
        for rule in rules {
            raise(by_rule.entry(rule.name).or_default(), what.clone(), voice);
        }
    }
}

/// Keeps the loudest voice for each.
fn raise(voices: &mut HashMap<String, Severity>, what: String, voice: Severity) {
    let loudest = voices.entry(what).or_insert(voice);
    *loudest = voice.max(*loudest);
}

/// The meters in the scenario that a subject names.
fn scenario_meters<'a>(context: &Context<'a>, subject: &str) -> Option<&'a Meters> {
    let keys = keys(subject);
    let name = keys.get(1)?;
    let mut scenarios = context.scenarios();
    let (_, meters) = scenarios.find(|(scenario, _)| scenario.name == *name)?;
    Some(meters)
}
