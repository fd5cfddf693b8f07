//! What a model's demand comes to: populations, occurrences, and the meters that count them.
//! Pure arithmetic, as a page of formulas: each function says which one it is.
//!
//! Everything is a [`crate::quantity::Quantity`], so that one evaluation gives the point value
//! and the percentiles.

pub(crate) mod ages;
mod curve;
pub(crate) mod delta;
pub mod demand;
mod fill;
pub(crate) mod flow;
pub(crate) mod meters;
mod once;
pub(crate) mod per_member;
pub(crate) mod population;
pub mod situation;
pub(crate) mod storage;
pub(crate) mod tariff;

pub use demand::Forecast;
pub(crate) use flow::{Flow, Flows};
pub use situation::Situation;
