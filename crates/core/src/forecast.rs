//! What a model's demand comes to: populations, occurrences, and the meters that count them.
//! Pure arithmetic, as a page of formulas: each function says which one it is.
//!
//! Everything is a [`crate::quantity::Quantity`], so that one evaluation gives the point value
//! and the percentiles.

mod fill;
pub mod flow;
pub mod meters;
pub mod per_member;
pub mod population;
pub mod situation;
pub mod spend;
pub mod storage;
pub mod totals;

pub use flow::{Effect, Flow};
pub use meters::{Demand, Kind, MeterId, Metered};
pub use situation::Situation;
pub use totals::Forecast;
