//! Databases and queues: what was sampled, beside what is declared.

use crate::analysis::{Figures, outlooks_on};
use crate::calibrate::Measured;
use crate::calibrate::errors::percentile;
use crate::calibrate::report::{Calibration, Number};
use crate::document::TomlPath;
use crate::meter::{Family, MeterKind};
use crate::report::Meter;
use crate::units::{DAY, Date};
use crate::usage::Series;

use super::Own;
use super::report::{Database, Queue, RowSize};

impl Own<'_> {
    pub(super) fn meter(&self, family: Family, name: &str, kind: MeterKind) -> Option<&Meter> {
        let id = TomlPath::new(&[family.as_str(), name, kind.as_str()]).to_string();
        let meters = &self.reported?.meters;
        meters.iter().find(|meter| *meter.id == *id)
    }

    pub(super) fn databases(&self, measured: &Measured) -> Vec<Database> {
        let mut rows = Vec::new();
        for name in self.project.model.databases.keys() {
            let path = TomlPath::new(&["databases", name]).to_string();
            let samples = measured.get(&path, "bytes").map(|it| &it.samples);
            let Some((first, last)) = samples.and_then(|it| it.first().zip(it.last())) else {
                continue;
            };
            let meter = self.meter(Family::Database, name, MeterKind::Storage);
            let full = meter.and_then(|meter| meter.detail.full_on_day.flatten());
            rows.push(Database {
                name: name.clone(),
                first: first.1,
                last: last.1,
                projected: self.projected(name, last.0),
                limit: meter.and_then(|meter| meter.limit),
                full_on_day: full.map(f64::from),
            });
        }
        rows
    }

    /// The bytes that were projected for a day, as the forecast was made.
    fn projected(&self, database: &str, day: Date) -> Option<f64> {
        let before = self.before()?;
        let window = self.inputs.window;
        let ahead = u32::try_from(day.days_since(window.from)).ok()?;
        let sides = [(before, &before.policy)];
        let outlooks = outlooks_on(&sides, &[vec![ahead]], Figures::All, self.inputs.threads);
        let (_, meters) = outlooks.first()?.horizons.first()?;
        let id = TomlPath::new(&["databases", database, "storage"]).to_string();
        let meter = meters.iter().find(|it| *it.meter.id == *id)?;
        meter.meter.demand.point
    }

    /// The depths of queues, and of which queues nothing was sampled.
    pub(super) fn queues(&self, measured: &Measured) -> (Vec<Queue>, Vec<String>) {
        let (mut rows, mut notes) = (Vec::new(), Vec::new());
        for (name, queue) in &self.project.model.queues {
            let path = TomlPath::new(&["queues", name]).to_string();
            let series = measured.get(&path, "depth");
            let samples = series.into_iter().flat_map(|it| &it.samples);
            let samples = samples.filter(|(day, _)| self.inputs.window.has(*day));
            let depths: Vec<f64> = samples.map(|(_, depth)| *depth).collect();
            let at = |share| percentile(depths.clone(), share);
            let (Some(p50), Some(p95), Some(p99)) = (at(0.5), at(0.95), at(0.99)) else {
                notes.push(format!("No depth of the queue `{name}` was measured."));
                continue;
            };
            let meter = |kind| self.meter(Family::Queue, name, kind);
            let scale_up_at =
                meter(MeterKind::Workers).and_then(|it| it.detail.scale_up_at.flatten());
            let depth = meter(MeterKind::Depth);
            rows.push(Queue {
                name: name.clone(),
                samples: depths.len(),
                p50,
                p95,
                p99,
                max: depths.iter().copied().fold(0.0, f64::max),
                // Where nobody declared one, an empty queue is no forecast.
                declared: depth
                    .and_then(|meter| meter.demand.point)
                    .filter(|depth| queue.depth.is_some() || *depth > 0.0),
                max_depth: depth.and_then(|meter| meter.limit),
                scale_up_at,
                minutes_over: scale_up_at.map(|depth| self.minutes_over(name, depth)),
            });
        }
        (rows, notes)
    }
}

impl Own<'_> {
    /// For how many minutes a queue was deeper than this. A sample counts until the next one, but
    /// no longer than they are apart as a rule: nobody knows how deep it was where many are missing.
    fn minutes_over(&self, queue: &str, depth: f64) -> f64 {
        let window = self.inputs.window;
        let measured = self.inputs.usage.measured(self.then);
        let series = measured.get(&TomlPath::new(&["queues", queue]), "depth");
        let samples = series.into_iter().flat_map(Series::samples_at);
        let samples = samples.filter(|(second, _)| {
            let day = Date::EPOCH.plus_days(second.div_euclid(DAY as i64));
            day.is_some_and(|day| window.has(day))
        });
        let samples: Vec<(i64, f64)> = samples.collect();
        let apart = samples
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) as f64);
        let Some(rule) = percentile(apart.clone().collect(), 0.5) else {
            return 0.0;
        };
        let lasted = apart.chain([rule]).map(|apart| apart.min(rule));
        let over = samples
            .iter()
            .zip(lasted)
            .filter(|((_, it), _)| *it > depth);
        // The sum of nothing would be -0.
        over.fold(0.0, |sum, (_, seconds)| sum + seconds / 60.0)
    }
}

/// What rows take, where both are known.
pub(super) fn row_sizes(calibration: &Calibration) -> Vec<RowSize> {
    let values = calibration.values.iter();
    let sizes = values.filter(|it| it.path.ends_with(".row_size"));
    sizes
        .filter_map(|value| {
            let number = |number: &Number| match number {
                Number::Number(number) => Some(*number),
                Number::Date(_) => None,
            };
            Some(RowSize {
                path: value.path.clone(),
                declared: value.declared.as_ref().and_then(number),
                measured: number(&value.measured)?,
            })
        })
        .collect()
}
