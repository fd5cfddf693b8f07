//! What has become of earlier decisions.
//!
//! A decision ends where what it was about holds now: by a change of what is declared it is done,
//! without one it is moot. Where that can't be told, because its limit, its scenario or its rule
//! is no longer there, it stays open: taking the judge away decides nothing.

use crate::changes::followed::Names;
use crate::document::{Difference, TomlPath};
use crate::exceptions::declared_severity;
use crate::finding::Severity;
use crate::history::Moved;
use crate::meter::{Family, MeterKind};
use crate::report::{Meter, Verdict};
use crate::rules::{DECIDED, WATCHED};
use crate::units::Date;

use super::Own;
use super::decisions::{GROWTH, PURCHASE, used};
use super::report::{Before, Decision, Previous, Review};

/// What an earlier decision that is not asked for now comes to.
enum Now {
    /// It holds, and how.
    Holds(String),
    /// Nobody can tell, and why.
    Open(String),
}

pub(super) fn follow(review: &mut Review, before: &Before, all: &[Own<'_>], moved: &[Moved]) {
    for earlier in &before.decisions {
        let since = earlier.since.as_ref().unwrap_or(&before.from);
        let open = format!("open ({} quarter)", ordinal(quarter(since, &review.from)));
        let renamed = renamed(&earlier.id, all);
        let mut still = review.decisions.iter_mut();
        let still = still.find(|it| is_same(&it.id, &earlier.id) || is_same(&it.id, &renamed));
        let (id, status, evidence) = match still {
            Some(still) => {
                still.status.clone_from(&open);
                still.since = Some(since.clone());
                (&still.id, open, still.evidence.clone())
            }
            None => match now(earlier, &renamed, all) {
                Now::Holds(why) => {
                    let is_done = is_changed(&renamed, all, moved);
                    let status = if is_done { "done" } else { "moot" };
                    (&earlier.id, status.to_owned(), why)
                }
                Now::Open(why) => {
                    review.decisions.push(Decision {
                        status: open.clone(),
                        since: Some(since.clone()),
                        evidence: format!("{}; now {why}", first_part(&earlier.evidence)),
                        ..earlier.clone()
                    });
                    (&earlier.id, open, why)
                }
            },
        };
        review.previous.push(Previous {
            id: id.clone(),
            status,
            evidence,
        });
    }
    // The order of kinds, with what stays open last.
    review.decisions.sort_by_key(|decision| decision.kind);
}

/// The evidence without what earlier reviews added.
fn first_part(evidence: &str) -> &str {
    evidence.split("; now ").next().unwrap_or(evidence)
}

/// An id's project, where it names one, its rule and its subject.
fn parts(id: &str) -> (Option<&str>, &str, &str) {
    let (start, subject) = id.split_once(':').unwrap_or(("", id));
    match start.rsplit_once('/') {
        Some((project, rule)) => (Some(project), rule, subject),
        None => (None, start, subject),
    }
}

/// Ids name their project where there are several: that another one comes changes no decision.
fn is_same(one: &str, other: &str) -> bool {
    let ((project, ..), (of_other, ..)) = (parts(one), parts(other));
    let bare = |id| (parts(id).1, parts(id).2);
    bare(one) == bare(other) && (project.is_none() || of_other.is_none() || project == of_other)
}

/// The id under which a decision is known now: what it is about may have got another name.
fn renamed(id: &str, all: &[Own<'_>]) -> String {
    let (_, _, subject) = parts(id);
    let known = owner(id, all).and_then(|own| Some((own.before()?, own.project)));
    let (Some((before, head)), Ok(path)) = (known, TomlPath::parse(subject)) else {
        return id.to_owned();
    };
    let names = Names::new(before, head);
    let heirs = names.paths(&path);
    let heir = heirs.first().map(TomlPath::to_string);
    let start = id.len() - subject.len();
    heir.map_or_else(|| id.to_owned(), |heir| format!("{}{heir}", &id[..start]))
}

/// The project that a decision is about, if it is still there.
fn owner<'o, 'a>(id: &str, all: &'o [Own<'a>]) -> Option<&'o Own<'a>> {
    match parts(id).0 {
        None => all.first(),
        Some(name) => all.iter().find(|own| own.called(all) == name),
    }
}

fn now(earlier: &Decision, id: &str, all: &[Own<'_>]) -> Now {
    let (_, rule, subject) = parts(id);
    let Some(own) = owner(id, all) else {
        return Now::Open("its project is not declared under this name".to_owned());
    };
    let limits = [DECIDED[0].name, WATCHED[0].name];
    match rule {
        PURCHASE => own.purchase(subject),
        rule if rule == DECIDED[1].name => {
            let reported = own.reported.map_or(&[][..], |it| &it.scenarios);
            match reported.iter().find(|it| it.name == GROWTH) {
                Some(scenario) => own.limited(earlier, subject, &scenario.meters),
                None => Now::Open(format!("the scenario `{GROWTH}` is not declared")),
            }
        }
        rule if limits.contains(&rule) => {
            let meters = own.reported.map_or(&[][..], |it| &it.meters);
            own.limited(earlier, subject, meters)
        }
        rule => match declared_severity(&own.project.declarations, rule) {
            Some(Severity::Off) => Now::Open(format!("the rule `{rule}` is turned off")),
            _ => Now::Holds(format!("`{rule}` finds nothing in `{subject}`")),
        },
    }
}

impl Own<'_> {
    fn purchase(&self, subject: &str) -> Now {
        let keys = TomlPath::parse(subject).unwrap_or_default().0;
        let name = keys.get(1).map_or("", String::as_str);
        let Some(api) = self.project.model.apis.get(name) else {
            return Now::Holds(format!("`{subject}` is not declared"));
        };
        let is_sold = api.plan.is_some() || !api.packs.is_empty() || api.overage.is_some();
        match is_sold {
            true => Now::Holds("nothing is to be bought in the next months".to_owned()),
            false => Now::Open(format!("`apis.{name}` does not say what can be bought")),
        }
    }

    /// What a limit comes to among these meters.
    fn limited(&self, earlier: &Decision, id: &str, meters: &[Meter]) -> Now {
        let keys = TomlPath::parse(id).unwrap_or_default().0;
        let Some(meter) = meters.iter().find(|meter| *meter.id == *id) else {
            let thing = TomlPath(keys.iter().take(2).cloned().collect()).to_string();
            return match self.is_declared(&keys) {
                true => Now::Open(format!("`{thing}` does not say what it holds")),
                false => Now::Holds(format!("`{thing}` is not declared")),
            };
        };
        let is_worse = meter.utilization.zip(earlier.figure);
        let is_worse = is_worse.is_some_and(|(now, then)| now >= then * (1.0 - 1e-9));
        match meter.limit {
            None => Now::Open(format!("`{id}` has no limit")),
            Some(_) if meter.verdict == Verdict::Unknown || meter.lower_bound => Now::Open(
                format!("{}, and something is unknown", used(meter, self.project)),
            ),
            Some(_) if is_worse => {
                Now::Open(format!("{}, which is not less", used(meter, self.project)))
            }
            Some(_) => Now::Holds(used(meter, self.project)),
        }
    }

    /// Whether a meter's owner is still there.
    fn is_declared(&self, keys: &[String]) -> bool {
        let root = &self.project.declarations.root;
        let name = keys.get(1).map_or("", String::as_str);
        match keys.first().and_then(|key| Family::of_key(key)) {
            Some(Family::Api) => root.apis.get(name).is_some(),
            Some(Family::Database) => root.databases.get(name).is_some(),
            Some(Family::Queue) => root.queues.get(name).is_some(),
            Some(Family::Model) => root.models.get(name).is_some(),
            Some(Family::Table) => root.tables.get(name).is_some(),
            Some(Family::Budget) => true,
            Some(Family::Cost) => root.costs.get(name).is_some(),
            None => false,
        }
    }
}

/// Whether something was changed that a decision is about: its declaration, or what moves its
/// meter.
fn is_changed(id: &str, all: &[Own<'_>], moved: &[Moved]) -> bool {
    let (_, rule, subject) = parts(id);
    let Some(own) = owner(id, all) else {
        return false;
    };
    let keys = TomlPath::parse(subject).unwrap_or_default().0;
    let about: Vec<String> = match keys.first().map(String::as_str) {
        // How many tenants there are is counted in a table of its own.
        Some("project") => keys.clone(),
        _ => keys.iter().take(2).cloned().collect(),
    };
    let is_about = |it: &Difference| it.path.0.starts_with(&about);
    let root = &own.project.declarations.root;
    let before = own
        .before()
        .map(|it| it.declarations.root.differences(root));
    if before.is_some_and(|all| all.iter().any(is_about)) {
        return true;
    }
    let meter = match rule {
        PURCHASE => {
            let thing = TomlPath(about.clone());
            thing.join(MeterKind::Credits.as_str()).to_string()
        }
        _ => subject.to_owned(),
    };
    let folder = &own.project.declarations.folder;
    moved
        .iter()
        .any(|it| it.folder == *folder && it.meter == meter)
}

/// In which quarter a decision is open, by the first days of the review that had it first and of
/// this one: two reviews of one quarter are in the same.
fn quarter(first: &str, now: &str) -> i64 {
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    let both = Date::parse(first).ok().zip(Date::parse(now).ok());
    let passed = both.map_or(0, |(first, now)| {
        months(now) - months(first) - i64::from(now.day() < first.day())
    });
    passed.max(0) / 3 + 1
}

fn ordinal(number: i64) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}
