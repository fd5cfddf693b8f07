//! One target for each format: that of the binary's name.
#![no_main]
#[path = "../../tests/fuzz/properties.rs"]
#[allow(dead_code, clippy::expect_used, clippy::unwrap_used)]
mod properties;

use caplint::render::Format;
use clap::ValueEnum;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let name = env!("CARGO_BIN_NAME").trim_start_matches("render-");
    let format = Format::from_str(name, false).expect("a format");
    properties::renderer(format, bytes);
});
