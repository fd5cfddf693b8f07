//! What of `[project]` makes a change easier to pass.

use crate::document::tables::{self, Root};
use crate::rules::features::spec_without_feature;
use crate::source::Span;

use super::{Concerns, Finder};

/// A number of `[project]` that lets more through the lower it is.
pub(crate) struct ProjectKey {
    pub(crate) name: &'static str,
    default: f64,
    default_text: &'static str,
    declared: fn(&tables::Project) -> Option<(f64, Span)>,
}

static NUMBERS: [ProjectKey; 4] = [
    ProjectKey {
        name: "days_per_month",
        default: 30.0,
        default_text: "30",
        declared: |project| {
            let days = project.days_per_month.as_ref()?;
            Some((days.value.0, days.span))
        },
    },
    ProjectKey {
        name: "horizon",
        default: 365.0,
        default_text: "1y",
        declared: |project| {
            let horizon = project.horizon.as_ref()?;
            Some((horizon.value.days(), horizon.span))
        },
    },
    ProjectKey {
        name: "peak",
        default: 1.0,
        default_text: "1",
        declared: |project| {
            let peak = project.peak.as_ref()?;
            Some((peak.value.0, peak.span))
        },
    },
    ProjectKey {
        name: "peak_day",
        default: 1.0,
        default_text: "1",
        declared: |project| {
            let peak_day = project.peak_day.as_ref()?;
            Some((peak_day.value.0, peak_day.span))
        },
    },
];

impl ProjectKey {
    fn declared(&self, root: &Root) -> Option<(f64, Span)> {
        (self.declared)(&root.project.as_ref()?.value)
    }

    fn number(&self, root: &Root) -> f64 {
        self.declared(root)
            .map_or(self.default, |(number, _)| number)
    }
}

/// The numbers of `[project]` that the head lowers.
pub(crate) fn lowered(base: &Root, head: &Root) -> impl Iterator<Item = &'static ProjectKey> {
    let is_lower = |key: &&ProjectKey| key.number(head) < key.number(base);
    NUMBERS.iter().filter(is_lower)
}

/// Whether the head asks for the specs of fewer files.
pub(crate) fn fewer_specs(base: &Root, head: &Root) -> bool {
    let [old, new] = [base, head].map(specs);
    old.iter()
        .any(|(glob, _)| new.iter().all(|(other, _)| other != glob))
}

/// The globs of specs.
fn specs(root: &Root) -> Vec<(&str, Span)> {
    let project = root.project.as_ref();
    let specs = project.and_then(|project| project.value.specs.as_ref());
    let globs = specs.into_iter().flat_map(|specs| &specs.value.0);
    globs.map(|glob| (&*glob.value, glob.span)).collect()
}

impl Finder<'_> {
    pub(super) fn project(&mut self) {
        let [old, new] = [self.base, self.head].map(|project| &project.declarations.root);
        for key in lowered(old, new) {
            let spans = [old, new].map(|root| key.declared(root).map(|(_, span)| span));
            let path = format!("project.{}", key.name);
            self.key(&path, spans, key.default_text, Concerns::Everything);
        }
        if fewer_specs(old, new) {
            let [before, after] = [old, new].map(specs);
            let gone = before
                .iter()
                .filter(|(glob, _)| after.iter().all(|(other, _)| other != glob));
            let gone: Vec<String> = gone.map(|(glob, _)| format!("`{glob}`")).collect();
            let message = format!("`project.specs` no longer has {}", gone.join(", "));
            let span = |globs: &[(&str, Span)]| globs.first().map(|(_, span)| *span);
            let spans = [span(&before), span(&after)];
            let concerns = Concerns::Rule(spec_without_feature::RULE.name);
            self.push("project.specs".to_owned(), message, spans, concerns);
        }
        let [from, to] = [self.base, self.head].map(|project| project.currency());
        if from != to {
            let currency = |root: &Root| Some(root.project.as_ref()?.value.currency.as_ref()?.span);
            let message = format!(
                "`project.currency` goes from {from} to {to}: all prices and budgets change"
            );
            let spans = [old, new].map(currency);
            self.push(
                "project.currency".to_owned(),
                message,
                spans,
                Concerns::Everything,
            );
        }
    }
}
