//! The `caplint` program.

fn main() {}
