//! What scenarios ask less of.

use crate::analysis::Project;
use crate::document::values::Require;
use crate::document::{Entry, TomlPath, tables};
use crate::model::resolve::scenarios_of;
use crate::model::{Multiplier, Scenario};
use crate::source::Span;
use crate::words::number::share;

use super::{Concerns, Finder};

impl Finder<'_> {
    pub(super) fn scenarios(&mut self) {
        // By its own words: what is judged may have the base's `require`.
        let after = scenarios_of(&self.head.declarations);
        for (old, _) in &self.base.scenarios {
            let path = TomlPath::new(&["scenarios", &old.name]);
            let concerns = Concerns::Scenario(path.to_string());
            let Some(new) = after.iter().find(|new| new.name == old.name) else {
                // Assumed scenarios go when the first is declared.
                if !old.assumed && old.require != Require::Report {
                    let require = format!("require = \"{}\"", old.require.as_str());
                    let message = format!("`{path}` is removed, with its `{require}`");
                    let spans = [name_span(self.base, &old.name), None];
                    self.push(path.to_string(), message, spans, concerns);
                }
                continue;
            };
            for (key, message) in self.lower(old, new) {
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
    fn lower(&self, old: &Scenario, new: &Scenario) -> Vec<(&'static str, String)> {
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
                    let head = self.head.model.tiers.get_index_of(tier)?;
                    let (before, after) = (times(&old.tenants, index), times(&new.tenants, head));
                    (after < before).then_some((before, after))
                }),
        };
        if let Some((before, after)) = fall {
            lower.push(("tenants", format!("goes from {before}× to {after}×")));
        }
        if new.payload < old.payload {
            let (before, after) = (old.payload, new.payload);
            lower.push(("payload", format!("goes from {before} to {after}")));
        }
        for (feature, before) in &old.rates {
            let after = new.rates.get(feature).copied().unwrap_or(1.0);
            if after < *before && self.head.model.features.contains_key(feature) {
                let fall = format!("goes from {before}× to {after}× for `{feature}`");
                lower.push(("rates", fall));
            }
        }
        let event = |scenario: &Scenario| {
            let event = scenario.event?;
            Some((event.days.unwrap_or(f64::INFINITY), event.buffer))
        };
        if let (Some((days, buffer)), Some((new_days, new_buffer))) = (event(old), event(new)) {
            if new_days < days {
                lower.push(("lasts", format!("is shorter, {new_days} days")));
            }
            if buffer > new_buffer {
                let (from, to) = (share(buffer), share(Some(new_buffer.unwrap_or(0.0))));
                lower.push(("buffer", format!("goes from {from} to {to}")));
            }
        }
        lower
    }
}

fn times(multiplier: &Multiplier, tier: usize) -> f64 {
    match multiplier {
        Multiplier::All(times) => *times,
        Multiplier::Tiers(times) => times.get(tier).copied().unwrap_or(1.0),
    }
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
        "lasts" => scenario.lasts.as_ref().map(|value| value.span),
        "buffer" => scenario.buffer.as_ref().map(|value| value.span),
        _ => None,
    }
}
