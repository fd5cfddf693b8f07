//! Which findings matter, and what is said of the whole: the same for every format that people
//! read.

use std::cmp::Reverse;

use crate::finding::Severity;
use crate::report::{Finding, Meter, Project, Report, State, Verdict};
use crate::rules::rule;

use super::number::{self, plural};
use super::{Options, selection, text};

/// Why a finding is shown, or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    /// It counts: in `check` all do, in `diff` those that are new or worse.
    Active,
    /// The base has it too.
    Existing,
    /// Only the base has it.
    Fixed,
    /// A waiver or `allow` covers it.
    Waived,
}

/// The standing of a finding.
pub(super) fn standing(finding: &Finding, options: &Options) -> Standing {
    if finding.waived.is_some() {
        return Standing::Waived;
    }
    match finding.state {
        Some(State::Fixed) => Standing::Fixed,
        Some(State::Existing) if !options.all => Standing::Existing,
        _ => Standing::Active,
    }
}

/// Whether a finding fails the run.
pub(super) fn fails(finding: &Finding, options: &Options) -> bool {
    options.fail_on != Severity::Off
        && finding.severity >= options.fail_on
        && standing(finding, options) == Standing::Active
}

/// The findings of one standing: errors first, of these the ones about limits, otherwise in the
/// report's order.
pub(super) fn findings<'a>(
    report: &'a Report,
    options: &Options,
    wanted: Standing,
) -> Vec<(&'a Project, &'a Finding)> {
    let mut found: Vec<_> = report
        .projects
        .iter()
        .flat_map(|project| {
            project
                .findings
                .iter()
                .map(move |finding| (project, finding))
        })
        .filter(|(_, finding)| {
            finding.severity != Severity::Off && standing(finding, options) == wanted
        })
        .collect();
    found.sort_by_key(|(_, finding)| {
        let rank = rule(&finding.rule).map_or(u8::MAX, |rule| rule.rank);
        (Reverse(finding.severity), rank)
    });
    found
}

/// The path of a project's own file, for findings that stand in no file.
pub(super) fn root_file(project: &Project) -> String {
    if project.root.is_empty() {
        "capacity.toml".to_owned()
    } else {
        format!("{}/capacity.toml", project.root)
    }
}

/// `file:line:column` of a finding, as far as it is known.
pub(super) fn place(finding: &Finding) -> Option<String> {
    let mut place = text::name(finding.file.as_deref()?, 200);
    for number in [finding.line, finding.line.and(finding.column)]
        .into_iter()
        .flatten()
    {
        place.push_str(&format!(":{number}"));
    }
    Some(place)
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) infos: usize,
    pub(super) existing: usize,
    pub(super) fixed: usize,
    pub(super) waived: usize,
}

impl Counts {
    /// Those of a report.
    pub(super) fn of(report: &Report, options: &Options) -> Self {
        let mut counts = Self::default();
        for finding in report.projects.iter().flat_map(|project| &project.findings) {
            let counter = match (standing(finding, options), finding.severity) {
                (_, Severity::Off) => continue,
                (Standing::Existing, _) => &mut counts.existing,
                (Standing::Fixed, _) => &mut counts.fixed,
                (Standing::Waived, _) => &mut counts.waived,
                (Standing::Active, Severity::Error) => &mut counts.errors,
                (Standing::Active, Severity::Warning) => &mut counts.warnings,
                (Standing::Active, Severity::Info) => &mut counts.infos,
            };
            *counter += 1;
        }
        counts
    }

    /// `1 error and 2 warnings`, or nothing where there are neither.
    pub(super) fn spoken(&self) -> Option<String> {
        match (self.errors, self.warnings) {
            (0, 0) => None,
            (errors, 0) => Some(plural(errors, "error")),
            (0, warnings) => Some(plural(warnings, "warning")),
            (errors, warnings) => Some(format!(
                "{} and {}",
                plural(errors, "error"),
                plural(warnings, "warning")
            )),
        }
    }

    /// What is counted and not shown, each with its number.
    pub(super) fn aside(&self) -> Vec<String> {
        [
            (self.existing, plural(self.existing, "existing finding")),
            (
                self.fixed,
                plural(self.fixed, "finding").replace(" f", " fixed f"),
            ),
            (
                self.waived,
                plural(self.waived, "finding").replace(" f", " waived f"),
            ),
            (self.infos, plural(self.infos, "info")),
        ]
        .into_iter()
        .filter_map(|(count, said)| (count > 0).then_some(said))
        .collect()
    }
}

/// Whether and how well the run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With nothing to say.
    Pass,
    /// With findings that do not fail it.
    Warn,
    /// With findings that do.
    Fail,
}

/// How the run ended.
pub(super) fn outcome(report: &Report, counts: &Counts) -> Outcome {
    if report.summary.exit_code != 0 {
        Outcome::Fail
    } else if counts.errors + counts.warnings > 0 {
        Outcome::Warn
    } else {
        Outcome::Pass
    }
}

/// The verdict in one sentence: whether it passes, why not, and what the limits say.
pub(super) fn sentence(report: &Report, options: &Options) -> String {
    format!("{}; {}.", headline(report, options), limits(report))
}

/// Whether it passes, and with how many findings.
pub(super) fn headline(report: &Report, options: &Options) -> String {
    let counts = Counts::of(report, options);
    let comparing = report.base.is_some();
    let new = if comparing && !options.all {
        ", new or worse"
    } else {
        ""
    };
    match (outcome(report, &counts), counts.spoken()) {
        (Outcome::Fail, Some(found)) => format!("Fails with {found}{new}"),
        (Outcome::Fail, None) => "Fails".to_owned(),
        (_, Some(found)) => format!("Passes with {found}{new}"),
        (_, None) if comparing => "Passes: nothing is new or worse".to_owned(),
        (_, None) => "Passes: nothing to mend".to_owned(),
    }
}

/// What the limits say, in half a sentence.
pub(super) fn limits(report: &Report) -> String {
    if report.base.is_some()
        && report
            .projects
            .iter()
            .all(|project| project.changes.is_empty())
    {
        return "no meter changes".to_owned();
    }
    let meters: Vec<&Meter> = report
        .projects
        .iter()
        .flat_map(|project| &project.meters)
        .filter(|meter| meter.verdict != Verdict::Unlimited)
        .collect();
    let breaking = meters
        .iter()
        .filter(|meter| meter.verdict == Verdict::Breaks)
        .count();
    let unknown = meters
        .iter()
        .filter(|meter| meter.verdict == Verdict::Unknown)
        .count();
    let Some(worst) = meters
        .iter()
        .min_by(|left, right| selection::worst_first(left, right))
    else {
        return "no meter has a limit".to_owned();
    };
    let worst = format!(
        "{} at {}",
        text::name(&worst.id, 60),
        number::share(worst.utilization)
    );
    if breaking > 0 {
        let verb = if breaking == 1 { "breaks" } else { "break" };
        format!(
            "{} of {} {verb} today, first {worst}",
            breaking,
            plural(meters.len(), "limit")
        )
    } else if unknown > 0 {
        format!(
            "{} of {} cannot be judged",
            unknown,
            plural(meters.len(), "limit")
        )
    } else if meters.len() == 1 {
        format!("the one limit holds today, {worst}")
    } else {
        format!(
            "all {} hold today, the fullest {worst}",
            plural(meters.len(), "limit")
        )
    }
}

/// What was compared with what, and as of when.
pub(super) fn compared(report: &Report) -> String {
    let side = |side: &crate::report::Side| {
        let name = text::name(&side.name, 60);
        match &side.commit {
            Some(commit) if !commit.starts_with(&side.name) || side.name.is_empty() => {
                format!("{name} ({})", text::name(&short(commit), 12))
            }
            Some(commit) => text::name(&short(commit), 12),
            None => name,
        }
    };
    let sides = match &report.base {
        Some(base) => format!("{} → {}", side(base), side(&report.head)),
        None => side(&report.head),
    };
    format!(
        "{sides}, as of {}, caplint {}",
        text::name(&report.as_of, 20),
        text::name(&report.caplint, 30)
    )
}

/// The first ten characters of a commit's id.
pub(super) fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

/// The beginning of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

/// A name for a part of a page, its own for each project: a project's root is its identity.
pub(super) fn anchor(part: &str, project: &Project) -> String {
    let mut out = part.to_owned();
    if !project.root.is_empty() {
        out.push('-');
        for byte in project.root.bytes() {
            out.push_str(&format!("{byte:02x}"));
        }
    }
    out
}
