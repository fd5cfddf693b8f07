//! What is to be decided: derived, each with an id that the next review follows.

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::document::TomlPath;
use crate::history::Moved;
use crate::meter::{Family, MeterKind};
use crate::model::Multiplier;
use crate::purchases::MONTHS;
use crate::report::purchases::{Covered, Purchase};
use crate::report::{Meter, Verdict};
use crate::rules::{DECIDED, WATCHED};
use crate::units::Date;
use crate::words::number;

use super::Own;
use super::followed::follow;
use super::report::{Decision, Kind, Review};

/// How far ahead a limit that breaks is decided on, and when the next review looks again.
const AHEAD: u32 = 90;

/// The scenario whose breaks no purchase covers.
pub(super) const GROWTH: &str = "10x";

/// The rank of all but what is less urgent than others of its kind.
const FIRST: u8 = 0;

/// What buying packs is called.
pub(super) const PURCHASE: &str = "purchase";

/// The meter of all that is paid.
pub(super) fn everything() -> String {
    let keys = [
        Family::Budget.as_str(),
        crate::meter::TOTAL,
        MeterKind::Spend.as_str(),
    ];
    TomlPath::new(&keys).to_string()
}

pub(super) fn decide(review: &mut Review, all: &[Own<'_>], moved: &[Moved]) {
    let mut found: BTreeMap<(Kind, u8, Option<String>, String), Decision> = BTreeMap::new();
    for (own, part) in all.iter().zip(&review.projects) {
        let prefix = match all.len() {
            1 => String::new(),
            _ => format!("{}/", own.called(all)),
        };
        for (rank, mut decision) in own.decisions(&part.purchases) {
            decision.id = format!("{prefix}{}", decision.id);
            let key = (
                decision.kind,
                rank,
                decision.due.clone(),
                decision.id.clone(),
            );
            found.entry(key).or_insert(decision);
        }
    }
    review.decisions = found.into_values().collect();
    if let Some(before) = all.first().and_then(|own| own.inputs.previous) {
        follow(review, before, all, moved);
    }
}

impl Own<'_> {
    /// What ids call the project: by its folder where others have its name.
    pub(super) fn called(&self, all: &[Own<'_>]) -> &str {
        let own = &self.project.declarations;
        let named = all
            .iter()
            .filter(|it| it.project.declarations.name == own.name);
        match named.count() {
            1 => &own.name,
            _ => &own.folder,
        }
    }

    /// All of a project's, each with its rank among those of its kind.
    fn decisions(&self, purchases: &[Purchase]) -> Vec<(u8, Decision)> {
        let mut all: Vec<(u8, Decision)> = Vec::new();
        let is_one = |one: &Purchase, other: &Purchase| {
            (&one.api, one.event.as_ref()) == (&other.api, other.event.as_ref())
        };
        let bought = purchases.chunk_by(is_one);
        all.extend(bought.filter_map(|own| self.buy(own)).map(|it| (FIRST, it)));
        let Some(reported) = self.reported else {
            return all;
        };
        // Storage looks ahead by itself, and says when it is full; what it costs is told by days.
        let today = reported.meters.iter().filter_map(|meter| match meter.day {
            None | Some(0) => Some((0, meter)),
            Some(_) => Some((meter.detail.full_on_day??, meter)),
        });
        let today = today.filter(|(day, _)| *day <= AHEAD);
        let days = reported.horizons.iter().filter(|it| it.day <= AHEAD);
        let ahead = days.flat_map(|it| it.meters.iter().map(move |meter| (it.day, meter)));
        let limits = today.chain(ahead).filter(|(_, it)| breaks(it));
        for (day, meter) in limits.map(|(day, meter)| (i64::from(day), meter)) {
            let when = match day {
                0 => "today".to_owned(),
                day => format!("in {day} days"),
            };
            add(&mut all, self.limit(day, &when, meter));
        }
        self.of_events(purchases, &mut all);
        let growth = reported.scenarios.iter().filter(|it| it.name == GROWTH);
        for meter in growth.flat_map(|it| &it.meters).filter(|it| breaks(it)) {
            all.extend(self.rearchitect(meter));
        }
        self.watched(&mut all);
        all
    }

    /// Limits that events break within the next days, where no purchase covers them.
    fn of_events(&self, purchases: &[Purchase], all: &mut Vec<(u8, Decision)>) {
        let reported = self.reported.map_or(&[][..], |it| &it.scenarios);
        for (scenario, _) in &self.project.scenarios {
            let event = scenario.event.map(|event| event.on);
            let days = event.map(|on| on.days_since(self.inputs.as_of));
            let Some(days) = days.filter(|days| (0..=i64::from(AHEAD)).contains(days)) else {
                continue;
            };
            let is_covered = |meter: &Meter| {
                let mut own = purchases
                    .iter()
                    .filter(|it| it.event.as_ref() == Some(&scenario.name));
                let id = |api: &str| credits_of(api) == *meter.id;
                own.any(|it| it.verdict == Covered::Covered && id(&it.api))
            };
            let meters = reported.iter().filter(|it| it.name == scenario.name);
            let meters = meters.flat_map(|it| &it.meters);
            for meter in meters.filter(|it| breaks(it) && !is_covered(it)) {
                let when = format!("in `{}`", scenario.name);
                add(all, self.limit(days, &when, meter));
            }
        }
    }

    /// Findings that are watched, and limits that are nearly reached: whether or not another
    /// finding speaks for them, or a waiver covers them.
    fn watched(&self, all: &mut Vec<(u8, Decision)>) {
        let Some(reported) = self.reported else {
            return;
        };
        for finding in reported.findings.iter().filter(|it| is_watched(&it.rule)) {
            let waived = match &finding.waived {
                None => String::new(),
                Some(waived) => match &waived.until {
                    Some(until) => format!(" (waived until {until})"),
                    None => " (waived)".to_owned(),
                },
            };
            let decision = self.decision(Kind::Watch, &finding.rule, &finding.subject);
            let decision = Decision {
                evidence: format!("{}{waived}", finding.message),
                figure: finding.figure,
                due: self.next_review(),
                ..decision
            };
            add(all, decision);
        }
        let is_near = |it: &&Meter| matches!(it.verdict, Verdict::Tight | Verdict::Breaks);
        for meter in reported.meters.iter().filter(is_near) {
            let is_decided = |it: &(u8, Decision)| it.1.id == id(DECIDED[0].name, &meter.id);
            if meter.limit.is_some() && !all.iter().any(is_decided) {
                let decision = self.decision(Kind::Watch, WATCHED[0].name, &meter.id);
                let when = match meter.day {
                    None | Some(0) => String::new(),
                    Some(days) => format!("in {days} days, "),
                };
                let decision = Decision {
                    evidence: format!("{when}{}", used(meter, self.project)),
                    figure: meter.utilization,
                    due: self.next_review(),
                    ..decision
                };
                add(all, decision);
            }
        }
    }

    fn next_review(&self) -> Option<String> {
        let day = self.inputs.as_of.plus_days(i64::from(AHEAD));
        day.map(|day| day.to_string())
    }

    fn decision(&self, kind: Kind, rule: &str, subject: &str) -> Decision {
        Decision {
            id: id(rule, subject),
            kind,
            status: "new".to_owned(),
            since: Some(self.inputs.window.from.to_string()),
            evidence: String::new(),
            figure: None,
            owner: self.owner(subject),
            due: None,
        }
    }

    /// The owner of what it is about, or the project's.
    fn owner(&self, subject: &str) -> Option<String> {
        let root = &self.project.declarations.root;
        let keys = TomlPath::parse(subject).unwrap_or_default().0;
        let name = keys.get(1).map_or("", String::as_str);
        let own = match keys.first().map_or("", String::as_str) {
            "features" => root.features.get(name).and_then(|it| it.owner.as_ref()),
            "apis" => root.apis.get(name).and_then(|it| it.owner.as_ref()),
            "databases" => root.databases.get(name).and_then(|it| it.owner.as_ref()),
            "queues" => root.queues.get(name).and_then(|it| it.owner.as_ref()),
            "models" => root.models.get(name).and_then(|it| it.owner.as_ref()),
            _ => None,
        };
        let project = root.project.as_ref();
        let owner = own.or_else(|| project?.value.owner.as_ref());
        owner.map(|owner| owner.value.0.to_string())
    }

    /// What to buy of an API in the next months, or for an event.
    fn buy(&self, own: &[Purchase]) -> Option<Decision> {
        let is_asked = |it: &&Purchase| !it.buy.is_empty() || it.verdict == Covered::Short;
        let own: Vec<&Purchase> = own.iter().take(MONTHS as usize).filter(is_asked).collect();
        let first = own.first()?;
        let subject = match &first.event {
            None => TomlPath::new(&["apis", &first.api]),
            Some(event) => TomlPath::new(&["apis", &first.api, event]),
        };
        let currency = self.project.currency();
        let months = own.iter().map(|purchase| {
            let packs = purchase.buy.iter();
            let packs = packs.map(|it| format!("{} × `{}`", it.count, it.pack));
            let packs = packs.collect::<Vec<_>>().join(" and ");
            let month = &purchase.month;
            let price = number::exact(purchase.price);
            let by = purchase.short_in_words();
            match (purchase.verdict, packs.is_empty()) {
                (Covered::Short, true) => {
                    format!("{month} runs short{by}, and nothing is for sale")
                }
                (Covered::Short, false) => {
                    format!("{month} runs short{by}, even with {packs} for {price} {currency}")
                }
                _ => format!("{month} needs {packs} for {price} {currency}"),
            }
        });
        let months = months.collect::<Vec<_>>().join("; ");
        let evidence = match &first.event {
            None => months,
            Some(event) => format!("for `{event}`, {months}"),
        };
        Some(Decision {
            evidence,
            due: Some(first.order_by.clone()),
            ..self.decision(Kind::PrePurchase, PURCHASE, &subject.to_string())
        })
    }

    /// A limit that breaks after so many days: what takes time to come is due that much earlier.
    fn limit(&self, days: i64, when: &str, meter: &Meter) -> Decision {
        let keys = TomlPath::parse(&meter.id).unwrap_or_default().0;
        let api = keys
            .get(1)
            .filter(|_| keys.first().is_some_and(|it| it == Family::Api.as_str()));
        let api = api.and_then(|name| self.project.judged().apis.get(name));
        let lead = api.and_then(|api| api.lead_time.as_ref());
        let lead = lead.map_or(0, |lead| lead.value.days().ceil() as i64);
        let due = self.inputs.as_of.plus_days((days - lead).max(0));
        Decision {
            evidence: format!("{when}, {}", used(meter, self.project)),
            figure: meter.utilization,
            due: due.map(|day: Date| day.to_string()),
            ..self.decision(Kind::PrePurchase, DECIDED[0].name, &meter.id)
        }
    }

    /// What tenfold growth breaks, where no purchase covers it; what can't be undone first.
    fn rearchitect(&self, meter: &Meter) -> Option<(u8, Decision)> {
        let keys = TomlPath::parse(&meter.id).unwrap_or_default().0;
        let (family, name) = (Family::of_key(keys.first()?), keys.get(1)?.as_str());
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
        let scenarios = self.project.scenarios.iter();
        let mut growth = scenarios.filter(|(scenario, _)| scenario.name == GROWTH);
        let tenfold = growth.any(|(scenario, _)| scenario.tenants == Multiplier::All(10.0));
        let when = match tenfold {
            true => "with ten times the tenants".to_owned(),
            false => format!("in `{GROWTH}`"),
        };
        let decision = self.decision(Kind::Rearchitect, DECIDED[1].name, &meter.id);
        Some((
            u8::from(is_reversible),
            Decision {
                evidence: format!("{when}, {}{end}", used(meter, self.project)),
                figure: meter.utilization,
                due: self.next_review(),
                ..decision
            },
        ))
    }
}

fn id(rule: &str, subject: &str) -> String {
    format!("{rule}:{subject}")
}

/// Adds a decision, where there is none with its id.
fn add(all: &mut Vec<(u8, Decision)>, decision: Decision) {
    if all.iter().all(|(_, it)| it.id != decision.id) {
        all.push((FIRST, decision));
    }
}

fn credits_of(api: &str) -> String {
    let keys = [Family::Api.as_str(), api, MeterKind::Credits.as_str()];
    TomlPath::new(&keys).to_string()
}

fn breaks(meter: &Meter) -> bool {
    meter.verdict == Verdict::Breaks && meter.limit.is_some()
}

pub(super) fn is_watched(rule: &str) -> bool {
    WATCHED.iter().any(|it| it.name == rule)
}

/// `` `databases.main.storage` needs 193.8 GB of 100 GB, 193.8%``
pub(super) fn used(meter: &Meter, project: &Project) -> String {
    let demand = meter.judged(project.policy.confidence());
    if demand.is_none() && meter.kind == MeterKind::Spend.as_str() {
        return format!("`{}` needs more credits than all packs have", meter.id);
    }
    let [demand, limit] = number::row([demand, meter.limit], &meter.unit, project.currency());
    let limit = match number::unit_beside(&meter.unit) {
        "" => limit,
        unit if unit.starts_with('/') => format!("{limit}{unit}"),
        unit => format!("{limit} {unit}"),
    };
    let bound = if meter.lower_bound { "at least " } else { "" };
    let share = number::share(meter.utilization);
    format!("`{}` needs {bound}{demand} of {limit}, {share}", meter.id)
}
