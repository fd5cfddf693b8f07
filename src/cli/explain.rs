//! `explain`: the page of a rule, or the calculation of a figure.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Args;

use crate::analysis::{Figures, Project, outlooks};
use crate::cli::World;
use crate::cli::args::{Color, ListFormat};
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::output::{date, find_rule, is_colored, print};
use crate::error::Error;
use crate::explain::{Subject, When, explain, meant, paths};
use crate::pages;
use crate::render::{self, Options};
use crate::run::{Settings, resolve};
use crate::source::SourceMap;
use crate::states::{Which, around, read_state};
use crate::suggest::did_you_mean_or;

use super::forecast::{refuse_unknown_scenario, warn_of_errors};

/// A name such as `over-limit` is a rule's; a path such as `apis.twilio.credits` is a meter's, and
/// one such as `features.sync.calls.posts` a demand line's.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A rule, a meter or a demand line.
    #[arg(index = 1, value_name = "RULE|PATH")]
    topic: String,
    /// Only the projects that contain these paths.
    #[arg(index = 2, value_name = "PATH")]
    paths: Vec<OsString>,
    /// Calculate the figure this many days from now.
    #[arg(long, value_name = "N")]
    day: Option<u32>,
    /// Calculate the figure in this scenario.
    #[arg(long, value_name = "NAME", conflicts_with = "day")]
    scenario: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Read the index instead of the working tree.
    #[arg(long, conflicts_with = "rev")]
    staged: bool,
    /// Read a commit.
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Human)]
    format: ListFormat,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// When to use color.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Print only ASCII characters.
    #[arg(long)]
    ascii: bool,
}

pub(super) fn run(arguments: &Explain, world: &mut World<'_>) -> Result<u8, Error> {
    // Rules have neither dots nor spaces in their names.
    match arguments.topic.contains(['.', ' ']) {
        true => figure(arguments, world),
        false => rule(arguments, world),
    }
}

fn rule(arguments: &Explain, world: &mut World<'_>) -> Result<u8, Error> {
    let page = pages::shown(find_rule(&arguments.topic)?);
    let text = match is_colored(arguments.color, world) {
        true => styled(&page),
        false => page,
    };
    print(&text, world)?;
    Ok(0)
}

/// A page for terminals: headings bold, code dim, the marks of both left away.
fn styled(page: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let _ = match line.strip_prefix('#') {
            _ if in_code => writeln!(text, "    \u{1b}[2m{line}\u{1b}[0m"),
            Some(heading) => {
                let heading = heading.trim_start_matches('#').trim();
                writeln!(text, "\u{1b}[1m{heading}\u{1b}[0m")
            }
            None => writeln!(text, "{line}"),
        };
    }
    text
}

fn figure(arguments: &Explain, world: &mut World<'_>) -> Result<u8, Error> {
    let which = match (&arguments.rev, arguments.staged) {
        (Some(revision), _) => Which::Revision(revision.clone()),
        (None, true) => Which::Index,
        (None, false) => Which::WorkTree,
    };
    let (dir, paths) = around(&world.dir, &arguments.paths);
    let surroundings = crate::states::Surroundings {
        dir,
        ..surroundings(world)
    };
    let state = read_state(&surroundings, &which)?;
    let is_narrowed = !paths.is_empty() || arguments.project.is_some();
    let paths = match is_narrowed {
        true => state.place.select(&state.head, &paths)?,
        // The project that owns this folder, and those below it.
        false => state
            .place
            .select(&state.head, &[".".into()])
            .unwrap_or_default(),
    };
    let settings = Settings {
        paths,
        projects: arguments.project.iter().cloned().collect(),
        threads: world.threads,
        ..Settings::new(date(arguments.as_of.as_deref(), world.today)?)
    };
    note_if_empty(&state.head, &arguments.paths, world)?;
    let mut projects = resolve(&state.sources, &state.head, &settings);
    warn_of_errors(&projects, world);
    refuse_unknown_scenario(&projects, arguments.scenario.as_deref())?;
    for project in &mut projects {
        project.asked_day = arguments.day.filter(|day| *day > 0);
    }
    let text = calculation(&projects, &state.sources, arguments, world)?;
    print(&text, world)?;
    Ok(0)
}

fn calculation(
    projects: &[Project],
    sources: &SourceMap,
    arguments: &Explain,
    world: &World<'_>,
) -> Result<String, Error> {
    let path = arguments.topic.as_str();
    let sides = projects.iter().map(|project| (project, &project.policy));
    let outlooks = outlooks(&sides.collect::<Vec<_>>(), Figures::All, world.threads);
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    for (project, outlook) in projects.iter().zip(&outlooks) {
        let mut subjects = paths(project, outlook);
        known.extend(subjects.iter().map(|subject| subject.path().to_owned()));
        subjects.retain(|subject| subject.path() == path);
        found.extend(
            subjects
                .into_iter()
                .map(|subject| (project, outlook, subject)),
        );
    }
    let (project, outlook, subject) = match &found[..] {
        [] => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let error = Error::usage(format!("no meter or demand line is called `{path}`"));
            return Err(error.with_help(meant(path, &known)));
        }
        [one] => one,
        several => {
            return Err(ambiguous(
                path,
                several.iter().map(|(project, ..)| *project),
            ));
        }
    };
    let when = match (&arguments.scenario, arguments.day) {
        (Some(name), _) => When::Scenario(name),
        (None, None | Some(0)) => When::Today,
        (None, Some(day)) => When::Day(day),
    };
    let subject: &Subject = subject;
    let Some(explained) = explain(project, outlook, sources, when, subject) else {
        return Err(no_such_scenario(project, when));
    };
    Ok(
        match arguments.json || arguments.format == ListFormat::Json {
            true => render::pretty(&explained),
            false => render::explained(
                &explained,
                &Options {
                    width: world.terminal.unwrap_or(100),
                    color: is_colored(arguments.color, world),
                    ascii: arguments.ascii,
                    ..Options::default()
                },
            ),
        },
    )
}

/// A path that several projects have.
fn ambiguous<'p>(path: &str, projects: impl Iterator<Item = &'p Project>) -> Error {
    const SHOWN: usize = 8;
    let named = |project: &'p Project| {
        let declarations = &project.declarations;
        match declarations.folder.as_str() {
            "" => declarations.name.as_str(),
            folder => folder,
        }
    };
    let mut names: Vec<&str> = projects.map(named).collect();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let help = format!("add `--project {}`", names.first().unwrap_or(&"NAME"));
    let mut listed = names.join(", ");
    if more > 0 {
        let _ = write!(listed, " and {more} more");
    }
    Error::usage(format!("several projects have `{path}`: {listed}")).with_help(help)
}

/// A scenario that another project has.
fn no_such_scenario(project: &Project, when: When<'_>) -> Error {
    let name = &project.declarations.name;
    let When::Scenario(wanted) = when else {
        return Error::usage(format!("`{name}` is not forecast for that day"));
    };
    let names = || {
        project
            .scenarios
            .iter()
            .map(|(scenario, _)| scenario.name.as_str())
    };
    let help = did_you_mean_or(wanted, names(), || {
        format!(
            "its scenarios are {}",
            names().collect::<Vec<_>>().join(", ")
        )
    });
    Error::usage(format!("`{name}` has no scenario `{wanted}`")).with_help(help)
}
