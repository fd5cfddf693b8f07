#![no_main]
#[path = "../../tests/fuzz/properties.rs"]
#[allow(dead_code, clippy::expect_used, clippy::unwrap_used)]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::usage(bytes));
