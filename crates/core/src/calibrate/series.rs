//! What was measured, by what it is about and its unit.

use crate::analysis::Project;
use crate::calibrate::Window;
use crate::calibrate::errors::Days;
use crate::collections::HashMap;
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
    /// What the rows of a window say of what a project declares. How much there is is known up to
    /// the day after the last.
    pub(crate) fn new(
        usage: &Usage,
        project: &Project,
        window: Window,
        gaps_are_zero: bool,
    ) -> Self {
        let mut measured = Self::up_to(usage, project, window, window.to);
        if gaps_are_zero {
            measured.0.values_mut().for_each(Series::fill);
        }
        measured
    }

    /// What rules look at, of which nothing is later than the date of judging.
    pub(crate) fn judged(usage: &Usage, project: &Project, as_of: Date) -> Self {
        Self::up_to(usage, project, Window::of_rules(as_of), as_of)
    }

    fn up_to(usage: &Usage, project: &Project, window: Window, last_sampled: Date) -> Self {
        let mut measured = Self::default();
        for (subject, unit, all) in usage.measured(project).iter() {
            let series = Series {
                days: all.days().filter(|(day, _)| window.has(*day)).collect(),
                hours: all
                    .hours()
                    .filter(|(day, ..)| window.has(*day))
                    .map(|(.., sum)| sum)
                    .collect(),
                samples: all
                    .samples()
                    .filter(|(day, _)| window.from <= *day && *day <= last_sampled)
                    .collect(),
            };
            if !series.days.is_empty() || !series.samples.is_empty() {
                measured
                    .0
                    .insert((subject.to_string(), unit.to_owned()), series);
            }
        }
        measured
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
