//! What was measured, by what it is about and its unit.

use crate::calibrate::errors::Days;
use crate::collections::HashMap;
use crate::units::Date;

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

/// All that was measured in a window.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured(pub(crate) HashMap<(String, String), Series>);

impl Measured {
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
