//! One cause, one finding: silences findings that others speak for, as `Speaks` has it.

use crate::changes::Before;
use crate::collections::{HashMap, IndexMap};
use crate::document::{TomlPath, dotted};
use crate::finding::{self, Severity};
use crate::fit::{Fitted, Meters};
use crate::meter::{Family, MeterKind};
use crate::model::Id;
use crate::model::policy::Side;
use crate::report::{Change, Finding, Related, State, Verdict};
use crate::rules::hanging::Hanging;
use crate::rules::limits::scenario_over_limit::{self, is_part, misfits};
use crate::rules::rule::{Rules, Speaks};
use crate::rules::support::find;
use crate::rules::{Context, Rule, rule};
use crate::units::Date;

/// How loud something is said: at all, and by what is new or worse.
///
/// What fails a run is silenced only by what fails it too: by a finding that is at least as
/// severe, and that is new or worse where the other one is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Voice {
    any: Severity,
    fresh: Severity,
}

impl Voice {
    fn new(severity: Severity, is_fresh: bool) -> Self {
        let fresh = if is_fresh { severity } else { Severity::Off };
        Self {
            any: severity,
            fresh,
        }
    }

    fn is_as_loud_as(self, other: Self) -> bool {
        self.any >= other.any && self.fresh >= other.fresh
    }
}

/// Whether a finding is new or worse. A saved report leaves out what others speak for, so that
/// nothing tells whether that is new.
fn is_fresh(context: &Context<'_>, finding: &Finding) -> bool {
    let is_saved = matches!(
        context.comparison.map(|comparison| comparison.before),
        Some(Before::Report(_))
    );
    match finding.state {
        None | Some(State::Worsened) => true,
        Some(State::New) => !is_saved || rule(&finding.rule).is_some_and(Rule::is_about_changes),
        Some(State::Existing | State::Fixed) => false,
    }
}

/// Drops what hangs on something that could not be read.
pub fn judgeable(context: &Context<'_>, mut found: Vec<finding::Finding>) -> Vec<finding::Finding> {
    let hanging = Hanging::new(context.project, context.outlook, context.sources);
    found.retain(|it| !hanging.holds(it.rule, &it.subject, it.span));
    found
}

/// Marks the findings of rules that others speak for.
pub fn silence(context: &Context<'_>, findings: &mut [Finding]) {
    let spoken = Spoken::new(context, findings);
    let mut silenced = vec![false; findings.len()];
    let mut related: Vec<(usize, Related)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let own = Voice::new(finding.severity, is_fresh(context, finding));
        silenced[index] = spoken.speaks_for(context, finding, own);
        // What is said of the same subject need not be said beside another.
        let is_open = !silenced[index];
        let taken_up_by = spoken.scenario_of(finding, own);
        let taken_up_by = taken_up_by.or_else(|| spoken.takes_up(finding, own));
        if let Some(other) = taken_up_by.filter(|_| is_open) {
            silenced[index] = true;
            related.extend(Related::of(finding).map(|place| (other, place)));
        }
    }
    for (finding, other) in related {
        findings[finding].related.push(other);
    }
    for (finding, silenced) in findings.iter_mut().zip(silenced) {
        finding.silenced = silenced;
    }
}

/// Whether what waives a finding still does on the first of the days to come on which its meter
/// breaks.
fn holds_until_ahead(context: &Context<'_>, finding: &Finding) -> bool {
    let until = finding.waived.as_ref().and_then(|it| it.until.as_deref());
    let Some(until) = until.and_then(|until| Date::parse(until).ok()) else {
        return true;
    };
    let breaks = |meters: &Meters| {
        let meter = find(meters, &finding.subject);
        meter.is_some_and(|fitted| fitted.meter.verdict == Verdict::Breaks)
    };
    let mut horizons = context.outlook.horizons.iter();
    let first = horizons.find(|(_, meters)| breaks(meters));
    first.is_none_or(|(day, _)| until.days_since(context.as_of) >= i64::from(*day))
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
type ByRule = HashMap<&'static str, HashMap<String, Voice>>;

/// A finding that speaks: its index, its subject, and how loud it is.
type Said<'f> = (usize, &'f str, Voice);

/// What some finding speaks for.
struct Spoken {
    subjects: ByRule,
    things: ByRule,
    /// Meters that break because of what another finding says.
    caused: HashMap<String, Voice>,
    /// Meters of storage that may break only because of tables that grow, and those tables.
    outgrown: ByRule,
    growing: HashMap<String, Vec<(Id, Voice)>>,
    /// Features that pass their own threshold.
    grown: ByRule,
    /// By rule and by what breaks in a scenario: the findings about such scenarios, by index.
    scenarios: HashMap<(&'static str, String), Vec<(usize, Voice)>>,
    /// By rule and by subject: the findings that take up one about it, by index.
    taken_up: HashMap<(&'static str, String), Vec<(usize, Voice)>>,
}

impl Spoken {
    fn new(context: &Context<'_>, findings: &[Finding]) -> Self {
        let mut spoken = Self {
            subjects: ByRule::default(),
            things: ByRule::default(),
            caused: HashMap::default(),
            outgrown: ByRule::default(),
            growing: HashMap::default(),
            grown: ByRule::default(),
            scenarios: HashMap::default(),
            taken_up: HashMap::default(),
        };
        // In order: of several that take up a finding, the first does.
        let mut by_rule: IndexMap<&str, Vec<Said<'_>>> = IndexMap::default();
        for (index, finding) in findings.iter().enumerate() {
            let voice = Voice::new(finding.severity, is_fresh(context, finding));
            // What nobody has to act on silences nothing but what announces it.
            if finding.waived.is_none() {
                let said = by_rule.entry(&finding.rule).or_default();
                said.push((index, finding.subject.as_str(), voice));
            } else if holds_until_ahead(context, finding) {
                let speaks_for = rule(&finding.rule).map_or(&[][..], |rule| rule.speaks_for);
                let ahead = speaks_for.iter().filter_map(|it| match it {
                    Speaks::Ahead(rules) => Some(*rules),
                    _ => None,
                });
                for rules in ahead {
                    let subject = (finding.subject.clone(), voice);
                    insert(&mut spoken.subjects, rules, [subject].into_iter());
                }
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
            Speaks::Subject(rules) | Speaks::Ahead(rules) => {
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
                let mut voices: Vec<Voice> = Vec::new();
                for (_, _, voice) in said {
                    if voices.contains(voice) {
                        continue;
                    }
                    voices.push(*voice);
                    let loud = said.iter().filter(|(_, _, own)| own.is_as_loud_as(*voice));
                    let subjects: Vec<&str> = loud.map(|(_, subject, _)| *subject).collect();
                    self.caused(rules, meters(context, &subjects), *voice);
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
            Speaks::Tables(rules) => self.add_tables(context, rules, said),
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
                    self.taken_up.entry(key).or_default().push((*index, *voice));
                }
            }
        }
    }

    /// Of a database and its tables only the database is told.
    fn add_tables(&mut self, context: &Context<'_>, rules: Rules, said: &[Said<'_>]) {
        for (index, subject, voice) in said {
            let keys = keys(subject);
            let [databases, name, kind] = &keys[..] else {
                continue;
            };
            if databases != Family::Database.as_str() {
                continue;
            }
            let tables = context.project.model.tables.iter();
            for (table, _) in tables.filter(|(_, it)| it.database.as_deref() == Some(name.as_str()))
            {
                let subject = TomlPath::new(&[Family::Table.as_str(), table, kind]).to_string();
                for rule in rules {
                    let key = (rule.name, subject.clone());
                    self.taken_up.entry(key).or_default().push((*index, *voice));
                }
            }
        }
    }

    fn caused(&mut self, rules: Rules, meters: Vec<String>, voice: Voice) {
        let loud = |meter: &String| (meter.clone(), voice);
        insert(&mut self.subjects, rules, meters.iter().map(loud));
        for meter in meters {
            raise(&mut self.caused, meter, voice);
        }
    }

    fn growth(&mut self, context: &Context<'_>, rules: Rules, subject: &str, voice: Voice) {
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

    /// Whether others speak for a finding.
    fn speaks_for(&self, context: &Context<'_>, finding: &Finding, own: Voice) -> bool {
        let subject = finding.subject.as_str();
        let is_in = |by_rule: &ByRule, key: &str| {
            let keys = by_rule.get(finding.rule.as_str());
            let voice = keys.and_then(|keys| keys.get(key));
            voice.is_some_and(|voice| voice.is_as_loud_as(own))
        };
        let today = &context.outlook.today;
        is_in(&self.subjects, subject)
            || (!self.things.is_empty() && is_in(&self.things, &thing(subject).to_string()))
            || (is_in(&self.outgrown, subject)
                && find(today, subject).is_some_and(|fitted| {
                    self.only_grows(context, today, fitted, (Side::Today, own))
                }))
            || self.one_feature(context, finding, own) == Some(true)
            || (finding.rule == scenario_over_limit::RULE.name
                && self.scenario(context, subject, own))
    }

    /// Whether a meter of storage breaks only because tables grow forever, of which is said that
    /// loud: the rest fits.
    fn only_grows(
        &self,
        context: &Context<'_>,
        meters: &Meters,
        fitted: &Fitted,
        (side, own): (Side, Voice),
    ) -> bool {
        let (Some(tables), Some(limit)) = (self.growing.get(&*fitted.meter.id), fitted.meter.limit)
        else {
            return false;
        };
        let loud = tables.iter().filter(|(_, voice)| voice.is_as_loud_as(own));
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
    fn scenario(&self, context: &Context<'_>, subject: &str, own: Voice) -> bool {
        let Some(meters) = scenario_meters(context, subject) else {
            return false;
        };
        // As another scenario of that name has it, all may fit.
        let misfits = misfits(context, meters);
        let mut each = misfits.iter();
        !misfits.is_empty()
            && each.all(|fitted| {
                let id = &*fitted.meter.id;
                let caused = self.caused.get(id);
                caused.is_some_and(|voice| voice.is_as_loud_as(own))
                    || self.only_grows(context, meters, fitted, (Side::Scenario, own))
            })
    }

    /// The index of the finding about a scenario that takes up a finding.
    fn scenario_of(&self, finding: &Finding, own: Voice) -> Option<usize> {
        if self.scenarios.is_empty() {
            return None;
        }
        let key = (
            rule(&finding.rule)?.name,
            thing(&finding.subject).to_string(),
        );
        let mut said = self.scenarios.get(&key)?.iter();
        let (index, _) = said.find(|(_, voice)| voice.is_as_loud_as(own))?;
        Some(*index)
    }

    /// The index of the finding that takes up another: one about a part of a budget takes up that
    /// about the budget, one about a database those about its tables.
    fn takes_up(&self, finding: &Finding, own: Voice) -> Option<usize> {
        if self.taken_up.is_empty() {
            return None;
        }
        let key = (rule(&finding.rule)?.name, finding.subject.clone());
        let said = self.taken_up.get(&key)?;
        let (index, _) = said.iter().find(|(_, voice)| voice.is_as_loud_as(own))?;
        Some(*index)
    }

    /// Whether one feature, of which is said that it grew too much, alone takes a meter of an
    /// API past the change's threshold.
    fn one_feature(&self, context: &Context<'_>, finding: &Finding, own: Voice) -> Option<bool> {
        let grown = self.grown.get(finding.rule.as_str())?;
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
            voice.is_some_and(|voice| voice.is_as_loud_as(own))
                && limit.is_passed(before, before + delta)
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
fn insert(by_rule: &mut ByRule, rules: Rules, what: impl Iterator<Item = (String, Voice)>) {
    for (what, voice) in what {
        for rule in rules {
            raise(by_rule.entry(rule.name).or_default(), what.clone(), voice);
        }
    }
}

/// Keeps the loudest voice for each.
fn raise(voices: &mut HashMap<String, Voice>, what: String, voice: Voice) {
    let loudest = voices.entry(what).or_insert(voice);
    loudest.any = voice.any.max(loudest.any);
    loudest.fresh = voice.fresh.max(loudest.fresh);
}

/// The meters in the scenario that a subject names.
fn scenario_meters<'a>(context: &Context<'a>, subject: &str) -> Option<&'a Meters> {
    let keys = keys(subject);
    let name = keys.get(1)?;
    let mut scenarios = context.scenarios();
    let (_, meters) = scenarios.find(|(scenario, _)| scenario.name == *name)?;
    Some(meters)
}
