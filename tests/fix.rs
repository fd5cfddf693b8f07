//! Edits of capacity files: the engine, and `check --fix`.

mod advice;
mod command;
mod engine;
mod first;
mod spelling;

use caplint::collections::HashSet;
use caplint::report::Applicability;
use caplint::run::{Fixed, Settings, fix};
use caplint::source::SourceMap;
use caplint::units::Date;

use crate::support::lint::snapshot;

/// Files after `--fix` or `--unsafe-fixes`, by path, and what came of it.
fn fixed(files: &[(&str, &str)], most: Applicability) -> (Vec<String>, Fixed) {
    let mut sources = SourceMap::default();
    let head = snapshot("worktree", files, &mut sources);
    let editable: HashSet<_> = head.files.iter().copied().collect();
    let settings = Settings {
        advise: true,
        ..Settings::new(Date::new(2026, 11, 22).unwrap())
    };
    let done = fix(&mut sources, &head, &settings, most, &editable).unwrap();
    let texts = sources.files().iter().map(|file| file.text.to_string());
    (texts.collect(), done)
}
