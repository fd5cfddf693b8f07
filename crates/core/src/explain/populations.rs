//! How many there are of a population, and what it is made of.

use crate::model::{Adoption, Entity, Per, Population};
use crate::words::number;

use super::Input;
use super::factors::Factors;
use super::view::{At, View};

impl View<'_> {
    /// How many there are of a population, with what it is made of.
    pub(super) fn population(&mut self, population: &Population, at: At<'_>) -> Factors {
        let feature = at.0;
        let day = self.situation.day();
        let members = self
            .forecast
            .populations
            .at(population, day, &mut self.graph);
        let members = self.point(members);
        let (what, made_of, inputs) = self.made_of(population, Some(feature));
        let what = match what {
            Some(what) => what,
            None => return Factors::default(),
        };
        let mut text = format!("{} {what}", number::count(members));
        if day > 0 {
            text.push_str(&format!(" on day {day}"));
        }
        text.push_str(&made_of);
        Factors::of(members, text, inputs)
    }

    /// What a population is called, nothing for the project, and what it is made of.
    pub(super) fn made_of(
        &mut self,
        population: &Population,
        feature: Option<&str>,
    ) -> (Option<String>, String, Vec<Input>) {
        let mut inputs = Vec::new();
        let (mut parts, mut is_plain) = (Vec::new(), population.tiers.len() == 1);
        let (what, per) = match &population.per {
            Per::Project => return (None, String::new(), Vec::new()),
            Per::Tenant => ("tenants".to_owned(), None),
            Per::Entity(name) => (format!("`{name}`"), Some(name.as_str())),
        };
        let counted = per.is_some_and(|name| {
            let entity = self.model.entities.get(name);
            matches!(entity, Some(Entity::Count { .. }))
        });
        let day = self.situation.day();
        for (tier, adoption) in &population.tiers {
            let Some((name, _)) = self.model.tiers.get_index(*tier) else {
                continue;
            };
            let tenants = self
                .forecast
                .populations
                .tenants(*tier, day, &mut self.graph);
            let tenants = self.point(tenants);
            let times = self.situation.tier_multiplier(*tier);
            let mut part = match times == 1.0 {
                true => format!("{} {name}", number::count(tenants)),
                false => {
                    let now = number::count(tenants / times);
                    format!("{} × {now} {name}", number::count(times))
                }
            };
            is_plain &= times == 1.0;
            inputs.extend(self.input(&["tenants", name]));
            let uses = self
                .forecast
                .populations
                .adoption(adoption, &mut self.graph);
            let uses = self.point(uses);
            if uses != 1.0 {
                part.push_str(&format!(" × {} that use it", number::count(uses)));
                is_plain = false;
            }
            if let (Some(feature), Adoption::Share(_)) = (feature, adoption) {
                let by_tier = ["features", feature, "adoption", name];
                inputs.extend(self.first([&by_tier, &["features", feature, "adoption"]]));
            }
            if let (Some(entity), false) = (per, counted) {
                let own = self
                    .forecast
                    .populations
                    .of_one_tenant(&population.per, *tier);
                part.push_str(&format!(" × {} each", number::count(self.point(own))));
                is_plain = false;
                let by_tier = ["entities", entity, "per_tenant", name];
                inputs.extend(self.first([&by_tier, &["entities", entity, "per_tenant"]]));
            }
            parts.push(part);
        }
        if let (Some(feature), Some((_, Adoption::Active { .. }))) =
            (feature, population.tiers.first())
        {
            inputs.extend(self.input(&["features", feature, "active"]));
        }
        if let (Some(entity), true) = (per, counted) {
            let mut own = self.inputs([&["entities", entity, "count"]]);
            own.append(&mut inputs);
            return (Some(what), String::new(), own);
        }
        inputs.dedup();
        let made_of = match is_plain {
            true => String::new(),
            false => format!(" ({})", parts.join(" + ")),
        };
        (Some(what), made_of, inputs)
    }
}
