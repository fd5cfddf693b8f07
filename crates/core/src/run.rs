//! The whole of a run, from states to a report. Pure: no clock, no I/O.

mod assumptions;
mod edits;
mod judging;
mod lines;
mod pairs;
mod reading;
mod selection;

use std::sync::Mutex;

use crate::analysis::{Figures, Outlook, Project, outlooks};
use crate::error::Error;
use crate::finding::Severity;
use crate::parallel;
use crate::report::{self, Report, State, Summary};
use crate::source::{FileId, Snapshot, SourceMap};
use crate::units::Date;
use crate::usage::Usage;

use judging::Run;
use pairs::pairs;
use reading::{Resolved, read_all, resolve_all};
pub use selection::holds;
use selection::{Owned, Selection};

/// How to judge and what to show.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The date as of which is judged.
    pub as_of: Date,
    /// The severity from which findings fail; [`Severity::Off`] where none does.
    pub fail_on: Severity,
    /// Whether findings that the base has too fail.
    pub all: bool,
    /// Whether the head's policy judges a change.
    pub accept_policy: bool,
    /// Severities of rules that override `[rules]`.
    pub overrides: Vec<(String, Severity)>,
    /// Only the projects that own these paths; all where there are none.
    pub paths: Vec<String>,
    /// Only projects of these names or paths.
    pub projects: Vec<String>,
    /// Only what these owners' features are about.
    pub owners: Vec<String>,
    /// What was measured, where it was given.
    pub usage: Usage,
    /// How much of the report is worked out.
    pub figures: Figures,
    /// How many threads may be used. The report does not depend on it.
    pub threads: usize,
}

impl Settings {
    /// Judges everything as of a date, by what is declared, and shows all of it.
    #[must_use]
    pub fn new(as_of: Date) -> Self {
        Self {
            as_of,
            fail_on: Severity::Error,
            all: false,
            accept_policy: false,
            overrides: Vec::new(),
            paths: Vec::new(),
            projects: Vec::new(),
            owners: Vec::new(),
            usage: Usage::default(),
            figures: Figures::All,
            threads: 1,
        }
    }
}

/// What a run is about.
pub struct Inputs<'a> {
    /// The texts.
    pub sources: &'a SourceMap,
    /// What is judged.
    pub head: &'a Snapshot,
    /// What it is compared with.
    pub base: Before<'a>,
}

/// What a run compares with.
pub enum Before<'a> {
    /// Nothing: `check`.
    NotCompared,
    /// Another state.
    State(&'a Snapshot),
    /// There was nothing: everything is new.
    Empty,
    /// What caplint reported of another state.
    Report(&'a Report),
}

/// What a run worked with. A process that ends with it may forget it: taking a large one apart,
/// piece by piece, takes a tenth of the run.
#[derive(Debug, Default)]
pub struct Workings {
    head: Resolved,
    base: Resolved,
    outlooks: Vec<Outlook>,
}

/// Runs. Projects and owners that do not exist select nothing.
#[must_use]
pub fn run(inputs: &Inputs<'_>, settings: &Settings) -> Report {
    let mut workings = read(inputs, settings);
    report(inputs, settings, &mut workings)
}

/// Runs, unless a project or an owner is asked for that neither side has.
///
/// # Errors
/// [`Error::Usage`], with what was probably meant.
pub fn run_checked(inputs: &Inputs<'_>, settings: &Settings) -> Result<(Report, Workings), Error> {
    let mut workings = read(inputs, settings);
    let projects = [&workings.head, &workings.base].map(|side| &side.projects);
    selection::refuse_unknown(settings, projects.into_iter().flatten())?;
    let report = report(inputs, settings, &mut workings);
    Ok((report, workings))
}

/// Reads and resolves the projects of a state that settings select.
#[must_use]
pub fn resolve(sources: &SourceMap, state: &Snapshot, settings: &Settings) -> Vec<Project> {
    let documents = read_all(sources, &[&state.files], settings.threads);
    let documents = documents.into_iter().flatten().collect();
    let mut projects = resolve_all(sources, documents, settings.threads).projects;
    let selected = Selection::new(settings, folders(&projects));
    let selected: Vec<bool> = projects
        .iter()
        .map(|project| selected.has(&project.declarations.name, &project.declarations.folder))
        .collect();
    let mut selected = selected.into_iter();
    projects.retain(|_| selected.next().unwrap_or(false));
    projects
}

fn folders(projects: &[Project]) -> impl Iterator<Item = &str> {
    projects
        .iter()
        .map(|project| project.declarations.folder.as_str())
}

fn read(inputs: &Inputs<'_>, settings: &Settings) -> Workings {
    let mut states: Vec<&[FileId]> = vec![&inputs.head.files];
    if let Before::State(base) = &inputs.base {
        states.push(&base.files);
    }
    let documents = read_all(inputs.sources, &states, settings.threads);
    let sides: Vec<_> = documents.into_iter().map(Mutex::new).collect();
    // Beside each other: some of the steps can't be shared among threads.
    let mut resolved = parallel::each(&sides, settings.threads, |documents| {
        let documents = documents.lock().map(|mut it| std::mem::take(&mut *it));
        let documents = documents.unwrap_or_default();
        resolve_all(inputs.sources, documents, settings.threads)
    })
    .into_iter();
    let mut next = || resolved.next().unwrap_or_default();
    Workings {
        head: next(),
        base: next(),
        outlooks: Vec::new(),
    }
}

fn report(inputs: &Inputs<'_>, settings: &Settings, workings: &mut Workings) -> Report {
    let Workings {
        head,
        base,
        outlooks,
    } = workings;
    let compared = !matches!(inputs.base, Before::NotCompared);
    let saved: &[report::Project] = match inputs.base {
        Before::Report(report) => &report.projects,
        _ => &[],
    };
    let matched = pairs(&head.projects, &base.projects, saved);
    if !settings.accept_policy {
        for pair in &matched {
            if let (Some(project), Some(before)) = (pair.head, pair.base) {
                judging::require_as_before(&mut head.projects[project], &base.projects[before]);
            }
        }
    }
    let all_folders = folders(&head.projects)
        .chain(folders(&base.projects))
        .chain(saved.iter().map(|project| project.root.as_str()));
    let selected = Selection::new(settings, all_folders);
    let nothing = Project::of(nowhere(""), Vec::new(), 1);
    let no_outlook = outlook(&nothing, settings);
    let run = Run {
        inputs,
        settings,
        compared,
        nothing: (&nothing, &no_outlook),
        outlooks: Mutex::default(),
    };
    let mut reported = Vec::new();
    for pair in &matched {
        let sides = Sides {
            head: pair.head.map(|index| &head.projects[index]),
            base: pair.base.map(|index| &base.projects[index]),
            saved: pair.saved.map(|index| &saved[index]),
        };
        if !sides
            .names()
            .any(|(name, folder)| selected.has(name, folder))
        {
            continue;
        }
        if let Some(mut project) = run.project(&sides) {
            if !settings.owners.is_empty() {
                let mut owned = Owned::default();
                for side in [sides.head, sides.base].into_iter().flatten() {
                    owned.add(side, &settings.owners, inputs.sources);
                }
                owned.narrow(&mut project);
            }
            reported.push(project);
        }
    }
    let outside = |finding: &crate::finding::Finding| {
        finding
            .span
            .is_none_or(|span| selected.has_file(&inputs.sources.file(span.file).path))
    };
    head.outside.retain(outside);
    let old_outside = base
        .outside
        .iter()
        .filter(|finding| outside(finding))
        .cloned();
    let outside = head.outside.clone();
    reported.extend(run.outside(outside, old_outside.collect(), saved));
    outlooks.append(&mut run.outlooks.into_inner().unwrap_or_default());
    reported.sort_by(|a, b| (&a.root, &a.name).cmp(&(&b.root, &b.name)));
    let summary = summary(&reported, settings, compared);
    Report {
        format: report::FORMAT.to_owned(),
        caplint: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: settings.as_of.to_string(),
        base: match &inputs.base {
            Before::State(base) => Some(side(base)),
            Before::Empty => Some(report::Side {
                name: "nothing".to_owned(),
                commit: None,
            }),
            Before::Report(report) => Some(report.head.clone()),
            Before::NotCompared => None,
        },
        head: side(inputs.head),
        projects: reported,
        summary,
        notes: notes(inputs, settings),
        sources: inputs.sources.clone(),
    }
}

/// What is known of a project on both sides.
struct Sides<'a> {
    head: Option<&'a Project>,
    base: Option<&'a Project>,
    saved: Option<&'a report::Project>,
}

impl Sides<'_> {
    /// The names and folders under which it can be selected.
    fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let projects = [self.head, self.base].into_iter().flatten();
        projects
            .map(|project| {
                let declarations = &project.declarations;
                (declarations.name.as_str(), declarations.folder.as_str())
            })
            .chain(
                self.saved
                    .iter()
                    .map(|saved| (saved.name.as_str(), saved.root.as_str())),
            )
    }
}

/// What has to be said of the comparison itself.
fn notes(inputs: &Inputs<'_>, settings: &Settings) -> Vec<String> {
    let mut notes = Vec::new();
    if let Before::Report(report) = &inputs.base {
        notes.push(
            "The base is a saved report: the head's own policy judges, and which declarations \
             moved a meter is not known."
                .to_owned(),
        );
        if report.as_of != settings.as_of.to_string() {
            notes.push(format!(
                "The saved report is as of {}: what time alone has changed counts as changed here.",
                report.as_of
            ));
        }
    }
    if settings.accept_policy && matches!(inputs.base, Before::State(_)) {
        notes.push("The head's own policy judges, as --accept-policy asks.".to_owned());
    }
    notes
}

/// Declarations of nothing.
fn nowhere(name: &str) -> crate::model::Declarations {
    crate::model::Declarations {
        folder: String::new(),
        name: name.to_owned(),
        root: crate::document::tables::Root::default(),
        incomplete: Default::default(),
        lost: Default::default(),
        files: Vec::new(),
    }
}

fn outlook(project: &Project, settings: &Settings) -> Outlook {
    let mut all = outlooks(
        &[(project, &project.policy)],
        settings.figures,
        settings.threads,
    );
    all.swap_remove(0)
}

fn side(snapshot: &Snapshot) -> report::Side {
    report::Side {
        name: snapshot.name.clone(),
        commit: snapshot.commit.clone(),
    }
}

/// Counts findings. Fixed and waived ones are apart; of a comparison only new and worsened ones
/// fail, unless all do.
#[must_use]
pub fn summary(projects: &[report::Project], settings: &Settings, compared: bool) -> Summary {
    let mut summary = Summary::default();
    let mut fails = false;
    for finding in projects.iter().flat_map(|project| &project.findings) {
        if finding.state == Some(State::Fixed) {
            continue;
        }
        if finding.waived.is_some() {
            summary.waived += 1;
            continue;
        }
        match finding.severity {
            Severity::Error => summary.errors += 1,
            Severity::Warning => summary.warnings += 1,
            Severity::Info | Severity::Off => summary.infos += 1,
        }
        let counts = !compared
            || settings.all
            || matches!(finding.state, Some(State::New | State::Worsened));
        fails |=
            counts && settings.fail_on != Severity::Off && finding.severity >= settings.fail_on;
    }
    summary.exit_code = u8::from(fails);
    summary
}
