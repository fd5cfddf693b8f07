//! What all checks share: looking names up, and saying what is wrong once.

use crate::collections::{HashMap, HashSet};
use crate::document::map::Map;
use crate::document::reader::{At, list, values_quote};
use crate::document::table::Table;
use crate::document::tables::Root;
use crate::finding::{Finding, Severity};
use crate::limits;
use crate::model::merge::Declarations;
use crate::source::{FileId, Span};
use crate::suggest::closest;

/// Names that a message lists before it stops.
const LISTED: usize = 6;

/// A kind of named things.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// What one is called.
    pub(super) what: &'static str,
    /// The table that declares them.
    pub(super) table: &'static str,
}

/// The tiers of tenants.
pub(super) const TIER: Kind = Kind {
    what: "tier",
    table: "tenants",
};

/// The checks' common state.
pub(super) struct Check<'a> {
    /// What is checked.
    pub(super) root: &'a Root,
    declarations: &'a Declarations,
    findings: Vec<Finding>,
    comparisons_left: usize,
    /// Words in the broken parts of all files.
    lost: HashSet<&'a str>,
    everything_lost: bool,
}

impl<'a> Check<'a> {
    /// Nothing is found yet.
    pub(super) fn new(declarations: &'a Declarations) -> Self {
        Self {
            root: &declarations.root,
            declarations,
            findings: Vec::new(),
            comparisons_left: limits::SUGGESTION_COMPARISONS,
            lost: declarations
                .lost
                .values()
                .flat_map(|lost| lost.words())
                .collect(),
            everything_lost: declarations.lost.values().any(|lost| lost.is_everything()),
        }
    }

    /// What was found, in order of files and positions.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        let order: HashMap<FileId, usize> = self
            .declarations
            .files
            .iter()
            .enumerate()
            .map(|(index, file)| (*file, index))
            .collect();
        self.findings.sort_by_key(|finding| {
            finding.span.map(|span| {
                let file = order.get(&span.file).copied().unwrap_or(usize::MAX);
                (file, span.start, span.end)
            })
        });
        self.findings
    }

    /// Adds a finding.
    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Whether a word may stand in the part of a file that could not be read.
    pub(super) fn may_be_lost(&self, word: &str) -> bool {
        self.everything_lost || self.lost.contains(word)
    }

    /// Whether it is certain that there is nothing in a table of the root.
    pub(super) fn is_empty<T>(&self, table: &str, map: &Map<T>) -> bool {
        map.is_empty()
            && map.broken().next().is_none()
            && !self.root.is_broken(table)
            && !self.may_be_lost(table)
    }

    /// Whether the project certainly has no tenants.
    pub(super) fn without_tenants(&self) -> bool {
        self.is_empty("tenants", &self.root.tenants)
    }

    /// A key that has to be there and is not; silent where it may stand in the broken part of
    /// the file. The finding's subject is the key, its place `span`.
    pub(super) fn missing(
        &mut self,
        at: &At<'_>,
        key: &str,
        span: Span,
        message: String,
        help: impl Into<String>,
    ) {
        let lost = self.declarations.lost.get(&span.file);
        if lost.is_some_and(|lost| lost.may_hold(key)) {
            return;
        }
        let subject = at.key(key).path().to_string();
        self.report(
            Finding::new("missing-key", Severity::Error, subject, message)
                .at(span)
                .help(help),
        );
    }

    /// What a name stands for. Says so where it stands for nothing.
    pub(super) fn find<T>(
        &mut self,
        at: &At<'_>,
        span: Span,
        kind: Kind,
        map: &'a Map<T>,
        name: &str,
    ) -> Option<&'a T> {
        let found = map.get(name);
        if found.is_some() || !self.is_certain(kind.table, map, name) {
            return found;
        }
        let known: Vec<&str> = map.names().collect();
        let otherwise = format!(
            "declare {}{}",
            declaration(kind, name),
            one_of(&known, ", or use ")
        );
        let message = format!("there is no {} `{}`", kind.what, values_quote(name));
        self.unknown(at, span, message, name, known.into_iter(), otherwise);
        None
    }

    /// Whether what a table of the root does not hold is certainly nowhere.
    pub(super) fn is_certain<T>(&self, table: &str, map: &Map<T>, name: &str) -> bool {
        !map.is_broken(name) && !self.root.is_broken(table) && !self.may_be_lost(name)
    }

    /// A name that stands for nothing: with what was probably meant, or else what to do.
    pub(super) fn unknown<'n>(
        &mut self,
        at: &At<'_>,
        span: Span,
        message: String,
        word: &str,
        candidates: impl Iterator<Item = &'n str>,
        otherwise: String,
    ) {
        let help = match self.meant(word, candidates) {
            Some(meant) => format!("did you mean `{}`?", values_quote(meant)),
            None => otherwise,
        };
        self.report(unknown_reference(at, span, message).help(help));
    }

    /// The candidate that a word probably stands for.
    pub(super) fn meant<'n>(
        &mut self,
        word: &str,
        candidates: impl Iterator<Item = &'n str>,
    ) -> Option<&'n str> {
        let left = &mut self.comparisons_left;
        let affordable = candidates.take_while(|_| {
            *left = left.saturating_sub(1);
            *left > 0
        });
        closest(word, affordable)
    }
}

/// How a thing of a kind is declared.
fn declaration(kind: Kind, name: &str) -> String {
    let name = values_quote(name);
    match kind.table {
        "tenants" => format!("`{name}` in `[tenants]`"),
        table => format!("`[{table}.{name}]`"),
    }
}

/// `prefix` and a few names, where there are few.
pub(super) fn one_of(names: &[&str], prefix: &str) -> String {
    match names.len() {
        0 => String::new(),
        1 => format!("{prefix}{}", list(names)),
        2..=LISTED => format!("{prefix}one of {}", list(names)),
        _ => String::new(),
    }
}

/// A value that does not go with others.
pub(super) fn invalid(
    at: &At<'_>,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Finding {
    Finding::new(
        "invalid-value",
        Severity::Error,
        at.path().to_string(),
        message,
    )
    .at(span)
    .help(help)
}

/// A reference to nothing.
pub(super) fn unknown_reference(at: &At<'_>, span: Span, message: String) -> Finding {
    Finding::new(
        "unknown-reference",
        Severity::Error,
        at.path().to_string(),
        message,
    )
    .at(span)
}

/// A name that is given twice.
pub(super) fn duplicate(at: &At<'_>, span: Span, first: Span, message: String) -> Finding {
    Finding::new(
        "duplicate-name",
        Severity::Error,
        at.path().to_string(),
        message,
    )
    .at(span)
    .also(first, "first used here")
}
