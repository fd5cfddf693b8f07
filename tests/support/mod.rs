//! What several modules need: repositories, runs over texts, reports.

pub mod clock;
pub mod csv;
pub mod findings;
pub mod lint;
pub mod python;
pub mod repo;
pub mod reports;
pub mod terminal;
