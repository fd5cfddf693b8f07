//! From documents to a model: files become projects, a project's files become one set of
//! declarations, references are resolved, and values get their types and defaults.
//!
//! Every step returns what it could make of its input together with findings; nothing here
//! fails.

pub(crate) mod builder;
pub(crate) mod declared_limits;
pub(crate) mod gaps;
pub(crate) mod lines;
pub mod merge;
pub(crate) mod names;
pub mod policy;
mod prices;
pub mod projects;
pub mod resolve;
pub mod scenarios;
mod things;
mod usage_limits;

pub(crate) use lines::*;
pub use merge::Declarations;
pub use policy::Policy;
pub(crate) use prices::Graduated;
pub use projects::{ProjectFiles, projects};
pub(crate) use resolve::build;
pub use scenarios::{Event, Multiplier, Scenario};
pub(crate) use things::*;
pub(crate) use usage_limits::{Counts, Members, Over};
