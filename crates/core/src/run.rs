//! The whole of a run, from states to a report. Pure: no clock, no I/O.

mod advising;
mod assumptions;
mod blame;
mod buying;
mod edits;
mod fixing;
mod holding;
mod judging;
mod lines;
mod measurements;
mod pairs;
mod reading;
mod renames;
mod revealed;
mod selection;
pub mod several;
mod stricter;
mod touched;

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::model::Declarations;
use crate::parallel;
use crate::report::{self, Outcome, Report, State, Summary};
use crate::rules::departures::{Departure, departures};
use crate::rules::governance::file_misnamed;
use crate::source::{Snapshot, SourceMap};
use crate::units::Date;
use crate::usage::Usage;

pub use fixing::{Fixed, fix};
pub(crate) use holding::hold;
use judging::Run;
use measurements::{held, matching, measured};
use pairs::Pair;
pub(crate) use pairs::pairs;
use reading::{Resolved, merge_all, read_all, resolve_all};
use selection::Selection;
pub use selection::holds;
pub(crate) use selection::refuse;

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
    /// The folders whose projects are checked; all where there are none.
    pub paths: Vec<String>,
    /// Only projects of these names or paths.
    pub projects: Vec<String>,
    /// Only what these owners' features are about.
    pub owners: Vec<String>,
    /// What was measured, where it was given.
    pub usage: Usage,
    /// What the files of what was before say was measured, by state. It counts where the head says
    /// less.
    pub usage_before: Vec<Usage>,
    /// Whether what several files say of the same day and thing is added up.
    pub sum_files: bool,
    /// How much of the report is worked out.
    pub figures: Figures,
    /// Whether what ends findings is tried, so that help can name values.
    pub advise: bool,
    /// How many threads may be used. The report does not depend on it.
    pub threads: usize,
}

impl Settings {
    /// Judges everything as of a date, by what is declared, and shows all of it.
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
            usage_before: Vec::new(),
            sum_files: false,
            figures: Figures::All,
            advise: false,
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

impl Before<'_> {
    fn side(&self) -> Option<report::Side> {
        match self {
            Self::State(base) => Some(side(base)),
            Self::Empty => Some(report::Side {
                name: "nothing".to_owned(),
                commit: None,
            }),
            Self::Report(report) => Some(report.head.clone()),
            Self::NotCompared => None,
        }
    }
}

/// What a run worked with. A process that ends with it may forget it: taking a large one apart,
/// piece by piece, takes a tenth of the run.
#[derive(Debug, Default)]
pub struct Workings {
    head: Resolved,
    base: Resolved,
    outlooks: Vec<Outlook>,
}

impl Workings {
    /// The projects of what was judged, whether they were selected or not.
    pub fn projects(&self) -> &[Project] {
        &self.head.projects
    }
}

/// Runs. Projects and owners that do not exist select nothing.
pub fn run(inputs: &Inputs<'_>, settings: &Settings) -> Report {
    let mut workings = read(inputs, settings);
    report(inputs, settings, &mut workings)
}

/// Runs, unless a project or an owner is asked for that neither side has.
/// Fails with [`Error::Usage`], with what was probably meant.
pub fn run_checked(inputs: &Inputs<'_>, settings: &Settings) -> Result<(Report, Workings), Error> {
    let mut workings = read(inputs, settings);
    let projects = [&workings.head, &workings.base].map(|side| &side.projects);
    selection::refuse_unknown(settings, projects.into_iter().flatten())?;
    for project in &workings.head.projects {
        settings.usage.refuse(project, settings.sum_files)?;
    }
    let report = report(inputs, settings, &mut workings);
    Ok((report, workings))
}

/// Reads and resolves the projects of a state that settings select.
pub fn resolve(sources: &SourceMap, state: &Snapshot, settings: &Settings) -> Vec<Project> {
    let [documents] = read_all(sources, [&state.files], settings.threads);
    let misnamed = state.listing.misnamed();
    let merged = merge_all(sources, documents, settings.threads);
    let mut projects = resolve_all(sources, merged, misnamed, &[], settings.threads).projects;
    let selected = Selection::new(settings, folders(&projects));
    projects.retain(|project| {
        let declarations = &project.declarations;
        selected.has(&declarations.name, &declarations.folder)
    });
    projects
}

fn folders(projects: &[Project]) -> impl Iterator<Item = &str> {
    let projects = projects.iter();
    projects.map(|project| project.declarations.folder.as_str())
}

fn read(inputs: &Inputs<'_>, settings: &Settings) -> Workings {
    let (base, base_misnamed) = match inputs.base {
        Before::State(base) => (&base.files[..], base.listing.misnamed()),
        _ => (&[][..], &[][..]),
    };
    let (sources, threads) = (inputs.sources, settings.threads);
    let [head, base] = read_all(sources, [&inputs.head.files, base], threads);
    // Beside each other: merging can't be shared among threads.
    let (head, base) = parallel::both(
        threads,
        || merge_all(sources, head, threads),
        || merge_all(sources, base, threads),
    );
    let base = resolve_all(sources, base, base_misnamed, &[], threads);
    let (misnamed, known) = (inputs.head.listing.misnamed(), &base.projects);
    let mut head = resolve_all(sources, head, misnamed, known, threads);
    for project in &mut head.projects {
        let flaws = settings.usage.flaws.iter();
        let own = flaws.filter(|(folder, _)| *folder == project.declarations.folder);
        project.findings.extend(own.map(|(_, flaw)| flaw.clone()));
    }
    Workings {
        head,
        base,
        outlooks: Vec::new(),
    }
}

fn report(inputs: &Inputs<'_>, settings: &Settings, workings: &mut Workings) -> Report {
    let mut report = judged(inputs, settings, workings);
    if settings.advise {
        let sides = [&workings.head, &workings.base];
        advising::advise(&mut report.projects, inputs, settings, sides);
    }
    report
}

fn judged(inputs: &Inputs<'_>, settings: &Settings, workings: &mut Workings) -> Report {
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
    let departures = departures_of(head, base, &matched, inputs);
    if !settings.accept_policy {
        hold_all(head, base, &matched, settings.threads);
    }
    let declared = folders(&head.projects).chain(folders(&base.projects));
    let reported = saved.iter().map(|project| project.root.as_str());
    let selected = Selection::new(settings, declared.chain(reported));
    let sides = matched.iter().map(|pair| Sides {
        head: pair.head.map(|index| &head.projects[index]),
        base: pair.base.map(|index| &base.projects[index]),
        saved: pair.saved.map(|index| &saved[index]),
        departures: pair.base.map_or(&[], |index| &departures[index]),
    });
    let shown = |sides: &Sides<'_>| {
        let mut names = sides.names();
        names.any(|(name, folder)| selected.has(name, folder))
    };
    let nothing = Project::of(nowhere(""), Vec::new(), 1);
    let empty = [(&nothing, &nothing.policy)];
    let [no_outlook] = outlooks_of(empty, settings.figures, settings.threads);
    let matching = matching(settings, (&head.projects, &base.projects), &selected);
    let held = held(settings, (&head.projects, &base.projects), &matched);
    let shown: Vec<Sides<'_>> = sides.filter(shown).collect();
    let (beside, threads) = parallel::shared_out(shown.len(), settings.threads);
    let run = Run {
        inputs,
        settings,
        threads,
        compared,
        nothing: (&nothing, &no_outlook),
        matching: matching.as_ref(),
        held,
    };
    let mut reported = Vec::new();
    for (project, done) in parallel::each(&shown, beside, |sides| run.project(sides)) {
        reported.push(project);
        outlooks.extend(done);
    }
    let [of_head, of_base] = [&*head, &*base].map(|side| outside(side, inputs, &selected));
    let unread = report::Unread {
        base: unread(shown.iter().filter_map(|sides| sides.base), &of_base),
        head: unread(shown.iter().filter_map(|sides| sides.head), &of_head),
    };
    reported.extend(run.outside((of_head, &head.lost), of_base, saved));
    reported.sort_by(|a, b| (&a.root, &a.name).cmp(&(&b.root, &b.name)));
    let mut notes = notes(inputs, settings);
    notes.extend(measured(matching.as_ref(), &reported));
    let mut summary = summary(&reported, settings, compared);
    let (reason, is_read) = (untold(&reported), unread.base + unread.head == 0);
    summary.verdict = outcome(&summary, is_read && reason.is_none(), &[head, base]);
    Report {
        format: report::FORMAT.to_owned(),
        caplint: env!("CARGO_PKG_VERSION").to_owned(),
        as_of: settings.as_of.to_string(),
        base: inputs.base.side(),
        comparison: compared.then(|| report::Compared {
            unread,
            reason,
            ..report::Compared::default()
        }),
        head: side(inputs.head),
        projects: reported,
        usage: matching.map(|matching| matching.rows),
        summary,
        notes,
        sources: inputs.sources.clone(),
    }
}

/// Lets the base judge every project that it has.
fn hold_all(head: &mut Resolved, base: &Resolved, matched: &[Pair], threads: usize) {
    for pair in matched {
        if let (Some(project), Some(before)) = (pair.head, pair.base) {
            hold(&mut head.projects[project], &base.projects[before], threads);
        }
    }
}

/// What leaves each project of the base.
fn departures_of(
    head: &Resolved,
    base: &Resolved,
    matched: &[Pair],
    inputs: &Inputs<'_>,
) -> Vec<Vec<Departure>> {
    let (sources, listing) = (inputs.sources, &inputs.head.listing);
    let mut head_of = vec![None; base.projects.len()];
    for pair in matched {
        if let Some(before) = pair.base {
            head_of[before] = pair.head;
        }
    }
    let spans = head.outside.iter().filter_map(|finding| finding.span);
    let outside = spans.map(|span| &*sources.file(span.file).path).collect();
    departures(
        &base.projects,
        &head.projects,
        &head_of,
        &outside,
        (listing, sources),
    )
}

/// The findings of files outside of every project that are shown.
fn outside(side: &Resolved, inputs: &Inputs<'_>, selected: &Selection<'_>) -> Vec<Finding> {
    let is_shown = |finding: &&Finding| {
        let file = finding.span.map(|span| inputs.sources.file(span.file));
        file.is_none_or(|file| selected.has_file(&file.path))
    };
    side.outside.iter().filter(is_shown).cloned().collect()
}

struct Sides<'a> {
    head: Option<&'a Project>,
    base: Option<&'a Project>,
    saved: Option<&'a report::Project>,
    /// What leaves it.
    departures: &'a [Departure],
}

impl Sides<'_> {
    /// The names and folders under which it can be selected.
    fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let projects = [self.head, self.base].into_iter().flatten();
        let declared = projects.map(|project| &project.declarations);
        let declared = declared.map(|declared| (&*declared.name, &*declared.folder));
        let saved = self.saved.iter().map(|saved| (&*saved.name, &*saved.root));
        declared.chain(saved)
    }
}

fn notes(inputs: &Inputs<'_>, settings: &Settings) -> Vec<String> {
    let mut notes = Vec::new();
    if let Before::Report(report) = &inputs.base {
        notes.push(
            "The base is a saved report: the policy is that of HEAD, and the causes of a change are not known."
                .to_owned(),
        );
        if report.as_of != settings.as_of.to_string() {
            let day = &report.as_of;
            notes.push(format!(
                "The saved report is as of {day}: what time alone has changed counts as changed here."
            ));
        }
    }
    if settings.accept_policy && matches!(inputs.base, Before::State(_)) {
        notes.push("The policy is that of HEAD, because of --accept-policy.".to_owned());
    }
    notes
}

fn nowhere(name: &str) -> Declarations {
    Declarations {
        name: name.to_owned(),
        ..Declarations::default()
    }
}

fn side(snapshot: &Snapshot) -> report::Side {
    report::Side {
        name: snapshot.name.clone(),
        commit: snapshot.commit.clone(),
    }
}

/// How many declarations of a side could not be read: what is wrong with the files that are shown.
fn unread<'p>(projects: impl Iterator<Item = &'p Project>, outside: &[Finding]) -> usize {
    let projects = projects.map(|project| project.findings.len());
    let is_error = |finding: &&Finding| finding.rule != file_misnamed::RULE.name;
    projects.sum::<usize>() + outside.iter().filter(is_error).count()
}

/// What a saved report does not tell that would be needed to judge.
fn untold(projects: &[report::Project]) -> Option<String> {
    let path = projects
        .iter()
        .find_map(|project| project.untold.as_ref())?;
    Some(format!(
        "the saved report does not say what counts against the limits of `{path}` now, so these \
         limits were not checked"
    ))
}

/// What came of a run, in which all could be read and compared or not.
fn outcome(summary: &Summary, is_whole: bool, sides: &[&mut Resolved]) -> Outcome {
    let mut projects = sides.iter().flat_map(|side| &side.projects);
    if summary.exit_code != 0 {
        Outcome::Fails
    } else if !is_whole {
        Outcome::NotFullyChecked
    } else if projects.all(|project| project.declarations.files.is_empty()) {
        Outcome::NothingToCheck
    } else {
        Outcome::Passes
    }
}

/// Counts findings. Fixed and waived ones are apart; of a comparison only new and worsened ones
/// fail, unless all do.
fn summary(projects: &[report::Project], settings: &Settings, compared: bool) -> Summary {
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
