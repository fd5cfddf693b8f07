//! A report as people and machines read it: one file for each format, each with one function.
//!
//! Renderers choose words, order and layout. They read one [`Report`] and compute nothing of
//! what it says; what they share (which rows matter, how a number is written) is in
//! `view`, `selection`, `number` and `text`.
//!
//! Names and texts of a report come from files that anyone may have written. Every renderer
//! passes them through `text` or `escape`, so that they cannot act as markup, commands or
//! terminal control.

mod diff;
mod escape;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
mod selection;
mod sheet;
mod snippet;
mod view;

use crate::finding::Severity;
use crate::report::Report;
use crate::words::{number, text};

pub use github::github;
pub use gitlab::gitlab;
pub use html::html;
pub use human::human;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use sheet::{sheet_csv, sheet_human, sheet_markdown};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Human,
    /// The report itself.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub's workflow commands.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// For a pull request's comment and a job's summary.
    Markdown,
    /// One self-contained page.
    Html,
}

impl Format {
    /// Every format, in the order in which help lists them.
    pub const ALL: [Self; 8] = [
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
        Self::Html,
    ];

    /// The format of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// What is known of a rule apart from its findings.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// Its name, such as `over-limit`.
    pub name: String,
    /// What it checks, in one sentence.
    pub summary: String,
    /// Its page, as Markdown.
    pub help: String,
    /// Its severity where nothing is configured.
    pub severity: Severity,
    /// Where its page is published.
    pub url: String,
}

/// How to render. What a format has no use for it ignores.
#[derive(Clone, Debug)]
pub struct Options {
    /// Columns of the terminal: 60 to 200, others are taken for the nearer of these.
    pub width: usize,
    /// Whether to colour the terminal's output.
    pub color: bool,
    /// Whether to print nothing but ASCII on the terminal.
    pub ascii: bool,
    /// Whether to show what is otherwise counted: infos, waivers, text diffs, long lists.
    pub verbose: bool,
    /// Whether to show findings in one line each and the verdict, and no more.
    pub quiet: bool,
    /// Whether findings that the base has too are shown, and fail.
    pub all: bool,
    /// The severity from which findings fail; [`Severity::Off`] where none does.
    pub fail_on: Severity,
    /// The most bytes that a Markdown report may take.
    pub max_bytes: usize,
    /// What a path is appended to for a link to a file of the head, such as
    /// `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`.
    pub link: Option<String>,
    /// What tells this comment from others that caplint makes on the same pull request.
    pub comment_id: String,
    /// The catalogue of rules.
    pub rules: Vec<RuleInfo>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            ascii: false,
            verbose: false,
            quiet: false,
            all: false,
            fail_on: Severity::Error,
            max_bytes: 65_000,
            link: None,
            comment_id: "default".to_owned(),
            rules: Vec::new(),
        }
    }
}

/// The report in a format, ending in a newline unless it is empty.
#[must_use]
pub fn render(format: Format, report: &Report, options: &Options) -> String {
    match format {
        Format::Human => human(report, options),
        Format::Json => json(report),
        Format::Sarif => sarif(report, options),
        Format::Github => github(report, options),
        Format::Gitlab => gitlab(report, options),
        Format::Junit => junit(report, options),
        Format::Markdown => markdown(report, options),
        Format::Html => html(report, options),
    }
}
