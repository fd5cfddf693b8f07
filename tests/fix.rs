//! Edits of capacity files: the engine, and `check --fix`.

mod engine;
