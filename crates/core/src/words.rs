//! How numbers and names are written in messages and reports.

pub mod number;
pub mod text;
