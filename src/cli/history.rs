//! `history`: what every commit moved.

use clap::{Args, ValueEnum};

use crate::cli::World;
use crate::cli::commands::surroundings;
use crate::cli::output::{date, format_of, print, write_file};
use crate::error::Error;
use crate::history::{Asked, history as told};
use crate::render::history as render;
use crate::states::{Since, read_history};
use crate::units::Date;

#[derive(Debug, Args)]
pub(super) struct History {
    /// The newest commit.
    #[arg(value_name = "REV", default_value = "HEAD")]
    revision: String,
    /// Only commits of the last days (`90d`), since a date, or after a revision.
    #[arg(long, value_name = "DAYS|DATE|REV")]
    since: Option<String>,
    /// Only meters whose ids match: `apis.*.credits`.
    #[arg(long, value_name = "GLOB")]
    meter: Option<String>,
    /// Only the commits that use up most of a limit, largest first.
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    format: Option<HistoryFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file instead.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Count `--since` back from this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum HistoryFormat {
    /// For a terminal.
    Human,
    /// Comma-separated values, one row per commit and meter.
    Csv,
    /// The whole document.
    Json,
}

pub(super) fn history(arguments: &History, world: &mut World<'_>) -> Result<u8, Error> {
    let as_of = date(arguments.as_of.as_deref(), world.today)?;
    let since = arguments.since.as_deref().map(|text| since(text, as_of));
    let since = since.transpose()?;
    let past = read_history(&surroundings(world), &arguments.revision, since.as_ref())?;
    let asked = Asked {
        meter: arguments.meter.clone(),
        projects: arguments.project.clone(),
        top: arguments.top,
        threads: world.threads,
    };
    let report = told(&past, &asked)?;
    let asked = arguments.json.then_some(HistoryFormat::Json);
    let format = format_of(
        arguments.format.or(asked),
        arguments.output.as_deref(),
        HistoryFormat::Human,
        &[
            ("csv", HistoryFormat::Csv),
            ("json", HistoryFormat::Json),
            ("txt", HistoryFormat::Human),
        ],
    )?;
    // A file has no width to keep to.
    let width = world.terminal.filter(|_| arguments.output.is_none());
    let text = match format {
        HistoryFormat::Human => render::human(&report, width),
        HistoryFormat::Csv => render::csv(&report),
        HistoryFormat::Json => render::json(&report, width.is_some()),
    };
    if format == HistoryFormat::Csv {
        for note in &report.notes {
            world.tell(format_args!("note: {note}"));
        }
    }
    match &arguments.output {
        Some(file) => write_file(file, &text, world)?,
        None => print(&text, world)?,
    }
    // The process ends here: taking all states apart would only take time.
    std::mem::forget((past, report));
    Ok(0)
}

/// Days back from a date, a date, or else a revision.
fn since(text: &str, as_of: Date) -> Result<Since, Error> {
    let days = text.strip_suffix('d').map(str::parse::<u32>);
    if let Some(Ok(days)) = days {
        let day = as_of.plus_days(-i64::from(days));
        let before = || Error::usage(format!("there is no day {days} days before {as_of}"));
        return day.map(Since::Day).ok_or_else(before);
    }
    Ok(match Date::parse(text) {
        Ok(day) => Since::Day(day),
        Err(_) => Since::Revision(text.to_owned()),
    })
}
