//! The most that caplint takes in, so that a hostile pull request exhausts neither memory nor
//! time. Each has a clear message where it is passed.

/// Names in one file: features, tables, endpoints, lines and so on.
pub const MAX_NAMES_IN_FILE: usize = 20_000;

/// Bytes of one name.
pub const MAX_NAME_BYTES: usize = 200;

/// The furthest day of a projection, in days: a hundred years.
pub const MAX_DAYS: u32 = 36_500;
