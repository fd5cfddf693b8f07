//! Errors of files that are new although the base has them too.
//!
//! A declaration that can't be read is not judged. If its error counted as existing, a change
//! could write anything into it.

use std::sync::Arc;

use crate::collections::HashMap;
use crate::document::repair::{begins_something, end_of_block, line_around};
use crate::document::{Difference, Lost, TomlPath};
use crate::finding::file_errors;
use crate::report::Finding;
use crate::rules::rule;
use crate::source::{FileId, SourceMap};

/// What a change touches.
pub(super) struct Touched<'a> {
    pub(super) sources: &'a SourceMap,
    /// The declarations that differ.
    pub(super) differences: &'a [Difference],
    /// The files of the head of which text could not be read.
    pub(super) lost: &'a HashMap<FileId, Arc<Lost>>,
}

impl Touched<'_> {
    /// Whether a file's error counts as new: nothing of its file can be read, or the change touches
    /// what could not be read because of it, or what it is about.
    ///
    /// What was measured is the same on both sides, and so is new where the change touches what it
    /// is about.
    pub(super) fn renews(&self, now: &Finding, before: &Finding) -> bool {
        let Some(rule) = rule(&now.rule) else {
            return false;
        };
        if rule.needs_usage {
            return self.differs(&now.subject, SAYS_NOTHING_OF_USE);
        }
        if !rule.is_file_error() {
            return false;
        }
        let mut whole_file = false;
        if let Some(span) = now.span {
            let lost = self.lost.get(&span.file);
            let flaw = &self.sources.file(span.file).flaw;
            if flaw.is_some() || lost.is_some_and(|lost| lost.is_everything()) {
                return true;
            }
            whole_file = lost.is_some() && now.rule == file_errors::SYNTAX;
        }
        let unread = |finding| self.unread_lines(finding, whole_file);
        unread(now) != unread(before) || self.differs(&now.subject, &[])
    }

    /// The lines that may not have been read because of an error, without comments: of broken
    /// syntax the file, which is not judged; of a header all that stands below it; else the value
    /// of a key.
    fn unread_lines(&self, finding: &Finding, whole_file: bool) -> Option<Vec<&str>> {
        let span = finding.span?;
        let text = &*self.sources.file(span.file).text;
        let mut unread = text;
        if !whole_file {
            let first = line_around(text, span.start as usize);
            let last = line_around(text, span.end.max(span.start) as usize);
            let end = match header(&text[first.clone()]) {
                Some(path) => end_of_block(text, last.end, |line| {
                    header(line).is_some_and(|other| !is_below(other, path))
                }),
                None => end_of_block(text, last.end, begins_something),
            };
            unread = text.get(first.start..end)?;
        }
        let lines = unread.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Some(lines.collect())
    }

    /// Whether a declaration differs in the thing that a path leads to: a line of a feature, or a
    /// named thing. Keys of these names don't count.
    fn differs(&self, subject: &str, without: &[&str]) -> bool {
        let Ok(TomlPath(keys)) = TomlPath::parse(subject) else {
            return false;
        };
        let depth = match &keys[..] {
            [features, _, _, _, ..] if features == "features" => 4,
            _ => 2,
        };
        let Some(thing) = keys.get(..depth) else {
            return false;
        };
        let paths = self.differences.iter().map(|it| &it.path.0);
        let is_told = |path: &&Vec<String>| {
            let key = path.last().map_or("", String::as_str);
            !without.contains(&key)
        };
        let mut paths = paths.filter(is_told);
        paths.any(|path| path.starts_with(thing) || thing.starts_with(path))
    }
}

/// Keys that change nothing of what is used.
const SAYS_NOTHING_OF_USE: &[&str] = &["measured", "owner", "price_as_of", "spec", "status_url"];

/// What a line's header says, in its brackets.
fn header(line: &str) -> Option<&str> {
    let line = line.trim();
    let path = line.strip_prefix('[')?.trim_start_matches('[');
    Some(path.split(']').next().unwrap_or(path).trim())
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
