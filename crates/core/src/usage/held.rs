//! What the base says was measured, and the head no longer says: taking a measurement away takes
//! nothing out of what judges.

use rust_decimal::Decimal;

use crate::analysis::Project;
use crate::changes::followed::Names;
use crate::changes::origins::Origins;
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::units::Date;

use super::measured::Subjects;
use super::name::Name;
use super::series::{Day, OfTenant, Place};
use super::time::When;
use super::{Days, Key, Series, Usage};

/// In no file of the head.
const NOWHERE: Place = Place {
    file: u32::MAX,
    line: 0,
};

/// What was measured, with what the head takes away.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) usage: Usage,
    /// What less is said of, by the folder of the project.
    pub(crate) lessened: HashMap<String, Vec<TomlPath>>,
}

/// What the head does not say of one thing.
struct Missing<'u> {
    folder: &'u str,
    path: TomlPath,
    unit: &'u str,
    series: Series,
    /// By tenant and tier.
    of_tenants: Vec<(&'u str, &'u str, Date, Decimal)>,
}

impl Usage {
    /// Adds what the base says of what both sides have, as far as the head says less of the same
    /// days. Nothing where it does not.
    pub(crate) fn held(
        &self,
        before: &Self,
        sides: &[(&Project, &Project)],
        days: Days,
    ) -> Option<Held> {
        let mut held = Held {
            usage: self.clone(),
            lessened: HashMap::default(),
        };
        let mut is_held = false;
        for &(base, head) in sides {
            let is_foreign = before.refuse(base, true).is_err();
            let (known, names) = (Subjects::new(head), Names::new(base, head));
            let origins = Origins::new(base, head);
            let [own, of_base] = [head, base].map(|side| self.measured(side));
            let folders = [head, base].map(|side| side.declarations.folder.as_str());
            let mut done: HashSet<(TomlPath, String)> = HashSet::default();
            for (path, unit, series) in before.measured(base).iter() {
                if unit == "cost" && (is_foreign || base.currency() != head.currency()) {
                    continue;
                }
                let line = origins.line_now(path).cloned();
                let mut now = line.into_iter().chain(names.paths(path));
                let is_known = |it: &TomlPath| known.find(&Name::Path(it.clone()), unit).is_ok();
                let Some(now) = now.find(is_known) else {
                    continue;
                };
                if !done.insert((now.clone(), unit.to_owned())) {
                    continue;
                }
                // Under the old name for the base, which is held against the same.
                let sides = [(now.clone(), &own), (path.clone(), &of_base)];
                let both = if now == *path && folders[0] == folders[1] {
                    1
                } else {
                    2
                };
                let sides = sides.into_iter().zip(folders).take(both);
                for (index, ((path, said), folder)) in sides.enumerate() {
                    let said = said.get(&path, unit);
                    let (series, of_tenants) = self.missing((before, series), said, days);
                    if series.days.is_empty() && of_tenants.is_empty() {
                        continue;
                    }
                    if index == 0 {
                        let lessened = held.lessened.entry(folder.to_owned());
                        lessened.or_default().push(path.clone());
                    }
                    is_held = true;
                    held.usage.add_missing(Missing {
                        folder,
                        path,
                        unit,
                        series,
                        of_tenants,
                    });
                }
            }
        }
        is_held.then_some(held)
    }

    /// What a series of the base says more than the head's.
    fn missing<'u>(
        &self,
        (before, series): (&'u Self, &Series),
        said: Option<&Series>,
        days: Days,
    ) -> (Series, Vec<(&'u str, &'u str, Date, Decimal)>) {
        let mut missing = Series::new(NOWHERE);
        for (day, it) in series.days.range(days.from..=days.last) {
            let own = said.and_then(|said| said.days.get(day));
            let own = own.map_or(Decimal::ZERO, |own| own.sum);
            if it.is_counted && it.sum > own {
                let day_of = missing.days.entry(*day).or_default();
                (day_of.sum, day_of.is_counted) = (it.sum - own, true);
            }
        }
        let said_at: HashMap<i64, f64> = said.iter().flat_map(|it| it.samples.clone()).collect();
        for (at, value) in &series.samples {
            let Some(When { day, .. }) = When::of_seconds(*at) else {
                continue;
            };
            let more = value - said_at.get(at).copied().unwrap_or(0.0);
            if (days.from..=days.last_sampled).contains(&day)
                && (more > 0.0 || !said_at.contains_key(at))
            {
                missing.samples.push((*at, more));
                missing.days.insert(day, Day::default());
            }
        }
        let mut of_tenants = Vec::new();
        for ((tenant, day), it) in &series.by_tenant {
            let Some((name, tier)) = before.tenant(*tenant) else {
                continue;
            };
            let own = self.tenants.get_index_of(name);
            let own = own.and_then(|own| u32::try_from(own).ok());
            let own = own.and_then(|own| said?.by_tenant.get(&(own, *day)));
            let more = it.sum - own.map_or(Decimal::ZERO, |own| own.sum);
            if more > Decimal::ZERO && (days.from..=days.last).contains(day) {
                of_tenants.push((name, tier, *day, more));
            }
        }
        of_tenants.sort_unstable();
        (missing, of_tenants)
    }

    fn add_missing(&mut self, missing: Missing<'_>) {
        let Missing {
            folder,
            path,
            unit,
            mut series,
            of_tenants,
        } = missing;
        for (name, tier, day, sum) in of_tenants {
            let tenant = self.tenants.entry(name.to_owned());
            let (number, place) = (tenant.index(), NOWHERE);
            tenant.or_insert_with(|| tier.to_owned());
            if let Ok(number) = u32::try_from(number) {
                series
                    .by_tenant
                    .insert((number, day), OfTenant { sum, place });
                series.days.entry(day).or_default();
            }
        }
        let key = Key {
            folder: Some(folder.into()),
            name: Name::Path(path),
            unit: unit.to_owned(),
            currency: String::new(),
            is_sampled: !series.samples.is_empty(),
            is_beside: true,
        };
        self.series.push((key, series));
    }
}
