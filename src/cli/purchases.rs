//! `purchases`: what to buy, month by month.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::World;
use crate::cli::args::SheetFormat;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::forecast::{sheet_format, warn_of_errors};
use crate::cli::measured;
use crate::cli::output::{date, print, write_file};
use crate::error::Error;
use crate::purchases::{self, Asked, Extent, MONTHS, MOST_MONTHS};
use crate::render::purchases::{csv, human, json, markdown};
use crate::report::purchases::{FORMAT, ProjectPurchases};
use crate::run::{Settings, resolve};
use crate::states::{Which, read_state};
use crate::words::number;

#[derive(Debug, Args)]
pub(super) struct Purchases {
    /// Only the projects that contain these paths.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Plan this many months, the first of which is the next.
    #[arg(long, value_name = "N", default_value_t = MONTHS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_MONTHS)))]
    months: u32,
    /// Take balances and the use of credits from files of measured usage.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    usage: Vec<PathBuf>,
    /// Add up what several usage files say of the same day and thing.
    #[arg(long)]
    sum_files: bool,
    /// How to print the plan. Default: human.
    #[arg(short, long, value_enum)]
    format: Option<SheetFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write the plan to a file instead. Its ending says the format, where no option does.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
}

pub(super) fn purchases(arguments: &Purchases, world: &mut World<'_>) -> Result<u8, Error> {
    let output = arguments.output.as_deref();
    let format = sheet_format(arguments.format, arguments.json, output)?;
    let as_of = date(arguments.as_of.as_deref(), world.today)?;
    let mut state = read_state(&surroundings(world), &Which::WorkTree)?;
    let measured = measured::of_state(
        &arguments.usage,
        &state.usage,
        &state.head,
        &mut state.sources,
        arguments.sum_files,
        world,
    )?;
    let settings = Settings {
        paths: state.place.select(&state.head, &arguments.paths)?,
        projects: arguments.project.clone(),
        threads: world.threads,
        ..Settings::new(as_of)
    };
    note_if_empty(&state.head, &arguments.paths, world)?;
    let projects = resolve(&state.sources, &state.head, &settings);
    warn_of_errors(&projects, world);
    for project in &projects {
        measured.refuse(project, arguments.sum_files)?;
    }
    if !arguments.usage.is_empty() {
        let (rows, _) = measured.rows_of(&projects, None);
        let unmatched: usize = rows.unmatched.iter().map(|it| it.rows).sum();
        if unmatched > 0 {
            world.tell(format_args!(
                "warning: {} of measured usage match nothing: run `caplint usage`",
                number::plural(unmatched, "row")
            ));
        }
    }
    let asked = Asked {
        as_of,
        months: arguments.months,
        usage: &measured,
        extent: Extent::All,
    };
    let plans = projects
        .iter()
        .map(|project| purchases::purchases(project, &project.policy, asked, settings.threads));
    let plans: Vec<ProjectPurchases> = plans.collect();
    // A file has no width to keep to.
    let width = world.terminal.filter(|_| output.is_none());
    let text = match format {
        SheetFormat::Human => human(&plans, width),
        SheetFormat::Markdown => markdown(&plans),
        SheetFormat::Csv => csv(&plans),
        SheetFormat::Json => json(&crate::report::purchases::Purchases {
            format: FORMAT.to_owned(),
            as_of: as_of.to_string(),
            projects: plans,
        }),
    };
    match output {
        Some(file) => write_file(file, &text, world)?,
        None => print(&text, world)?,
    }
    Ok(0)
}
