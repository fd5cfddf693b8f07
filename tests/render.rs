//! Every format, compared with the files in `tests/render/expected` (`SNAPSHOTS=overwrite`
//! accepts what is written now), and held against what each promises.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "render/human.rs"]
mod human;
#[path = "render/json.rs"]
mod json;
#[path = "support/reports.rs"]
mod reports;

/// Compares with `tests/render/expected/NAME`.
fn expect(name: &str, actual: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
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
