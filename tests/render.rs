//! Every format, compared with the files in `tests/render/expected` (`SNAPSHOTS=overwrite`
//! accepts what is written now), and held against what each promises.

mod agreement;
mod html;
mod human;
mod json;
mod machines;
mod markdown;
mod pictures;
mod quotients;
mod scenarios;
mod story;
mod told;
mod words;

use std::path::{Path, PathBuf};

use crate::support::reports;

/// What every report links to.
const GLOSSARY: &str = "https://github.com/caplint/caplint/blob/main/docs/glossary.md";

/// The page of a review.
const REVIEW: &str = include_str!("../examples/year-in-review/review.html");

/// Compares with `tests/render/expected/NAME`.
fn expect(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/render/expected")
        .join(name);
    // Not normalized: the bytes are the promise.
    let expected = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(actual.to_owned(), expected);
}

/// Whether a text could act on a terminal or on the order of reading, newlines aside.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|character| {
        character.is_control() && character != '\n'
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// A file of `tests/data`.
fn data_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn data(name: &str) -> String {
    std::fs::read_to_string(data_path(name)).unwrap()
}

/// A file that a program can be given.
fn scratch(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A program that a test needs, or nothing, said loudly, where it is not installed. With
/// `CAPLINT_REQUIRE_BROWSER` set, as in CI, it must be there.
#[allow(clippy::print_stderr)]
fn program(name: &str, places: &[&str]) -> Option<PathBuf> {
    let found = places.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        let message = format!("{name} is not installed: THIS TEST CHECKED NOTHING");
        assert!(
            std::env::var_os("CAPLINT_REQUIRE_BROWSER").is_none(),
            "{message}"
        );
        eprintln!("{message}");
    }
    found
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    use caplint::render::{Format, Options, render};
    use clap::ValueEnum;
    for report in [reports::diff, reports::hostile, || reports::touching(40)] {
        for format in Format::value_variants().iter().copied() {
            let [first, second] =
                [report(), report()].map(|report| render(format, &report, &Options::default()));
            assert!(first == second, "{format:?} differs between runs");
            assert!(first.ends_with('\n'), "{format:?} ends in no newline");
        }
    }
}
