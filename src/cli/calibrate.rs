//! `calibrate`: what was measured against what is declared, and writing it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::analysis::{Project, outlooks};
use crate::calibrate::{Outcome, Settings, Window, calibrate as hold};
use crate::cli::World;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::edit::{OnDisk, replace, unified};
use crate::cli::measured;
use crate::cli::output::{date, format_of, print, write_file};
use crate::edit::{Edit, apply};
use crate::error::Error;
use crate::render::calibration;
use crate::run::{Settings as RunSettings, resolve};
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::states::{State, Which, read_state};
use crate::units::Date;
use crate::usage::Days;

#[derive(Debug, Args)]
pub(super) struct Calibrate {
    /// A file with measured usage, in addition to those in `[usage] files`; repeatable.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    usage: Vec<PathBuf>,
    /// Add up values that several usage files have for the same day.
    #[arg(long)]
    sum_files: bool,
    /// Use this many whole days before `--to`.
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = 30,
        conflicts_with = "from"
    )]
    days: u32,
    /// Start on this day.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
    from: Option<String>,
    /// End before this day. Default: `--as-of`.
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Treat days without a row as zero.
    #[arg(long)]
    gaps_are_zero: bool,
    /// Write measured values into the capacity.toml files.
    #[arg(long, conflicts_with = "diff")]
    write: bool,
    /// Print what `--write` would change as a diff.
    #[arg(long)]
    diff: bool,
    /// Exit with 1 if any line is off by more than `policy.calibration.drift`.
    #[arg(long)]
    fail_on_drift: bool,
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    format: Option<CalibrationFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file instead.
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CalibrationFormat {
    /// For a terminal.
    Human,
    /// The whole document.
    Json,
    /// Comma-separated values, for a spreadsheet.
    Csv,
    /// For a pull request's description.
    Markdown,
}

/// A capacity file that is written.
struct File {
    id: FileId,
    on_disk: OnDisk,
}

pub(super) fn calibrate(arguments: &Calibrate, world: &mut World<'_>) -> Result<u8, Error> {
    let as_of = date(arguments.as_of.as_deref(), world.today)?;
    let window = window(arguments, as_of)?;
    let format = format(arguments)?;
    let mut state = read_state(&surroundings(world), &Which::WorkTree)?;
    measured::refuse_none(&arguments.usage, &state.usage)?;
    let measured = measured::of_state(
        &arguments.usage,
        &state.usage,
        &state.head,
        &mut state.sources,
        arguments.sum_files,
        world,
    )?;
    note_if_empty(&state.head, &[], world)?;
    let mut refused = Vec::new();
    let files = match arguments.write || arguments.diff {
        true => on_disk(&mut state, &mut refused)?,
        false => Vec::new(),
    };
    let run = RunSettings {
        projects: arguments.project.clone(),
        threads: world.threads,
        ..RunSettings::new(as_of)
    };
    let projects = resolve(&state.sources, &state.head, &run);
    refuse_unknown(&arguments.project, &projects)?;
    measured::refuse(&measured, &projects, arguments.sum_files)?;
    measured::tell_shared(&measured, &projects, world);
    let sides: Vec<_> = projects.iter().map(|it| (it, &it.policy)).collect();
    let judged = outlooks(&sides, run.figures, run.threads);
    let sides: Vec<_> = projects.iter().zip(&judged).collect();
    let settings = Settings {
        window,
        gaps_are_zero: arguments.gaps_are_zero,
        threads: world.threads,
    };
    let mut outcome = hold(&sides, &state.sources, &measured, settings);
    let days = Days {
        from: window.from,
        last: window.last(),
        last_sampled: window.to,
    };
    (outcome.report.usage, _) = measured.rows_of(&projects, Some(days));
    let mut diffs = String::new();
    if arguments.write || arguments.diff {
        broken(&projects, &state.sources, &mut refused);
        leave_out(&mut outcome, &state.sources, &refused);
        let changed = changed(files, &outcome.edits)?;
        refuse_broken(&changed, &state, &run)?;
        for (file, after) in &changed {
            diffs.push_str(&unified(&file.name, &file.text, after));
        }
        if arguments.write {
            replace(&changed)?;
            diffs.clear();
        }
    }
    for (file, problem) in &refused {
        world.tell(format_args!("error: {file} is not written: {problem}"));
    }
    let text = rendered(format, arguments, &outcome, (&diffs, world));
    match &arguments.output {
        Some(file) => write_file(file, &text, world)?,
        None => print(&text, world)?,
    }
    let fails = !refused.is_empty() || (arguments.fail_on_drift && outcome.has_drifted);
    Ok(u8::from(fails))
}

fn window(arguments: &Calibrate, as_of: Date) -> Result<Window, Error> {
    let to = date(arguments.to.as_deref(), as_of)?;
    let before = to.plus_days(-i64::from(arguments.days)).unwrap_or(to);
    let from = date(arguments.from.as_deref(), before)?;
    if to > as_of {
        let error = Error::usage(format!("the window ends on {to}, after {as_of}"));
        return Err(error.with_help("end it at `--as-of` at the latest"));
    }
    if from >= to {
        let error = Error::usage("the window has no day");
        return Err(error.with_help("write `--from` before `--to`, or `--days` of at least 1"));
    }
    Ok(Window { from, to })
}

/// Takes the texts of capacity files as they are on disk: git may hold others ends of lines.
fn on_disk(state: &mut State, refused: &mut Vec<(String, String)>) -> Result<Vec<File>, Error> {
    let Some(top) = state.place.top.clone() else {
        return Err(Error::usage("a bare repository has no files to write"));
    };
    let mut files = Vec::new();
    let mut sources = SourceMap::default();
    for (index, file) in state.sources.files().iter().enumerate() {
        let id = FileId(u32::try_from(index).unwrap_or(u32::MAX));
        let mut file = file.clone();
        if state.head.files.contains(&id) {
            match OnDisk::open(&top, &file.path) {
                Ok(None) => {}
                Ok(Some(on_disk)) => {
                    file = SourceFile {
                        text: on_disk.text.as_str().into(),
                        ..file
                    };
                    files.push(File { id, on_disk });
                }
                Err(problem) => refused.push((file.path.to_string(), problem)),
            }
        }
        sources.add(file);
    }
    state.sources = sources;
    Ok(files)
}

fn refuse_unknown(wanted: &[String], projects: &[Project]) -> Result<(), Error> {
    match wanted.first() {
        Some(name) if projects.is_empty() => {
            Err(Error::usage(format!("there is no project `{name}`")))
        }
        _ => Ok(()),
    }
}

/// Adds the files with errors: what they declare is not certain.
fn broken(projects: &[Project], sources: &SourceMap, refused: &mut Vec<(String, String)>) {
    let findings = projects.iter().flat_map(|project| &project.findings);
    for span in findings.filter_map(|finding| finding.span) {
        let path = &sources.file(span.file).path;
        if refused.iter().all(|(known, _)| **known != **path) {
            let problem = "it has errors: run `caplint check`".to_owned();
            refused.push((path.to_string(), problem));
        }
    }
}

/// Takes back what would be written into files that are refused.
fn leave_out(outcome: &mut Outcome, sources: &SourceMap, refused: &[(String, String)]) {
    let is_refused = |path: &str| refused.iter().any(|(known, _)| known == path);
    let edits = &mut outcome.edits;
    edits.retain(|edit| !is_refused(&sources.file(edit.span.file).path));
    let values = outcome.report.values.iter_mut();
    for value in values.filter(|value| is_refused(&value.file)) {
        value.written = None;
    }
}

/// The files that change, each with its new text.
fn changed(files: Vec<File>, edits: &[Edit]) -> Result<Vec<(OnDisk, String)>, Error> {
    let mut changed = Vec::new();
    for File { id, on_disk } in files {
        let mut own = edits.iter().filter(|edit| edit.span.file == id).peekable();
        if own.peek().is_none() {
            continue;
        }
        let after = apply(&on_disk.text, own).map_err(|refused| {
            let name = &on_disk.name;
            let problem =
                format!("`{name}` can't be edited ({refused:?}), which is a bug in caplint");
            Error::usage(problem).with_help("no file was written; please report it with the file")
        })?;
        changed.push((on_disk, after));
    }
    Ok(changed)
}

/// Refuses to write what would be an error the next time.
fn refuse_broken(
    changed: &[(OnDisk, String)],
    state: &State,
    run: &RunSettings,
) -> Result<(), Error> {
    let mut sources = SourceMap::default();
    let after = |file: &SourceFile| {
        let own = changed.iter().find(|(own, _)| own.name == *file.path);
        own.map(|(_, after)| SourceFile {
            text: after.as_str().into(),
            ..file.clone()
        })
    };
    for file in state.sources.files() {
        sources.add(after(file).unwrap_or_else(|| file.clone()));
    }
    let projects = resolve(&sources, &state.head, run);
    let mut findings = projects.iter().flat_map(|project| &project.findings);
    let is_changed = |span: &Span| after(sources.file(span.file)).is_some();
    match findings.find(|finding| finding.span.as_ref().is_some_and(is_changed)) {
        None => Ok(()),
        Some(finding) => {
            let told = &finding.message;
            let problem = format!("what was measured can't be written: {told}");
            Err(Error::usage(problem).with_help("no file was written; please report it"))
        }
    }
}

fn format(arguments: &Calibrate) -> Result<CalibrationFormat, Error> {
    let asked = arguments.json.then_some(CalibrationFormat::Json);
    format_of(
        arguments.format.or(asked),
        arguments.output.as_deref(),
        CalibrationFormat::Human,
        &[
            ("csv", CalibrationFormat::Csv),
            ("json", CalibrationFormat::Json),
            ("md", CalibrationFormat::Markdown),
            ("txt", CalibrationFormat::Human),
        ],
    )
}

fn rendered(
    format: CalibrationFormat,
    arguments: &Calibrate,
    outcome: &Outcome,
    (diffs, world): (&str, &World<'_>),
) -> String {
    let report = &outcome.report;
    // A file has no width to keep to.
    let width = world.terminal.filter(|_| arguments.output.is_none());
    match format {
        CalibrationFormat::Human => calibration::human(report, arguments.write, diffs, width),
        CalibrationFormat::Json => calibration::json(report, width.is_some()),
        CalibrationFormat::Csv => calibration::csv(report),
        CalibrationFormat::Markdown => calibration::markdown(report, arguments.write, diffs),
    }
}
