//! Errors of files that are new although the base has them too.
//!
//! A declaration that can't be read is not judged. If its error counted as existing, a change
//! could write anything into it.

use std::sync::Arc;

use crate::analysis::{Outlook, Project};
use crate::changes::given::asked;
use crate::changes::is_of_model;
use crate::changes::origins::Origins;
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
    /// What is compared, where both sides are known.
    pub(super) sides: Option<Sides<'a>>,
}

/// What both sides come to.
pub(super) struct Sides<'a> {
    pub(super) base: (&'a Project, &'a Outlook),
    pub(super) head: (&'a Project, &'a Outlook),
    pub(super) origins: &'a Origins,
}

impl Touched<'_> {
    /// Whether a file's error counts as new: nothing of its file can be read, or the change touches
    /// what could not be read because of it, or what it is about.
    ///
    /// What was measured is the same on both sides, and so is new where the change asks for more of
    /// what it is about, or for something else.
    pub(super) fn renews(&self, now: &Finding, before: &Finding) -> bool {
        let Some(rule) = rule(&now.rule) else {
            return false;
        };
        if rule.needs_usage {
            return self.asks_otherwise(now, before);
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
        unread(now) != unread(before) || self.differs(&now.subject, |_| true)
    }

    /// Whether a change comes less near to what was measured of a thing, or moves what is asked of
    /// it: names, owners and dates ask for nothing.
    fn asks_otherwise(&self, now: &Finding, before: &Finding) -> bool {
        let is_better = |(now, before): (f64, f64)| now < before * LESS;
        let Some(sides) = &self.sides else {
            return self.differs(&now.subject, is_of_model);
        };
        if now.figure.zip(before.figure).is_some_and(is_better) {
            return false;
        }
        let Ok(TomlPath(keys)) = TomlPath::parse(&now.subject) else {
            return false;
        };
        let Some([table, name]) = keys.get(..2) else {
            return false;
        };
        let thing = TomlPath(vec![table.clone(), name.clone()]);
        let was = sides.origins.of(&thing).unwrap_or_else(|| thing.clone());
        if table == "features" {
            let asked = |(project, _): (&Project, &Outlook), path: &TomlPath| {
                let feature = project.model.features.get(path.0.get(1)?)?;
                Some(asked(&project.model, feature))
            };
            return asked(sides.base, &was) != asked(sides.head, &thing);
        }
        let is_renamed = was != thing;
        sides.grows(&was, &thing) || (!is_renamed && self.differs(&now.subject, is_of_model))
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
    /// named thing.
    fn differs(&self, subject: &str, counts: fn(&Difference) -> bool) -> bool {
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
        let counting = self.differences.iter().filter(|it| counts(it));
        let mut paths = counting.map(|it| &it.path.0);
        paths.any(|path| path.starts_with(thing) || thing.starts_with(path))
    }
}

/// Less by more than rounding.
const LESS: f64 = 1.0 - 1e-9;

impl Sides<'_> {
    /// Whether more is asked of a thing than of what it was.
    fn grows(&self, was: &TomlPath, thing: &TomlPath) -> bool {
        let demands = |(_, outlook): (&Project, &Outlook), thing: &TomlPath| {
            let own = outlook.today.iter().filter(|fitted| {
                let id = &fitted.id;
                thing.0 == [id.owner.as_str(), id.name.as_str()]
            });
            let demands = own.map(|fitted| {
                let demand = fitted.meter.demand.point.unwrap_or(f64::INFINITY);
                ((fitted.id.kind, fitted.id.rest.clone()), demand)
            });
            demands.collect::<Vec<_>>()
        };
        let before = demands(self.base, was);
        let mut after = demands(self.head, thing).into_iter();
        after.any(|(meter, now)| {
            let mut same = before.iter().filter(|(known, _)| *known == meter);
            same.next().is_none_or(|(_, was)| *was < now * LESS)
        })
    }
}

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
