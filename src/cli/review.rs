//! `review`: a quarter's forecast against what was measured, and what is to be decided.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::calibrate::Window;
use crate::cli::World;
use crate::cli::commands::surroundings;
use crate::cli::output::{date, format_of};
use crate::cli::planning::{Planned, Planning};
use crate::error::Error;
use crate::history::Past;
use crate::limits;
use crate::render::review as render;
use crate::review::report::{Before as Previous, FORMAT};
use crate::review::{Inputs, review as told};
use crate::run::{Before, Inputs as RunInputs, run_checked};
use crate::states::{Since, read_bounded, read_history};
use crate::units::Date;

#[derive(Debug, Args)]
pub(super) struct Review {
    /// Review this quarter. Default: the last complete one.
    #[arg(long, value_name = "YYYY-QN", conflicts_with_all = ["from", "to"])]
    quarter: Option<String>,
    /// Start on this day.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
    from: Option<String>,
    /// End before this day.
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
    #[command(flatten)]
    planning: Planning,
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
    let planning = &arguments.planning;
    let as_of = planning.as_of(world)?;
    let window = window(arguments, as_of)?;
    let format = format(arguments)?;
    let previous = arguments
        .previous
        .as_ref()
        .map(|file| previous(file, world));
    let previous = previous.transpose()?;
    let Planned {
        settings,
        sources,
        head,
        projects,
    } = planning.read(&[], world)?;
    let usage = &settings.usage;
    let inputs = RunInputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    let (report, _) = run_checked(&inputs, &settings)?;
    let since = Since::Day(window.from);
    let past = read_history(&surroundings(world), "HEAD", Some(&since));
    // Without a history what is declared now is judged.
    let past = past.unwrap_or_else(|error| Past {
        notes: vec![format!("The history can't be read: {error}.")],
        sources: sources.clone(),
        start: head.files.clone(),
        ..Past::default()
    });
    let review = told(&Inputs {
        past: &past,
        usage,
        projects: &projects,
        sources: &sources,
        report: &report,
        window,
        as_of,
        previous: previous.as_ref(),
        threads: world.threads,
    });
    if review.usage.matched == 0 {
        let (from, last) = (window.from, window.last());
        let error = Error::usage(format!(
            "no usage of {from} to {last} was measured, so there is nothing to review"
        ));
        return Err(error.with_help(
            "name files with rows of these days by `--usage`; `caplint usage FILE` shows which days one has",
        ));
    }
    let text = match format {
        ReviewFormat::Markdown => render::markdown(&review),
        ReviewFormat::Html => render::html(&review),
        ReviewFormat::Json => render::json(&review),
    };
    planning.write(&text, world)
}

fn format(arguments: &Review) -> Result<ReviewFormat, Error> {
    let asked = arguments.json.then_some(ReviewFormat::Json);
    format_of(
        arguments.format.or(asked),
        arguments.planning.output.as_deref(),
        ReviewFormat::Markdown,
        &[
            ("md", ReviewFormat::Markdown),
            ("html", ReviewFormat::Html),
            ("json", ReviewFormat::Json),
        ],
    )
}

fn previous(file: &PathBuf, world: &World<'_>) -> Result<Previous, Error> {
    let name = file.display();
    let refuse = |problem: String| Error::usage(format!("`{name}` can't be read: {problem}"));
    let bytes = read_bounded(&world.dir.join(file), limits::REPORT_BYTES).map_err(refuse)?;
    let parsed = serde_json::from_slice::<Previous>(&bytes);
    let previous = parsed.map_err(|error| {
        let error = refuse(format!("it is not a review as JSON: {error}"));
        error.with_help("name what `caplint review --format json` wrote")
    })?;
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
