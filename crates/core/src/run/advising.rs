//! Advice is tried before it is given: what may end a finding is written into the texts, and the
//! project is judged again. Only what ends the finding and brings no new one is named.

use crate::advice::{Reach, Set, Way};
use crate::analysis::Figures;
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::edit::{Edit, apply, is_value, set, table_at};
use crate::finding::Severity;
use crate::limits::{ADVICE_BYTES, ADVISED};
use crate::model::projects::folder;
use crate::parallel;
use crate::report::{self, Applicability, Fix, State, Verdict};
use crate::rules::limits::limit_ahead;
use crate::rules::{Check, Rule, Speaks, rule};
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
            finding.help = Some(format!("{help}{}", finding.tail));
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

/// A way that ends a finding and brings no error.
struct Tried<'w> {
    way: &'w Way,
    fix: Fix,
    /// What else is wrong then.
    leaves: Option<String>,
    /// Whether it is enough for what it says.
    reaches: bool,
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
        let after = after.into_iter().flat_map(|project| project.findings);
        judge.before = after
            .filter(counts)
            .map(|finding| finding.fingerprint)
            .collect();
        judge
    }

    /// The project with these texts.
    fn judged(&self, sources: &SourceMap) -> Option<report::Project> {
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
        projects.find(|project| project.root == self.root)
    }

    /// What ends a finding, in words, and the first of it as a fix.
    fn advice(&self, finding: &report::Finding) -> Option<(String, Fix)> {
        let mut tried: Vec<(&[Set], bool)> = Vec::new();
        let mut ends: Vec<Tried<'_>> = Vec::new();
        let mut leaves: Option<Tried<'_>> = None;
        for way in &finding.ways {
            let known = ends.iter().any(|other| other.way.kind == way.kind);
            if ends.len() == NAMED || tried.len() == TRIED {
                break;
            }
            if known || tried.iter().any(|(sets, _)| *sets == way.sets) {
                continue;
            }
            let outcome = self.outcome(finding, way);
            tried.push((&way.sets, outcome.is_some()));
            match outcome {
                Some(outcome) if outcome.leaves.is_none() => ends.push(outcome),
                Some(outcome) => leaves = leaves.or(Some(outcome)),
                None => {}
            }
        }
        if ends.is_empty() {
            let Tried {
                way, fix, leaves, ..
            } = leaves?;
            return Some((format!("{}; then {}", way.words, leaves?), fix));
        }
        let mut said: Vec<(&str, Option<Enough<'_>>)> = Vec::new();
        for end in &ends {
            let enough = self.enough(finding, end, &tried);
            said.push((&end.way.words, enough));
        }
        let words = words(&said);
        Some((words, ends.into_iter().next()?.fix))
    }

    /// What a way is enough for, where others of its kind are enough for less, and which of these
    /// is enough for the least.
    fn enough<'f>(
        &self,
        finding: &'f report::Finding,
        end: &Tried<'f>,
        tried: &[(&[Set], bool)],
    ) -> Option<Enough<'f>> {
        let reach = end.way.reach.as_ref().filter(|_| end.reaches)?;
        let alike = |other: &&Way| other.kind == end.way.kind;
        let least = finding.ways.iter().rev().find(alike)?.reach.as_ref()?;
        let ways = finding.ways.iter().filter(alike);
        let mut ways = ways.filter(|way| way.reach.as_ref() == Some(least));
        let same = ways.clone().any(|way| way.sets == end.way.sets);
        if same || least.words() == reach.words() {
            // What breaks on a day to come is told until which day a value is enough.
            let is_ahead = finding.rule == limit_ahead::RULE.name && reach.days.is_some();
            return is_ahead.then_some(Enough { reach, least: None });
        }
        let least = ways.find_map(|way| {
            let known = tried.iter().find(|(sets, _)| *sets == way.sets);
            let ends = match known {
                Some((_, false)) => false,
                _ => self.outcome(finding, way).is_some_and(|it| it.reaches),
            };
            (ends && way.asks_less_than(end.way)).then_some((&*way.values, least))
        });
        Some(Enough { reach, least })
    }

    /// What comes of a way; nothing where it does not end the finding, or brings another.
    fn outcome<'w>(&self, finding: &report::Finding, way: &'w Way) -> Option<Tried<'w>> {
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
        let after = self.judged(&sources)?;
        let after_findings = || after.findings.iter().filter(|it| counts(it));
        if after_findings().any(|it| it.fingerprint == finding.fingerprint) {
            return None;
        }
        let mut leaves = None;
        for other in after_findings() {
            let is_new = !self.before.contains(&other.fingerprint) && !is_of_policy(other);
            let is_error = other.severity == Severity::Error;
            let left = match is_new {
                true if is_error && !spoke_for(finding, other) => return None,
                true => {
                    let said = other.message.split_once(": ");
                    said.map_or(&*other.message, |it| it.0).to_owned()
                }
                // A scenario has to fit, and does not for the same reason.
                false => match misfit(&after, other, &finding.subject).filter(|_| is_error) {
                    Some(left) => left,
                    None => continue,
                },
            };
            leaves.get_or_insert(left);
        }
        Some(Tried {
            way,
            leaves,
            reaches: way.reach.as_ref().is_some_and(|it| holds(it, &after)),
            fix: Fix {
                applicability: Applicability::Unsafe,
                raises: way.sets.iter().any(|it| matches!(it, Set::Limit { .. })),
                reminder: way.reminder.clone(),
                edits,
                snippet: snippet(&way.sets),
            },
        })
    }
}

/// That a meter still does not fit the scenario that a finding is about, where that is so.
fn misfit(after: &report::Project, other: &report::Finding, id: &str) -> Option<String> {
    let mut scenarios = after.scenarios.iter();
    let is_it = |name: &str| TomlPath::new(&["scenarios", name]).to_string() == other.subject;
    let scenario = scenarios.find(|it| is_it(&it.name))?;
    let mut meters = scenario.meters.iter();
    let breaks = meters.any(|it| *it.id == *id && it.verdict == Verdict::Breaks);
    breaks.then(|| format!("`{id}` still does not fit scenario `{}`", scenario.name))
}

/// Whether a finding spoke for another as long as it was there: that the change is too large is no
/// fault of what makes it fit.
fn spoke_for(finding: &report::Finding, other: &report::Finding) -> bool {
    let is_of_change = rule(&other.rule).is_some_and(Rule::is_about_changes);
    let speaks = rule(&finding.rule).map_or(&[][..], |it| it.speaks_for);
    let mut subjects = speaks.iter().filter_map(|it| match it {
        Speaks::Subject(rules) => Some(*rules),
        _ => None,
    });
    is_of_change
        && other.subject == finding.subject
        && subjects.any(|rules| rules.iter().any(|it| it.name == other.rule))
}

/// Whether a finding counts against advice.
fn counts(it: &report::Finding) -> bool {
    it.waived.is_none() && it.severity >= Severity::Warning && it.state != Some(State::Fixed)
}

/// Whether the meters fit in all that they are said to fit in.
fn holds(reach: &Reach, project: &report::Project) -> bool {
    let fits = |meters: &[report::Meter]| {
        let mut of = meters.iter().filter(|it| reach.meters.contains(&it.id));
        of.all(|it| it.verdict != Verdict::Breaks)
    };
    let horizons = project.horizons.iter();
    let mut days = horizons.filter(|it| Some(it.day) <= reach.days);
    let scenarios = project.scenarios.iter();
    let mut scenarios = scenarios.filter(|it| reach.scenarios.contains(&it.name));
    (reach.today.is_none() || fits(&project.meters))
        && days.all(|it| fits(&it.meters))
        && scenarios.all(|it| fits(&it.meters))
}

/// What a way is enough for, and the values of another that is enough for the least.
#[derive(PartialEq)]
struct Enough<'w> {
    reach: &'w Reach,
    least: Option<(&'w [String], &'w Reach)>,
}

/// Ways in words, with what they are enough for: once, where that is the same for all.
fn words(ways: &[(&str, Option<Enough<'_>>)]) -> String {
    let named = |enough: &Enough<'_>| enough.least.map(|(values, _)| values.join(" and "));
    if let [(one, Some(enough)), (other, Some(same))] = ways
        && enough.reach.words() == same.reach.words()
    {
        let values = [named(enough), named(same)].into_iter().flatten();
        let values = values.collect::<Vec<_>>().join(" or ");
        let least = enough.least.or(same.least);
        let said = enough_for(enough.reach, &values, least.map(|(_, reach)| reach));
        return format!("{one}, or {other} ({said})");
    }
    let ways = ways.iter().map(|(words, enough)| {
        let Some(enough) = enough else {
            return (*words).to_owned();
        };
        let values = named(enough).unwrap_or_default();
        let least = enough.least.map(|(_, reach)| reach);
        format!("{words} ({})", enough_for(enough.reach, &values, least))
    });
    ways.collect::<Vec<_>>().join(", or ")
}

/// ``enough for `10x` and 90 days; today: `41/day` ``.
fn enough_for(reach: &Reach, values: &str, least: Option<&Reach>) -> String {
    let least = least.map_or(String::new(), |least| {
        format!("; {}: {values}", least.label())
    });
    format!("enough {}{least}", reach.words())
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
