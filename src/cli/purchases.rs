//! `purchases`: what to buy, month by month.

use std::ffi::OsString;

use clap::Args;

use crate::cli::World;
use crate::cli::args::SheetFormat;
use crate::cli::forecast::{sheet_format, warn_of_errors};
use crate::cli::planning::Planning;
use crate::error::Error;
use crate::purchases::{self, Asked, Extent, MONTHS, MOST_MONTHS};
use crate::render::purchases::{csv, human, json, markdown};
use crate::report::purchases::{FORMAT, ProjectPurchases};
use crate::words::number;

#[derive(Debug, Args)]
pub(super) struct Purchases {
    /// Only the projects that contain these paths.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Plan this many months, starting with the next: 1 to 60.
    #[arg(long, value_name = "N", default_value_t = MONTHS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_MONTHS)))]
    months: u32,
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    format: Option<SheetFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    planning: Planning,
}

pub(super) fn purchases(arguments: &Purchases, world: &mut World<'_>) -> Result<u8, Error> {
    let planning = &arguments.planning;
    let output = planning.output.as_deref();
    let format = sheet_format(arguments.format, arguments.json, output)?;
    let as_of = planning.as_of(world)?;
    let planned = planning.read(&arguments.paths, world)?;
    let (projects, usage) = (&planned.projects, &planned.settings.usage);
    warn_of_errors(projects, world);
    if !planning.usage.is_empty() {
        let (rows, _) = usage.rows_of(projects, None);
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
        usage,
        extent: Extent::All,
    };
    let threads = planned.settings.threads;
    let plans = projects
        .iter()
        .map(|project| purchases::purchases(project, &project.policy, asked, threads));
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
    planning.write(&text, world)
}
