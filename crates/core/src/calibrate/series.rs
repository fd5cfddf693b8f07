//! What was measured, by what it is about and its unit.

use crate::analysis::Project;
use crate::calibrate::Window;
use crate::calibrate::errors::Days;
use crate::calibrate::values::path_of;
use crate::collections::HashMap;
use crate::document::tables::LineKind;
use crate::units::Date;
use crate::usage::Usage;

/// One thing that was measured over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Series {
    /// What was counted, by day.
    pub(crate) days: Days,
    /// What was counted in each hour, where that is known.
    pub(crate) hours: Vec<f64>,
    /// What was sampled, in the order of time.
    pub(crate) samples: Vec<(Date, f64)>,
}

impl Series {
    /// Counts days without a row between the first and the last as days of nothing.
    fn fill(&mut self) {
        let ends = (self.days.first_key_value(), self.days.last_key_value());
        let (Some((first, _)), Some((last, _))) = ends else {
            return;
        };
        let (mut day, last) = (*first, *last);
        while day < last {
            self.days.entry(day).or_default();
            match day.plus_days(1) {
                Some(next) => day = next,
                None => return,
            }
        }
    }
}

/// All that was measured in a window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured(pub(crate) HashMap<(String, String), Series>);

impl Measured {
    /// What the rows of a window say of a project's lines.
    pub(crate) fn new(
        usage: &Usage,
        project: &Project,
        window: Window,
        gaps_are_zero: bool,
    ) -> Self {
        let mut measured = Self::default();
        let features = &project.declarations.root.features;
        for record in &usage.records {
            let feature = features.get(&record.feature);
            let mut kinds = LineKind::ALL.into_iter();
            let list =
                kinds.find(|kind| feature.is_some_and(|it| it.line(*kind, &record.line).is_some()));
            let (Some(list), true) = (list, window.has(record.date)) else {
                continue;
            };
            let path = path_of(&["features", &record.feature, list.list(), &record.line]);
            let series = measured.0.entry((path, record.unit.clone())).or_default();
            *series.days.entry(record.date).or_default() += record.quantity;
        }
        if gaps_are_zero {
            measured.0.values_mut().for_each(Series::fill);
        }
        measured
    }

    pub(crate) fn get(&self, subject: &str, unit: &str) -> Option<&Series> {
        self.0.get(&(subject.to_owned(), unit.to_owned()))
    }

    /// The last sample.
    pub(crate) fn last(&self, subject: &str, unit: &str) -> Option<f64> {
        Some(self.get(subject, unit)?.samples.last()?.1)
    }

    /// What was counted in all days, where there are enough of them.
    pub(crate) fn total(&self, subject: &str, unit: &str) -> Option<f64> {
        let days = &self.get(subject, unit)?.days;
        (days.len() >= super::ENOUGH_DAYS).then(|| sum(days))
    }
}

/// A sum of corrections alone is nothing, and not less.
pub(crate) fn sum(days: &Days) -> f64 {
    days.values().sum::<f64>().max(0.0)
}
