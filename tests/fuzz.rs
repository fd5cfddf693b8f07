//! Properties of whatever bytes there are, some of them each time; `.ci/long` tries them for
//! minutes of processor time, with `CAPLINT_FUZZ_SECONDS`. `fuzz/` has the same ones for cargo-fuzz.

#[path = "fuzz/properties.rs"]
mod properties;

use std::time::Duration;

use caplint::render::Format;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::clock::Clock;
use crate::support::repo::Repo;

/// Tries a property on rows of bytes: the same ones each time, and others where there is more time.
fn hold(cases: u32, most: usize, property: impl Fn(&[u8])) {
    let seconds = std::env::var("CAPLINT_FUZZ_SECONDS").map_or(0, |text| text.parse().unwrap());
    let enough = Duration::from_secs(seconds);
    let start = Clock::start();
    for round in 0_u64.. {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&round.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let config = Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        };
        let bytes = proptest::collection::vec(any::<u8>(), 0..most);
        let held = TestRunner::new_with_rng(config, rng).run(&bytes, |bytes| {
            property(&bytes);
            Ok(())
        });
        assert!(held.is_ok(), "{}", held.unwrap_err());
        if start.elapsed() >= enough {
            break;
        }
    }
}

#[test]
fn any_bytes_are_read() {
    hold(100, 400, properties::reader);
}

#[test]
fn mistakes_are_found_and_nothing_else_happens() {
    hold(40, 1500, properties::mistakes);
}

#[test]
fn units_are_numbers() {
    hold(500, 24, properties::units);
}

#[test]
fn declarations_are_resolved() {
    hold(60, 1500, properties::resolving);
}

#[test]
fn forecasts_are_numbers() {
    hold(60, 2000, properties::forecast);
}

#[test]
fn every_format_writes_them() {
    hold(20, 2000, properties::renderers);
}

#[test]
fn reports_are_what_their_schema_says() {
    let schema = jsonschema::draft7::new(&caplint::schema::report()).unwrap();
    hold(20, 2000, |bytes| {
        let report = properties::report(bytes);
        let json = caplint::render::render(Format::Json, &report, &Default::default());
        let json = serde_json::from_str(&json).unwrap();
        let error = schema.validate(&json).err();
        assert!(error.is_none(), "{}", error.unwrap());
    });
}

#[test]
fn usage_is_read_or_refused() {
    hold(100, 300, properties::usage);
}

#[test]
fn patterns_match_what_they_say() {
    hold(2000, 64, properties::patterns);
}

#[test]
fn events_are_believed_or_refused() {
    let repo = Repo::new();
    repo.write("capacity.toml", "[project]\n");
    let commit = repo.commit("one");
    hold(20, 200, |bytes| {
        properties::events(&repo.path, &commit, bytes)
    });
}
