//! Under which circumstances a model is evaluated: today, on a day to come, in a scenario.

use crate::model::{Bound, Event, Line, Multiplier, Scenario};
use crate::quantity::Quantity;

/// The circumstances of one evaluation.
#[derive(Clone, Copy, Debug)]
pub enum Situation<'a> {
    /// Today.
    Today,
    /// Today, with all tenants and unfixed counts times the graph's multiplier: what breaking
    /// points are searched in.
    Multiplied,
    /// So many days from now.
    Day(u32),
    /// A scenario.
    Scenario(&'a Scenario),
}

impl<'a> Situation<'a> {
    /// The day whose tenants count for what happens per day.
    pub(crate) fn day(self) -> u32 {
        match self {
            Self::Day(day) => day,
            _ => 0,
        }
    }

    /// For how many days from now storage is projected.
    pub(crate) fn horizon(self, declared: u32) -> u32 {
        match self {
            Self::Day(day) => day,
            _ => declared,
        }
    }

    /// How many times as large messages, rows and units are.
    pub(crate) fn payload(self) -> f64 {
        self.scenario().map_or(1.0, |scenario| scenario.payload)
    }

    /// How many times as often a feature's line occurs that has a rate.
    pub(crate) fn rates(self, feature: &str, line: &Line) -> f64 {
        let Some(scenario) = self.scenario() else {
            return 1.0;
        };
        let taken = match scenario.taken.is_empty() {
            true => None,
            false => scenario.taken.get(&line.path(feature)),
        };
        let times = taken.or_else(|| scenario.rates.get(feature));
        times.copied().unwrap_or(1.0)
    }

    pub(crate) fn scenario(self) -> Option<&'a Scenario> {
        match self {
            Self::Scenario(scenario) => Some(scenario),
            _ => None,
        }
    }

    pub(crate) fn event(self) -> Option<Event> {
        self.scenario().and_then(|scenario| scenario.event)
    }

    pub(crate) fn tier_multiplier(self, tier: usize) -> f64 {
        match self.scenario().map(|scenario| &scenario.tenants) {
            None => 1.0,
            Some(Multiplier::All(times)) => *times,
            Some(Multiplier::Tiers(times)) => times.get(tier).copied().unwrap_or(1.0),
        }
    }

    /// Whether there is growth on top: in a scenario every day is like the first.
    pub(crate) fn grows(self) -> bool {
        self.scenario().is_none()
    }

    /// A limit that holds in it.
    pub(crate) fn bound(self, bound: Option<Bound>) -> Option<Quantity> {
        let bound = bound?;
        limited(match self {
            Self::Scenario(_) => bound.max.unwrap_or(bound.now),
            _ => bound.now,
        })
    }

    /// A budget limits today and events; growth only where it says what it can be raised to.
    pub(crate) fn budget(self, budget: Option<Bound>) -> Option<Quantity> {
        let budget = budget?;
        limited(match self {
            Self::Scenario(scenario) if scenario.event.is_none() => budget.max?,
            Self::Scenario(_) => budget.max.unwrap_or(budget.now),
            _ => budget.now,
        })
    }
}

/// A limit; an infinite one is none.
fn limited(most: f64) -> Option<Quantity> {
    most.is_finite().then(|| Quantity::certain(most))
}
