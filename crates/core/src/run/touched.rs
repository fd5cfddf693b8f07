//! Errors of files that are new although the base has them too.
//!
//! A declaration that can't be read is not judged. If its error counted as existing, a change
//! could write anything into it.

use crate::document::{Difference, TomlPath};
use crate::report::Finding;
use crate::rules::rule;
use crate::source::SourceMap;

/// What a change touches.
pub(super) struct Touched<'a> {
    pub(super) sources: &'a SourceMap,
    /// The declarations that differ.
    pub(super) differences: &'a [Difference],
}

impl Touched<'_> {
    /// Whether a file's error counts as new: nothing of its file can be read, or the change touches
    /// its text or what it is about.
    pub(super) fn renews(&self, now: &Finding, before: &Finding) -> bool {
        if !rule(&now.rule).is_some_and(|rule| rule.is_file_error()) {
            return false;
        }
        let span = now.span.map(|span| self.sources.file(span.file));
        if span.is_some_and(|file| file.flaw.is_some()) {
            return true;
        }
        self.text(now) != self.text(before) || self.differs(&now.subject)
    }

    /// The lines that a finding underlines words of.
    fn text(&self, finding: &Finding) -> Option<&str> {
        let span = finding.span?;
        let text = &*self.sources.file(span.file).text;
        let (start, end) = (span.start as usize, span.end as usize);
        let start = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(end.max(start)..)?;
        let end = end.max(start) + rest.find('\n').unwrap_or(rest.len());
        text.get(start..end)
    }

    /// Whether a declaration differs in the thing that a path leads to: a line of a feature, or a
    /// named thing.
    fn differs(&self, subject: &str) -> bool {
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
        let mut paths = self.differences.iter().map(|it| &it.path.0);
        paths.any(|path| path.starts_with(thing) || thing.starts_with(path))
    }
}
