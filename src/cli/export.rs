//! `export`: what other programs read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::cli::World;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::forecast::warn_of_errors;
use crate::cli::output::{print, write_file};
use crate::error::Error;
use crate::export::badge::badge;
use crate::export::quotas::quotas;
use crate::export::scaling::scaling;
use crate::export::{Reported, alerts, rows};
use crate::render::{keda, pretty, prometheus_rules, rows_csv, rows_json};
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
    /// Only the projects that contain these paths.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Export a commit instead of the working tree.
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Format of rows. Default: jsonl, or the file's extension.
    #[arg(short, long, value_enum)]
    format: Option<RowFormat>,
    /// Address of Prometheus in KEDA objects, for queues with a query in `[metrics]`.
    #[arg(long, value_name = "URL", default_value = "http://prometheus:9090")]
    prometheus: String,
    /// Write to this file instead.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Prometheus alerts on the queries in `[metrics]`.
    PrometheusRules,
    /// ScaledObjects for the workers of queues.
    Keda,
    /// Tenant quotas of models, by tier and unit, as JSON.
    Quotas,
    /// Lines, meters, findings and purchases as rows of one table.
    Rows,
    /// A badge for a shields.io endpoint.
    Badge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RowFormat {
    /// Comma-separated values.
    Csv,
    /// One JSON object per line.
    Jsonl,
}

pub(super) fn export(arguments: &Export, world: &mut World<'_>) -> Result<u8, Error> {
    if arguments.format.is_some() && arguments.what != What::Rows {
        let error = Error::usage("`--format` applies to `caplint export rows` only");
        return Err(error.with_help("leave it out: the others have one format each"));
    }
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
    let projects = projects(&report, &workings, &state.sources).collect::<Vec<_>>();
    warn_of_errors(projects.iter().map(|(_, of)| of.project), world);
    let (text, notes) = written(arguments, &report, &projects);
    for note in notes {
        world.tell(format_args!("{note}"));
    }
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

/// The text, and what is left out of it or not as it should be.
fn written(
    arguments: &Export,
    report: &Report,
    projects: &[(String, Reported<'_>)],
) -> (String, Vec<String>) {
    let mut notes = Vec::new();
    let mut note = |what: &str, name: &str, all: &BTreeSet<String>| {
        notes.extend(all.iter().map(|it| format!("{what}: {name}: {it}")));
    };
    let text = match arguments.what {
        What::PrometheusRules => {
            let rules = projects.iter().map(|(name, of)| {
                let rules = alerts::rules(*of, name);
                note("left out", name, &rules.missing);
                (name.clone(), rules)
            });
            prometheus_rules(&header(report), &rules.collect::<Vec<_>>())
        }
        What::Keda => {
            let objects = projects.iter().map(|(name, of)| {
                let scaling = scaling(*of, &arguments.prometheus);
                note("left out", name, &scaling.missing);
                note("rounded", name, &scaling.rounded);
                (name.clone(), scaling.scaled)
            });
            let objects = objects.collect::<Vec<_>>();
            keda(&header(report), &objects)
        }
        What::Quotas => {
            let quotas = quotas(report, projects.iter().map(|(_, of)| *of));
            pretty(&quotas)
        }
        What::Rows => {
            let rows = projects.iter().flat_map(|(_, of)| rows::rows(*of, report));
            let rows = rows.collect::<Vec<_>>();
            match arguments.is_csv() {
                true => rows_csv(&rows),
                false => rows_json(&rows),
            }
        }
        What::Badge => crate::render::written(&badge(report), false),
    };
    (text, notes)
}

impl Export {
    fn is_csv(&self) -> bool {
        let file = self.output.as_deref().map(Path::new);
        let is_named = file.and_then(Path::extension).is_some_and(|it| it == "csv");
        self.format.map_or(is_named, |it| it == RowFormat::Csv)
    }
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
