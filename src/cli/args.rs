//! The arguments that each command takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::calibrate::Calibrate;
use crate::cli::explain::Explain;
use crate::cli::export::Export;
use crate::cli::history::History;
use crate::cli::purchases::Purchases;
use crate::cli::review::Review;
use crate::cli::usage::Usage;
use crate::finding::Severity;
use crate::render::Format;
use crate::report::Applicability;

/// Forecast how a change affects credits, storage, writes, queues and spend, and fail it if it
/// exceeds a limit.
#[derive(Debug, Parser)]
#[command(name = "caplint", version, max_term_width = 100)]
pub struct Arguments {
    /// Run as if started in this directory.
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR")]
    pub(super) directory: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the working tree, the index or a commit.
    Check(Check),
    /// Compare two versions and report what the change breaks.
    Diff(Diff),
    /// Print the full forecast: features, tenants, credits, tables, queues, scenarios.
    Forecast(Forecast),
    /// Plan which credit packs to buy each month, and what they cost.
    Purchases(Purchases),
    /// Export Prometheus rules, KEDA objects, quotas, rows or a badge.
    Export(Export),
    /// Read measured usage, or print the queries that fetch it.
    Usage(Usage),
    /// Compare measured usage with declared values, and update them.
    Calibrate(Calibrate),
    /// Write a quarterly review: forecast, measured usage and decisions.
    Review(Review),
    /// List what each commit changed in the forecast.
    History(History),
    /// Explain a rule, or how a figure is calculated.
    Explain(Explain),
    /// List all rules.
    Rules(Rules),
    /// Create a capacity.toml.
    Init(Init),
    /// Format capacity.toml files.
    Fmt(Fmt),
    /// Print the JSON Schema of capacity.toml.
    Schema(Schema),
    /// Generate shell completions.
    Completions(Completions),
    /// Generate man pages.
    Man(Man),
    /// Print the version.
    Version,
}

#[derive(Debug, Args)]
pub(super) struct Rules {
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Human)]
    pub(super) format: ListFormat,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// Only rules that have this severity by default.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) severity: Option<Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// A table.
    Human,
    /// One JSON document.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// Off unless enabled.
    Off,
    /// Worth knowing.
    Info,
    /// Worth fixing.
    #[value(alias = "warn")]
    Warning,
    /// Fails.
    Error,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Off => Self::Off,
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// On a terminal, `init` asks for what no option says.
#[derive(Debug, Default, PartialEq, Args)]
pub(super) struct Init {
    /// The project's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// The project's name. Default: the folder's.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// The currency, as an ISO 4217 code. Default: USD.
    #[arg(long, value_name = "CODE")]
    pub(super) currency: Option<String>,
    /// How many tenants each tier has: `free=3600,pro=1200`.
    #[arg(long, value_name = "TIER=COUNT,…")]
    pub(super) tenants: Option<String>,
    /// Tenant growth per month: `5%`.
    #[arg(long, value_name = "RATIO")]
    pub(super) growth: Option<String>,
    /// A metered API and its rate limit, `twilio=100/s`; repeatable.
    #[arg(long, value_name = "NAME=RATE")]
    pub(super) api: Vec<String>,
    /// An API's plan, credits a month and their price, `twilio=2500000@1499`; repeatable.
    #[arg(long, value_name = "API=CREDITS[@PRICE]")]
    pub(super) plan: Vec<String>,
    /// An API's monthly budget, `twilio=2400`; repeatable.
    #[arg(long, value_name = "API=MONEY")]
    pub(super) budget: Vec<String>,
    /// An endpoint that is called, `twilio:/messages`; repeatable.
    #[arg(long, value_name = "API:PATH")]
    pub(super) endpoint: Vec<String>,
    /// An OpenAPI 3 document, in YAML or JSON, of an API whose endpoints are called;
    /// repeatable. The API is named after the document's title, or the only `--api`.
    #[arg(long, value_name = "FILE")]
    pub(super) from: Vec<PathBuf>,
    /// A database and its disk, `main=100GB`; repeatable.
    #[arg(long, value_name = "NAME=SIZE")]
    pub(super) database: Vec<String>,
    /// The feature that calls the endpoints. Default: first-feature.
    #[arg(long, value_name = "NAME")]
    pub(super) feature: Option<String>,
    /// The feature's owner. Default: the project's name.
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
    /// The feature's spec, relative to the project's folder; created if missing. Default:
    /// specs/FEATURE.md.
    #[arg(long, value_name = "PATH")]
    pub(super) spec: Option<String>,
    /// Accept defaults without prompting.
    #[arg(short, long)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Files and directories to format; `-` formats standard input to standard output.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    /// List the files that would change instead of writing them; exit with 1 if there are any.
    #[arg(long)]
    pub(super) check: bool,
    /// Print each change as a diff instead of writing it; exit with 1 if there are any.
    #[arg(long)]
    pub(super) diff: bool,
    /// Print each change as a diff as well.
    #[arg(short, long)]
    pub(super) verbose: bool,
}

impl Fmt {
    /// Whether it only says what would change.
    pub(super) fn writes_nothing(&self) -> bool {
        self.check || self.diff
    }
}

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Print the schema of the JSON report instead.
    #[arg(long)]
    pub(super) report: bool,
    /// Print the schema of what `explain --format json` prints instead.
    #[arg(long, conflicts_with = "report")]
    pub(super) explain: bool,
    /// Print the schema of what `forecast --format json` prints instead.
    #[arg(long, conflicts_with_all = ["report", "explain"])]
    pub(super) forecast: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Check only the projects that contain these paths.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    /// Check the index instead of the working tree.
    #[arg(long, conflicts_with = "rev")]
    pub(super) staged: bool,
    /// Check a commit.
    #[arg(long, value_name = "REV")]
    pub(super) rev: Option<String>,
    #[command(flatten)]
    pub(super) fixes: Fixes,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

#[derive(Debug, Args)]
pub(super) struct Fixes {
    /// Apply safe fixes in the working tree, such as misspelt keys and names.
    #[arg(long, conflicts_with_all = ["staged", "rev"])]
    pub(super) fix: bool,
    /// Also apply advised values that someone should decide, such as a retention.
    #[arg(long, conflicts_with_all = ["staged", "rev"])]
    pub(super) unsafe_fixes: bool,
    /// Print the fixes as a diff instead of writing them; exit with 1 if there are any.
    #[arg(long, conflicts_with_all = ["staged", "rev"])]
    pub(super) diff: bool,
}

impl Fixes {
    /// Whether anything is to be fixed, and how far.
    pub(super) fn most(&self) -> Option<Applicability> {
        match self {
            Self {
                unsafe_fixes: true, ..
            } => Some(Applicability::Unsafe),
            Self { fix: true, .. } | Self { diff: true, .. } => Some(Applicability::Safe),
            _ => None,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// What to compare: BASE, BASE HEAD, BASE..HEAD or BASE...HEAD. Each is a git revision or a
    /// directory; BASE may be a report saved with `--format json`.
    #[arg(value_name = "BASE", num_args = 0..=2)]
    pub(super) sides: Vec<OsString>,
    /// Compare the index with HEAD.
    #[arg(long)]
    pub(super) staged: bool,
    /// Use the policy from HEAD instead of BASE.
    #[arg(long)]
    pub(super) accept_policy: bool,
    /// Also fail on existing findings.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

#[derive(Debug, Args)]
pub(super) struct Forecast {
    /// Only the projects that contain these paths.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<OsString>,
    /// Forecast this scenario instead of today.
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Multiply all tenants by this factor: `--tenants 3.4`, or `10x`.
    #[arg(long, value_name = "TIMES", conflicts_with = "scenario")]
    pub(super) tenants: Option<String>,
    /// Ask "what if" without editing: `features.x.calls.posts.rate=45/day`.
    #[arg(long, value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    pub(super) format: Option<SheetFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// Write to this file instead. Without `--format`, its extension sets the format.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    pub(super) project: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SheetFormat {
    /// For a terminal.
    Human,
    /// Tables in Markdown.
    Markdown,
    /// Comma-separated values, for a spreadsheet.
    Csv,
    /// One JSON document.
    Json,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ReportOptions {
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    pub(super) format: Option<Format>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// Indent JSON, as on a terminal.
    #[arg(long)]
    pub(super) pretty: bool,
    /// Also write the report to a file: `--output sarif=caplint.sarif`, or `-o caplint.html`. Where
    /// neither FORMAT nor the extension sets the format, `--format` does.
    #[arg(short, long, value_name = "[FORMAT=]FILE")]
    pub(super) output: Vec<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
    /// Fail on findings of this severity and above.
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "LEVEL")]
    pub(super) fail_on: FailOn,
    /// Exit with 0 even if there are findings.
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// Exit with 0 if there is no capacity.toml, even in CI.
    #[arg(long)]
    pub allow_empty: bool,
    /// Set a rule's severity: `--rule near-limit=off`.
    #[arg(long, value_name = "NAME=LEVEL")]
    pub(super) rule: Vec<String>,
    /// Also check measured usage (CSV or JSON Lines).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) usage: Vec<PathBuf>,
    /// Add up values that several usage files have for the same day.
    #[arg(long)]
    pub(super) sum_files: bool,
    /// Report only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    pub(super) project: Vec<String>,
    /// Report only this owner's features.
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Vec<String>,
    /// When to use color.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Print only ASCII characters.
    #[arg(long)]
    pub(super) ascii: bool,
    /// Print one line per finding, and the verdict.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Also print infos, waived findings and text diffs.
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Unique ID for this comment, when several jobs comment on one pull request.
    #[arg(long, value_name = "ID", default_value = "default")]
    pub(super) comment_id: String,
    /// Base URL of links to files, in Markdown and HTML.
    #[arg(long, value_name = "URL")]
    pub(super) link: Option<String>,
    /// Maximum size of a Markdown report, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 65_000)]
    pub(super) max_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Infos, warnings and errors.
    Info,
    /// Warnings and errors.
    #[value(alias = "warn")]
    Warning,
    /// Errors.
    Error,
    /// Nothing.
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
