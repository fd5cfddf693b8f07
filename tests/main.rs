//! All integration tests, in one binary: linking the program twenty times over is what building
//! them would cost otherwise. A module is one subject; `cargo test --test suite cases::` runs one.
#![allow(
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

#[cfg(unix)]
mod action;
mod architecture;
mod arith;
mod arithmetic;
mod blame;
mod calibrate;
mod cases;
mod causes;
mod combinations;
mod explain;
mod export;
mod extremes;
mod file_errors;
mod fix;
mod fmt;
#[cfg(unix)]
mod fuzz;
mod generated;
mod guesses;
#[cfg(unix)]
mod history;
mod init;
mod key_pairs;
mod metrics;
mod outputs;
mod pairs;
mod policy;
mod properties;
mod published;
mod purchases;
mod render;
#[cfg(unix)]
mod review;
mod rule_pages;
mod rules_features;
mod rules_governance;
mod rules_limits;
mod rules_models;
mod rules_queues;
mod rules_tables;
mod schema;
#[cfg(unix)]
mod security;
mod seed_numbers;
#[cfg(target_os = "linux")]
mod servers;
mod several;
mod silence;
#[cfg(unix)]
mod states;
mod suggest;
mod support;
mod units;
mod unread;
mod usage;
mod usage_limits;
mod verdicts;
#[cfg(unix)]
mod year_in_review;
