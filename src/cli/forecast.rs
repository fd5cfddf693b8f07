//! `forecast`: the spreadsheet, and what-ifs.

use crate::analysis::{Outlook, Project, outlooks};
use crate::cli::World;
use crate::cli::args::{Forecast, SheetFormat};
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::output::{date, format_of, print, write_file};
use crate::document::values::Require;
use crate::error::Error;
use crate::fit::Fitted;
use crate::forecast::Situation;
use crate::model::Scenario;
use crate::model::scenarios::{Found, assumed, set_value};
use crate::render::{pretty, sheet_csv, sheet_human, sheet_markdown};
use crate::run::{Settings, resolve};
use crate::sheet::{FORMAT, ProjectSheet, Sheets, Tab, tabs};
use crate::source::{SourceFile, SourceMap, Span};
use crate::states::{Which, read_state};
use crate::suggest::did_you_mean_or;
use crate::words::number::plural;

/// What `--tenants` is called where scenarios are listed.
const WHAT_IF: &str = "what if";

pub(super) fn forecast(arguments: &Forecast, world: &mut World<'_>) -> Result<u8, Error> {
    let output = arguments.output.as_deref();
    let format = sheet_format(arguments.format, arguments.json, output)?;
    let state = read_state(&surroundings(world), &Which::WorkTree)?;
    let settings = Settings {
        paths: state.place.select(&state.head, &arguments.paths)?,
        projects: arguments.project.clone(),
        threads: world.threads,
        ..Settings::new(date(arguments.as_of.as_deref(), world.today)?)
    };
    note_if_empty(&state.head, &arguments.paths, world)?;
    let mut sources = state.sources;
    let mut projects = resolve(&sources, &state.head, &settings);
    warn_of_errors(&projects, world);
    for set in &arguments.set {
        projects = apply(set, projects, &mut sources)?;
    }
    let what_if = arguments.tenants.as_deref().map(times).transpose()?;
    if let Some(scenario) = &what_if {
        for project in &mut projects {
            project.scenarios.push((scenario.clone(), None));
        }
    }
    let wanted = match (&arguments.scenario, &what_if) {
        (Some(name), _) => Some(name.as_str()),
        (None, Some(_)) => Some(WHAT_IF),
        (None, None) => None,
    };
    refuse_unknown_scenario(&projects, wanted)?;
    let sides = projects.iter().map(|project| (project, &project.policy));
    let sides: Vec<_> = sides.collect();
    let judged = outlooks(&sides, settings.figures, settings.threads);
    // A file has no width to keep to.
    let width = world.terminal.filter(|_| arguments.output.is_none());
    let mut out = String::new();
    let mut sheets = Vec::new();
    for (project, outlook) in projects.iter().zip(&judged) {
        let tabs = in_situation(project, outlook, wanted);
        let name = &project.declarations.name;
        if projects.len() > 1 && format != SheetFormat::Json {
            out.push_str(&format!("# {name}\n\n"));
        }
        match format {
            SheetFormat::Human => out.push_str(&sheet_human(&tabs, width)),
            SheetFormat::Markdown => out.push_str(&sheet_markdown(&tabs)),
            SheetFormat::Csv => out.push_str(&sheet_csv(&tabs)),
            SheetFormat::Json => sheets.push(ProjectSheet {
                name: name.clone(),
                root: project.declarations.folder.clone(),
                currency: project.currency().to_owned(),
                tabs,
            }),
        }
    }
    if format == SheetFormat::Json {
        let sheets = Sheets {
            format: FORMAT.to_owned(),
            situation: wanted.unwrap_or("today").to_owned(),
            projects: sheets,
        };
        out = pretty(&sheets);
    }
    match &arguments.output {
        Some(file) => write_file(file, &out, world)?,
        None => print(&out, world)?,
    }
    Ok(0)
}

/// The format that was asked for, or that of the file's ending.
pub(super) fn sheet_format(
    asked: Option<SheetFormat>,
    json: bool,
    output: Option<&str>,
) -> Result<SheetFormat, Error> {
    format_of(
        asked.or(json.then_some(SheetFormat::Json)),
        output,
        SheetFormat::Human,
        &[
            ("csv", SheetFormat::Csv),
            ("json", SheetFormat::Json),
            ("md", SheetFormat::Markdown),
            ("txt", SheetFormat::Human),
        ],
    )
}

/// A forecast of files with errors leaves out what could not be read, and says so.
pub(super) fn warn_of_errors<'p>(
    projects: impl IntoIterator<Item = &'p Project>,
    world: &mut World<'_>,
) {
    let projects = projects.into_iter();
    let errors: usize = projects.map(|project| project.findings.len()).sum();
    if errors > 0 {
        let errors = plural(errors, "error");
        world.tell(format_args!(
            "warning: declarations with errors are left out ({errors}); run `caplint check`"
        ));
    }
}

fn times(text: &str) -> Result<Scenario, Error> {
    let number = text.trim().trim_end_matches(['x', 'X', '×']).trim_end();
    match number.parse::<f64>() {
        Ok(times) if times.is_finite() && times >= 0.0 => {
            Ok(assumed(WHAT_IF, times, Require::Report))
        }
        _ => {
            let error = Error::usage(format!("`--tenants {text}` is not a factor"));
            Err(error.with_help("write a number of 0 or more, such as `--tenants 3.4` or `10x`"))
        }
    }
}

pub(super) fn refuse_unknown_scenario(
    projects: &[Project],
    wanted: Option<&str>,
) -> Result<(), Error> {
    let Some(wanted) = wanted else { return Ok(()) };
    let names = || {
        let scenarios = projects.iter().flat_map(|project| &project.scenarios);
        scenarios.map(|(scenario, _)| scenario.name.as_str())
    };
    if projects.is_empty() || names().any(|name| name == wanted) {
        return Ok(());
    }
    let help = did_you_mean_or(wanted, names(), || {
        let names: Vec<&str> = names().collect();
        format!("the scenarios are {}", names.join(", "))
    });
    Err(Error::usage(format!("there is no scenario `{wanted}`")).with_help(help))
}

fn in_situation(project: &Project, outlook: &Outlook, wanted: Option<&str>) -> Vec<Tab> {
    let mut all = project.scenarios.iter().zip(&outlook.scenarios);
    let found = all.find(|((scenario, _), _)| Some(scenario.name.as_str()) == wanted);
    let (situation, meters): (Situation<'_>, &[Fitted]) = match found {
        Some(((scenario, _), meters)) => (Situation::Scenario(scenario), meters),
        None => (Situation::Today, &outlook.today),
    };
    tabs(project, outlook, situation, meters)
}

fn apply(
    set: &str,
    projects: Vec<Project>,
    sources: &mut SourceMap,
) -> Result<Vec<Project>, Error> {
    let Some((path, value)) = set.split_once('=') else {
        let error = Error::usage(format!("`--set {set}` gives no value"));
        return Err(error.with_help("write `--set features.x.calls.posts.rate=45/day`"));
    };
    // What is not TOML by itself, such as `45/day`, is a string.
    let value = if toml::from_str::<toml::Table>(&format!("v = {value}")).is_ok() {
        value.to_owned()
    } else {
        toml::Value::from(value).to_string()
    };
    let file = sources.add(SourceFile::new("--set", set));
    let span = Span {
        file,
        start: 0,
        end: 0,
    };
    let mut problems = Vec::new();
    let mut applied = false;
    let count = projects.len();
    let mut changed = Vec::with_capacity(count);
    for project in projects {
        let mut declarations = project.declarations.clone();
        let mut wrong = set_value(&mut declarations, path, &value, span, span);
        if wrong.is_empty() {
            let made = Project::of(declarations, Vec::new(), 1);
            wrong = Found::new(&project.findings).clashes(&made.findings);
            if wrong.is_empty() {
                applied = true;
                changed.push(made);
                continue;
            }
        }
        problems.extend(wrong);
        changed.push(project);
    }
    match problems.into_iter().next() {
        Some(problem) if !applied => Err(Error::Usage {
            message: format!("`--set {set}`: {}", problem.message),
            help: problem.help,
        }),
        _ => Ok(changed),
    }
}
