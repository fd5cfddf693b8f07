//! What findings say to write is written, and the result judged, until nothing more is to be
//! fixed. Pure: the texts that come of it are the caller's to write.

use std::collections::BTreeSet;

use crate::collections::{HashMap, HashSet};
use crate::edit::{Edit, apply};
use crate::error::Error;
use crate::finding::{Severity, file_errors};
use crate::report::{self, Applicability, Fix, Report};
use crate::rules::{Rule, rule};
use crate::source::{FileId, Snapshot, SourceMap};

use super::{Before, Inputs, Settings, Workings, run_checked};

/// How often the result of fixes is looked at for more of them.
const ROUNDS: usize = 8;

/// What came of fixing.
pub struct Fixed {
    /// The report of the result.
    pub report: Report,
    /// What it was worked out with.
    pub workings: Workings,
    /// The files whose text changed; their new texts are in the sources.
    pub changed: BTreeSet<FileId>,
    /// How many findings were fixed.
    pub fixed: usize,
    /// What is left to do by hand.
    pub reminders: BTreeSet<String>,
    /// The files that have something to fix and may not be edited.
    pub left: BTreeSet<FileId>,
}

/// Applies the fixes of a state's findings, up to this applicability, to the texts of the files
/// that may be edited, and judges the result. A fix is left out where it would break its file, not
/// end its finding, or bring a new error: a spelling one of the file itself, as what was misspelt
/// is judged from then on; any other fix one of any kind.
pub fn fix(
    sources: &mut SourceMap,
    head: &Snapshot,
    settings: &Settings,
    most: Applicability,
    editable: &HashSet<FileId>,
) -> Result<Fixed, Error> {
    let mut refused = HashSet::default();
    let (mut changed, mut reminders, mut fixed) = (BTreeSet::new(), BTreeSet::new(), 0);
    for round in 0.. {
        let (report, workings) = judged(sources, head, settings)?;
        let (fixable, left) = fixable(&report, most, editable);
        let open = fixable
            .into_iter()
            .filter(|(finding, _)| !refused.contains(&Key::of(finding)));
        let mut chosen = chosen(open);
        if round == ROUNDS || chosen.is_empty() {
            return Ok(Fixed {
                report,
                workings,
                changed,
                fixed,
                reminders,
                left,
            });
        }
        chosen.sort_by_key(|(finding, _)| finding.span);
        let trial = Trial {
            head,
            settings,
            before: &report,
        };
        let applied = trial.apply(sources, &chosen, &mut refused)?;
        fixed += applied.len();
        let reminder = |(_, fix): &Fixable<'_>| fix.reminder.clone();
        reminders.extend(applied.iter().filter_map(reminder));
        changed.extend(applied.iter().flat_map(|(_, fix)| files(fix)));
    }
    unreachable!("the last round returns")
}

fn judged(
    sources: &SourceMap,
    head: &Snapshot,
    settings: &Settings,
) -> Result<(Report, Workings), Error> {
    let inputs = Inputs {
        sources,
        head,
        base: Before::NotCompared,
    };
    run_checked(&inputs, settings)
}

/// A finding, and what fixes it.
type Fixable<'r> = (&'r report::Finding, &'r Fix);

/// The findings that can be fixed, and the files of others that may not be edited.
fn fixable<'r>(
    report: &'r Report,
    most: Applicability,
    editable: &HashSet<FileId>,
) -> (Vec<Fixable<'r>>, BTreeSet<FileId>) {
    let findings = report.projects.iter().flat_map(|project| &project.findings);
    let open = findings.filter(|finding| finding.waived.is_none());
    let fixes = open.filter_map(|finding| Some((finding, finding.fix.as_ref()?)));
    let fixes = fixes.filter(|(_, fix)| fix.applicability <= most);
    let mut left = BTreeSet::new();
    let may_be = fixes.filter(|(_, fix)| {
        let before = left.len();
        left.extend(files(fix).filter(|file| !editable.contains(file)));
        left.len() == before && files(fix).all(|file| editable.contains(&file))
    });
    (may_be.collect(), left)
}

fn files(fix: &Fix) -> impl Iterator<Item = FileId> {
    fix.edits.iter().map(|edit| edit.span.file)
}

/// The fixes that can be made together: of those that have one meaning, where there are any, then
/// of those that raise no limit, as less demand may leave nothing to raise, then of those that raise
/// no budget, as what a larger plan includes need not be bought; each that edits no text that an
/// earlier one does.
fn chosen<'r>(open: impl Iterator<Item = Fixable<'r>>) -> Vec<Fixable<'r>> {
    let mut open: Vec<Fixable<'r>> = open.collect();
    let turn = |(finding, fix): &Fixable<'_>| {
        let is_spend = finding.subject.ends_with(".spend");
        (fix.applicability, fix.raises, fix.raises && is_spend)
    };
    let Some(first) = open.iter().map(turn).min() else {
        return Vec::new();
    };
    open.retain(|it| turn(it) == first);
    let mut taken: Vec<&Edit> = Vec::new();
    open.retain(|(_, fix)| {
        let overlaps = |one: &Edit, other: &Edit| {
            let (one, other) = (one.span, other.span);
            one.file == other.file && one.start <= other.end && other.start <= one.end
        };
        let is_free = !fix
            .edits
            .iter()
            .any(|edit| taken.iter().any(|other| overlaps(edit, other)));
        if is_free {
            taken.extend(&fix.edits);
        }
        is_free
    });
    open
}

/// What a finding is told by, whatever its place and its figures. A file's errors may be several
/// of one subject.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    rule: String,
    subject: String,
    message: String,
}

impl Key {
    fn of(finding: &report::Finding) -> Self {
        let is_file_error = rule(&finding.rule).is_some_and(Rule::is_file_error);
        Self {
            rule: finding.rule.clone(),
            subject: finding.subject.clone(),
            message: match is_file_error {
                true => finding.message.clone(),
                false => String::new(),
            },
        }
    }
}

struct Trial<'t> {
    head: &'t Snapshot,
    settings: &'t Settings,
    before: &'t Report,
}

impl Trial<'_> {
    /// Applies what can be applied of some fixes, and returns that; the others are refused.
    fn apply<'r>(
        &self,
        sources: &mut SourceMap,
        fixes: &[Fixable<'r>],
        refused: &mut HashSet<Key>,
    ) -> Result<Vec<Fixable<'r>>, Error> {
        // Where all go together, nothing more has to be tried; else each half, down to the one
        // that does not. Those of a half are kept for the other one, so places are theirs.
        let mut applied: Vec<Fixable<'r>> = Vec::new();
        let mut open = vec![fixes.to_vec()];
        while let Some(mut some) = open.pop() {
            let all: Vec<Fixable<'r>> = applied.iter().chain(&some).copied().collect();
            if self.is_better(sources, &all)? {
                applied = all;
                continue;
            }
            // What breaks its file by itself is told without judging anything.
            some.retain(|fixable| {
                let fits = edited(sources, std::slice::from_ref(fixable)).is_some();
                if !fits {
                    refused.insert(Key::of(fixable.0));
                }
                fits
            });
            if let [(finding, _)] = some[..] {
                refused.insert(Key::of(finding));
            } else if !some.is_empty() {
                let second = some.split_off(some.len() / 2);
                open.extend([second, some]);
            }
        }
        if let Some(edited) = edited(sources, &applied) {
            *sources = edited;
        }
        Ok(applied)
    }

    /// Whether each fix ends its finding, and none brings an error.
    fn is_better(&self, sources: &SourceMap, fixes: &[Fixable<'_>]) -> Result<bool, Error> {
        let Some(edited) = edited(sources, fixes) else {
            return Ok(false);
        };
        let (after, _) = judged(&edited, self.head, self.settings)?;
        let (mut before, after) = (counted(self.before), counted(&after));
        let spells = fixes
            .iter()
            .all(|(_, fix)| fix.applicability == Applicability::Safe);
        let mut ended = HashSet::default();
        for (finding, _) in fixes {
            let key = Key::of(finding);
            if let Some(left) = before.get_mut(&key) {
                left.0 = left.0.saturating_sub(1);
            }
            ended.insert(key);
        }
        let is_worse = after.iter().any(|(key, (count, severity))| {
            let known = before.get(key).map_or(0, |known| known.0);
            let counts = match spells {
                true => breaks(&key.rule),
                false => *severity == Severity::Error,
            };
            (counts || ended.contains(key)) && *count > known
        });
        Ok(!is_worse)
    }
}

/// Whether an error of a file can come of a text that was put in, and not only be seen by it.
fn breaks(name: &str) -> bool {
    let of_names = [
        file_errors::SYNTAX,
        file_errors::DUPLICATE_NAME,
        file_errors::REFERENCE_CYCLE,
    ];
    rule(name).is_some_and(|rule| of_names.contains(&rule.name))
}

/// The findings that are not waived, with how many there are of each and the worst severity.
fn counted(report: &Report) -> HashMap<Key, (usize, Severity)> {
    let mut counted = HashMap::default();
    let findings = report.projects.iter().flat_map(|project| &project.findings);
    for finding in findings.filter(|finding| finding.waived.is_none()) {
        let entry = counted.entry(Key::of(finding));
        let entry = entry.or_insert((0_usize, Severity::Off));
        entry.0 += 1;
        entry.1 = entry.1.max(finding.severity);
    }
    counted
}

/// The sources with fixes, where every file can have them.
fn edited(sources: &SourceMap, fixes: &[Fixable<'_>]) -> Option<SourceMap> {
    let mut by_file: HashMap<FileId, Vec<&Edit>> = HashMap::default();
    for edit in fixes.iter().flat_map(|(_, fix)| &fix.edits) {
        by_file.entry(edit.span.file).or_default().push(edit);
    }
    let mut edited = sources.clone();
    for (file, edits) in by_file {
        let text = apply(&sources.file(file).text, edits).ok()?;
        edited.replace(file, text);
    }
    Some(edited)
}
