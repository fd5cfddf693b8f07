//! caplint: forecasts what a change does to credits, storage, writes, queues and spend.

pub mod error;
pub mod finding;
pub mod render;
pub mod report;
pub mod source;
