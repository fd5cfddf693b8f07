//! Advice is tried before it is given: what may end a finding is written into the texts, and the
//! project is judged again. Only what ends the finding and brings no new one is named.

use crate::advice::{Set, Way};
use crate::analysis::Figures;
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::edit::{Edit, apply, is_value, set, table_at};
use crate::finding::Severity;
use crate::limits::{ADVICE_BYTES, ADVISED};
use crate::model::projects::folder;
use crate::parallel;
use crate::report::{self, Applicability, Fix, State};
use crate::rules::{Check, rule};
use crate::source::{FileId, Snapshot, SourceMap, Span};

use super::reading::Resolved;
use super::selection::innermost;
use super::{Before, Inputs, Settings, folders, run};

/// How many ways out of one finding are tried.
const TRIED: usize = 10;

/// How many are named.
const NAMED: usize = 2;

/// Tries what may end each finding that is shown, worst first, and says what does.
pub(super) fn advise(
    projects: &mut [report::Project],
    inputs: &Inputs<'_>,
    settings: &Settings,
    [head, base]: [&Resolved; 2],
) {
    let mut open: Vec<(Severity, usize, usize)> = Vec::new();
    for (index, project) in projects.iter().enumerate() {
        let findings = project.findings.iter().enumerate();
        let shown = findings.filter(|(_, finding)| is_shown(finding, settings));
        open.extend(shown.map(|(place, finding)| (finding.severity, index, place)));
    }
    open.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    open.truncate(ADVISED);
    let mut judges: HashMap<usize, Judge<'_>> = HashMap::default();
    let mut bytes = 0_usize;
    let mut tasks = Vec::new();
    for (_, index, place) in open {
        let judge = judges.entry(index).or_insert_with(|| {
            let project = &projects[index];
            Judge::new(project, inputs, settings, [head, base])
        });
        let finding = &projects[index].findings[place];
        bytes = bytes.saturating_add(judge.bytes * finding.ways.len().min(TRIED));
        if bytes > ADVICE_BYTES {
            break;
        }
        tasks.push((index, place));
    }
    let outcome = |task: usize| {
        let (index, place) = tasks[task];
        judges.get(&index)?.advice(&projects[index].findings[place])
    };
    let advice = parallel::map(
        tasks.len(),
        settings.threads,
        || (),
        |(), task| outcome(task),
    );
    for ((index, place), advice) in tasks.iter().zip(advice) {
        if let Some((help, fix)) = advice {
            let finding = &mut projects[*index].findings[*place];
            finding.help = Some(match &finding.lapsed {
                Some(lapsed) => format!("{help}; {lapsed}"),
                None => help,
            });
            finding.fix.get_or_insert(fix);
        }
    }
}

fn is_shown(finding: &report::Finding, settings: &Settings) -> bool {
    let is_hidden = match finding.state {
        Some(State::Fixed) => true,
        Some(State::Existing) => !settings.all,
        Some(State::New | State::Worsened) | None => false,
    };
    !finding.ways.is_empty()
        && finding.waived.is_none()
        && finding.severity >= Severity::Warning
        && !is_hidden
}

/// What judges a project again with other texts.
struct Judge<'a> {
    root: &'a str,
    inputs: &'a Inputs<'a>,
    settings: Settings,
    /// The states with the project's own files.
    head: Snapshot,
    base: Option<Snapshot>,
    /// The size of those of the head.
    bytes: usize,
    /// The findings as they are, by their fingerprints.
    before: HashSet<String>,
}

/// What came of a way.
enum Outcome {
    Ends,
    /// It ends the finding, and this is left.
    Leaves(String),
}

impl<'a> Judge<'a> {
    fn new(
        project: &'a report::Project,
        inputs: &'a Inputs<'a>,
        settings: &Settings,
        [head, base]: [&Resolved; 2],
    ) -> Self {
        let root = project.root.as_str();
        let own = |state: &Snapshot, side: &Resolved| {
            let folders: HashSet<&str> = folders(&side.projects).collect();
            let mut own = state.clone();
            if folders.contains(root) {
                let of = |id: &FileId| folder(&inputs.sources.file(*id).path);
                own.files
                    .retain(|id| innermost(&folders, of(id)) == Some(root));
            }
            own
        };
        let head = own(inputs.head, head);
        let base = match inputs.base {
            Before::State(state) => Some(own(state, base)),
            _ => None,
        };
        let sizes = head
            .files
            .iter()
            .map(|id| inputs.sources.file(*id).text.len());
        let mut judge = Self {
            root,
            inputs,
            bytes: sizes.sum(),
            settings: Settings {
                advise: false,
                figures: Figures::Judged,
                threads: 1,
                ..settings.clone()
            },
            head,
            base,
            before: HashSet::default(),
        };
        let after = judge.judged(inputs.sources);
        judge.before = after
            .into_iter()
            .map(|finding| finding.fingerprint)
            .collect();
        judge
    }

    /// The project's findings with these texts.
    fn judged(&self, sources: &SourceMap) -> Vec<report::Finding> {
        let base = match (&self.base, &self.inputs.base) {
            (Some(base), _) => Before::State(base),
            (None, Before::Report(report)) => Before::Report(report),
            (None, Before::Empty) => Before::Empty,
            (None, _) => Before::NotCompared,
        };
        let inputs = Inputs {
            sources,
            head: &self.head,
            base,
        };
        let report = run(&inputs, &self.settings);
        let mut projects = report.projects.into_iter();
        let project = projects.find(|project| project.root == self.root);
        let findings = project.map_or(Vec::new(), |project| project.findings);
        let counts = |it: &report::Finding| {
            it.waived.is_none()
                && it.severity >= Severity::Warning
                && it.state != Some(State::Fixed)
        };
        findings.into_iter().filter(counts).collect()
    }

    /// What ends a finding, in words, and the first of it as a fix.
    fn advice(&self, finding: &report::Finding) -> Option<(String, Fix)> {
        let mut ends: Vec<(&Way, Fix)> = Vec::new();
        let mut leaves: Vec<(&Way, Fix, String)> = Vec::new();
        for way in finding.ways.iter().take(TRIED) {
            let known = ends.iter().any(|(other, _)| other.kind == way.kind);
            if known || ends.len() == NAMED {
                continue;
            }
            let Some((fix, outcome)) = self.outcome(finding, way) else {
                continue;
            };
            match outcome {
                Outcome::Ends => ends.push((way, fix)),
                Outcome::Leaves(what) => leaves.push((way, fix, what)),
            }
        }
        let words: Vec<&str> = ends.iter().map(|(way, _)| way.words.as_str()).collect();
        if let Some((_, fix)) = ends.into_iter().next() {
            return Some((words.join(", or "), fix));
        }
        let (way, fix, what) = leaves.into_iter().next()?;
        Some((format!("{}; then {what}", way.words), fix))
    }

    /// What comes of a way; nothing where it does not end the finding, or brings another.
    fn outcome(&self, finding: &report::Finding, way: &Way) -> Option<(Fix, Outcome)> {
        let edits = edits(&way.sets, self.inputs.sources)?;
        let mut sources = self.inputs.sources.clone();
        let mut files: Vec<FileId> = edits.iter().map(|edit| edit.span.file).collect();
        files.sort_unstable();
        files.dedup();
        for file in files {
            let of_file = edits.iter().filter(|edit| edit.span.file == file);
            let text = apply(&sources.file(file).text, of_file).ok()?;
            sources.replace(file, text);
        }
        let after = self.judged(&sources);
        if after.iter().any(|it| it.fingerprint == finding.fingerprint) {
            return None;
        }
        let speaks_of_it = |it: &report::Finding| {
            it.subject != finding.subject && it.parts.iter().any(|(id, _)| *id == finding.subject)
        };
        let mut left = None;
        for other in &after {
            let is_new = !self.before.contains(&other.fingerprint) && !is_of_policy(other);
            let is_error = other.severity == Severity::Error;
            match is_new {
                true if is_error => return None,
                true => {}
                // A scenario has to fit, and does not for the same reason.
                false if is_error && speaks_of_it(other) => {}
                false => continue,
            }
            left.get_or_insert(other);
        }
        let fix = Fix {
            applicability: Applicability::Unsafe,
            raises: way.sets.iter().any(|it| matches!(it, Set::Limit { .. })),
            edits,
            snippet: snippet(&way.sets),
        };
        let said = |other: &report::Finding| {
            let said = other
                .message
                .split_once(": ")
                .map_or(&*other.message, |it| it.0);
            Outcome::Leaves(said.to_owned())
        };
        Some((fix, left.map_or(Outcome::Ends, said)))
    }
}

/// Whether a finding says that something was loosened: what raises a limit does.
fn is_of_policy(finding: &report::Finding) -> bool {
    rule(&finding.rule).is_some_and(|rule| matches!(rule.check, Check::Policy(_)))
}

/// What is added to tables, as TOML with their headers, where that is all.
fn snippet(sets: &[Set]) -> Option<String> {
    let tables: Option<Vec<String>> = sets
        .iter()
        .map(|it| match it {
            Set::Keys { table, entries, .. } => {
                let entries = entries.iter();
                let lines = entries.map(|(key, value)| format!("{key} = {value}\n"));
                let lines: String = lines.collect();
                Some(format!("[{}]\n{lines}", TomlPath(table.clone())))
            }
            _ => None,
        })
        .collect();
    Some(tables?.join("\n"))
}

/// What is to be written, as edits; nothing where there is no place for some of it.
fn edits(sets: &[Set], sources: &SourceMap) -> Option<Vec<Edit>> {
    let all: Option<Vec<Vec<Edit>>> = sets.iter().map(|it| written(it, sources)).collect();
    Some(all?.into_iter().flatten().collect())
}

fn written(it: &Set, sources: &SourceMap) -> Option<Vec<Edit>> {
    let one = |span: Span, value: &str| {
        let text = value.to_owned();
        Some(vec![Edit { span, text }])
    };
    match it {
        Set::Value { span, value } => one(*span, value),
        Set::Limit { span, now, max } => {
            if is_value(sources.text(*span)) {
                return one(*span, max.as_ref().or(now.as_ref())?);
            }
            let entries = [("now", now), ("max", max)].into_iter();
            let entries: Vec<(&str, &str)> = entries
                .filter_map(|(key, value)| Some((key, value.as_deref()?)))
                .collect();
            let text = &sources.file(span.file).text;
            set(span.file, text, &table_at(text, *span)?, &entries)
        }
        Set::Keys {
            file,
            table,
            entries,
        } => {
            let table = TomlPath(table.clone());
            set(*file, &sources.file(*file).text, &table, &borrowed(entries))
        }
        Set::Within { span, entries } => {
            let text = &sources.file(span.file).text;
            set(span.file, text, &table_at(text, *span)?, &borrowed(entries))
        }
    }
}

fn borrowed<'e>(entries: &'e [(&'static str, String)]) -> Vec<(&'e str, &'e str)> {
    let entries = entries.iter();
    entries.map(|(key, value)| (*key, value.as_str())).collect()
}
