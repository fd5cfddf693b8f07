//! The arithmetic below the forecast: see the modules.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "arith/mod.rs"]
mod arith;
