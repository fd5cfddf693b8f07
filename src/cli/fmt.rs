//! `fmt`: the canonical layout, for all capacity files that git sees in the working tree.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use similar::TextDiff;

use crate::cli::World;
use crate::cli::args::Fmt;
use crate::cli::commands::{note_if_empty, surroundings};
use crate::cli::edit::{OnDisk, replace, unified};
use crate::cli::output::print;
use crate::document;
use crate::error::Error;
use crate::finding::file_errors;
use crate::format::{Refused, format};
use crate::limits::FILE_BYTES;
use crate::run::holds;
use crate::source::{SourceFile, SourceMap};
use crate::states::{State, Which, read_state};

/// What standard input is called among paths.
const STDIN: &str = "-";

pub(super) fn fmt(arguments: &Fmt, world: &mut World<'_>) -> Result<u8, Error> {
    if arguments.paths.iter().any(|path| path == STDIN) {
        return match arguments.paths.as_slice() {
            [_] => fmt_stdin(arguments, world),
            _ => Err(Error::usage("`-` can't be combined with other paths")),
        };
    }
    let state = read_state(&surroundings(world), &Which::WorkTree)?;
    let chosen = state.place.select(&state.head, &arguments.paths)?;
    note_if_empty(&state.head, &arguments.paths, world)?;
    let Some(top) = state.place.top.clone() else {
        return Err(Error::usage("a bare repository has no files to format"));
    };
    let mut changed = Vec::new();
    let (mut refused, mut all) = (0, 0);
    for file in files(&state, &chosen) {
        all += 1;
        match lay_out(&top, file) {
            Ok(None) => {}
            Ok(Some(file)) => changed.push(file),
            Err(problem) => {
                refused += 1;
                world.tell(problem.trim_end());
            }
        }
    }
    if !arguments.writes_nothing() {
        replace(&changed)?;
    }
    for (file, after) in &changed {
        print(&told(&file.name, &file.text, after, arguments), world)?;
    }
    let changed = changed.len();
    if all > 0 {
        let verb = if arguments.writes_nothing() {
            "would change"
        } else {
            "changed"
        };
        world.tell(format_args!("{changed} of {all} files {verb}"));
    }
    let would_change = arguments.writes_nothing() && changed > 0;
    Ok(u8::from(refused > 0 || would_change))
}

/// Formats standard input to standard output.
fn fmt_stdin(arguments: &Fmt, world: &mut World<'_>) -> Result<u8, Error> {
    const NAME: &str = "<stdin>";
    let mut before = String::new();
    world
        .stdin
        .take(FILE_BYTES + 1)
        .read_to_string(&mut before)
        .map_err(|error| Error::usage(format!("standard input can't be read: {error}")))?;
    if before.len() as u64 > FILE_BYTES {
        let message = format!("standard input has more than {FILE_BYTES} bytes");
        return Err(Error::usage(message));
    }
    let after = match formatted(NAME, &before) {
        Ok(after) => after,
        Err(problem) => {
            world.tell(problem.trim_end());
            return Ok(1);
        }
    };
    let check = arguments.writes_nothing();
    let text = match check {
        false => after.clone(),
        true if after == before => String::new(),
        true => told(NAME, &before, &after, arguments),
    };
    print(&text, world)?;
    Ok(u8::from(check && after != before))
}

fn files<'s>(state: &'s State, chosen: &'s [String]) -> impl Iterator<Item = &'s SourceFile> {
    let is_chosen =
        |path: &str| chosen.is_empty() || chosen.iter().any(|chosen| holds(chosen, path));
    let files = state.head.files.iter().map(|id| state.sources.file(*id));
    files.filter(move |file| is_chosen(&file.path))
}

fn told(path: &str, before: &str, after: &str, arguments: &Fmt) -> String {
    let mut text = String::new();
    if !arguments.diff && (arguments.check || arguments.verbose) {
        let _ = writeln!(text, "{path}");
    }
    if arguments.diff {
        text += &unified(path, before, after);
    } else if arguments.verbose {
        let diff = TextDiff::from_lines(before, after);
        let _ = writeln!(text, "{}", diff.unified_diff().context_radius(2));
    }
    text
}

/// A file, and what its text becomes, where its layout changes; or why it is left alone, for
/// standard error.
fn lay_out(top: &Path, file: &SourceFile) -> Result<Option<(OnDisk, String)>, String> {
    let refuse = |problem: String| format!("error: {}: {problem}", file.path);
    // What a sparse checkout leaves out is not there to be written.
    let Some(file) = OnDisk::open(top, &file.path).map_err(refuse)? else {
        return Ok(None);
    };
    let after = formatted(&file.name, &file.text)?;
    Ok((after != file.text).then_some((file, after)))
}

fn formatted(path: &str, before: &str) -> Result<String, String> {
    format(before).map_err(|refused| match refused {
        Refused::Broken => syntax(path, before),
        Refused::Changed => format!(
            "error: {path}: formatting would have changed its meaning, so it was left alone. This is \
             a bug in caplint: please report it, with the file, at \
             https://github.com/caplint/caplint/issues"
        ),
    })
}

fn syntax(path: &str, text: &str) -> String {
    let mut sources = SourceMap::default();
    let id = sources.add(SourceFile::new(path, text));
    let findings = document::read(id, sources.file(id)).findings;
    let mut out = String::new();
    let of_syntax = [file_errors::SYNTAX, file_errors::DUPLICATE_NAME];
    for finding in findings.iter().filter(|it| of_syntax.contains(&it.rule)) {
        let place = finding.span.map_or(String::new(), |span| {
            let at = sources.position(span.file, span.start);
            format!(":{}:{}", at.line, at.column)
        });
        let _ = writeln!(out, "error: {path}{place}: {}", finding.message);
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "help: {help}");
        }
    }
    if out.is_empty() {
        let _ = writeln!(out, "error: {path}: it is not valid TOML");
    }
    out
}
