//! `export`: what other programs read.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use crate::cli::World;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::output::{print, write_file};
use crate::error::Error;
use crate::export::{Reported, alerts};
use crate::render::prometheus_rules;
use crate::report::Report;
use crate::run::{Before, Inputs, Settings, Workings, run_checked};
use crate::source::SourceMap;
use crate::states::{Which, around, read_state};
use crate::units::Date;
use crate::words::text::clean;

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// What to write.
    #[arg(value_enum, value_name = "WHAT")]
    what: What,
    /// Only the projects that own these paths.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Export a commit instead of the working tree.
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
    /// Forecast as of this date instead of today, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Write to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Alerts for Prometheus, on what `[metrics]` says how to measure.
    PrometheusRules,
}

pub(super) fn export(arguments: &Export, world: &mut World<'_>) -> Result<u8, Error> {
    let as_of = match &arguments.as_of {
        None => world.today,
        Some(text) => Date::parse(text).map_err(Error::usage)?,
    };
    let which = arguments.rev.clone();
    let which = which.map_or(Which::WorkTree, Which::Revision);
    let (dir, paths) = around(&world.dir, &arguments.paths);
    let mut surroundings = surroundings(world);
    surroundings.dir = dir;
    let state = read_state(&surroundings, &which)?;
    let settings = Settings {
        paths: state.place.select(&state.head, &paths)?,
        projects: arguments.project.clone(),
        threads: world.threads,
        ..Settings::new(as_of)
    };
    note_if_empty(&state.head, &arguments.paths, world)?;
    let inputs = Inputs {
        sources: &state.sources,
        head: &state.head,
        base: Before::NotCompared,
    };
    let (report, workings) = run_checked(&inputs, &settings)?;
    if workings
        .projects()
        .iter()
        .any(|project| !project.findings.is_empty())
    {
        world.tell("warning: the files have errors, and what they concern is left out: run `caplint check`");
    }
    let text = match arguments.what {
        What::PrometheusRules => {
            let (text, missing) = rules(&report, &workings, &state.sources);
            for missing in missing {
                world.tell(format_args!("no alert: {missing}"));
            }
            text
        }
    };
    match &arguments.output {
        Some(file) => write_file(file, &text, world)?,
        None => print(&text, world)?,
    }
    Ok(0)
}

/// The projects of a report, each with what it is called where several share a name.
fn projects<'a>(
    report: &'a Report,
    workings: &'a Workings,
    sources: &'a SourceMap,
) -> impl Iterator<Item = (String, Reported<'a>)> {
    report.projects.iter().filter_map(move |reported| {
        let mut all = workings.projects().iter();
        let project = all.find(|project| project.is_in(&reported.root))?;
        let named = report.projects.iter().filter(|it| it.name == reported.name);
        let name = match named.count() {
            1 => reported.name.clone(),
            _ => format!("{} ({})", reported.name, reported.root),
        };
        let of = Reported {
            project,
            report: reported,
            sources,
        };
        Some((name, of))
    })
}

fn rules(report: &Report, workings: &Workings, sources: &SourceMap) -> (String, Vec<String>) {
    let mut missing = Vec::new();
    let projects = projects(report, workings, sources);
    let projects: Vec<_> = projects
        .map(|(name, of)| {
            let rules = alerts::rules(of, &name);
            missing.extend(rules.missing.iter().map(|it| format!("{name}: {it}")));
            (name, rules)
        })
        .collect();
    (prometheus_rules(&header(report), &projects), missing)
}

/// The comment that says what a file was made of.
fn header(report: &Report) -> String {
    let from = match &report.head.commit {
        Some(commit) => format!("commit {commit}"),
        None => "the working tree".to_owned(),
    };
    let (version, as_of) = (&report.caplint, &report.as_of);
    let line = format!("Written by caplint {version} from {from}, as of {as_of}.");
    format!("# {}\n", clean(&line))
}
