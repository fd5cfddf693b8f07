//! The arithmetic of caplint: numbers that may be uncertain, what is asked of them, and the
//! cheapest packs. It knows nothing of files, of the format or of reports, and does no I/O.

pub mod collections;
pub mod decimal;
pub mod packs;
pub mod parallel;
pub mod quantity;
