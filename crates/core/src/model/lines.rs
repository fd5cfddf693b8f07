//! Demand lines: when each occurs, for whom, and what one event of it uses.
//!
//! A line is one struct. What only one kind of line has stands in that kind's file: how its keys
//! are read and checked, and the formulas of what it asks for.

mod calls;
pub(crate) mod events;
mod inference;
mod messages;
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

/// A feature and its demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its name.
    pub name: Arc<str>,
    /// Its lines, parents before those that follow them.
    pub lines: Vec<Line>,
}

impl Feature {
    /// Of each line the population that it is counted by: its own, or that of the line at the
    /// beginning of the chain that it follows.
    pub(crate) fn origins(&self) -> Vec<Option<&Shared>> {
        let mut origins: Vec<Option<&Shared>> = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            origins.push(match &line.timing {
                Timing::Rate { population, .. } => Some(population),
                Timing::After { parent, .. } => origins.get(*parent).copied().flatten(),
            });
        }
        origins
    }
}

/// One demand line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its id, unique in its feature.
    pub id: Arc<str>,
    /// What kind of demand it is.
    pub(crate) kind: LineKind,
    /// When it occurs.
    pub timing: Timing,
    /// What one event uses.
    pub uses: Uses,
    /// The cache before what it uses. Boxed, as most lines have none.
    pub cache: Option<Box<Cache>>,
}

/// What one event of a line uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Uses {
    /// The thing, which is of the family of the line's kind.
    pub thing: Reference,
    /// Of a call: the endpoint's path. Its number is its position among the API's endpoints.
    pub endpoint: Option<Reference>,
    /// Items of a call; rows or messages of an event.
    pub count: Value,
    /// Bytes of one, where the line says so.
    pub size: Option<Value>,
    /// Units of a run, by unit.
    pub units: Vec<(String, Value)>,
}

impl Uses {
    /// So many of a thing.
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
    /// Its path in the model, as a line of this feature.
    pub(crate) fn path(&self, feature: &str) -> String {
        dotted(["features", feature, self.kind.list(), &self.id].into_iter())
    }

    /// What it uses, as reports name it.
    pub(crate) fn target_name(&self) -> Arc<str> {
        match &self.uses.endpoint {
            Some(endpoint) => format!("{}:{endpoint}", self.uses.thing).into(),
            None => self.uses.thing.name.clone(),
        }
    }

    /// The API and the endpoint that it calls, where it is a call.
    pub(crate) fn called(&self) -> Option<(&str, &str)> {
        Some((&self.uses.thing, self.uses.endpoint.as_ref()?))
    }

    /// Whether it uses a thing of a family.
    pub(crate) fn uses_any(&self, family: Family) -> Option<&str> {
        (self.kind.family() == family).then_some(&self.uses.thing)
    }
}

/// When a line occurs.
#[derive(Clone, Debug, PartialEq)]
pub enum Timing {
    /// At a rate of its own.
    Rate {
        /// Occurrences a day for each of the population.
        per_day: Value,
        /// Whether they arrive in batches, one each `86,400 / per_day` seconds.
        batch: bool,
        /// Whom they are counted per.
        population: Shared,
        /// Peak over average of steady demand.
        peak: f64,
        /// How long a batch takes to arrive, in seconds, where declared.
        spread: Option<f64>,
    },
    /// After each occurrence of another line.
    After {
        /// The line's index in the feature.
        parent: usize,
        /// How many times.
        fanout: Value,
    },
}

/// A population that lines share, with its number among the model's.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The number.
    pub id: usize,
    /// The population.
    pub population: Arc<Population>,
}

impl std::ops::Deref for Shared {
    type Target = Population;

    fn deref(&self) -> &Population {
        &self.population
    }
}

/// Whom a rate is counted per.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Population {
    /// Tenants, an entity, or the project.
    pub per: Per,
    /// The tiers among which it is counted, by index, each with the share that uses the feature.
    pub tiers: Vec<(usize, Adoption)>,
}

/// The share of a tier that uses a feature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Adoption {
    /// A declared share.
    Share(Value),
    /// So many tenants of these tiers today, over how many those tiers have today.
    Active {
        /// How many use it today.
        active: Value,
        /// The feature's tiers, by index.
        of: Arc<[usize]>,
    },
}

/// What a rate is counted per.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// Each tenant.
    Tenant,
    /// Each of an entity.
    Entity(String),
    /// The project once.
    Project,
}

/// A cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Cache {
    /// Seconds that an answer is kept.
    pub ttl: Option<f64>,
    /// The declared share of requests that it serves.
    pub hit_ratio: Option<Value>,
    /// How many distinct objects are asked for, where all ask for the same.
    pub shared_keys: Option<Value>,
}

/// What one kind of line is.
trait KindOfLine: DemandLine {
    /// What its lines use.
    const FAMILY: Family;

    /// Whether other lines may follow its lines.
    const IS_FOLLOWED: bool = true;

    /// What sums up a line's day in words: the first amount that is not 0, else the last.
    const TOLD_BY: &'static [(Amount, &'static str)];

    /// What one event uses; nothing where that does not exist, which is reported.
    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, span: Span) -> Option<Uses>;

    /// What the events of a line ask for.
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
            /// What lines of this kind use.
            pub(crate) fn family(self) -> Family {
                match self {
                    $(Self::$kind => tables::$kind::FAMILY,)*
                }
            }

            pub(crate) fn is_followed(self) -> bool {
                match self {
                    $(Self::$kind => tables::$kind::IS_FOLLOWED,)*
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
