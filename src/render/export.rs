//! What other programs read.

mod prometheus;
mod yaml;

pub(crate) use prometheus::prometheus_rules;
