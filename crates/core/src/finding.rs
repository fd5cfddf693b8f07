//! What caplint has to say about a place: the finding, before any renderer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advice::{Advice, Way, Write};
use crate::source::Span;

/// How much a finding matters. Ordered: `Off < Info < Warning < Error`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rule is silent.
    Off,
    /// Worth knowing; counted, and shown with `--verbose`.
    Info,
    /// Worth mending; does not fail by default.
    Warning,
    /// Fails.
    Error,
}

impl Severity {
    /// The word for it, as in `[rules]`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The names of the errors of files themselves, which reading and resolving report.
pub mod file_errors {
    /// It is no TOML.
    pub const SYNTAX: &str = "syntax";
    /// A key that the format does not have.
    pub const UNKNOWN_KEY: &str = "unknown-key";
    /// A value that a key does not take.
    pub const INVALID_VALUE: &str = "invalid-value";
    /// A key that has to be there.
    pub const MISSING_KEY: &str = "missing-key";
    /// A name that is given twice.
    pub const DUPLICATE_NAME: &str = "duplicate-name";
    /// A name that stands for nothing.
    pub const UNKNOWN_REFERENCE: &str = "unknown-reference";
    /// References that lead back to where they began.
    pub const REFERENCE_CYCLE: &str = "reference-cycle";
    /// A file that belongs to no project.
    pub const OUTSIDE_PROJECT: &str = "outside-project";
    /// A project that needs a newer caplint.
    pub const VERSION_TOO_OLD: &str = "version-too-old";
}

/// Which direction of a finding's figure is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Worse {
    /// A larger figure is worse: bytes, utilizations.
    #[default]
    Higher,
    /// A smaller figure is worse: days until something is full.
    Lower,
}

/// One thing that is wrong, where it is, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it matters, after `[rules]` and the command line were applied.
    pub severity: Severity,
    /// What is wrong, in one line and without a final dot.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What it costs to live with, whatever help advises.
    pub(crate) cost: Option<String>,
    /// What ends it in place of what stands there, where that has one meaning.
    pub(crate) write: Option<Write>,
    /// What else may end it: see [`Way`].
    pub(crate) ways: Vec<Way>,
    /// What it is about: a path in the model, or for a file's errors the key.
    pub subject: String,
    /// The words that are wrong.
    pub span: Option<Span>,
    /// Other places that matter, each with what it has to do with this.
    pub related: Vec<Related>,
    /// The number that it is about: see the rule's page.
    pub figure: Option<f64>,
    /// Which direction of the figure is worse.
    pub worse: Worse,
    /// Where it is about several things: what each comes to, more being worse. One that is new or
    /// got worse makes the finding so, also where another gives the figure.
    pub parts: Vec<(String, f64)>,
    /// The situation that its figures are of.
    pub when: When,
}

/// The situation that a finding's figures are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Today, as it is judged.
    #[default]
    Today,
    /// Today, with every estimate at its median.
    Median,
    /// What is on disk today.
    OnDisk,
    /// So many days from now.
    Day(u32),
    /// A scenario.
    Scenario(String),
}

/// Another place that a finding speaks of.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What it has to do with the finding.
    pub message: String,
}

impl Finding {
    /// A finding with nothing but what every finding has.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity,
            message: message.into(),
            help: None,
            cost: None,
            write: None,
            ways: Vec::new(),
            subject: subject.into(),
            span: None,
            related: Vec::new(),
            figure: None,
            worse: Worse::Higher,
            parts: Vec::new(),
            when: When::Today,
        }
    }

    /// Adds one of the things that it is about, and what it comes to; infinite where that is
    /// nothing.
    #[must_use]
    pub(crate) fn part(mut self, name: impl Into<String>, figure: Option<f64>) -> Self {
        self.parts
            .push((name.into(), figure.unwrap_or(f64::INFINITY)));
        self
    }

    /// Says of which situation its figures are.
    #[must_use]
    pub(crate) fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Adds several.
    #[must_use]
    pub(crate) fn parts(mut self, parts: Vec<(String, f64)>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// Points to the words that are wrong, where it is known where they are.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Advice>) -> Self {
        let (words, write) = help.into().into_parts();
        self.help = Some(words);
        self.write = write;
        self
    }

    /// Says what it costs to live with, where that is known.
    #[must_use]
    pub(crate) fn cost(mut self, cost: Option<String>) -> Self {
        self.cost = cost;
        self
    }

    /// Adds changes that may end it, each of which is tried before it is named.
    #[must_use]
    pub(crate) fn ways(mut self, ways: impl IntoIterator<Item = Way>) -> Self {
        self.ways.extend(ways);
        self
    }

    /// Points to another place that matters, where it is known.
    #[must_use]
    pub fn also(mut self, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        self.related.extend(span.into().map(|span| Related {
            span,
            message: message.into(),
        }));
        self
    }

    /// Gives the number that it is about, where there is one.
    #[must_use]
    pub fn figure(mut self, figure: impl Into<Option<f64>>) -> Self {
        self.figure = figure.into();
        self
    }

    /// Gives the share of a limit that something takes. An infinite one can't get worse: then
    /// what it takes can.
    #[must_use]
    pub(crate) fn share(self, takes: f64, limit: f64) -> Self {
        match takes / limit {
            share if share.is_finite() => self.figure(share),
            _ => self.part("", Some(takes)),
        }
    }

    /// Says that the smaller its number, the worse.
    #[must_use]
    pub fn lower_is_worse(mut self) -> Self {
        self.worse = Worse::Lower;
        self
    }
}
