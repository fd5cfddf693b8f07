//! One head compared with several bases, as one report.

use crate::collections::HashMap;
use crate::report::{Finding, Outcome, Report, State, Unread};
use crate::verdicts;

use super::{Settings, summary};

/// To which of several bases a finding has to be new, to be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewTo {
    /// To any of them: the merge bases of branches that were merged crosswise.
    Any,
    /// To all of them: the parents of a merge.
    All,
}

/// Combines the reports of one head. Figures and changes are those of the comparison with the
/// first base; findings are those of all.
pub fn combined(first: Report, others: Vec<Report>, new_to: NewTo, settings: &Settings) -> Report {
    let mut combined = first;
    let mut unread = unread_of(&combined);
    let mut is_empty = combined.summary.verdict == Outcome::NothingToCheck;
    for other in others {
        // What could not be read of any base was not compared with it.
        let of_other = unread_of(&other);
        unread.base = unread.base.max(of_other.base);
        unread.head = unread.head.max(of_other.head);
        is_empty &= other.summary.verdict == Outcome::NothingToCheck;
        for project in &mut combined.projects {
            let same = other.projects.iter().find(|it| it.root == project.root);
            let theirs = same.map_or(Vec::new(), |same| same.findings.clone());
            let ours = std::mem::take(&mut project.findings);
            project.findings = match new_to {
                NewTo::Any => any(ours, theirs),
                NewTo::All => all(ours, theirs),
            };
            verdicts::sort(&mut project.findings);
        }
        let roots: Vec<String> = combined.projects.iter().map(|it| it.root.clone()).collect();
        let more = other.projects.into_iter();
        combined
            .projects
            .extend(more.filter(|it| new_to == NewTo::Any && !roots.contains(&it.root)));
    }
    let projects = &mut combined.projects;
    projects.sort_by(|a, b| (&a.root, &a.name).cmp(&(&b.root, &b.name)));
    combined.summary = summary(&combined.projects, settings, true);
    combined.summary.verdict = if combined.summary.exit_code != 0 {
        Outcome::Fails
    } else if unread.base + unread.head > 0 {
        Outcome::NotFullyChecked
    } else if is_empty {
        Outcome::NothingToCheck
    } else {
        Outcome::Passes
    };
    if let Some(comparison) = &mut combined.comparison {
        comparison.unread = unread;
    }
    combined
}

fn unread_of(report: &Report) -> Unread {
    let comparison = report.comparison.as_ref();
    comparison.map_or(Unread::default(), |it| it.unread)
}

fn by_fingerprint(findings: Vec<Finding>) -> HashMap<String, Finding> {
    let keyed = findings.into_iter();
    keyed.map(|it| (it.fingerprint.clone(), it)).collect()
}

/// The findings of either; the earlier state counts, from new to fixed, and fixed is what both
/// call so.
fn any(ours: Vec<Finding>, theirs: Vec<Finding>) -> Vec<Finding> {
    let mut theirs = by_fingerprint(theirs);
    let mut found = Vec::new();
    for mut finding in ours {
        match theirs.remove(&finding.fingerprint) {
            Some(other) => finding.state = finding.state.min(other.state),
            None if finding.state == Some(State::Fixed) => continue,
            None => {}
        }
        found.push(finding);
    }
    let added = theirs.into_values();
    found.extend(added.filter(|finding| finding.state != Some(State::Fixed)));
    found
}

/// The findings that both have; the later state counts, and fixed is what either calls so.
fn all(ours: Vec<Finding>, theirs: Vec<Finding>) -> Vec<Finding> {
    let mut theirs = by_fingerprint(theirs);
    let mut found = Vec::new();
    for mut finding in ours {
        let other = theirs.remove(&finding.fingerprint);
        match other {
            Some(other) => finding.state = finding.state.max(other.state),
            None if finding.state == Some(State::Fixed) => {}
            None => continue,
        }
        found.push(finding);
    }
    let added = theirs.into_values();
    found.extend(added.filter(|finding| finding.state == Some(State::Fixed)));
    found
}
