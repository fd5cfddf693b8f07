//! caplint: forecasts what a change does to credits, storage, writes, queues and spend.

pub mod analysis;
pub mod changes;
pub mod cli;
pub mod document;
pub mod error;
pub mod finding;
pub mod fit;
pub mod forecast;
pub mod limits;
pub mod model;
pub mod packs;
pub mod quantity;
pub mod render;
pub mod report;
pub mod rules;
pub mod run;
pub mod sheet;
pub mod source;
pub mod states;
pub mod suggest;
pub mod units;
pub mod usage;
pub mod verdicts;
