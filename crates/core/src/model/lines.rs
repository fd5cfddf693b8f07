//! Demand lines: when each occurs, for whom, and what one event of it uses.
//!
//! A line is one struct. What only one kind of line has stands in that kind's file: how its keys
//! are read and checked, and the formulas of what it asks for.

mod billed;
mod calls;
pub(crate) mod events;
mod inference;
pub(crate) mod limits;
mod messages;
mod reads;
mod writes;

use std::sync::Arc;

pub(crate) use crate::document::tables::LineKind;

use crate::document::dotted;
use crate::document::reader::At;
use crate::document::tables::{self, AnyLine, DemandLine, line_kinds};
use crate::meter::Family;
use crate::model::lines::events::{Amount, Asked, Events};
use crate::model::names::Reference;
use crate::model::resolve::check::Check;
use crate::model::things::{Model, Value};
use crate::quantity::{Graph, Quantity};
use crate::source::Span;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feature {
    pub(crate) name: Arc<str>,
    /// Parents before those that follow them.
    pub(crate) lines: Vec<Line>,
}

impl Feature {
    /// The population that a line is counted by: that of the line at the beginning of its chain.
    pub(crate) fn population_of<'a>(&'a self, line: &'a Line) -> Option<&'a Shared> {
        let first = match line.timing {
            Timing::Rate { .. } => line,
            Timing::After { origin, .. } => self.lines.get(origin)?,
        };
        match &first.timing {
            Timing::Rate { population, .. } => Some(population),
            Timing::After { .. } => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) id: Arc<str>,
    pub(crate) kind: LineKind,
    pub(crate) timing: Timing,
    pub(crate) uses: Uses,
    /// The cache before what it uses. Boxed, as most lines have none.
    pub(crate) cache: Option<Box<Cache>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Uses {
    pub(crate) thing: Reference,
    /// Of a call: the endpoint's path. Its number is its position among the API's endpoints.
    pub(crate) endpoint: Option<Reference>,
    /// Items of a call; rows or messages of an event.
    pub(crate) count: Value,
    /// Bytes of one, where the line says so.
    pub(crate) size: Option<Value>,
    /// Units of a run, by unit.
    pub(crate) units: Vec<(String, Value)>,
}

impl Uses {
    fn new(thing: Reference, count: Value) -> Self {
        Self {
            thing,
            endpoint: None,
            count,
            size: None,
            units: Vec::new(),
        }
    }
}

impl Line {
    pub(crate) fn path(&self, feature: &str) -> String {
        dotted(["features", feature, self.kind.list(), &self.id].into_iter())
    }

    pub(crate) fn target_name(&self) -> Arc<str> {
        match &self.uses.endpoint {
            Some(endpoint) => format!("{}:{endpoint}", self.uses.thing).into(),
            None => self.uses.thing.name.clone(),
        }
    }

    pub(crate) fn called(&self) -> Option<(&str, &str)> {
        Some((&self.uses.thing, self.uses.endpoint.as_ref()?))
    }

    pub(crate) fn uses_any(&self, family: Family) -> Option<&str> {
        (self.kind.family() == family).then_some(&self.uses.thing)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Timing {
    Rate {
        /// Occurrences a day for each of the population.
        per_day: Value,
        /// Whether they arrive in batches, one each `86,400 / per_day` seconds.
        batch: bool,
        population: Shared,
        /// Peak over average of steady demand.
        peak: f64,
        /// The busiest day over the average day of steady demand.
        peak_day: f64,
        /// How long a batch takes to arrive, or one occurrence of steady demand takes, in seconds,
        /// where declared.
        spread: Option<f64>,
    },
    /// After each occurrence of another line.
    After {
        /// The line's index in the feature.
        parent: usize,
        /// The index of the line at the beginning of the chain, which has a rate.
        origin: usize,
        fanout: Value,
    },
}

/// A population that lines share, with its number among the model's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shared {
    pub(crate) id: usize,
    pub(crate) population: Arc<Population>,
}

impl std::ops::Deref for Shared {
    type Target = Population;

    fn deref(&self) -> &Population {
        &self.population
    }
}

/// Whom a rate is counted per.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Population {
    pub(crate) per: Per,
    /// The tiers among which it is counted, by index, each with the share that uses the feature.
    pub(crate) tiers: Vec<(usize, Adoption)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Adoption {
    Share(Value),
    /// This number of tenants today, over how many these tiers have today.
    Active {
        active: Value,
        /// The feature's tiers, by index.
        of: Arc<[usize]>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Per {
    Tenant,
    Entity(String),
    /// The project once.
    Project,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cache {
    /// Seconds that an answer is kept.
    pub(crate) ttl: Option<f64>,
    /// The declared share of requests that it serves.
    pub(crate) hit_ratio: Option<Value>,
    /// Whether all ask for the same objects, and not each tenant or entity for its own.
    pub(crate) shared: bool,
    /// How many distinct objects are asked for: by all, or by each.
    pub(crate) keys: Option<Value>,
}

trait KindOfLine: DemandLine {
    const FAMILY: Family;

    /// What sums up a line's day in words: the first amount that is not 0, else the last.
    const TOLD_BY: &'static [(Amount, &'static str)];

    /// What one event uses; nothing where that does not exist, which is reported.
    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, span: Span) -> Option<Uses>;

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked;

    /// The most events per second of a line that lines which follow it see, where what it uses
    /// limits them.
    fn ceiling(_line: &Line, _model: &Model, _graph: &mut Graph) -> Option<Quantity> {
        None
    }
}

macro_rules! dispatch {
    ($($kind:ident $list:ident,)*) => {
        impl LineKind {
            pub(crate) fn family(self) -> Family {
                match self {
                    $(Self::$kind => tables::$kind::FAMILY,)*
                }
            }

            pub(crate) fn told_by(self) -> &'static [(Amount, &'static str)] {
                match self {
                    $(Self::$kind => tables::$kind::TOLD_BY,)*
                }
            }
        }

        impl Line {
            pub(crate) fn asked(&self, events: &Events<'_>, graph: &mut Graph) -> Asked {
                match self.kind {
                    $(LineKind::$kind => tables::$kind::asked(self, events, graph),)*
                }
            }

            pub(crate) fn ceiling(&self, model: &Model, graph: &mut Graph) -> Option<Quantity> {
                match self.kind {
                    $(LineKind::$kind => tables::$kind::ceiling(self, model, graph),)*
                }
            }
        }

        impl<'a> AnyLine<'a> {
            pub(super) fn uses(self, check: &mut Check<'a>, at: &At<'_>) -> Option<Uses> {
                match self {
                    $(Self::$kind(line) => line.value.uses(check, at, line.span),)*
                }
            }
        }
    };
}
line_kinds!(dispatch);
