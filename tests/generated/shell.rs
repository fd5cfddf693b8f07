//! What lists and packages are made of.

use std::process::{Command, Output};

use caplint::rules::RULES;

fn caplint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments)
        .env_clear()
        .output()
        .expect("caplint runs")
}

fn stdout(arguments: &[&str]) -> String {
    let output = caplint(arguments);
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn rules_are_listed_by_section_and_severity() {
    let all = stdout(&["rules"]);
    for rule in RULES.iter() {
        let line = all
            .lines()
            .find(|line| line.trim_start().split(' ').next() == Some(rule.name))
            .unwrap_or_else(|| panic!("{} is not listed", rule.name));
        assert!(
            line.contains(rule.severity.as_str()) && line.contains(caplint::pages::summary(rule))
        );
    }
    assert!(all.starts_with("The file itself\n"));
    let warnings = stdout(&["rules", "--severity", "warning"]);
    assert!(warnings.contains("near-limit") && !warnings.contains("over-limit "));
    assert!(!warnings.contains("The file itself"));
}

#[test]
fn rules_as_json_are_what_the_catalogue_says() {
    let list: serde_json::Value =
        serde_json::from_str(&stdout(&["rules", "--format", "json"])).expect("JSON");
    let names: Vec<&str> = list["rules"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|rule| rule["name"].as_str().expect("a name"))
        .collect();
    let known: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names, known);
    assert_eq!(list["rules"][0]["section"], "The file itself");
}

#[test]
fn a_rule_is_explained_and_a_wrong_name_is_mended() {
    let page = stdout(&["explain", "over-limit"]);
    assert!(page.starts_with("# over-limit\n"));
    assert!(!page.contains('\u{1b}'));
    assert!(
        stdout(&["explain", "over-limit", "--color", "always"]).contains("\u{1b}[1mover-limit")
    );
    let output = caplint(&["explain", "over-limits"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `over-limit`?"));
}

#[test]
fn completions_know_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&["completions", shell]);
        assert!(
            script.contains("forecast") && script.contains("as-of"),
            "{shell}"
        );
    }
    assert_eq!(caplint(&["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    assert!(stdout(&["man"]).contains(".SH SUBCOMMANDS"));
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("share/man/man1");
    stdout(&["man", "--out", out.to_str().expect("a path")]);
    for page in [
        "caplint.1",
        "caplint-check.1",
        "caplint-diff.1",
        "caplint-fmt.1",
    ] {
        let text = std::fs::read_to_string(out.join(page)).expect("a page");
        assert!(text.contains(".TH"), "{page}");
    }
}
