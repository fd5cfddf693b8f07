//! `caplint fmt`: one layout, the same meaning, every comment.

mod command;
mod layout;
