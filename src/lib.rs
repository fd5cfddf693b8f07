//! caplint: forecasts what a change does to credits, storage, writes, queues and spend.

pub mod cli;
pub mod format;
pub mod init;
pub mod pages;
pub mod render;

pub use caplint_core::*;
pub use caplint_states as states;
