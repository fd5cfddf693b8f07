//! What other programs read.

mod keda;
mod prometheus;
mod rows;
mod yaml;

pub(crate) use keda::keda;
pub(crate) use prometheus::prometheus_rules;
pub(crate) use rows::{rows_csv, rows_json};
