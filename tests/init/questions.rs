//! Questions on a terminal.

use std::io::Cursor;
use std::path::Path;

use caplint::cli::{World, main};
use caplint::states::Environment;
use caplint::units::Date;

use super::{content, folder, is_sound};

/// Runs `init` as if on a terminal, with these lines as answers.
fn answer(dir: &Path, lines: &str) -> (u8, String) {
    answer_with(dir, &[], lines)
}

fn answer_with(dir: &Path, options: &[&str], lines: &str) -> (u8, String) {
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
    let arguments = ["caplint", "init"].iter().chain(options);
    let code = main(arguments.map(|it| (*it).into()), &mut world);
    assert!(stdout.is_empty());
    (code, String::from_utf8(stderr).expect("text"))
}

#[test]
fn answers_make_a_sound_project() {
    let folder = folder();
    let lines = "weather\nEUR\nfree=3600, pro=1200\n4%\nforecasts=200/min\n/forecast/ /map/\n2500000@1499\n2400\n\nmain=50GB\nbriefing\ngrowth\n\n";
    let (code, asked) = answer(folder.path(), lines);
    assert_eq!(code, 0, "{asked}");
    let text = content(folder.path(), "capacity.toml");
    for part in [
        "name = \"weather\"",
        "currency = \"EUR\"",
        "# Projected at 4% a month.",
        "[apis.forecasts]\nrate_limit = \"200/min\"\nplan = { credits = 2500000, price = 1499 }\nbudget = 2400\n",
        "\"/map/\" = { credits = 1 } # assumed",
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

#[test]
fn what_an_option_says_is_not_asked() {
    let folder = folder();
    let options = [
        "--name",
        "weather",
        "--tenants",
        "pro=5",
        "--api",
        "forecasts=200/min",
    ];
    let lines = "\n5%\n/forecast/\n\n\n\n\n\n\n";
    let (code, asked) = answer_with(folder.path(), &options, lines);
    assert_eq!(code, 0, "{asked}");
    for known in ["project's name", "Tenants", "A metered API"] {
        assert!(!asked.contains(known), "{known}: {asked}");
    }
    assert!(
        asked.contains("The plan of forecasts") && asked.contains("A database"),
        "{asked}"
    );
    is_sound(folder.path());
}

#[test]
fn a_second_project_inside_one_is_asked_about() {
    let folder = folder();
    std::fs::write(folder.path().join("capacity.toml"), "[project]\n").expect("a file");
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("a folder");
    let (code, asked) = answer(&below, "\n");
    assert_eq!(code, 2, "{asked}");
    assert!(asked.contains("Make a second one? [no]"), "{asked}");
    assert!(!below.join("capacity.toml").exists());
    let (code, asked) = answer(&below, "yes\n\n\n\n\n\n");
    assert_eq!(code, 0, "{asked}");
}
