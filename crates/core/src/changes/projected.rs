//! Counts that are declared by day: which of them decide what there is on a day.

use crate::analysis::Project;
use crate::document::TomlPath;
use crate::model::{Entity, Projected};

/// A count that is declared for a day.
pub(crate) struct Point<'d> {
    table: &'d str,
    name: &'d str,
    day: u32,
}

/// The count that a path declares, where it is one of several by day.
pub(crate) fn of(path: &TomlPath) -> Option<Point<'_>> {
    let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
    let (table, name, key) = match keys[..] {
        ["tenants", name, key] => ("tenants", name, key),
        ["entities", name, "count", key] => ("entities", name, key),
        _ => return None,
    };
    let day = match key {
        "now" => 0,
        key => key.strip_suffix('d')?.parse().ok()?,
    };
    Some(Point { table, name, day })
}

impl Point<'_> {
    fn points<'p>(&self, project: &'p Project) -> Option<&'p Projected> {
        match self.table {
            "tenants" => project.model.tiers.get(self.name),
            _ => match project.model.entities.get(self.name)? {
                Entity::Count { count, .. } => Some(count),
                Entity::PerTenant(_) => None,
            },
        }
    }

    /// By how much more there is of it in the head than in the base, as a part of that, where it
    /// decides what there is on a day.
    pub(crate) fn grows(&self, [base, head]: [&Project; 2], day: u32) -> Option<f64> {
        let [before, after] = [base, head].map(|side| self.points(side));
        let (before, after) = (before?, after?);
        let own = |side: &Projected| {
            let mut points = side.points.iter();
            points.find(|(known, _)| *known == self.day)?.1.point()
        };
        let between = |known: u32| match self.day < day {
            true => self.day < known && known <= day,
            false => day <= known && known < self.day,
        };
        let is_passed = after.points.iter().any(|(known, _)| between(*known));
        if is_passed && self.day != day {
            return None;
        }
        let (was, now) = (own(before).unwrap_or(0.0), own(after)?);
        Some((now - was) / was)
    }
}
