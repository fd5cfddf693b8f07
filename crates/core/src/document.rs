//! One `capacity.toml` as it was written: typed values, each with its span.
//!
//! The tables in [`tables`] are the one definition of the format: the reader, the comparison of
//! two documents and the generated schema all follow from them. Nothing here looks across
//! files; that is the work of [`crate::model`].

pub mod declared;
pub mod describe;
mod edit;
pub mod estimate;
pub mod forms;
pub mod limit;
pub mod line_ids;
pub mod lines;
pub mod lost;
mod map;
pub mod projection;
pub mod reader;
mod repair;
mod syntax;
mod table;
pub mod tables;
pub mod values;

pub use declared::{Declared, Difference, Entry, Map, TomlPath};
pub use estimate::Estimate;
pub use limit::Limit;
pub use lines::Lines;
pub use lost::Lost;
pub use reader::{Document, Reader, read};
