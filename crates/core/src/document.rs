//! One `capacity.toml` as it was written: typed values, each with its span.
//!
//! The tables in `tables` are the one definition of the format: the reader, the comparison of
//! two documents and the generated schema all follow from them. Nothing here looks across
//! files; that is the work of [`crate::model`].

mod declared;
pub(crate) mod describe;
mod edit;
mod estimate;
pub(crate) mod forms;
pub(crate) mod graduated;
mod limit;
pub(crate) mod line_ids;
mod lines;
mod lost;
mod map;
mod meant;
mod path;
pub mod projection;
pub mod reader;
pub(crate) mod repair;
mod syntax;
mod table;
pub(crate) mod tables;
pub(crate) mod tree;
pub mod values;

pub(crate) use declared::{Declared, Difference, DifferenceKind, Optional};
pub(crate) use edit::Items;
pub(crate) use estimate::{Estimate, Estimated, Knowledge, PerEvent, Quantiles, Scalar};
pub(crate) use limit::{Bounded, Limit, RateLimits};
pub(crate) use lines::Lines;
pub(crate) use lost::Lost;
pub(crate) use map::{Entry, Map, Named};
pub(crate) use meant::with_slashes;
pub use path::TomlPath;
pub(crate) use path::dotted;
pub use reader::{Document, read};
pub(crate) use table::{Table, UNKNOWN};
