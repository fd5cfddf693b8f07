use crate::rules::departures::{Departed, Departure, Lost};
use crate::rules::prelude::*;
use crate::rules::support::listed;

pub(super) static RULE: Rule =
    Rule::new("project-removed", Severity::Error, Check::Departures(check)).shown(0);

fn check(departed: &Departed<'_>, findings: &mut Findings) {
    let project = format!("project `{}`", departed.name);
    let (what, keep) = match departed.how {
        Departure::Project => (format!("{project} is gone"), "keep it"),
        Departure::Table => (
            format!("{project} no longer has a `[project]` table"),
            "keep `[project]`",
        ),
        Departure::RootFile => (
            format!("{project} no longer has a root file"),
            "keep the file",
        ),
        Departure::Declarations(elsewhere) => {
            let paths: Vec<String> = elsewhere.paths.iter().map(|it| format!("`{it}`")).collect();
            let paths = listed(&paths, ", ");
            let verb = if elsewhere.paths.len() == 1 {
                "has"
            } else {
                "have"
            };
            let to = match &elsewhere.to {
                Some(to) => to.clone(),
                None => "outside every project".to_owned(),
            };
            (
                format!("{paths} {verb} moved from {project} to {to}"),
                "keep this in its project",
            )
        }
    };
    let said = [judging(departed), demand(departed)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let message = match said.is_empty() {
        true => what,
        false => format!("{what}: {}", said.join("; ")),
    };
    let help = format!(
        "{keep}, or ask the owners of the policy to accept the change with `--accept-policy`"
    );
    let finding = findings.about(&["project"], message).help(help);
    findings.push(finding.at(departed.at));
}

/// What judges nothing any more, in words.
fn judging(departed: &Departed<'_>) -> Option<String> {
    let limited = departed.lost.iter().filter(|lost| lost.limited);
    let limits: Vec<String> = limited.map(|lost| format!("`{}`", lost.meter)).collect();
    let mut judges = Vec::new();
    if !limits.is_empty() {
        judges.push(format!("the limits of {}", listed(&limits, ", ")));
    }
    if departed.policy {
        judges.push("`[policy]`".to_owned());
    }
    for (count, one) in [(departed.rules, "rule"), (departed.waivers, "waiver")] {
        if count > 0 {
            judges.push(number::plural(count, one));
        }
    }
    let what = match departed.how {
        Departure::Declarations(_) => "no longer apply to this",
        _ => "no longer apply to anything",
    };
    (!judges.is_empty()).then(|| format!("{} {what}", judges.join(", ")))
}

/// How much demand has left, in words.
fn demand(departed: &Departed<'_>) -> Option<String> {
    let has_left = |lost: &&Lost<'_>| lost.limited && lost.amount > 0.0;
    let left: Vec<String> = departed
        .lost
        .iter()
        .filter(has_left)
        .map(|lost| {
            let amount = number::quantity(Some(lost.amount), lost.unit, departed.currency);
            match number::unit_beside(lost.unit) {
                "" => format!("{amount} of `{}`", lost.meter),
                unit if unit.starts_with('/') => format!("{amount}{unit} of `{}`", lost.meter),
                unit => format!("{amount} {unit} of `{}`", lost.meter),
            }
        })
        .collect();
    (!left.is_empty()).then(|| format!("{} have left", listed(&left, ", ")))
}
