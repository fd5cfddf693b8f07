//! The core of caplint: from the texts of `capacity.toml` files to a report.
//!
//! Data flows one way: source, document, model, forecast, fit, changes, rules, verdicts, report.
//! Nothing here reads a file, a clock or the environment, and nothing prints.

pub mod advice;
pub mod analysis;
pub mod calibrate;
pub mod changes;
pub mod document;
pub mod edit;
pub mod error;
pub mod exceptions;
pub mod explain;
pub mod export;
pub mod finding;
pub mod fit;
pub mod forecast;
pub mod history;
pub mod limits;
pub(crate) mod measurable;
pub(crate) mod meter;
pub mod metrics;
pub mod model;
pub mod purchases;
pub mod report;
pub mod review;
pub mod rules;
pub mod run;
pub mod schema;
pub(crate) mod selectors;
pub mod sheet;
pub mod source;
pub mod suggest;
pub(crate) mod tenants;
pub mod units;
pub mod usage;
pub mod verdicts;
pub(crate) mod wildcard;
pub mod words;

pub use caplint_arith::quantity::varying;
pub use caplint_arith::{collections, decimal, packs, parallel, quantity};
