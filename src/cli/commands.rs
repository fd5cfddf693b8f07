//! `check` and `diff`.

use crate::cli::World;
use crate::cli::args::{Check, Diff};
use crate::cli::output::{settings, write};
use crate::error::Error;
use crate::run::{Before, Inputs, run_checked};
use crate::states::{Asked, Base, Surroundings, Which, read_comparison, read_state};

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
    let mut state = read_state(&surroundings(world), &which)?;
    settings.paths = state.place.select(&state.head, &arguments.paths)?;
    note_if_empty(&state.head, &arguments.paths, world)?;
    let inputs = Inputs {
        sources: &state.sources,
        head: &state.head,
        base: Before::NotCompared,
    };
    let (mut report, workings) = run_checked(&inputs, &settings)?;
    report.notes.splice(0..0, std::mem::take(&mut state.notes));
    let code = write(&mut report, &arguments.report, &settings, world);
    // The process ends here: taking a large report apart piece by piece would only take time.
    std::mem::forget((report, workings, state));
    code
}

/// A repository without capacity files is no error; a path that was named and has none is.
pub(super) fn note_if_empty(
    head: &crate::source::Snapshot,
    paths: &[std::ffi::OsString],
    world: &mut World<'_>,
) -> Result<(), Error> {
    if !head.files.is_empty() {
        return Ok(());
    }
    if let Some(path) = paths.first() {
        return Err(Error::usage(
            format!("there is no capacity.toml in `{}`", path.to_string_lossy()),
            None,
        ));
    }
    world.tell("note: there is no capacity.toml here; `caplint init` writes a first one");
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
    let mut comparison = read_comparison(&surroundings(world), &asked)?;
    if !matches!(&comparison.base, Base::Snapshot(base) if !base.files.is_empty()) {
        note_if_empty(&comparison.head, &[], world)?;
    }
    let inputs = Inputs {
        sources: &comparison.sources,
        head: &comparison.head,
        base: match &comparison.base {
            Base::Snapshot(base) => Before::State(base),
            Base::SavedReport(report) => Before::Report(report),
            Base::Nothing => Before::Empty,
        },
    };
    let (mut report, workings) = run_checked(&inputs, &settings)?;
    report.notes.splice(0..0, comparison.notes.drain(..));
    report.notes.insert(0, comparison.case.clone());
    let code = write(&mut report, &arguments.report, &settings, world);
    // As in `check`.
    std::mem::forget((report, workings, comparison));
    code
}
