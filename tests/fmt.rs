//! `caplint fmt`: one layout, the same meaning, every comment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "fmt/command.rs"]
mod command;
#[path = "fmt/layout.rs"]
mod layout;
#[path = "support/mod.rs"]
mod support;
