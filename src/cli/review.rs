//! `review`: a quarter's forecast against what was measured, and what is to be decided.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::calibrate::Window;
use crate::cli::World;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::measured;
use crate::cli::output::{date, print, write_file};
use crate::error::Error;
use crate::history::Past;
use crate::limits;
use crate::render::review as render;
use crate::review::report::{Before as Previous, FORMAT};
use crate::review::{Inputs, review as told};
use crate::run::{Before, Inputs as RunInputs, Settings, resolve, run_checked};
use crate::states::{Since, Which, read_bounded, read_history, read_state};
use crate::units::Date;
use crate::usage::Days;

#[derive(Debug, Args)]
pub(super) struct Review {
    /// A file with measured usage; repeatable.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    usage: Vec<PathBuf>,
    /// Add up values that several usage files have for the same day.
    #[arg(long)]
    sum_files: bool,
    /// Review this quarter. Default: the last complete one.
    #[arg(long, value_name = "YYYY-QN", conflicts_with_all = ["from", "to"])]
    quarter: Option<String>,
    /// Review from this day on.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
    from: Option<String>,
    /// Review days before this one.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    to: Option<String>,
    /// An earlier review as JSON, whose decisions are followed up.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Output format. Default: markdown.
    #[arg(short, long, value_enum)]
    format: Option<ReviewFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file instead. Without `--format`, its extension sets the format.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Look ahead from this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReviewFormat {
    /// For an issue or a wiki page.
    Markdown,
    /// One self-contained page, for reading and printing.
    Html,
    /// The whole review; `--previous` reads it.
    Json,
}

pub(super) fn review(arguments: &Review, world: &mut World<'_>) -> Result<u8, Error> {
    let as_of = date(arguments.as_of.as_deref(), world.today)?;
    let window = window(arguments, as_of)?;
    let previous = arguments
        .previous
        .as_ref()
        .map(|file| previous(file, world));
    let previous = previous.transpose()?;
    let mut state = read_state(&surroundings(world), &Which::WorkTree)?;
    note_if_empty(&state.head, &[], world)?;
    let files = &arguments.usage;
    let usage = measured::of_state(
        files,
        &state.usage,
        &state.head,
        &mut state.sources,
        arguments.sum_files,
        world,
    )?;
    if usage.is_empty() {
        let error =
            Error::usage("no usage was measured in these days, so there is nothing to review");
        return Err(error.with_help("pass files that have rows with `--usage`"));
    }
    let settings = Settings {
        projects: arguments.project.clone(),
        threads: world.threads,
        ..Settings::new(as_of)
    };
    let inputs = RunInputs {
        sources: &state.sources,
        head: &state.head,
        base: Before::NotCompared,
    };
    let (mut report, _) = run_checked(&inputs, &settings)?;
    let projects = resolve(&state.sources, &state.head, &settings);
    for project in &projects {
        usage.refuse(project, arguments.sum_files)?;
    }
    let days = Days {
        from: window.from,
        last: window.last(),
        last_sampled: window.to,
    };
    report.usage = Some(usage.rows_of(&projects, Some(days)).0);
    let since = Since::Day(window.from);
    let past = read_history(&surroundings(world), "HEAD", Some(&since));
    // Without a history what is declared now is judged.
    let past = past.unwrap_or_else(|error| Past {
        notes: vec![format!("The history can't be read: {error}.")],
        sources: state.sources.clone(),
        start: state.head.files.clone(),
        ..Past::default()
    });
    let review = told(&Inputs {
        past: &past,
        usage: &usage,
        projects: &projects,
        sources: &state.sources,
        report: &report,
        window,
        as_of,
        previous: previous.as_ref(),
        threads: world.threads,
    });
    let text = match format(arguments)? {
        ReviewFormat::Markdown => render::markdown(&review),
        ReviewFormat::Html => render::html(&review),
        ReviewFormat::Json => render::json(&review),
    };
    match &arguments.output {
        Some(file) => write_file(file, &text, world)?,
        None => print(&text, world)?,
    }
    Ok(0)
}

fn format(arguments: &Review) -> Result<ReviewFormat, Error> {
    if arguments.json {
        return Ok(ReviewFormat::Json);
    }
    let ending = arguments
        .output
        .as_deref()
        .and_then(|it| it.rsplit_once('.'));
    match (arguments.format, ending) {
        (Some(format), _) => Ok(format),
        (None, None | Some((_, "md"))) => Ok(ReviewFormat::Markdown),
        (None, Some((_, "html"))) => Ok(ReviewFormat::Html),
        (None, Some((_, "json"))) => Ok(ReviewFormat::Json),
        (None, Some(_)) => {
            let error = Error::usage("the file's extension does not set a format");
            Err(error.with_help("add `--format html`, or end the name in .md, .html or .json"))
        }
    }
}

fn previous(file: &PathBuf, world: &World<'_>) -> Result<Previous, Error> {
    let name = file.display();
    let refuse = |problem: String| Error::usage(format!("`{name}` can't be read: {problem}"));
    let bytes = read_bounded(&world.dir.join(file), limits::REPORT_BYTES).map_err(refuse)?;
    let parsed = serde_json::from_slice::<Previous>(&bytes);
    let previous = parsed.map_err(|error| refuse(error.to_string()))?;
    if previous.format != FORMAT {
        let error = refuse(format!("its format is {:?}", previous.format));
        return Err(error.with_help(format!("this version of caplint reads {FORMAT:?}")));
    }
    Ok(previous)
}

fn window(arguments: &Review, as_of: Date) -> Result<Window, Error> {
    let window = match (&arguments.quarter, &arguments.from, &arguments.to) {
        (_, Some(from), Some(to)) => Window {
            from: date(Some(from), as_of)?,
            to: date(Some(to), as_of)?,
        },
        (Some(quarter), ..) => {
            let named = quarter.split_once("-Q");
            let numbers = named.and_then(|(year, of)| Some((year.parse().ok()?, of.parse().ok()?)));
            let window = numbers.and_then(|(year, of)| self::quarter(year, of));
            window.ok_or_else(|| {
                let error = Error::usage(format!("`{quarter}` is not a quarter"));
                error.with_help("write a quarter such as 2026-Q3")
            })?
        }
        _ => {
            let this = (as_of.month() - 1) / 3 + 1;
            let (year, of) = match this {
                1 => (as_of.year().saturating_sub(1), 4),
                this => (as_of.year(), this - 1),
            };
            quarter(year, of).ok_or_else(|| Error::usage("no quarter is over"))?
        }
    };
    if window.from >= window.to {
        let error = Error::usage("the window has no day");
        return Err(error.with_help("write `--from` before `--to`"));
    }
    Ok(window)
}

fn quarter(year: u16, number: u8) -> Option<Window> {
    let number = Some(number).filter(|it| (1..=4).contains(it))?;
    let (next, after) = match number {
        4 => (year.checked_add(1)?, 1),
        number => (year, number * 3 + 1),
    };
    Some(Window {
        from: Date::new(year, number * 3 - 2, 1)?,
        to: Date::new(next, after, 1)?,
    })
}
