//! caplint: forecasts what a change does to credits, storage, writes, queues and spend.

pub mod error;
pub mod finding;
pub mod quantity;
pub mod report;
pub mod source;
