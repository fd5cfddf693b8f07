//! `check --fix`: what findings say to write is written into the files of the working tree.

use crate::cli::World;
use crate::cli::args::Check;
use crate::cli::edit::{OnDisk, replace, unified};
use crate::cli::output::{print, write};
use crate::collections::{HashMap, HashSet};
use crate::error::Error;
use crate::report::{Applicability, Report};
use crate::run::{Settings, fix};
use crate::source::FileId;
use crate::states::State;
use crate::words::number::plural;

pub(super) fn check(
    arguments: &Check,
    most: Applicability,
    state: &mut State,
    settings: &Settings,
    world: &mut World<'_>,
) -> Result<u8, Error> {
    let Some(top) = state.place.top.clone() else {
        return Err(Error::usage("a bare repository has no files to fix"));
    };
    let (mut files, mut refused) = (HashMap::default(), HashMap::default());
    for id in &state.head.files {
        let file = state.sources.file(*id);
        match OnDisk::open(&top, &file.path) {
            // Places are those of the file itself: git may hold it with other ends of lines.
            Ok(Some(disk)) if file.flaw.is_none() => {
                state.sources.replace(*id, disk.text.as_str());
                files.insert(*id, disk);
            }
            Ok(_) => {}
            Err(problem) => {
                refused.insert(*id, problem);
            }
        }
    }
    let editable: HashSet<FileId> = files.keys().copied().collect();
    let mut done = fix(&mut state.sources, &state.head, settings, most, &editable)?;
    let mut changed = Vec::new();
    for id in &done.changed {
        let text = state.sources.file(*id).text.to_string();
        changed.extend(files.remove(id).map(|file| (file, text)));
    }
    let what = format!(
        "{} in {}",
        plural(done.fixed, "problem"),
        plural(changed.len(), "file")
    );
    for id in &done.left {
        let path = &state.sources.file(*id).path;
        let why = refused
            .get(id)
            .map_or("it is not checked out", String::as_str);
        world.tell(format_args!("error: {path}: {why}"));
    }
    let fails = u8::from(!done.left.is_empty());
    if arguments.fixes.diff {
        for (file, text) in &changed {
            print(&unified(&file.name, &file.text, text), world)?;
        }
        world.tell(format_args!("Would fix {what}"));
        return Ok(fails.max(u8::from(!changed.is_empty())));
    }
    replace(&changed)?;
    done.report
        .notes
        .splice(0..0, std::mem::take(&mut state.notes));
    let code = write(&mut done.report, &arguments.report, settings, world)?;
    world.tell(format_args!("Fixed {what}"));
    for reminder in &done.reminders {
        world.tell(format_args!("note: {reminder}"));
    }
    if most == Applicability::Safe {
        tell_fixable(&done.report, Applicability::Unsafe, world);
    }
    Ok(code.max(fails))
}

/// Says how many of a report's findings can be fixed, from this applicability on.
pub(super) fn tell_fixable(report: &Report, from: Applicability, world: &mut World<'_>) {
    let findings = report.projects.iter().flat_map(|project| &project.findings);
    let fixes = findings.filter(|finding| finding.waived.is_none());
    let fixes: Vec<Applicability> = fixes
        .filter_map(|finding| finding.fix.as_ref())
        .map(|fix| fix.applicability)
        .collect();
    for (applicability, option) in [
        (Applicability::Safe, "--fix"),
        (Applicability::Unsafe, "--unsafe-fixes"),
    ] {
        let count = fixes.iter().filter(|it| **it == applicability).count();
        if count > 0 && applicability >= from {
            world.tell(format_args!("{count} fixable with `{option}`"));
        }
    }
}
