//! What the commands have in common that look ahead by what was measured.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::analysis::Project;
use crate::cli::World;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::measured;
use crate::cli::output::{date, print, write_file};
use crate::error::Error;
use crate::run::{Settings, resolve};
use crate::source::{Snapshot, SourceMap};
use crate::states::{Which, read_state};
use crate::units::Date;

#[derive(Debug, Args)]
pub(super) struct Planning {
    /// A file with measured usage, in addition to those in `[usage] files`; repeatable.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) usage: Vec<PathBuf>,
    /// Add up values that several usage files have for the same day.
    #[arg(long)]
    sum_files: bool,
    /// Write to this file instead. Without `--format`, its extension sets the format.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Only this project, by name or folder.
    #[arg(long, value_name = "NAME")]
    project: Vec<String>,
}

/// The working tree.
pub(super) struct Planned {
    /// With what was measured of it.
    pub(super) settings: Settings,
    pub(super) sources: SourceMap,
    pub(super) head: Snapshot,
    pub(super) projects: Vec<Project>,
}

impl Planning {
    pub(super) fn as_of(&self, world: &World<'_>) -> Result<Date, Error> {
        date(self.as_of.as_deref(), world.today)
    }

    pub(super) fn read(&self, paths: &[OsString], world: &mut World<'_>) -> Result<Planned, Error> {
        let as_of = self.as_of(world)?;
        let mut state = read_state(&surroundings(world), &Which::WorkTree)?;
        let mut settings = Settings {
            paths: state.place.select(&state.head, paths)?,
            projects: self.project.clone(),
            threads: world.threads,
            ..Settings::new(as_of)
        };
        note_if_empty(&state.head, paths, world)?;
        settings.usage = measured::of_state(
            &self.usage,
            &state.usage,
            &state.head,
            &mut state.sources,
            self.sum_files,
            world,
        )?;
        let projects = resolve(&state.sources, &state.head, &settings);
        measured::refuse(&settings.usage, &projects, self.sum_files)?;
        measured::tell_shared(&settings.usage, &projects, world);
        Ok(Planned {
            settings,
            sources: state.sources,
            head: state.head,
            projects,
        })
    }

    pub(super) fn write(&self, text: &str, world: &mut World<'_>) -> Result<u8, Error> {
        match &self.output {
            Some(file) => write_file(file, text, world)?,
            None => print(text, world)?,
        }
        Ok(0)
    }
}
