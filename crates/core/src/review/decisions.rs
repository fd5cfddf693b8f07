//! What is to be decided: derived, each with an id that the next review follows.

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::meter::{Family, MeterKind};
use crate::report::purchases::Purchase;
use crate::report::{Meter, Verdict};
use crate::rules::{DECIDED, WATCHED};
use crate::units::Date;
use crate::words::number;

use super::report::{Decision, Kind, Previous, Review};
use super::{Inputs, Step};

/// How far ahead a limit that breaks is decided on.
const AHEAD: u32 = 90;

/// The scenario whose breaks no purchase covers.
const GROWTH: &str = "10x";

pub(super) fn decide(review: &mut Review, inputs: &Inputs<'_>, steps: &[Step<'_>]) {
    let several = inputs.projects.len() > 1;
    let mut found: BTreeMap<(Kind, u8, String), Decision> = BTreeMap::new();
    for (project, part) in inputs.projects.iter().zip(&review.projects) {
        let deciding = Deciding {
            project,
            inputs,
            prefix: match several {
                true => format!("{}/", project.declarations.name),
                false => String::new(),
            },
        };
        for (rank, decision) in deciding.all(&part.purchases) {
            let key = (decision.kind, rank, decision.id.clone());
            found.entry(key).or_insert(decision);
        }
    }
    review.decisions = found.into_values().collect();
    let Some(before) = inputs.previous else {
        return;
    };
    for earlier in &before.decisions {
        let still = review.decisions.iter_mut().find(|it| it.id == earlier.id);
        let status = match still {
            Some(still) => {
                still.status = format!("open ({} quarter)", ordinal(quarter(&earlier.status) + 1));
                still.status.clone()
            }
            None if is_changed(&earlier.id, steps) => "done".to_owned(),
            None => "moot".to_owned(),
        };
        review.previous.push(Previous {
            id: earlier.id.clone(),
            status,
        });
    }
}

/// In which quarter a decision was open: new ones are in their first.
fn quarter(status: &str) -> u32 {
    let digits: String = status.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// Whether a commit moved what a decision is about.
fn is_changed(id: &str, steps: &[Step<'_>]) -> bool {
    let subject = id.split_once(':').map_or(id, |(_, subject)| subject);
    let moved = steps.iter().flat_map(|step| &step.moved);
    moved.into_iter().any(|moved| {
        let meter = moved.meter.as_str();
        meter == subject || meter.starts_with(&format!("{subject}."))
    })
}

fn is_watched(rule: &str) -> bool {
    WATCHED.iter().any(|it| it.name == rule)
}

struct Deciding<'a> {
    project: &'a Project,
    inputs: &'a Inputs<'a>,
    prefix: String,
}

impl Deciding<'_> {
    /// All of a project's, each with its rank among those of its kind.
    fn all(&self, purchases: &[Purchase]) -> Vec<(u8, Decision)> {
        let mut all: Vec<(u8, Decision)> = Vec::new();
        let buys = purchases.iter().filter(|it| !it.buy.is_empty());
        all.extend(buys.map(|purchase| (0, self.buy(purchase))));
        let name = &self.project.declarations.name;
        let mut reported = self.inputs.report.projects.iter();
        let Some(reported) = reported.find(|it| it.name == *name) else {
            return all;
        };
        let today = reported.meters.iter().map(|meter| (0, meter));
        let days = reported.horizons.iter().filter(|it| it.day <= AHEAD);
        let ahead = days.flat_map(|it| it.meters.iter().map(move |meter| (it.day, meter)));
        let breaks = |meter: &Meter| meter.verdict == Verdict::Breaks && meter.limit.is_some();
        for (day, meter) in today.chain(ahead).filter(|(_, it)| breaks(it)) {
            let own = self.limit(day, meter);
            if all.iter().all(|(_, it)| it.id != own.id) {
                all.push((1, own));
            }
        }
        let growth = reported.scenarios.iter().filter(|it| it.name == GROWTH);
        for meter in growth.flat_map(|it| &it.meters).filter(|it| breaks(it)) {
            all.extend(self.rearchitect(meter));
        }
        let watched = reported.findings.iter();
        for finding in watched.filter(|it| it.waived.is_none() && is_watched(&it.rule)) {
            let decision = self.decision(Kind::Watch, &finding.rule, &finding.subject);
            all.push((
                0,
                Decision {
                    evidence: finding.message.clone(),
                    ..decision
                },
            ));
        }
        all
    }

    fn decision(&self, kind: Kind, rule: &str, subject: &str) -> Decision {
        Decision {
            id: format!("{}{rule}:{subject}", self.prefix),
            kind,
            status: "new".to_owned(),
            evidence: String::new(),
            owner: self.owner(subject),
            due: None,
        }
    }

    /// The feature's owner, or the project's.
    fn owner(&self, subject: &str) -> Option<String> {
        let root = &self.project.declarations.root;
        let mut keys = subject.split('.');
        let feature = match (keys.next(), keys.next()) {
            (Some("features"), Some(name)) => root.features.get(name),
            _ => None,
        };
        let own = feature.and_then(|feature| feature.owner.as_ref());
        let project = root.project.as_ref();
        let owner = own.or_else(|| project?.value.owner.as_ref());
        owner.map(|owner| owner.value.0.to_string())
    }

    fn buy(&self, purchase: &Purchase) -> Decision {
        let subject = match &purchase.event {
            None => format!("apis.{}", purchase.api),
            Some(event) => format!("apis.{}.{event}", purchase.api),
        };
        let packs = purchase.buy.iter();
        let packs: Vec<String> = packs
            .map(|it| format!("{} × `{}`", it.count, it.pack))
            .collect();
        let currency = self.project.currency();
        let evidence = format!(
            "{} needs {} for {} {currency}",
            purchase.month,
            packs.join(" and "),
            number::exact(purchase.price)
        );
        Decision {
            id: format!("{}purchase:{subject}:{}", self.prefix, purchase.month),
            evidence,
            due: Some(purchase.order_by.clone()),
            ..self.decision(Kind::PrePurchase, "purchase", &subject)
        }
    }

    fn limit(&self, day: u32, meter: &Meter) -> Decision {
        let due = self.inputs.as_of.plus_days(i64::from(day));
        let when = match day {
            0 => "today".to_owned(),
            day => format!("in {day} days"),
        };
        Decision {
            evidence: format!("{when}, {}", used(meter)),
            due: due.map(|day: Date| day.to_string()),
            ..self.decision(Kind::PrePurchase, DECIDED[0].name, &meter.id)
        }
    }

    /// What tenfold growth breaks, where no purchase covers it; what can't be undone first.
    fn rearchitect(&self, meter: &Meter) -> Option<(u8, Decision)> {
        let keys: Vec<&str> = meter.id.split('.').collect();
        let (family, name) = (Family::of_key(keys.first()?), *keys.get(1)?);
        let is_bought = match (family, MeterKind::of_key(&meter.kind)) {
            (Some(Family::Api), Some(MeterKind::Credits)) => {
                let api = self.project.model.apis.get(name);
                api.is_some_and(|api| !api.packs.is_empty() || api.overage.is_some())
            }
            (_, Some(MeterKind::Spend)) => true,
            _ => false,
        };
        if is_bought {
            return None;
        }
        let root = &self.project.declarations.root;
        let flag = |flag: Option<bool>, otherwise: bool| flag.unwrap_or(otherwise);
        let is_reversible = match family {
            Some(Family::Database | Family::Table) => {
                let declared = root
                    .databases
                    .get(name)
                    .and_then(|it| it.reversible.as_ref());
                flag(declared.map(|it| it.value.0), false)
            }
            Some(Family::Queue) => {
                let declared = root.queues.get(name).and_then(|it| it.reversible.as_ref());
                flag(declared.map(|it| it.value.0), true)
            }
            _ => true,
        };
        let end = if is_reversible {
            ""
        } else {
            ", and it is hard to change later"
        };
        let decision = self.decision(Kind::Rearchitect, DECIDED[1].name, &meter.id);
        Some((
            u8::from(is_reversible),
            Decision {
                evidence: format!("with ten times the tenants, {}{end}", used(meter)),
                ..decision
            },
        ))
    }
}

fn used(meter: &Meter) -> String {
    format!(
        "`{}` is at {} of its limit",
        meter.id,
        number::whole(meter.utilization)
    )
}

/// Three sentences: what was off, what is to be decided, what comes next.
pub(super) fn summary(review: &Review) -> Vec<String> {
    let (from, to) = (&review.from, &review.to);
    let bridges = review.projects.iter().flat_map(|it| &it.bridges);
    let off = |bridge: &&super::report::Bridge| {
        let off = (bridge.actual - bridge.forecast).abs() / bridge.forecast;
        if off.is_finite() { off } else { 0.0 }
    };
    let worst = bridges.max_by(|one, other| off(one).total_cmp(&off(other)));
    let first = match worst {
        None => format!("From {from} to {to} no use of credits or models was measured."),
        Some(bridge) => {
            let ratio = bridge.actual / bridge.forecast;
            format!(
                "From {from} to {to}, `{}` was {} of its forecast, the furthest off of {}.",
                bridge.meter,
                number::share(Some(ratio).filter(|it| it.is_finite())),
                number::plural(
                    review.projects.iter().map(|it| it.bridges.len()).sum(),
                    "meter"
                ),
            )
        }
    };
    let count = |kind| review.decisions.iter().filter(|it| it.kind == kind).count();
    let second = format!(
        "Decisions: {} to buy or raise, {} to build differently, {} to watch.",
        count(Kind::PrePurchase),
        count(Kind::Rearchitect),
        count(Kind::Watch)
    );
    let due = review.decisions.iter().filter(|it| it.due.is_some());
    let third = match due.min_by_key(|it| it.due.clone()) {
        Some(Decision {
            due: Some(day),
            evidence,
            ..
        }) => {
            format!("The first is due on {day}: {evidence}.")
        }
        _ => "No decision has a due date.".to_owned(),
    };
    vec![first, second, third]
}
