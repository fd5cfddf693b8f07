//! What resolving all families shares: looking names up, and saying what is wrong once.

use std::sync::Arc;

use crate::advice::Advice;
use crate::collections::{HashMap, HashSet};
use crate::document::forms::PerName;
use crate::document::projection::Projection;
use crate::document::reader::{At, list, quotable};
use crate::document::tables::{self, Root};
use crate::document::{Lost, Map, Table as _};
use crate::finding::{Finding, Severity, file_errors};
use crate::limits;
use crate::model::builder::Builder;
use crate::model::merge::Declarations;
use crate::source::{FileId, Span, Spanned};
use crate::suggest::{Comparisons, Meant, did_you_mean};

/// Names that a message lists before it stops.
const LISTED: usize = 6;

/// Things that are declared by name in a table of the root.
pub(crate) trait Named: Sized {
    /// What one is called in messages.
    const WHAT: &'static str;
    const TABLE: &'static str;

    fn declared(root: &Root) -> &Map<Self>;
}

macro_rules! named {
    ($($type:ty, $table:ident, $what:literal;)*) => {$(
        impl Named for $type {
            const WHAT: &'static str = $what;
            const TABLE: &'static str = stringify!($table);

            fn declared(root: &Root) -> &Map<Self> {
                &root.$table
            }
        }
    )*};
}

named! {
    Projection, tenants, "tier";
    tables::Entity, entities, "entity";
    tables::Api, apis, "API";
    tables::Feature, features, "feature";
    tables::Database, databases, "database";
    tables::Table, tables, "table";
    tables::Queue, queues, "queue";
    tables::Model, models, "model";
    tables::Cost, costs, "cost";
    tables::Budget, budgets, "budget";
    tables::Scenario, scenarios, "scenario";
}

#[derive(Default)]
pub(crate) struct Unread<'a> {
    by_file: Option<&'a HashMap<FileId, Arc<Lost>>>,
    words: HashSet<&'a str>,
    everything: bool,
    /// Endpoints, of any API.
    pub(crate) endpoints: HashSet<&'a str>,
    /// Whether all endpoints of an API could not be read.
    pub(crate) any_endpoints: bool,
}

impl<'a> Unread<'a> {
    pub(crate) fn of(declarations: &'a Declarations) -> Self {
        let lost = || declarations.lost.values();
        let mut unread = Self {
            by_file: Some(&declarations.lost),
            words: lost().flat_map(|lost| lost.words()).collect(),
            everything: lost().any(|lost| lost.is_everything()),
            ..Self::default()
        };
        for (_, api) in declarations.root.apis.iter() {
            unread.any_endpoints |= api.is_broken("endpoints");
            unread.endpoints.extend(api.endpoints.broken());
        }
        unread
    }
}

pub(crate) struct Check<'a> {
    pub(crate) root: &'a Root,
    pub(crate) builder: &'a Builder<'a>,
    findings: Vec<Finding>,
    comparisons: Comparisons,
    /// Whether findings are dropped.
    quiet: bool,
}

impl<'a> Check<'a> {
    pub(crate) fn new(builder: &'a Builder<'a>) -> Self {
        Self {
            root: builder.root,
            builder,
            findings: Vec::new(),
            comparisons: Comparisons(limits::SUGGESTION_COMPARISONS),
            quiet: false,
        }
    }

    pub(crate) fn quiet(builder: &'a Builder<'a>) -> Self {
        Self {
            comparisons: Comparisons(0),
            quiet: true,
            ..Self::new(builder)
        }
    }

    /// One that has found nothing yet, for a part of the work.
    pub(crate) fn part(&self) -> Self {
        Self {
            findings: Vec::new(),
            ..*self
        }
    }

    /// Takes over what parts have found. Nothing, and `false`, where they have compared more
    /// names together than one after the other may: then findings would depend on the parts.
    pub(crate) fn join(&mut self, parts: Vec<Self>) -> bool {
        let compared = |part: &Self| self.comparisons.0 - part.comparisons.0;
        let compared = parts.iter().map(compared).sum();
        if compared > 0 && self.comparisons.0 <= compared {
            return false;
        }
        self.comparisons.0 -= compared;
        let findings = parts.into_iter().flat_map(|part| part.findings);
        self.findings.extend(findings);
        true
    }

    pub(crate) fn finish(mut self, files: &[FileId]) -> Vec<Finding> {
        if self.findings.is_empty() {
            return self.findings;
        }
        let order: HashMap<FileId, usize> = files.iter().copied().zip(0..).collect();
        self.findings.sort_by_key(|finding| {
            finding.span.map(|span| {
                let file = order.get(&span.file).copied().unwrap_or(usize::MAX);
                (file, span.start, span.end)
            })
        });
        self.findings
    }

    /// How much was found so far.
    pub(crate) fn found(&self) -> usize {
        self.findings.len()
    }

    pub(crate) fn report(&mut self, finding: Finding) {
        if !self.quiet {
            self.findings.push(finding);
        }
    }

    /// Reports a value that does not go with others.
    pub(crate) fn invalid(
        &mut self,
        at: &At<'_>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) {
        self.report(invalid(at, span, message, help));
    }

    /// Reports a value that does not go with another one, which `other` is about.
    pub(crate) fn clash(
        &mut self,
        at: &At<'_>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Advice>,
        (other, note): (Span, &str),
    ) {
        self.report(invalid(at, span, message, help).also(other, note));
    }

    /// Whether a word may stand in the part of a file that could not be read.
    pub(crate) fn may_be_lost(&self, word: &str) -> bool {
        let unread = &self.builder.unread;
        unread.everything || unread.words.contains(word)
    }

    /// Whether anything of a file could not be read, so that there may be more names.
    pub(crate) fn is_lossy(&self) -> bool {
        let unread = &self.builder.unread;
        unread.everything || !unread.words.is_empty()
    }

    /// Whether it is certain that nothing of a family is declared.
    pub(crate) fn is_empty<F: Named>(&self) -> bool {
        let map = F::declared(self.root);
        map.is_empty()
            && map.broken().next().is_none()
            && !self.root.is_broken(F::TABLE)
            && !self.may_be_lost(F::TABLE)
    }

    pub(crate) fn without_tenants(&self) -> bool {
        self.is_empty::<Projection>()
    }

    /// Whether what a family's table does not hold is certainly nowhere.
    pub(crate) fn is_certain<F: Named>(&self, name: &str) -> bool {
        !F::declared(self.root).is_broken(name)
            && !self.root.is_broken(F::TABLE)
            && !self.may_be_lost(name)
    }

    /// A key that has to be there and is not; silent where it may stand in the broken part of
    /// the file. The finding's subject is the key, its place `span`.
    pub(crate) fn missing(
        &mut self,
        at: &At<'_>,
        key: &str,
        span: Span,
        message: String,
        help: impl Into<Advice>,
    ) {
        self.missing_for(at, key, (span, None), message, help);
    }

    /// The same, of a key that another declaration asks for.
    pub(crate) fn missing_for(
        &mut self,
        at: &At<'_>,
        key: &str,
        (span, asks): (Span, Option<(Span, &str)>),
        message: String,
        help: impl Into<Advice>,
    ) {
        let lost = self.builder.unread.by_file;
        let lost = lost.and_then(|lost| lost.get(&span.file));
        if lost.is_some_and(|lost| lost.may_hold(key)) {
            return;
        }
        let subject = at.key(key).path().to_string();
        let finding = Finding::new(file_errors::MISSING_KEY, Severity::Error, subject, message);
        let finding = finding.at(span).help(help);
        self.report(match asks {
            Some((place, note)) => finding.also(place, note),
            None => finding,
        });
    }

    /// What a name stands for. Says so where it stands for nothing.
    pub(crate) fn find<F: Named + 'a>(
        &mut self,
        at: &At<'_>,
        span: Span,
        name: &str,
    ) -> Option<&'a F> {
        let found = F::declared(self.root).get(name);
        if found.is_some() || self.quiet || !self.is_certain::<F>(name) {
            return found;
        }
        let known = || F::declared(self.root).names();
        let quoted = quotable(name);
        let declaration = match F::TABLE {
            "tenants" => format!("`{quoted}` in `[tenants]`"),
            table => format!("`[{table}.{quoted}]`"),
        };
        let otherwise = format!("declare {declaration}{}", one_of(known(), ", or use "));
        let message = format!("there is no {} `{quoted}`", F::WHAT);
        self.unknown(at, span, message, name, known(), otherwise);
        None
    }

    pub(crate) fn tiers_of<T>(&mut self, at: &At<'_>, value: Option<&Spanned<PerName<T>>>) {
        let Some(PerName::By(map)) = value.map(|value| &value.value) else {
            return;
        };
        for (tier, entry) in map.entries() {
            self.find::<Projection>(&at.key(tier), entry.name, tier);
        }
    }

    /// A name that stands for nothing: with what was probably meant, or else what to do.
    pub(crate) fn unknown<'n>(
        &mut self,
        at: &At<'_>,
        span: Span,
        message: String,
        word: &str,
        candidates: impl Iterator<Item = &'n str>,
        otherwise: String,
    ) {
        let meant = self.meant(word, candidates);
        let help = meant.map_or_else(|| otherwise.into(), did_you_mean);
        self.report(unknown_reference(at, span, message).help(help));
    }

    pub(crate) fn meant<'n>(
        &mut self,
        word: &str,
        candidates: impl Iterator<Item = &'n str>,
    ) -> Option<Meant<'n>> {
        self.comparisons.closest(word, candidates)
    }
}

/// `prefix` and a few names, where there are few.
pub(crate) fn one_of<'n>(names: impl Iterator<Item = &'n str>, prefix: &str) -> String {
    let names: Vec<&str> = names.take(LISTED + 1).collect();
    match names.len() {
        1 => format!("{prefix}{}", list(&names)),
        2..=LISTED => format!("{prefix}one of {}", list(&names)),
        _ => String::new(),
    }
}

fn error(rule: &'static str, at: &At<'_>, span: Span, message: impl Into<String>) -> Finding {
    Finding::new(rule, Severity::Error, at.path().to_string(), message).at(span)
}

pub(crate) fn invalid(
    at: &At<'_>,
    span: Span,
    message: impl Into<String>,
    help: impl Into<Advice>,
) -> Finding {
    error(file_errors::INVALID_VALUE, at, span, message).help(help)
}

pub(crate) fn unknown_reference(at: &At<'_>, span: Span, message: String) -> Finding {
    error(file_errors::UNKNOWN_REFERENCE, at, span, message)
}

pub(crate) fn duplicate(at: &At<'_>, span: Span, first: Span, message: String) -> Finding {
    error(file_errors::DUPLICATE_NAME, at, span, message).also(first, "first used here")
}
