//! `check` and `diff`.

use std::ffi::OsString;

use crate::cli::World;
use crate::cli::args::{Check, Diff};
use crate::cli::fix;
use crate::cli::measured;
use crate::cli::output::{settings, unprintable, write};
use crate::cli::outputs::Outputs;
use crate::error::Error;
use crate::render::Format;
use crate::report::{self, Applicability, Report};
use crate::run::several::{NewTo, combined};
use crate::run::{Before, Inputs, run_checked};
use crate::source::Snapshot;
use crate::states::{
    Asked, Base, Case, Comparison, Surroundings, Which, around, read_comparison, read_state,
    untouched,
};

pub(super) fn surroundings(world: &World<'_>) -> Surroundings {
    Surroundings {
        dir: world.dir.clone(),
        environment: world.environment.clone(),
    }
}

pub(super) fn check(arguments: &Check, world: &mut World<'_>) -> Result<u8, Error> {
    let mut settings = settings(&arguments.report, world)?;
    let which = match (&arguments.rev, arguments.staged) {
        (Some(revision), _) => Which::Revision(revision.clone()),
        (None, true) => Which::Index,
        (None, false) => Which::WorkTree,
    };
    let (dir, paths) = around(&world.dir, &arguments.paths);
    let surroundings = Surroundings {
        dir,
        ..surroundings(world)
    };
    let mut state = read_state(&surroundings, &which)?;
    settings.paths = state.place.select(&state.head, &paths)?;
    let allowed = arguments.report.allow_empty;
    refuse_empty(&state.head, &arguments.paths, allowed, world)?;
    let files = &arguments.report.usage;
    settings.usage = measured::of_state(
        files,
        &state.usage,
        &state.head,
        &mut state.sources,
        settings.sum_files,
        world,
    )?;
    if let Some(most) = arguments.fixes.most() {
        return fix::check(arguments, most, &mut state, &settings, world);
    }
    let inputs = Inputs {
        sources: &state.sources,
        head: &state.head,
        base: Before::NotCompared,
    };
    let (mut report, workings) = run_checked(&inputs, &settings)?;
    report.notes.splice(0..0, std::mem::take(&mut state.notes));
    let code = write(&mut report, &arguments.report, &settings, world);
    let is_text = Outputs::of(&arguments.report)?.printed == Format::Human;
    if matches!(which, Which::WorkTree) && is_text && !arguments.report.quiet {
        fix::tell_fixable(&report, Applicability::Safe, world);
    }
    // The process ends here: taking a large report apart piece by piece would only take time.
    std::mem::forget((report, workings, state));
    code
}

/// Without capacity files nothing is judged. That is an error where a path was named that has
/// none, and in CI: a file that went missing, or a wrong folder, must not pass.
fn refuse_empty(
    head: &Snapshot,
    paths: &[OsString],
    allowed: bool,
    world: &mut World<'_>,
) -> Result<(), Error> {
    if head.files.is_empty() && paths.is_empty() && !allowed && world.environment.is_ci() {
        let error = Error::usage("there is no capacity.toml, so nothing was checked");
        return Err(error.with_help("run caplint where there is one, or pass --allow-empty"));
    }
    note_if_empty(head, paths, world)
}

/// A repository without capacity files is no error; a path that was named and has none is.
pub(super) fn note_if_empty(
    head: &Snapshot,
    paths: &[OsString],
    world: &mut World<'_>,
) -> Result<(), Error> {
    if !head.files.is_empty() {
        return Ok(());
    }
    if let Some(path) = paths.first() {
        let path = path.to_string_lossy();
        let message = format!("there is no capacity.toml in `{path}`");
        return Err(Error::usage(message));
    }
    world.tell("warning: no capacity.toml found; `caplint init` creates one");
    Ok(())
}

pub(super) fn diff(arguments: &Diff, world: &mut World<'_>) -> Result<u8, Error> {
    let mut settings = settings(&arguments.report, world)?;
    settings.all = arguments.all;
    settings.accept_policy = arguments.accept_policy;
    let asked = Asked {
        sides: arguments.sides.clone(),
        staged: arguments.staged,
    };
    if is_brief(arguments, world)?
        && let Ok(Some(compared)) = untouched(&surroundings(world), &asked)
    {
        let said =
            format!("No capacity change: nothing that caplint reads is staged. {compared}\n");
        let printed = world.stdout.write_all(said.as_bytes());
        return printed.map(|()| 0).map_err(unprintable);
    }
    let mut comparison = read_comparison(&surroundings(world), &asked)?;
    if !matches!(&comparison.base, Base::Snapshot(base) if !base.files.is_empty()) {
        refuse_empty(&comparison.head, &[], arguments.report.allow_empty, world)?;
    }
    let files = &arguments.report.usage;
    settings.usage = measured::of_state(
        files,
        &comparison.usage,
        &comparison.head,
        &mut comparison.sources,
        settings.sum_files,
        world,
    )?;
    settings.usage_before = measured::before(
        &comparison.usage_before,
        (&comparison.head, &comparison.usage),
        &mut comparison.sources,
    );
    let compared = |base| {
        let inputs = Inputs {
            sources: &comparison.sources,
            head: &comparison.head,
            base: before(base),
        };
        run_checked(&inputs, &settings)
    };
    let (mut report, workings) = compared(&comparison.base)?;
    if !comparison.others.is_empty() {
        let others = comparison.others.iter().map(|base| Ok(compared(base)?.0));
        let new_to = match comparison.case {
            Case::MergeInProgress => NewTo::All,
            _ => NewTo::Any,
        };
        report = combined(
            report,
            others.collect::<Result<_, Error>>()?,
            new_to,
            &settings,
        );
    }
    judge_comparison(&mut report, &comparison);
    report.notes.splice(0..0, comparison.notes.drain(..));
    report.notes.insert(0, comparison.sentence.clone());
    let code = write(&mut report, &arguments.report, &settings, world);
    // As in `check`.
    std::mem::forget((report, workings, comparison));
    code
}

/// Whether a text is asked for that need not forecast where nothing that is staged is read.
fn is_brief(arguments: &Diff, world: &World<'_>) -> Result<bool, Error> {
    let options = &arguments.report;
    let narrows = !options.project.is_empty() || !options.owner.is_empty();
    let outputs = Outputs::of(options)?;
    let is_text = outputs.printed == Format::Human && outputs.files.is_empty();
    let is_usual = !arguments.all && !options.verbose && options.usage.is_empty() && !narrows;
    Ok(arguments.staged && is_text && is_usual && !world.environment.is_ci())
}

fn before(base: &Base) -> Before<'_> {
    match base {
        Base::Snapshot(base) => Before::State(base),
        Base::SavedReport(report) => Before::Report(report),
        Base::Nothing => Before::Empty,
    }
}

/// Says in the report what was compared, and takes a green back that was not earned.
fn judge_comparison(report: &mut Report, comparison: &Comparison) {
    let bases = std::iter::once(&comparison.base).chain(&comparison.others);
    let name = |base: &Base| match base {
        Base::Snapshot(base) => base.commit.clone().or_else(|| Some(base.name.clone())),
        Base::SavedReport(report) => Some(report.head.name.clone()),
        Base::Nothing => None,
    };
    let reason = match &comparison.reason {
        None if comparison.is_empty => Some("nothing differs from the base".into()),
        reason => reason.clone(),
    };
    let has_reason = reason.is_some();
    let told = report.comparison.take().unwrap_or_default();
    report.comparison = Some(report::Compared {
        case: comparison.case.as_str().to_owned(),
        certain: comparison.reason.is_none() && told.reason.is_none(),
        bases: bases.filter_map(name).collect(),
        unread: told.unread,
        reason: told.reason.or(reason),
    });
    if has_reason && report.summary.verdict == report::Outcome::Passes {
        report.summary.verdict = report::Outcome::NothingToCheck;
    }
}
