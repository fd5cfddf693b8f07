//! A report as people and machines read it: one file for each format, each with one function.
//!
//! Renderers choose words, order and layout. They read one [`Report`] and compute nothing of
//! what it says; what they share (which rows matter, how a number is written) is in
//! `view`, `selection`, `number` and `text`.
//!
//! Names and texts of a report come from files that anyone may have written. Every renderer
//! passes them through `text` or `escape`, so that they cannot act as markup, commands or
//! terminal control.

mod bought;
pub(crate) mod calibration;
mod causes;
mod diff;
mod escape;
mod explain;
mod export;
mod github;
mod gitlab;
mod growth;
pub(crate) mod history;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
pub(crate) mod purchases;
pub(crate) mod review;
mod rows;
mod sarif;
mod selection;
mod sheet;
mod snippet;
mod story;
mod together;
pub(crate) mod understood;
mod view;

use std::io::{self, Write};

use clap::ValueEnum;

use crate::finding::Severity;
use crate::report::Report;
use crate::words::{number, text};

pub use explain::explained;
pub(crate) use export::{keda, prometheus_rules, rows_csv, rows_json};
pub use github::github;
pub use gitlab::gitlab;
pub use html::html;
pub use human::human;
pub use json::json;
pub(crate) use json::{pretty, written};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub(crate) use sheet::{sheet_csv, sheet_human, sheet_markdown};

/// How a report is written. The comments are the help of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Human,
    /// The whole report.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow annotations.
    Github,
    /// GitLab code quality.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// For a pull request's comment and a job's summary.
    #[value(alias = "md")]
    Markdown,
    /// One self-contained page.
    Html,
}

/// A rule as the SARIF report describes it.
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

/// How to render. A format ignores what it does not use.
#[derive(Clone, Debug)]
pub struct Options {
    /// Columns of the terminal, clamped to 60 to 200.
    pub width: usize,
    /// Whether to colour the terminal's output.
    pub color: bool,
    /// Whether to print nothing but ASCII on the terminal.
    pub ascii: bool,
    /// Whether to show what is otherwise only counted: infos, waivers, text diffs, long lists.
    pub verbose: bool,
    /// Whether to show only the findings, in one line each, and the verdict.
    pub quiet: bool,
    /// Whether findings that the base has too are shown, and fail.
    pub all: bool,
    /// Whether JSON is indented.
    pub pretty: bool,
    /// The severity from which findings fail; [`Severity::Off`] if none does.
    pub fail_on: Severity,
    /// The most bytes that a Markdown report may take.
    pub max_bytes: usize,
    /// The address that links to files of the head are made of, by appending the path:
    /// `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`.
    pub link: Option<String>,
    /// Tells this comment from others by caplint on the same pull request.
    pub comment_id: String,
    /// The catalogue of rules, which only SARIF has.
    pub rules: Vec<RuleInfo>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            pretty: false,
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
pub fn render(format: Format, report: &Report, options: &Options) -> String {
    match format {
        Format::Human => human(report, options),
        Format::Json => json(report, options),
        Format::Sarif => sarif(report, options),
        Format::Github => github(report, options),
        Format::Gitlab => gitlab(report, options),
        Format::Junit => junit(report, options),
        Format::Markdown => markdown(report, options),
        Format::Html => html(report, options),
    }
}

/// Writes the same.
///
/// # Errors
/// Where it can't be written.
pub fn write(
    format: Format,
    report: &Report,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json => json::write(report, options.pretty, out),
        _ => out.write_all(render(format, report, options).as_bytes()),
    }
}
