//! The GitHub Action, the hooks and the relay, run as a runner and pre-commit run them: the tests
//! are in `tests/action/*.py`, since what they test are scripts. They use loopback only.
//!
//! Where a tool is missing its tests are skipped with a warning; `CAPLINT_REQUIRE_TOOLS` makes
//! that a failure.

use crate::support::python;

fn run(file: &str, tools: &[&str]) {
    python::run(&format!("tests/action/{file}"), tools);
}

/// macOS has bash 3.2, and no runner of these tests does.
#[test]
fn the_scripts_keep_to_bash_3_2() {
    let newer = [
        "mapfile",
        "readarray",
        "declare -A",
        "local -A",
        "local -n",
        "[[ -v",
        ",,}",
        "^^}",
        "&>>",
        "|&",
        "coproc",
        "EPOCHSECONDS",
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/action");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let mut scripts = 0;
    for file in files {
        let path = file.expect("it is listed").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        scripts += 1;
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        let found: Vec<&str> = code
            .filter(|line| newer.iter().any(|it| line.contains(it)))
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    assert!(scripts >= 5);
}

#[test]
fn every_event_is_judged_from_end_to_end() {
    run("test_judge.py", &["python3", "bash", "git", "jq", "curl"]);
}

#[test]
fn the_comment_is_kept_up_to_date() {
    run("test_comment.py", &["python3", "bash", "git", "jq", "curl"]);
}

#[test]
fn the_relay_trusts_nothing() {
    run("test_relay.py", &["python3", "bash", "git", "jq", "curl"]);
}

#[test]
fn a_binary_comes_with_its_checksum() {
    run("test_install.py", &["python3", "bash", "jq", "curl"]);
}

#[test]
fn pre_commit_runs_the_hooks() {
    run("test_hooks.py", &["python3", "git", "pre-commit"]);
}

#[test]
fn the_guide_says_what_happens() {
    run("test_docs.py", &["python3", "bash", "git", "jq"]);
}

#[test]
fn what_is_meant_for_the_machine_does_nothing() {
    run("test_hostile.py", &["python3", "bash", "git", "jq", "curl"]);
}
