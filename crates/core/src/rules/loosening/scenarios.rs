//! What scenarios ask less of.

use std::collections::BTreeSet;

use crate::analysis::{Figures, Project, outlooks_of};
use crate::changes::followed::Names;
use crate::changes::moved::Giver;
use crate::collections::HashSet;
use crate::document::forms::Raw;
use crate::document::tables::Root;
use crate::document::values::Require;
use crate::document::{Entry, Map, TomlPath, tables};
use crate::fit::{Fitted, ROUNDING};
use crate::model::resolve::scenarios_of;
use crate::model::{Event, Multiplier, Scenario};
use crate::rules::support::find;
use crate::source::Span;
use crate::words::number::{self, share};

use super::{Concerns, Finder};

impl<'a> Finder<'a> {
    pub(super) fn scenarios(&mut self) {
        // By its own words: what is judged may have the base's `require`.
        let after = scenarios_of(&self.head.declarations);
        let roots = [self.base, self.head].map(|project| &project.declarations.root);
        let multiplies = |(scenario, _): &(Scenario, _)| !scenario.rates.is_empty();
        let same_lines = roots[0].features == roots[1].features;
        if roots[0].scenarios == roots[1].scenarios
            && (same_lines || !self.base.scenarios.iter().any(multiplies))
        {
            return;
        }
        let names = Names::new(self.base, self.head);
        let held = Root {
            scenarios: names.scenarios(),
            ..Root::default()
        };
        let milder = self.milder_sets(&held);
        for (old, _) in &self.base.scenarios {
            let path = TomlPath::new(&["scenarios", &old.name]);
            let concerns = Concerns::Scenario(path.to_string());
            let Some(new) = after.iter().find(|new| new.name == old.name) else {
                let set = set_of(&held, &old.name);
                // One that asks for as much under another name is no less.
                let mut others = after.iter().filter(|new| {
                    roots[0].scenarios.get(&new.name).is_none()
                        && set == set_of(roots[1], &new.name)
                });
                let is_renamed = others.any(|new| self.lower(old, new, &names).is_empty());
                // Assumed scenarios go when the first is declared.
                if !old.assumed && !is_renamed && old.require != Require::Report {
                    let require = format!("require = \"{}\"", old.require.as_str());
                    let message = format!("`{path}` is removed, with its `{require}`");
                    let spans = [name_span(self.base, &old.name), None];
                    self.push(path.to_string(), message, spans, concerns);
                }
                continue;
            };
            let mut lower = self.lower(old, new, &names);
            for path in names.lost(&old.name) {
                lower.push(("set", format!("has no effect on `{path}`, which is gone")));
            }
            if milder.contains(old.name.as_str()) {
                lower.push(("set", "asks for less, or raises a limit".to_owned()));
            }
            for (key, message) in lower {
                let spans = [
                    key_span(self.base, &old.name, key),
                    key_span(self.head, &old.name, key).or_else(|| name_span(self.head, &old.name)),
                ];
                let path = path.join(key).to_string();
                let message = format!("`{path}` {message}");
                self.push(path, message, spans, concerns.clone());
            }
        }
    }

    /// What a scenario asks less of, by key.
    fn lower(
        &self,
        old: &Scenario,
        new: &Scenario,
        names: &Names<'_>,
    ) -> Vec<(&'static str, String)> {
        let mut lower = Vec::new();
        if old.require.is_stricter_than(new.require) {
            let (from, to) = (old.require.as_str(), new.require.as_str());
            lower.push(("require", format!("goes from {from} to {to}")));
        }
        let fall = match (&old.tenants, &new.tenants) {
            (Multiplier::All(before), Multiplier::All(after)) if after < before => {
                Some((*before, *after))
            }
            _ => self
                .base
                .model
                .tiers
                .keys()
                .enumerate()
                .find_map(|(index, tier)| {
                    let before = old.tenants.of(index);
                    let heirs = names.of("tenants", tier).into_iter();
                    let heirs = heirs.filter_map(|tier| self.head.model.tiers.get_index_of(tier));
                    let mut after = heirs.map(|tier| new.tenants.of(tier));
                    Some((before, after.find(|after| *after < before)?))
                }),
        };
        if let Some((before, after)) = fall {
            lower.push(("tenants", format!("goes from {before}× to {after}×")));
        }
        if new.payload < old.payload {
            let (before, after) = (old.payload, new.payload);
            lower.push(("payload", format!("goes from {before} to {after}")));
        }
        let rate = |scenario: &Scenario, feature: &str| {
            scenario.rates.get(feature).copied().unwrap_or(1.0)
        };
        let features = old.rates.keys().chain(new.rates.keys());
        let features: BTreeSet<&String> = features.collect();
        for feature in features {
            let before = rate(old, feature);
            let heirs = names.of("features", feature);
            if heirs.is_empty() && before > 1.0 && names.has_come("features") {
                let fall = format!("no longer multiplies `{feature}`, which is gone");
                lower.push(("rates", fall));
            }
            for heir in heirs {
                let after = rate(new, heir);
                if after < before {
                    let fall = format!("goes from {before}× to {after}× for `{heir}`");
                    lower.push(("rates", fall));
                }
            }
        }
        for moved in names.moved.iter().filter(|moved| moved.is_new) {
            let features = &self.head.model.features;
            let stays = |it: &&Giver<'_>| it.most && features.contains_key(it.feature);
            let from = || moved.from.iter().filter(stays);
            let all: f64 = from().map(|it| it.part).sum();
            let before: f64 = from().map(|it| it.part * rate(old, it.feature)).sum();
            let (before, after) = (before / all, rate(new, moved.feature));
            if after < before * (1.0 - ROUNDING) {
                let [from, to] = [before, after].map(number::count);
                let path = moved.line.path(moved.feature);
                lower.push(("rates", format!("goes from {from}× to {to}× for `{path}`")));
            }
        }
        lower.extend(self.event(old.event, new.event));
        lower
    }

    /// What an event asks less of. A scenario that is none asks for its demand in the whole month.
    fn event(&self, old: Option<Event>, new: Option<Event>) -> Vec<(&'static str, String)> {
        let mut lower = Vec::new();
        let on = |event: Option<Event>| event.map(|event| event.on);
        match (on(old), on(new)) {
            (None, Some(day)) => lower.push(("on", format!("makes it an event of {day}"))),
            (Some(day), None) => lower.push(("on", format!("is removed: it was {day}"))),
            // Later there is more time to buy; when it is over, there is nothing to buy.
            (Some(from), Some(to)) if to > from || (to <= self.as_of && from > self.as_of) => {
                lower.push(("on", format!("goes from {from} to {to}")));
            }
            _ => {}
        }
        if old.is_none() {
            return lower;
        }
        let days = |event: Option<Event>| event.and_then(|event| event.days);
        let days = [old, new].map(|event| days(event).unwrap_or(f64::INFINITY));
        if days[1] < days[0] {
            let days = days.map(|days| match days.is_finite() {
                true => format!("{} days", number::count(days)),
                false => "a whole month".to_owned(),
            });
            lower.push(("lasts", format!("goes from {} to {}", days[0], days[1])));
        }
        let buffer = |event: Option<Event>| event.and_then(|event| event.buffer).unwrap_or(0.0);
        if buffer(new) < buffer(old) {
            let [from, to] = [old, new].map(|event| share(Some(buffer(event))));
            lower.push(("buffer", format!("goes from {from} to {to}")));
        }
        lower
    }

    /// The scenarios in which something asks for less, or is limited less, by what the head sets
    /// than by what the base sets, all else being equal. A path may lead anywhere, so both are
    /// evaluated.
    fn milder_sets(&self, held: &Root) -> HashSet<&'a str> {
        let roots = [held, &self.head.declarations.root];
        let names = self.base.declarations.root.scenarios.names();
        let names: Vec<&str> = names
            .filter(|name| {
                let sets = roots.map(|root| set_of(root, name));
                sets[1].is_some() && sets[0] != sets[1]
            })
            .collect();
        if names.is_empty() {
            return HashSet::default();
        }
        let sides = roots.map(|root| {
            let mut declarations = self.head.declarations.clone();
            declarations.root.scenarios = Map::default();
            for name in &names {
                let path = TomlPath::new(&["scenarios", name]);
                declarations.root.copy(roots[0], &path);
                declarations.root.copy(root, &path.join("set"));
            }
            Project::of(declarations, Vec::new(), self.threads)
        });
        let policy = &self.base.policy;
        let sides = sides.each_ref().map(|side| (side, policy));
        let [before, after] = outlooks_of(sides, Figures::All, self.threads);
        let scenarios = sides[0].0.scenarios.iter();
        let pairs = scenarios.zip(before.scenarios.iter().zip(&after.scenarios));
        let milder = pairs.filter(|(_, (old, new))| is_milder(old, new));
        let milder: HashSet<&str> = milder.map(|((scenario, _), _)| &*scenario.name).collect();
        names
            .into_iter()
            .filter(|name| milder.contains(name))
            .collect()
    }
}

/// Whether any meter asks for less in one situation than in another, is limited less, or is no
/// longer known.
fn is_milder(before: &[Fitted], after: &[Fitted]) -> bool {
    let falls = |old: Option<f64>, new: Option<f64>| {
        let [old, new] = [old, new].map(|number| number.unwrap_or(f64::INFINITY));
        new < old * (1.0 - ROUNDING)
    };
    before.iter().any(|old| {
        let Some(new) = find(after, &old.meter.id) else {
            return true;
        };
        let (old, new) = (&old.meter, &new.meter);
        falls(old.demand.point, new.demand.point)
            || falls(old.demand.p95, new.demand.p95)
            || (old.limit.is_some() && falls(new.limit, old.limit))
            || (new.lower_bound && !old.lower_bound)
    })
}

fn set_of<'r>(root: &'r Root, scenario: &str) -> Option<&'r Map<Raw>> {
    root.scenarios.get(scenario).map(|scenario| &scenario.set)
}

fn declared<'a>(project: &'a Project, name: &str) -> Option<&'a Entry<tables::Scenario>> {
    project.declarations.root.scenarios.entry(name)
}

fn name_span(project: &Project, name: &str) -> Option<Span> {
    Some(declared(project, name)?.name)
}

fn key_span(project: &Project, name: &str, key: &str) -> Option<Span> {
    let scenario = &declared(project, name)?.body.value;
    match key {
        "require" => scenario.require.as_ref().map(|value| value.span),
        "tenants" => scenario.tenants.as_ref().map(|value| value.span),
        "payload" => scenario.payload.as_ref().map(|value| value.span),
        "rates" => scenario.rates.span(),
        "set" => scenario.set.span(),
        "on" => scenario.on.as_ref().map(|value| value.span),
        "lasts" => scenario.lasts.as_ref().map(|value| value.span),
        "buffer" => scenario.buffer.as_ref().map(|value| value.span),
        _ => None,
    }
}
