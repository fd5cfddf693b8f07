//! Which findings matter, and the summary in words, for every format that people read.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use crate::finding::Severity;
use crate::report::{self, Finding, Meter, Project, Related, Report, Side, State, Verdict, Waived};
use crate::rules::{Rule, rule};

use super::number::{self, plural};
use super::{Options, escape, selection, text};

/// Where the words of reports are explained.
pub(super) const GLOSSARY: &str = "https://github.com/caplint/caplint/blob/main/docs/glossary.md";

/// Why a finding is shown, or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    /// It counts: in `check` every finding, in `diff` one that is new or worse.
    Active,
    /// The base has it too.
    Existing,
    /// Only the base has it.
    Fixed,
    /// A waiver or `allow` covers it.
    Waived,
}

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

pub(super) fn fails(finding: &Finding, options: &Options) -> bool {
    options.fail_on != Severity::Off
        && finding.severity >= options.fail_on
        && standing(finding, options) == Standing::Active
}

pub(super) fn all_findings(report: &Report) -> impl Iterator<Item = (&Project, &Finding)> {
    let findings = report.projects.iter().flat_map(|project| {
        let findings = project.findings.iter();
        findings.map(move |finding| (project, finding))
    });
    findings.filter(|(_, finding)| finding.severity != Severity::Off)
}

/// The findings of one standing by severity, those about limits first: what breaks soonest, then
/// what is fullest. Else they stay in the report's order.
pub(super) fn findings<'a>(
    report: &'a Report,
    options: &Options,
    wanted: Standing,
) -> Vec<(&'a Project, &'a Finding)> {
    let found = all_findings(report);
    let found = found.filter(|(_, finding)| standing(finding, options) == wanted);
    let mut found: Vec<_> = found
        .map(|(project, finding)| (Urgency::of(project, finding), (project, finding)))
        .collect();
    found.sort_by(|(one, _), (other, _)| one.order(other));
    found.into_iter().map(|(_, found)| found).collect()
}

/// What a finding is sorted by.
struct Urgency {
    severity: Reverse<Severity>,
    /// What is said to be gone is told before any limit.
    is_gone: bool,
    /// The day on which its limit breaks.
    day: f64,
    rank: u8,
    full: f64,
}

impl Urgency {
    fn of(project: &Project, finding: &Finding) -> Self {
        let rank = rule(&finding.rule).map_or(u8::MAX, |rule| rule.rank);
        let is_of_limit = rank <= LIMITS;
        let meter = selection::find(&project.meters, &finding.subject).filter(|_| is_of_limit);
        let breaks = |horizon: &&report::Horizon| {
            let then = selection::find(&horizon.meters, &finding.subject);
            then.is_some_and(|then| then.verdict == Verdict::Breaks)
        };
        let day = meter.and_then(|meter| match meter.detail.full_on_day.flatten() {
            _ if meter.today() == Verdict::Breaks => Some(0),
            Some(day) => Some(day),
            None => project.horizons.iter().find(breaks).map(|it| it.day),
        });
        Self {
            severity: Reverse(finding.severity),
            is_gone: rank == 0,
            day: day.map_or(f64::INFINITY, f64::from),
            rank,
            full: meter.map_or(-1.0, |it| selection::fullness(it.utilization, it.verdict)),
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        (self.severity.cmp(&other.severity))
            .then(other.is_gone.cmp(&self.is_gone))
            .then(self.day.total_cmp(&other.day))
            .then(self.rank.cmp(&other.rank))
            .then(other.full.total_cmp(&self.full))
    }
}

/// The highest rank of rules that say of a meter that its limit breaks, or comes close.
const LIMITS: u8 = 4;

/// The file of a finding; its project's own for one that is in none.
pub(super) fn file<'a>(project: &Project, finding: &'a Finding) -> Cow<'a, str> {
    match &finding.file {
        Some(file) => file.into(),
        None if project.root.is_empty() => "capacity.toml".into(),
        None => format!("{}/capacity.toml", project.root).into(),
    }
}

/// `file:line:column` of a finding, as far as it is known.
pub(super) fn place(project: &Project, finding: &Finding) -> String {
    let mut place = text::name(&file(project, finding), 200);
    let line = finding.line.filter(|_| finding.file.is_some());
    for number in [line, line.and(finding.column)].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    place
}

pub(super) fn related(related: &Related) -> String {
    let (file, message) = (
        text::name(&related.file, 200),
        text::message(&related.message),
    );
    format!("{file}:{}:{}: {message}", related.line, related.column)
}

pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unlimited => "no limit",
        verdict => verdict.as_str(),
    }
}

/// The address of lines of a file, if it is known where files are shown.
pub(super) fn link(
    file: &str,
    line: Option<u32>,
    end: Option<u32>,
    options: &Options,
) -> Option<String> {
    let base = escape::address(options.link.as_deref()?)?;
    let mut link = format!("{}/{}", base.trim_end_matches('/'), escape::uri(file));
    if let Some(line) = line {
        link.push_str(&format!("#L{line}"));
        if let Some(end) = end.filter(|end| *end > line) {
            link.push_str(&format!("-L{end}"));
        }
    }
    Some(link)
}

/// What is to be added, line by line.
pub(super) fn snippet(finding: &Finding) -> Option<Vec<String>> {
    let snippet = finding.fix.as_ref()?.snippet.as_ref()?;
    Some(
        snippet
            .lines()
            .map(|line| text::clean(line).into_owned())
            .collect(),
    )
}

pub(super) fn help(finding: &Finding) -> Vec<String> {
    text::messages(finding.help.as_deref().unwrap_or_default())
}

pub(super) fn reason(waived: Option<&Waived>) -> &str {
    let reason = waived.and_then(|waived| waived.reason.as_deref());
    reason.unwrap_or("allowed where it is declared")
}

pub(super) fn message(finding: &Finding) -> String {
    let mut lines = vec![text::message(&finding.message)];
    lines.extend(help(finding));
    lines.join("\n")
}

/// A finding's state, if it says more than that the finding is there.
pub(super) fn state(finding: &Finding) -> Option<&'static str> {
    match finding.state {
        Some(State::Worsened) => Some("worse than before"),
        Some(State::Existing) => Some("existing"),
        _ => None,
    }
}

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
    pub(super) fn of(report: &Report, options: &Options) -> Self {
        let findings = all_findings(report).map(|(_, finding)| finding);
        Self::among(findings, options)
    }

    pub(super) fn of_project(project: &Project, options: &Options) -> Self {
        let findings = project.findings.iter();
        Self::among(findings.filter(|it| it.severity != Severity::Off), options)
    }

    fn among<'a>(findings: impl Iterator<Item = &'a Finding>, options: &Options) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            let counter = match (standing(finding, options), finding.severity) {
                (Standing::Existing, _) => &mut counts.existing,
                (Standing::Fixed, _) => &mut counts.fixed,
                (Standing::Waived, _) => &mut counts.waived,
                (Standing::Active, Severity::Error) => &mut counts.errors,
                (Standing::Active, Severity::Warning) => &mut counts.warnings,
                (Standing::Active, _) => &mut counts.infos,
            };
            *counter += 1;
        }
        counts
    }

    /// What is counted and not shown, each with its number.
    pub(super) fn aside(&self) -> Vec<String> {
        counted([
            (self.existing, "existing finding"),
            (self.fixed, "fixed finding"),
            (self.waived, "waived finding"),
            (self.infos, "info"),
        ])
    }
}

/// What there is any of, each with its number.
fn counted<const N: usize>(counts: [(usize, &str); N]) -> Vec<String> {
    let any = counts.into_iter().filter(|(count, _)| *count > 0);
    any.map(|(count, noun)| plural(count, noun)).collect()
}

/// Whether a project has anything to say in a comparison.
pub(super) fn says(project: &Project, options: &Options) -> bool {
    let counts = Counts::of_project(project, options);
    !project.changes.is_empty() || counts.errors + counts.warnings + counts.fixed > 0
}

/// How a project fares: it breaks where one of its findings fails the run.
pub(super) fn project_outcome(project: &Project, counts: &Counts, options: &Options) -> Verdict {
    if project
        .findings
        .iter()
        .any(|finding| fails(finding, options))
    {
        Verdict::Breaks
    } else if counts.errors + counts.warnings > 0 {
        Verdict::Tight
    } else {
        Verdict::Fits
    }
}

/// How the run ended: it breaks where it fails, is tight with findings that do not fail it, and
/// fits without any.
pub(super) fn outcome(report: &Report, counts: &Counts) -> Verdict {
    if report.summary.exit_code != 0 {
        Verdict::Breaks
    } else if counts.errors + counts.warnings > 0
        || report.summary.verdict != report::Outcome::Passes
    {
        Verdict::Tight
    } else {
        Verdict::Fits
    }
}

/// Whether the run passes, and with how many findings.
pub(super) fn tally(report: &Report, options: &Options) -> String {
    let counts = Counts::of(report, options);
    let new = if report.base.is_some() && !options.all {
        "new "
    } else {
        ""
    };
    let found = counted([
        (counts.errors, &*format!("{new}error")),
        (counts.warnings, &*format!("{new}warning")),
    ])
    .join(" and ");
    if let Some(unearned) = unearned(report) {
        return match found.as_str() {
            "" => unearned,
            found => format!("{unearned}; {found}"),
        };
    }
    match (report.summary.exit_code != 0, found.as_str()) {
        (true, "") => "Failed".to_owned(),
        (true, found) => format!("Failed: {found}"),
        (false, "") if counts.fixed > 0 => {
            format!(
                "Passed: {} fixed, none new",
                plural(counts.fixed, "problem")
            )
        }
        (false, "") if report.base.is_some() => "Passed: no new problems".to_owned(),
        (false, "") => format!("Passed: no problems found{}", assumed(report)),
        (false, found) => format!("Passed: {found}{}", assumed(report)),
    }
}

/// How many values are still guesses, in `check`: `, 3 assumed values`.
fn assumed(report: &Report) -> String {
    let findings = all_findings(report).map(|(_, finding)| finding);
    let mut assumed = findings.filter(|it| it.subject == "project.assumed" && it.waived.is_none());
    let count = assumed.next().and_then(|it| it.message.split(':').next());
    match count.filter(|_| report.base.is_none()) {
        Some(count) => format!(", {}", text::name(count, 60)),
        None => String::new(),
    }
}

/// Why no verdict can be given, where that is so.
pub(super) fn unearned(report: &Report) -> Option<String> {
    match report.summary.verdict {
        report::Outcome::NotFullyChecked => {
            let comparison = report.comparison.as_ref().filter(|_| unread(report) == 0);
            let reason = comparison.and_then(|it| it.reason.as_deref());
            let reason = match reason {
                Some(reason) => text::message(reason).to_string(),
                None => unread_declarations(report),
            };
            Some(format!("Not fully checked: {reason}"))
        }
        report::Outcome::NothingToCheck => {
            let comparison = report.comparison.as_ref();
            let reason = comparison.and_then(|it| it.reason.as_deref());
            let reason = text::message(reason.unwrap_or("there is no capacity.toml"));
            Some(format!("Nothing to check: {reason}"))
        }
        report::Outcome::Passes | report::Outcome::Fails => None,
    }
}

fn unread(report: &Report) -> usize {
    match &report.comparison {
        Some(comparison) => comparison.unread.base + comparison.unread.head,
        None => {
            let findings = report.projects.iter().flat_map(|it| &it.findings);
            let is_error = |it: &&Finding| rule(&it.rule).is_some_and(Rule::is_file_error);
            findings.filter(is_error).count()
        }
    }
}

/// How many declarations could not be read: those of the head, as the base has most of them too.
fn unread_declarations(report: &Report) -> String {
    let of_base = report.comparison.as_ref().filter(|it| it.unread.head == 0);
    let (count, whose) = match (of_base, &report.comparison) {
        (Some(comparison), _) => (comparison.unread.base, " of the base"),
        (None, Some(comparison)) => (comparison.unread.head, ""),
        (None, None) => (unread(report), ""),
    };
    let errors = all_findings(report).map(|(_, finding)| finding);
    let errors = errors.filter(|it| rule(&it.rule).is_some_and(Rule::is_file_error));
    let open = errors.filter(|it| it.state != Some(State::Fixed));
    let names: Vec<String> = open
        .filter(|it| !it.subject.is_empty())
        .take(UNREAD)
        .map(|it| format!("`{}`", text::name(&it.subject, 60).replace('`', "'")))
        .collect();
    let more = if count > names.len() { ", …" } else { "" };
    let names = match &names[..] {
        [] => String::new(),
        names => format!(" ({}{more})", names.join(", ")),
    };
    let count = plural(count, "declaration");
    format!("{count}{whose} could not be read{names}")
}

/// How many declarations that could not be read are named.
const UNREAD: usize = 2;

/// Whether a limit is exceeded today.
pub(super) fn is_over_a_limit(report: &Report) -> bool {
    let mut meters = report.projects.iter().flat_map(|project| &project.meters);
    meters.any(|meter| meter.today() == Verdict::Breaks)
}

/// Whether limits hold today, in half a sentence.
pub(super) fn limits(report: &Report) -> String {
    let is_open = report.summary.verdict == report::Outcome::NotFullyChecked;
    if (is_open || report.comparison.is_some()) && unread(report) > 0 {
        return "limits that depend on what could not be read were not checked".to_owned();
    }
    let meters = report.projects.iter().flat_map(|project| &project.meters);
    let limited = meters.filter(|meter| meter.verdict != Verdict::Unlimited);
    let meters: Vec<&Meter> = limited.collect();
    let judged = |verdict| meters.iter().filter(|it| it.today() == verdict).count();
    let (breaking, unknown) = (judged(Verdict::Breaks), judged(Verdict::Unknown));
    let fullness = |meter: &Meter| {
        let share = match meter.detail.now_utilization {
            Some(share) => share,
            None => meter.utilization,
        };
        (
            meter.today(),
            selection::fullness(share, meter.today()),
            share,
        )
    };
    let worst = meters.iter().map(|meter| (fullness(meter), meter)).max_by(
        |((verdict, full, _), left), ((other, fuller, _), right)| {
            let by_full = verdict.cmp(other).then(full.total_cmp(fuller));
            by_full.then(right.id.cmp(&left.id))
        },
    );
    let Some(((_, _, share), worst)) = worst else {
        return "no limit is declared".to_owned();
    };
    let named = worst.named();
    let what = match &*worst.kind {
        "storage" => "disk today".to_owned(),
        _ => named.what,
    };
    let worst = format!("`{}` {what} ({})", named.thing, number::whole(share));
    let limits = plural(meters.len(), "limit");
    if breaking > 0 {
        format!("{breaking} of {limits} exceeded: {worst}")
    } else if unknown > 0 {
        format!("{unknown} of {limits} can't be checked, because values are unknown")
    } else if meters.len() == 1 {
        format!("the only limit holds: {worst}")
    } else {
        format!("all {limits} hold; closest is {worst}")
    }
}

pub(super) fn compared(report: &Report) -> String {
    let side = |side: &Side| {
        let name = text::name(&side.name, 60);
        match &side.commit {
            Some(commit) if !commit.starts_with(&side.name) || side.name.is_empty() => {
                format!("{name} ({})", short(commit))
            }
            Some(commit) => short(commit),
            None => name,
        }
    };
    let sides = match &report.base {
        Some(base) => format!("{} → {}", side(base), side(&report.head)),
        None => side(&report.head),
    };
    let (day, version) = (
        text::name(&report.as_of, 20),
        text::name(&report.caplint, 30),
    );
    format!("{sides}, as of {day}, caplint {version}")
}

/// The first ten characters of a commit's id.
pub(super) fn short(commit: &str) -> String {
    text::name(&commit.chars().take(10).collect::<String>(), 12)
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter();
    first.flat_map(char::to_uppercase).chain(letters).collect()
}

pub(super) fn anchor(part: &str, project: &Project) -> String {
    if project.root.is_empty() {
        return part.to_owned();
    }
    let bytes = project.root.bytes().map(|byte| format!("{byte:02x}"));
    format!("{part}-{}", bytes.collect::<String>())
}
