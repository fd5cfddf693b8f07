//! Which states a run is about, and what is read of them: every case on a real repository.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "states/helper.rs"]
mod helper;

#[path = "states/arguments.rs"]
mod arguments;
#[path = "states/ci.rs"]
mod ci;
#[path = "states/hostile.rs"]
mod hostile;
#[path = "states/reading.rs"]
mod reading;
#[path = "states/repositories.rs"]
mod repositories;
