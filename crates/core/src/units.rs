//! The values of the format, read from text: durations, sizes, rates, money, dates.
//!
//! Every error is one sentence without a final dot, which says what is wrong and what is
//! accepted. Every [`std::fmt::Display`] prints one canonical spelling, which reads back as an
//! equal value. All numbers are finite and at least 0.

mod date;
mod duration;
mod growth;
mod money;
mod number;
mod period;
mod rate;
mod ratio;
mod size;
mod throughput;

pub use date::Date;
pub use duration::Duration;
pub use growth::Growth;
pub use money::Money;
pub use number::{count, parse_count};
pub use period::Period;
pub use rate::Rate;
pub use ratio::Ratio;
pub use size::Size;
pub use throughput::Throughput;

/// Seconds in a day.
pub const DAY: f64 = 86_400.0;
