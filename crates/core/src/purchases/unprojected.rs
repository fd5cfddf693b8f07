//! Months that are planned with as many tenants as the month before, since nobody projected them.

use std::collections::BTreeMap;

use super::Plan;
use crate::document::dotted;
use crate::model::{Entity, Projected};

impl Plan<'_> {
    /// What is not projected up to the last month, in a sentence for each day on which it ends.
    pub(super) fn unprojected(&self) -> Vec<String> {
        let model = &self.project.model;
        let tiers = model.tiers.iter().map(|it| ("tenants", it));
        let entities = model.entities.iter().filter_map(|(name, entity)| {
            let Entity::Count { count, .. } = entity else {
                return None;
            };
            // Many never grow: only what is projected at all may be expected to go on.
            let is_projected = count.points.len() > 1;
            is_projected.then_some(("entities", (name, count)))
        });
        let mut by_day: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for (table, (name, count)) in tiers.chain(entities) {
            if let Some(day) = ends(count) {
                let path = dotted([table, name].into_iter());
                by_day.entry(day).or_default().push(format!("`{path}`"));
            }
        }
        let sentences = by_day.into_iter().filter_map(|(day, paths)| {
            let mut planned = (0_u32..).zip(&self.months);
            let days = model.calendar.days_per_month;
            let is_after = |place: u32| f64::from(place) * days > f64::from(day);
            let (_, month) = planned.find(|(place, _)| is_after(*place))?;
            let month = month.name();
            let (paths, are) = (
                paths.join(", "),
                if paths.len() > 1 { "are" } else { "is" },
            );
            Some(match day {
                0 => format!("{paths} {are} not projected: every month is planned with today's count."),
                day => format!(
                    "{paths} {are} projected up to day {day}: from {month} on, months are planned with the count of that day."
                ),
            })
        });
        sentences.collect()
    }
}

/// The last day that is projected; none of what grows without an end, or is nothing.
fn ends(count: &Projected) -> Option<u32> {
    let (day, last) = count.points.last()?;
    (count.log_growth.is_none() && last.point() != Some(0.0)).then_some(*day)
}
