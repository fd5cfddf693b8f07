//! The limit program: finds the capacity files of a repository in its index,
//! reads them, parses them on all cores, and does nothing else.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use toml::de::DeTable;

use crate::Result;

/// What becomes of a parsed file.
#[derive(Clone, Copy)]
pub(crate) enum Parse {
    /// An owned tree of values without spans: what a checker by JSON Schema
    /// starts from. This is the limit that ratios are taken against.
    Table,
    /// The same, of which all are held to the end: what a checker of one file against another has
    /// to do.
    Kept,
    /// A tree that borrows from the source and knows each value's span: what a
    /// linter starts from.
    Spans,
}

impl Parse {
    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Kept => "kept",
            Self::Spans => "spans",
        }
    }
}

/// This executable, to be run again as the limit program on `repository`.
pub(crate) fn command(repository: &Path, parse: Parse) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("limit").arg(parse.name()).arg(repository);
    Ok(command)
}

/// Runs the limit program: `limit table|kept|spans REPOSITORY`.
pub(crate) fn main(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let parse = match arguments.next().as_deref() {
        Some("table") => Parse::Table,
        Some("kept") => Parse::Kept,
        Some("spans") => Parse::Spans,
        _ => return Err("limit needs `table`, `kept` or `spans`".into()),
    };
    let repository = PathBuf::from(arguments.next().ok_or("limit needs a repository")?);
    let index = fs::read(repository.join(".git/index"))?;
    let files = capacity_files(&index)?;
    parse_all(&repository, &files, parse)
}

/// The paths in an index of version 2 that are capacity files. An entry is 62
/// bytes, of which the last two hold flags, then the path, then one to eight
/// zero bytes up to a multiple of eight.
fn capacity_files(index: &[u8]) -> Result<Vec<&str>> {
    const HEADER: usize = 12;
    const FIXED: usize = 62;
    if index.get(..8) != Some(b"DIRC\0\0\0\x02") {
        return Err("no git index of version 2".into());
    }
    let count = index.get(8..HEADER).ok_or("the index is cut off")?;
    let count = u32::from_be_bytes(count.try_into()?);
    let mut files = Vec::new();
    let mut at = HEADER;
    for _ in 0..count {
        let rest = index.get(at + FIXED..).ok_or("the index is cut off")?;
        let end = rest.iter().position(|&byte| byte == 0);
        let path = &rest[..end.ok_or("a path without an end in the index")?];
        if path.ends_with(b"capacity.toml") {
            files.push(std::str::from_utf8(path)?);
        }
        at += (FIXED + path.len()) / 8 * 8 + 8;
    }
    Ok(files)
}

fn parse_all(repository: &Path, files: &[&str], parse: Parse) -> Result<()> {
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let work = || -> std::result::Result<Vec<toml::Table>, String> {
            let mut kept = Vec::new();
            loop {
                // In small batches, so that no core is left waiting for another.
                let start = next.fetch_add(16, Ordering::Relaxed);
                let Some(rest) = files.get(start..) else {
                    return Ok(kept);
                };
                for file in rest.iter().take(16) {
                    kept.extend(parse_one(&repository.join(file), parse)?);
                }
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut kept = Vec::new();
        for worker in workers {
            kept.push(worker.join().map_err(|_| "a thread panicked")??);
        }
        // The process ends here.
        std::mem::forget(kept);
        Ok(())
    })
}

fn parse_one(path: &Path, parse: Parse) -> std::result::Result<Option<toml::Table>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    match parse {
        Parse::Table | Parse::Kept => {
            let table: toml::Table = text.parse().map_err(|error| failed(&error))?;
            let table = black_box(table);
            return Ok(matches!(parse, Parse::Kept).then_some(table));
        }
        Parse::Spans => {
            let table = DeTable::parse(&text).map_err(|error| failed(&error))?;
            black_box(table);
        }
    }
    Ok(None)
}
