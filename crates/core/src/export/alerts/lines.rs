//! Lines that happen more often than declared.

use super::{About, OVER, Severity, Writer};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::LineKind;
use crate::export::promql::{duration, increase, total};
use crate::model::{Adoption, Entity, Feature, Line, Per, Population, Timing};
use crate::report;
use crate::words::number;

const DAY: f64 = 86_400.0;

/// What a line is counted in, and what of it is declared a day.
struct Counted {
    selector: String,
    unit: String,
    per_day: f64,
}

impl Writer<'_> {
    pub(super) fn lines(&mut self) {
        let of = self.of;
        let reported = of.report.lines.iter();
        let reported: HashMap<&str, &report::Line> =
            reported.map(|line| (&*line.path, line)).collect();
        let mut counted = Vec::new();
        // How many lines a series counts.
        let mut shared: HashMap<String, usize> = HashMap::default();
        for (name, feature) in &of.project.model.features {
            for line in &feature.lines {
                let path = TomlPath::new(&["features", name, line.kind.list(), &line.id]);
                let Some(figures) = reported.get(path.to_string().as_str()) else {
                    continue;
                };
                if let Some(found) = self.counted(&path, line.kind, figures) {
                    *shared.entry(found.selector.clone()).or_default() += 1;
                    counted.push((feature, line, path, *figures, found));
                }
            }
        }
        for (feature, line, path, figures, found) in counted {
            match shared.get(&found.selector) {
                Some(1) => self.line((feature, line), &path, figures, &found),
                _ => self.skip(
                    &format!("{path}.{}", found.unit),
                    "the metric counts other lines too",
                ),
            }
        }
    }

    /// The first of its units that is measured.
    fn counted(
        &mut self,
        path: &TomlPath,
        kind: LineKind,
        figures: &report::Line,
    ) -> Option<Counted> {
        let day = &figures.per_day;
        let units = match kind {
            LineKind::Call => vec![
                ("calls", day.billed),
                ("occurrences", day.requested),
                ("credits", day.credits),
            ],
            LineKind::Inference => {
                let units = day.units.iter().flatten();
                let units = units.map(|(unit, amount)| (unit.as_str(), Some(*amount)));
                let all = [("requests", day.billed), ("occurrences", day.requested)];
                all.into_iter().chain(units).collect()
            }
            LineKind::Read => vec![("rows", day.rows), ("occurrences", day.requested)],
            LineKind::Write => vec![("rows", day.rows)],
            LineKind::Message => vec![("messages", day.messages), ("bytes", day.bytes)],
        };
        let found = units.iter().find_map(|(unit, amount)| {
            Some(((*unit).to_owned(), self.counter(path, unit)?, *amount))
        });
        let Some((unit, selector, amount)) = found else {
            let (first, _) = units.first()?;
            self.measure(path, first);
            return None;
        };
        match amount.filter(|amount| amount.is_finite() && *amount > 0.0) {
            Some(per_day) => Some(Counted {
                selector,
                unit,
                per_day,
            }),
            None => {
                self.skip(&format!("{path}.{unit}"), "the declared amount is unknown");
                None
            }
        }
    }

    fn line(
        &mut self,
        (feature, line): (&Feature, &Line),
        path: &TomlPath,
        figures: &report::Line,
        counted: &Counted,
    ) {
        let of = self.of;
        let Some(declared) = of.project.declarations.root.features.entry(&feature.name) else {
            return;
        };
        let body = &declared.body.value;
        let span = body.line(line.kind, &line.id).map(|line| line.span());
        let place = span.unwrap_or(declared.name);
        let meter = path.to_string();
        let about = About {
            meter: &meter,
            feature: Some(&feature.name),
            owner: of.owner("features", &feature.name),
            declared: "",
            place,
            status: None,
        };
        self.drift(&about, (feature, line), figures, counted);
        let series = ["credits", "calls"].map(|unit| self.counter(path, unit));
        if let [Some(credits), Some(calls)] = series {
            let day = &figures.per_day;
            let each = day.credits.unwrap_or_default() / day.billed.unwrap_or_default();
            let what = format!("{} in {}", line.id, feature.name);
            self.cost(&about, &what, [credits, calls], each);
        }
    }

    fn drift(
        &mut self,
        about: &About<'_>,
        (feature, line): (&Feature, &Line),
        figures: &report::Line,
        counted: &Counted,
    ) {
        let days = window(feature, line) / DAY;
        if days > 31.0 {
            return self.skip(about.meter, "it happens less than once a month");
        }
        let used = increase(
            std::slice::from_ref(&counted.selector),
            &duration(days * DAY),
        );
        let used = match days {
            1.0 => used,
            days => format!("{used} / {days}"),
        };
        let population = feature.population_of(line);
        let members = population.and_then(|it| self.members(it, figures.population));
        let (used, declared, per) = match members {
            Some(members) => {
                let each = counted.per_day / figures.population;
                (format!("{used} / {members}"), each, " each")
            }
            None => (used, counted.per_day, ""),
        };
        let words = format!("{} {} a day{per}", number::count(declared), counted.unit);
        let name = format!("{} in {}", line.id, feature.name);
        self.alert(
            &About {
                declared: &words,
                ..*about
            },
            Severity::Warning,
            "CapacityRateDrift",
            format!("{used} > {OVER} * {declared}"),
            format!("{name} happens more often than declared"),
        );
    }

    /// How many there are that a line is counted per: measured where each part of them is, else as
    /// declared. Nothing where it is counted for all together.
    fn members(&self, population: &Population, declared: f64) -> Option<String> {
        let model = &self.of.project.model;
        let gauge = |table: &str, name: &str| {
            let measure = self.metrics.get(&TomlPath::new(&[table, name]), "count")?;
            match &measure.query {
                crate::metrics::Query::Gauge(gauge) => Some(total(gauge)),
                crate::metrics::Query::Counter(_) => None,
            }
        };
        let share = |adoption: &Adoption| match adoption {
            Adoption::Share(share) => share.point(),
            Adoption::Active { .. } => None,
        };
        let measured = match &population.per {
            Per::Project => return None,
            Per::Tenant => {
                let parts = population.tiers.iter().map(|(tier, adoption)| {
                    let (tier, _) = model.tiers.get_index(*tier)?;
                    let count = gauge("tenants", tier)?;
                    Some(match share(adoption)? {
                        1.0 => count,
                        share => format!("{count} * {share}"),
                    })
                });
                parts.collect::<Option<Vec<_>>>()
            }
            Per::Entity(name) => {
                let all = population.tiers.len() == model.tiers.len();
                let mut tiers = population.tiers.iter();
                let all = all && tiers.all(|(_, adoption)| share(adoption) == Some(1.0));
                let counted = gauge("entities", name).filter(|_| all);
                match (counted, model.entities.get(name)) {
                    (Some(count), _) => Some(vec![count]),
                    (None, Some(Entity::PerTenant(each))) => {
                        let parts = population.tiers.iter().map(|(tier, adoption)| {
                            let (name, _) = model.tiers.get_index(*tier)?;
                            let each = each.get(*tier)?.point()? * share(adoption)?;
                            Some(format!("{} * {each}", gauge("tenants", name)?))
                        });
                        parts.collect::<Option<Vec<_>>>()
                    }
                    _ => None,
                }
            }
        };
        match measured.as_deref() {
            Some([only]) if !only.contains(" * ") => Some(only.clone()),
            Some(parts @ [_, ..]) => Some(format!("({})", parts.join(" + "))),
            _ => Some(declared.to_string()).filter(|_| declared.is_finite() && declared > 0.0),
        }
    }
}

/// Seconds of which each holds as much as any other: a day, or of what comes in batches whole
/// intervals of at least a day.
fn window(feature: &Feature, line: &Line) -> f64 {
    let first = match line.timing {
        Timing::Rate { .. } => Some(line),
        Timing::After { origin, .. } => feature.lines.get(origin),
    };
    match first.map(|line| &line.timing) {
        Some(Timing::Rate {
            per_day,
            batch: true,
            ..
        }) => match per_day.point() {
            Some(per_day) if per_day > 0.0 => {
                let every = (DAY / per_day).round().max(1.0);
                every * (DAY / every).ceil()
            }
            _ => DAY,
        },
        _ => DAY,
    }
}
