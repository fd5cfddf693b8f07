//! What a change makes easier to pass: thresholds, severities, waivers, `allow`, scenarios.
//!
//! The base's policy judges a change, so nothing of this lets the change itself through; it
//! lets through what comes after it.

mod policy;
pub(crate) mod project;
mod scenarios;

use crate::analysis::Project;
use crate::changes::origins::Origins;
use crate::document::TomlPath;
use crate::document::tables::Waiver;
use crate::exceptions::{Allow, allow_at, allows, declared_severity, wildcard};
use crate::finding::Severity;
use crate::meter::MeterKind;
use crate::model::policy::PolicyKey;
use crate::report::Finding;
use crate::rules::names::is_allowable;
use crate::rules::{RULES, rule};
use crate::source::{SourceMap, Span, Spanned};
use crate::units::Date;

/// One way in which a change loosens what judges.
#[derive(Clone, Debug)]
pub struct Loosening {
    /// Its path in the model.
    pub(crate) path: String,
    /// What is looser, as a sentence without its dot.
    pub(crate) message: String,
    /// Where the head says it; nothing where it no longer says anything.
    pub(crate) span: Option<Span>,
    /// Where the base says it.
    pub(crate) before: Option<Span>,
    concerns: Concerns,
    /// Whether it counts for this change: an `allow` of what the change adds.
    pub(crate) counts: bool,
}

/// Which findings something that is looser concerns.
#[derive(Clone, Debug)]
enum Concerns {
    /// Those of rules that read a key of the policy.
    Policy(PolicyKey),
    /// Of those the ones about meters of a kind.
    Meters(PolicyKey, MeterKind),
    /// Those of one rule.
    Rule(&'static str),
    /// Those of a rule whose subject matches a pattern.
    Subject(String, String),
    /// Those about a scenario.
    Scenario(String),
    /// Those about what was measured.
    Measured,
    /// All.
    Everything,
}

impl Loosening {
    /// Whether it concerns a finding.
    pub(crate) fn concerns(&self, finding: &Finding) -> bool {
        let reads = |key| rule(&finding.rule).is_some_and(|rule| rule.depends_on(key));
        match &self.concerns {
            Concerns::Policy(key) => reads(*key),
            Concerns::Meters(key, kind) => {
                let of_kind = TomlPath::parse(&finding.subject)
                    .is_ok_and(|path| path.0.get(2).is_some_and(|third| third == kind.as_str()));
                of_kind && reads(*key)
            }
            Concerns::Measured => rule(&finding.rule).is_some_and(|rule| rule.needs_usage),
            Concerns::Everything => true,
            Concerns::Rule(rule) => finding.rule == *rule,
            Concerns::Subject(rule, pattern) => {
                finding.rule == *rule && wildcard(pattern, &finding.subject)
            }
            Concerns::Scenario(scenario) => finding
                .subject
                .strip_prefix(scenario.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
        }
    }
}

/// Everything that a change loosens, in the order of paths.
pub(crate) fn loosenings(
    base: &Project,
    head: &Project,
    (origins, lessened): (&Origins, &[TomlPath]),
    (sources, as_of, threads): (&SourceMap, Date, usize),
) -> Vec<Loosening> {
    let mut found = Finder {
        base,
        head,
        origins,
        sources,
        as_of,
        threads,
        out: Vec::new(),
    };
    found.project();
    found.policy();
    found.severities();
    found.waivers();
    found.allows();
    found.scenarios();
    found.measurements(lessened);
    found
        .out
        .sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    found.out
}

struct Finder<'a> {
    base: &'a Project,
    head: &'a Project,
    origins: &'a Origins,
    sources: &'a SourceMap,
    as_of: Date,
    threads: usize,
    out: Vec<Loosening>,
}

impl Finder<'_> {
    /// Adds what the base says at the first of two spans, and the head at the second.
    fn push(
        &mut self,
        path: String,
        message: String,
        [before, span]: [Option<Span>; 2],
        concerns: Concerns,
    ) {
        self.out.push(Loosening {
            path,
            message,
            span,
            before,
            concerns,
            counts: false,
        });
    }

    /// Measurements that the base has.
    fn measurements(&mut self, lessened: &[TomlPath]) {
        let Some(first) = lessened.first() else {
            return;
        };
        let others = match lessened.len() {
            1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        let message = format!("fewer measurements of `{first}`{others} are committed than before");
        let spans = [self.base, self.head].map(|project| {
            let usage = project.declarations.root.usage.as_ref();
            usage.map(|usage| usage.span)
        });
        self.push("usage".to_owned(), message, spans, Concerns::Measured);
    }

    /// What is written at a span.
    fn text(&self, span: Span) -> String {
        self.sources.text(span).trim_matches('"').to_owned()
    }

    fn severities(&mut self) {
        for rule in RULES.iter().filter(|rule| !rule.is_binding()) {
            let severity = |project: &Project| declared_severity(&project.declarations, rule.name);
            let (before, after) = (severity(self.base), severity(self.head));
            let default = match after {
                // Where a level is set, no finding of the rule is worse than that.
                Some(_) if rule.escalates => Severity::Error,
                _ => rule.severity,
            };
            let (old, new) = (before.unwrap_or(default), after.unwrap_or(rule.severity));
            if new >= old {
                continue;
            }
            let spans = [self.base, self.head].map(|project| {
                let rules = &project.declarations.root.rules;
                rules.entry(rule.name).map(|entry| entry.body.span)
            });
            let path = TomlPath::new(&["rules", rule.name]).to_string();
            let from = before.unwrap_or(rule.severity);
            let message = format!("`{path}` goes from {} to {}", from.as_str(), new.as_str());
            self.push(path, message, spans, Concerns::Rule(rule.name));
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
            let before = before.or_else(|| {
                let was = self.origins.all(&TomlPath::parse(subject).ok()?);
                let of = |was: &TomlPath| {
                    let was = was.to_string();
                    let mut old = old.0.iter();
                    old.find(|it| it.value.names() == (rule, &was))
                };
                let all: Option<Vec<&Spanned<Waiver>>> = was.iter().map(of).collect();
                all?.into_iter().next()
            });
            let what = match before {
                None => "is added".to_owned(),
                Some(before) => match self.widened(before, after) {
                    Some(what) => what,
                    None => continue,
                },
            };
            self.push(
                TomlPath::new(&["waivers", rule, subject]).to_string(),
                format!("the waiver of `{rule}` for `{subject}` {what}"),
                [before.map(waiver_span), Some(waiver_span(after))],
                Concerns::Subject(rule.to_owned(), subject.to_owned()),
            );
        }
    }

    /// How a waiver that both sides have is wider in the head.
    fn widened(&self, before: &Spanned<Waiver>, after: &Spanned<Waiver>) -> Option<String> {
        let (old, new) = (&before.value, &after.value);
        match (&old.until, &new.until) {
            (Some(old), None) => return Some(format!("no longer ends on {}", old.value)),
            (Some(old), Some(new)) if new.value > old.value => {
                return Some(format!("ends on {}, no longer on {}", new.value, old.value));
            }
            _ => {}
        }
        if let Some(old) = &old.ceiling {
            let from = self.text(old.span);
            match &new.ceiling {
                None => return Some(format!("loses its ceiling of {from}")),
                Some(new) if new.value.0 > old.value.0 => {
                    let to = self.text(new.span);
                    return Some(format!("has a ceiling of {to}, no longer of {from}"));
                }
                Some(_) => {}
            }
        }
        let at_root = |project: &Project, waiver: &Spanned<Waiver>| {
            let path = &self.sources.file(waiver.span.file).path;
            crate::model::projects::folder(path) == project.declarations.folder
        };
        (!at_root(self.base, before) && at_root(self.head, after))
            .then(|| "moves to the root file, where it covers the whole project".to_owned())
    }

    fn allows(&mut self) {
        let head = &self.head.declarations.root;
        for (on, path, (allow, reason)) in allows(head) {
            let mut origins = self.origins.all(&path);
            if origins.is_empty() {
                origins.push(path.clone());
            }
            let known: Vec<Option<Allow<'_>>> = origins
                .iter()
                .map(|origin| {
                    let keys: Vec<&str> = origin.0.iter().map(String::as_str).collect();
                    allow_at(&self.base.declarations.root, &keys)
                })
                .collect();
            let before = known.first().copied().flatten();
            for rule in allow.iter().flat_map(|allow| &allow.value.0) {
                let is_same = |had: &Spanned<String>| had.value == rule.value;
                let had = known.iter().all(|known| {
                    let allow = known.and_then(|(allow, _)| allow);
                    allow.is_some_and(|allow| allow.value.0.iter().any(is_same))
                });
                if had || !is_allowable(&rule.value, on) {
                    continue;
                }
                let (counts, what) = match before {
                    None => (true, "is new and allows itself"),
                    Some(_) => (false, "now allows"),
                };
                let why = reason.map(|reason| format!(": {}", reason.value.0));
                let why = why.unwrap_or_default();
                self.out.push(Loosening {
                    path: path.join("allow").to_string(),
                    message: format!("`{path}` {what} `{}`{why}", rule.value),
                    span: Some(rule.span),
                    before: before.and_then(|(allow, _)| Some(allow?.span)),
                    concerns: Concerns::Subject(rule.value.clone(), path.to_string()),
                    counts,
                });
            }
        }
    }
}

fn waiver_span(waiver: &Spanned<Waiver>) -> Span {
    let subject = waiver.value.subject.as_ref();
    subject.map_or(waiver.span, |subject| subject.span)
}
