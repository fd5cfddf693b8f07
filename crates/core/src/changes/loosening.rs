//! What a change makes easier to pass: thresholds, severities, waivers, `allow`, scenarios.
//!
//! The base's policy judges a change, so nothing of this lets the change itself through; it
//! lets through what comes after it.

use crate::analysis::Project;
use crate::document::declared::TomlPath;
use crate::document::tables::{self, Threshold, Waiver};
use crate::document::values::Require;
use crate::finding::Severity;
use crate::meter::MeterKind;
use crate::model::policy::Side;
use crate::model::resolve::scenarios_of;
use crate::model::{Multiplier, Scenario};
use crate::report::Finding;
use crate::rules::{Check, RULES};
use crate::source::{SourceMap, Span, Spanned};
use crate::units::Date;
use crate::verdicts::{allow_at, allows, declared_severity, may_be_allowed, wildcard};

/// One way in which a change loosens what judges.
#[derive(Clone, Debug)]
pub struct Loosening {
    /// Its path in the model.
    pub path: String,
    /// What is looser, as a sentence without its dot.
    pub message: String,
    /// Where the head says it; nothing where it no longer says anything.
    pub span: Option<Span>,
    /// Where the base says it.
    pub before: Option<Span>,
    /// Which findings it concerns.
    pub concerns: Concerns,
    /// Whether it counts for this change: an `allow` of what the change adds.
    pub counts: bool,
}

/// Which findings something that is looser concerns.
#[derive(Clone, Debug)]
pub enum Concerns {
    /// Those of these rules.
    Rules(&'static [&'static str]),
    /// Those of a rule about meters of a kind.
    Meters(&'static [&'static str], MeterKind),
    /// Those of one rule.
    Rule(String),
    /// Those of a rule whose subject matches a pattern.
    Subject(String, String),
    /// Those about a scenario.
    Scenario(String),
}

impl Concerns {
    /// Whether it concerns a finding.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> bool {
        match self {
            Self::Rules(rules) => rules.contains(&finding.rule.as_str()),
            Self::Meters(rules, kind) => {
                let of_kind = TomlPath::parse(&finding.subject)
                    .is_ok_and(|path| path.0.get(2).is_some_and(|third| third == kind.as_str()));
                rules.contains(&finding.rule.as_str()) && of_kind
            }
            Self::Rule(rule) => finding.rule == *rule,
            Self::Subject(rule, pattern) => {
                finding.rule == *rule && wildcard(pattern, &finding.subject)
            }
            Self::Scenario(scenario) => {
                finding.subject == *scenario
                    || finding
                        .subject
                        .strip_prefix(scenario.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            }
        }
    }
}

const LIMIT_RULES: &[&str] = &["over-limit", "near-limit", "limit-ahead"];
const SCENARIO_RULES: &[&str] = &["scenario-over-limit", "irreversible-undecided"];
const ALL_LIMIT_RULES: &[&str] = &[
    "over-limit",
    "near-limit",
    "limit-ahead",
    "scenario-over-limit",
    "irreversible-undecided",
    "event-bought-late",
];
const BURN_RULES: &[&str] = &[
    "burn-soft",
    "burn-hard",
    "alert-blind-zone",
    "alert-lead-too-short",
    "near-limit",
];

/// Rules whose findings can be worse than the rule's default.
const ESCALATING: &[&str] = &["limit-ahead", "scenario-over-limit"];

/// Everything that a change loosens, in the order of paths.
#[must_use]
pub fn loosenings(
    base: &Project,
    head: &Project,
    sources: &SourceMap,
    as_of: Date,
) -> Vec<Loosening> {
    let mut found = Finder {
        base,
        head,
        // By its own words: what is judged may have the base's `require`.
        scenarios: scenarios_of(&head.declarations),
        sources,
        as_of,
        out: Vec::new(),
    };
    found.policy();
    found.bars();
    found.thresholds();
    found.severities();
    found.waivers();
    found.allows();
    found.scenarios();
    found
        .out
        .sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    found.out
}

struct Finder<'a> {
    base: &'a Project,
    head: &'a Project,
    scenarios: Vec<Scenario>,
    sources: &'a SourceMap,
    as_of: Date,
    out: Vec<Loosening>,
}

/// The span of a value below `[policy]`.
macro_rules! policy_span {
    ($project:expr, $key:ident) => {
        $project
            .policy
            .declared()
            .$key
            .as_ref()
            .map(|value| value.span)
    };
    ($project:expr, $table:ident . $key:ident) => {
        $project
            .policy
            .declared()
            .$table
            .as_ref()
            .and_then(|table| table.value.$key.as_ref())
            .map(|value| value.span)
    };
    ($project:expr, $table:ident . $inner:ident . $key:ident) => {
        $project
            .policy
            .declared()
            .$table
            .as_ref()
            .and_then(|table| table.value.$inner.as_ref())
            .and_then(|inner| inner.value.$key.as_ref())
            .map(|value| value.span)
    };
}

impl Finder<'_> {
    /// A key that says something looser.
    fn push(&mut self, path: &str, spans: [Option<Span>; 2], default: &str, concerns: Concerns) {
        let [before, span] = spans;
        let said = |span: Option<Span>| match span {
            Some(span) => self.sources.text(span).trim_matches('"').to_owned(),
            None => default.to_owned(),
        };
        self.out.push(Loosening {
            path: path.to_owned(),
            message: format!("`{path}` goes from {} to {}", said(before), said(span)),
            span,
            before,
            concerns,
            counts: false,
        });
    }

    fn policy(&mut self) {
        let (base, head) = (self.base, self.head);
        let (old, new) = (&base.policy, &head.policy);
        macro_rules! key {
            ($looser:expr, $path:literal, $default:literal, $concerns:expr, $($key:tt)+) => {
                if $looser {
                    let spans = [policy_span!(base, $($key)+), policy_span!(head, $($key)+)];
                    self.push($path, spans, $default, $concerns);
                }
            };
        }
        key!(
            new.confidence() < old.confidence(),
            "policy.confidence",
            "p80",
            Concerns::Rules(ALL_LIMIT_RULES),
            confidence
        );
        key!(
            new.runway_days() < old.runway_days(),
            "policy.runway",
            "90d",
            Concerns::Rules(&["limit-ahead"]),
            runway
        );
        key!(
            new.partition_above() > old.partition_above(),
            "policy.partition_above",
            "100GB",
            Concerns::Rules(&["table-without-partition"]),
            partition_above
        );
        key!(
            new.max_partitions() > old.max_partitions(),
            "policy.max_partitions",
            "1000",
            Concerns::Rules(&["too-many-partitions"]),
            max_partitions
        );
        key!(
            new.soft_alert().0 > old.soft_alert().0,
            "policy.burn.soft.share",
            "75%",
            Concerns::Rules(BURN_RULES),
            burn.soft.share
        );
        key!(
            new.soft_alert().1 > old.soft_alert().1,
            "policy.burn.soft.by_day",
            "20",
            Concerns::Rules(BURN_RULES),
            burn.soft.by_day
        );
        key!(
            new.hard_alert() > old.hard_alert(),
            "policy.burn.hard",
            "90%",
            Concerns::Rules(BURN_RULES),
            burn.hard
        );
        let calibration = Concerns::Rules(&["calibration-stale"]);
        key!(
            new.calibration_days().0 > old.calibration_days().0,
            "policy.calibration.max_age",
            "31d",
            calibration.clone(),
            calibration.max_age
        );
        key!(
            new.calibration_days().1 > old.calibration_days().1,
            "policy.calibration.launch_max_age",
            "7d",
            calibration,
            calibration.launch_max_age
        );
    }

    /// The shares of limits, as they come out for each kind of meter.
    fn bars(&mut self) {
        for kind in MeterKind::ALL {
            for (side, name) in [(Side::Today, "today"), (Side::Scenario, "scenario")] {
                let old = self.base.policy.bar(kind, side);
                let new = self.head.policy.bar(kind, side);
                for (share, old, new) in [
                    ("tight", old.tight, new.tight),
                    ("breaks", old.breaks, new.breaks),
                ] {
                    if new > old {
                        self.bar(kind, side, [name, share], [old, new]);
                    }
                }
            }
        }
    }

    fn bar(&mut self, kind: MeterKind, side: Side, [name, share]: [&str; 2], [old, new]: [f64; 2]) {
        let declared = |project: &Project| {
            let limits = project.policy.declared().limits.as_ref()?;
            let limits = &limits.value;
            let own = limits
                .of(kind)
                .and_then(|shares| match side {
                    Side::Today => shares.value.today.as_ref(),
                    Side::Scenario => shares.value.scenario.as_ref(),
                })
                .and_then(|shares| share_span(&shares.value, share))
                .map(|span| (true, span));
            let general = match side {
                Side::Today => limits.today.as_ref(),
                Side::Scenario => limits.scenario.as_ref(),
            };
            let general = general
                .and_then(|shares| share_span(&shares.value, share))
                .map(|span| (false, span));
            own.or(general)
        };
        let (before, after) = (declared(self.base), declared(self.head));
        // What comes of another key has that key's own finding.
        if before.is_none() && after.is_none() {
            return;
        }
        let own = before.is_some_and(|(own, _)| own) || after.is_some_and(|(own, _)| own);
        let path = if own {
            format!("policy.limits.{}.{name}.{share}", kind.as_str())
        } else {
            format!("policy.limits.{name}.{share}")
        };
        if self.out.iter().any(|known| known.path == path) {
            return;
        }
        let concerns = match (side, own) {
            (Side::Scenario, _) => Concerns::Rules(SCENARIO_RULES),
            (Side::Today, true) => Concerns::Meters(LIMIT_RULES, kind),
            (Side::Today, false) => Concerns::Rules(LIMIT_RULES),
        };
        let percent = |share: f64| crate::words::number::share(Some(share));
        self.out.push(Loosening {
            message: format!("`{path}` goes from {} to {}", percent(old), percent(new)),
            path,
            span: after.map(|(_, span)| span),
            before: before.map(|(_, span)| span),
            concerns,
            counts: false,
        });
    }

    /// The most that a change may add.
    fn thresholds(&mut self) {
        let declared = |project: &Project| {
            let change = project.policy.declared().change.as_ref();
            change
                .map(|change| change.value.clone())
                .unwrap_or_default()
        };
        let (old, new) = (declared(self.base), declared(self.head));
        let kinds = MeterKind::ALL.map(|kind| {
            let concerns = Concerns::Meters(&["change-over-threshold"], kind);
            (kind.as_str(), old.of(kind), new.of(kind), concerns)
        });
        let feature = (
            "feature",
            old.feature.as_deref(),
            new.feature.as_deref(),
            Concerns::Rules(&["feature-change-over-threshold"]),
        );
        for (name, before, after, concerns) in kinds.into_iter().chain([feature]) {
            if let Some(before) = before
                && is_looser(before, after)
            {
                let spans = [Some(before.span), after.map(|after| after.span)];
                self.push(
                    &format!("policy.change.{name}"),
                    spans,
                    "no threshold",
                    concerns,
                );
            }
        }
    }

    fn severities(&mut self) {
        for rule in RULES {
            if matches!(rule.check, Check::Reading) {
                continue;
            }
            let severity = |project: &Project| declared_severity(&project.declarations, rule.name);
            let (before, after) = (severity(self.base), severity(self.head));
            let default = match after {
                // Where a level is set, no finding of the rule is worse than that.
                Some(_) if ESCALATING.contains(&rule.name) => Severity::Error,
                _ => rule.severity,
            };
            let (old, new) = (before.unwrap_or(default), after.unwrap_or(rule.severity));
            if new >= old {
                continue;
            }
            let span = |project: &Project| {
                let rules = &project.declarations.root.rules;
                rules.entry(rule.name).map(|entry| entry.body.span)
            };
            let path = TomlPath::new(&["rules", rule.name]).to_string();
            let from = before.unwrap_or(rule.severity);
            self.out.push(Loosening {
                message: format!("`{path}` goes from {} to {}", from.as_str(), new.as_str()),
                path,
                span: span(self.head),
                before: span(self.base),
                concerns: Concerns::Rule(rule.name.to_owned()),
                counts: false,
            });
        }
    }

    fn waivers(&mut self) {
        let declared = |project: &Project| {
            let waivers = project.declarations.root.waivers.as_ref();
            waivers
                .map(|waivers| waivers.value.clone())
                .unwrap_or_default()
        };
        let (old, new) = (declared(self.base), declared(self.head));
        for (before, after) in old.paired(&new) {
            let Some(after) = after else { continue };
            let ended = after.value.until.as_ref();
            if ended.is_some_and(|until| until.value < self.as_of) {
                continue;
            }
            let (rule, subject) = after.value.names();
            let what = match before {
                None => Some("is added".to_owned()),
                Some(before) => self.widened(before, after),
            };
            let Some(what) = what else { continue };
            self.out.push(Loosening {
                path: TomlPath::new(&["waivers", rule, subject]).to_string(),
                message: format!("the waiver of `{rule}` for `{subject}` {what}"),
                span: Some(waiver_span(after)),
                before: before.map(waiver_span),
                concerns: Concerns::Subject(rule.to_owned(), subject.to_owned()),
                counts: false,
            });
        }
    }

    /// How a waiver that both sides have is wider in the head.
    fn widened(&self, before: &Spanned<Waiver>, after: &Spanned<Waiver>) -> Option<String> {
        let (old, new) = (&before.value, &after.value);
        let text = |span: Span| self.sources.text(span).trim_matches('"').to_owned();
        match (&old.until, &new.until) {
            (Some(old), None) => return Some(format!("no longer ends on {}", old.value)),
            (Some(old), Some(new)) if new.value > old.value => {
                return Some(format!("ends on {}, no longer on {}", new.value, old.value));
            }
            _ => {}
        }
        match (&old.ceiling, &new.ceiling) {
            (Some(old), None) => {
                return Some(format!("loses its ceiling of {}", text(old.span)));
            }
            (Some(old), Some(new)) if new.value.0 > old.value.0 => {
                return Some(format!(
                    "has a ceiling of {}, no longer of {}",
                    text(new.span),
                    text(old.span)
                ));
            }
            _ => {}
        }
        let at_root = |project: &Project, waiver: &Spanned<Waiver>| {
            let path = &self.sources.file(waiver.span.file).path;
            crate::model::projects::folder(path) == project.declarations.folder
        };
        (!at_root(self.base, before) && at_root(self.head, after))
            .then(|| "moves to the root file, where it speaks for the whole project".to_owned())
    }

    fn allows(&mut self) {
        let head = &self.head.declarations.root;
        for (path, (allow, reason)) in allows(head) {
            let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
            let before = allow_at(&self.base.declarations.root, &keys);
            let known = before.and_then(|(allow, _)| allow);
            for rule in allow.iter().flat_map(|allow| &allow.value.0) {
                let had = known
                    .is_some_and(|known| known.value.0.iter().any(|had| had.value == rule.value));
                if had || !may_be_allowed(&rule.value) {
                    continue;
                }
                let why = match reason {
                    Some(reason) => format!(": {}", reason.value.0),
                    None => String::new(),
                };
                let (counts, what) = match before {
                    None => (true, "is new and allows itself"),
                    Some(_) => (false, "now allows"),
                };
                self.out.push(Loosening {
                    path: path.join("allow").to_string(),
                    message: format!("`{path}` {what} `{}`{why}", rule.value),
                    span: Some(rule.span),
                    before: known.map(|known| known.span),
                    concerns: Concerns::Subject(rule.value.clone(), path.to_string()),
                    counts,
                });
            }
        }
    }

    fn scenarios(&mut self) {
        for (old, _) in &self.base.scenarios {
            let new = self.scenarios.iter().find(|new| new.name == old.name);
            let path = TomlPath::new(&["scenarios", &old.name]);
            let concerns = Concerns::Scenario(path.to_string());
            let Some(new) = new else {
                // Assumed scenarios go when the first is declared.
                if !old.assumed && old.require != Require::Report {
                    self.out.push(Loosening {
                        path: path.to_string(),
                        message: format!(
                            "`{path}` is removed, with its `require = \"{}\"`",
                            old.require.as_str()
                        ),
                        span: None,
                        before: scenario_span(self.base, &old.name),
                        concerns,
                        counts: false,
                    });
                }
                continue;
            };
            for (key, message) in self.lower(old, new) {
                self.out.push(Loosening {
                    path: path.join(key).to_string(),
                    message: format!("`{}` {message}", path.join(key)),
                    span: scenario_key(self.head, &old.name, key)
                        .or_else(|| scenario_span(self.head, &old.name)),
                    before: scenario_key(self.base, &old.name, key),
                    concerns: concerns.clone(),
                    counts: false,
                });
            }
        }
    }

    /// What a scenario asks less of, by key.
    fn lower(&self, old: &Scenario, new: &Scenario) -> Vec<(&'static str, String)> {
        let mut lower = Vec::new();
        if rank(new.require) < rank(old.require) {
            let (from, to) = (old.require.as_str(), new.require.as_str());
            lower.push(("require", format!("goes from {from} to {to}")));
        }
        let tiers: Vec<&String> = self.base.model.tiers.keys().collect();
        let falls: Vec<String> = tiers
            .iter()
            .enumerate()
            .filter_map(|(index, tier)| {
                let head = self.head.model.tiers.get_index_of(*tier)?;
                let (before, after) = (times(&old.tenants, index), times(&new.tenants, head));
                (after < before).then(|| format!("{before}× to {after}×"))
            })
            .collect();
        let everywhere = match (&old.tenants, &new.tenants) {
            (Multiplier::All(before), Multiplier::All(after)) if after < before => {
                Some(format!("{before}× to {after}×"))
            }
            _ => falls.first().cloned(),
        };
        if let Some(fall) = everywhere {
            lower.push(("tenants", format!("goes from {fall}")));
        }
        if new.payload < old.payload {
            let (before, after) = (old.payload, new.payload);
            lower.push(("payload", format!("goes from {before} to {after}")));
        }
        for (feature, before) in &old.rates {
            let after = new.rates.get(feature).copied().unwrap_or(1.0);
            if after < *before && self.head.model.features.contains_key(feature) {
                lower.push((
                    "rates",
                    format!("goes from {before}× to {after}× for `{feature}`"),
                ));
            }
        }
        let event = |scenario: &Scenario| {
            let event = scenario.event?;
            Some((event.days.unwrap_or(f64::INFINITY), event.buffer))
        };
        if let (Some((days, buffer)), Some((new_days, new_buffer))) = (event(old), event(new)) {
            if new_days < days {
                lower.push(("lasts", format!("is shorter, {new_days} days")));
            }
            if buffer > new_buffer {
                let share = crate::words::number::share;
                let (from, to) = (share(buffer), share(Some(new_buffer.unwrap_or(0.0))));
                lower.push(("buffer", format!("goes from {from} to {to}")));
            }
        }
        lower
    }
}

fn times(multiplier: &Multiplier, tier: usize) -> f64 {
    match multiplier {
        Multiplier::All(times) => *times,
        Multiplier::Tiers(times) => times.get(tier).copied().unwrap_or(1.0),
    }
}

/// How much a scenario requires.
#[must_use]
pub fn rank(require: Require) -> u8 {
    match require {
        Require::Report => 0,
        Require::Warn => 1,
        Require::Fit => 2,
    }
}

fn share_span(shares: &tables::Shares, share: &str) -> Option<Span> {
    let slot = match share {
        "tight" => &shares.tight,
        _ => &shares.breaks,
    };
    slot.as_ref().map(|slot| slot.span)
}

fn waiver_span(waiver: &Spanned<Waiver>) -> Span {
    waiver
        .value
        .subject
        .as_ref()
        .map_or(waiver.span, |subject| subject.span)
}

fn scenario<'a>(project: &'a Project, name: &str) -> Option<&'a tables::Scenario> {
    let scenarios = &project.declarations.root.scenarios;
    scenarios.get(name)
}

fn scenario_span(project: &Project, name: &str) -> Option<Span> {
    let scenarios = &project.declarations.root.scenarios;
    scenarios.entry(name).map(|entry| entry.name)
}

fn scenario_key(project: &Project, name: &str, key: &str) -> Option<Span> {
    let scenario = scenario(project, name)?;
    match key {
        "require" => scenario.require.as_ref().map(|value| value.span),
        "tenants" => scenario.tenants.as_ref().map(|value| value.span),
        "payload" => scenario.payload.as_ref().map(|value| value.span),
        "rates" => scenario.rates.span(),
        "lasts" => scenario.lasts.as_ref().map(|value| value.span),
        "buffer" => scenario.buffer.as_ref().map(|value| value.span),
        _ => None,
    }
}

/// Whether some change passes the new threshold and did not pass the old one.
fn is_looser(before: &Spanned<Threshold>, after: Option<&Spanned<Threshold>>) -> bool {
    let Some(after) = after else { return true };
    let (old, new) = (&before.value, &after.value);
    let rises = |old: Option<f64>, new: Option<f64>| match (old, new) {
        (Some(old), Some(new)) => new > old,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    rises(old.percent(), new.percent())
        || rises(old.above(), new.above())
        // A percent alone never counts where nothing was before.
        || (old.above().is_some() && new.above().is_none())
}
