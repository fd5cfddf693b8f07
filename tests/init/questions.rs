//! Questions on a terminal.

use std::io::Cursor;
use std::path::Path;

use caplint::cli::{World, main};
use caplint::states::Environment;
use caplint::units::Date;

use super::{content, folder, is_sound};

/// Runs `init` as if on a terminal, with these lines as answers.
fn answer(dir: &Path, lines: &str) -> (u8, String) {
    let mut stdin = Cursor::new(lines.to_owned());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        dir: dir.to_owned(),
        environment: Environment::default(),
        today: Date::new(2026, 11, 22).expect("a date"),
        terminal: Some(80),
        threads: 1,
        stdin: &mut stdin,
        asks: true,
        stdout: &mut stdout,
        stderr: &mut stderr,
    };
    let code = main(["caplint".into(), "init".into()], &mut world);
    assert!(stdout.is_empty());
    (code, String::from_utf8(stderr).expect("text"))
}

#[test]
fn answers_make_a_sound_project() {
    let folder = folder();
    let lines = "weather\nEUR\nfree=3600, pro=1200\n4%\nforecasts=200/min\n/forecast/ /map/\n\nmain=50GB\nbriefing\ngrowth\n\n";
    let (code, asked) = answer(folder.path(), lines);
    assert_eq!(code, 0, "{asked}");
    let text = content(folder.path(), "capacity.toml");
    for part in [
        "name = \"weather\"",
        "currency = \"EUR\"",
        "# Projected at 4 % a month.",
        "[apis.forecasts]\nrate_limit = \"200/min\"",
        "[features.briefing]\nspec = \"specs/briefing.md\"\nowner = \"growth\"\nlaunch = 2026-12-22",
        "storage = \"50GB\"",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    is_sound(folder.path());
}

#[test]
fn empty_answers_take_what_is_offered() {
    let folder = folder();
    let (code, asked) = answer(folder.path(), "\n\n\n\n\n");
    assert_eq!(code, 0, "{asked}");
    assert!(content(folder.path(), "capacity.toml").contains("currency = \"USD\""));
    is_sound(folder.path());
}

#[test]
fn a_wrong_answer_is_asked_again() {
    let folder = folder();
    let (code, asked) = answer(folder.path(), "\ndollars\nUSD\n\n\n\n");
    assert_eq!(code, 0, "{asked}");
    assert!(asked.contains("  a currency is three letters"), "{asked}");
    let folder = super::folder();
    let (code, asked) = answer(folder.path(), "\na\nb\nc\nd\n");
    assert_eq!(code, 2, "{asked}");
    assert!(!folder.path().join("capacity.toml").exists());
}

#[test]
fn questions_that_end_early_write_nothing() {
    let folder = folder();
    let (code, asked) = answer(folder.path(), "weather\n");
    assert_eq!(code, 2, "{asked}");
    assert!(asked.contains("nothing was written"), "{asked}");
    assert!(!folder.path().join("capacity.toml").exists());
}
