//! Which formats go where.

use std::process::Output;

use crate::support::repo::Repo;

const PROJECT: &str = "[tenants]\nfree = 10\n";

fn check(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint()
        .arg("check")
        .args(arguments)
        .output()
        .expect("caplint runs")
}

fn project() -> Repo {
    let repo = Repo::new();
    repo.write("capacity.toml", PROJECT);
    repo
}

/// What it prints and what it writes to `file`, where it succeeds.
fn both(arguments: &[&str], file: &str) -> (String, String) {
    let repo = project();
    let output = check(&repo, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    let written = std::fs::read_to_string(repo.path.join(file)).unwrap_or_default();
    (String::from_utf8(output.stdout).unwrap(), written)
}

fn is_json(text: &str, lines: usize) -> bool {
    let is_report = text.starts_with('{') && text.contains("caplint.report/1");
    is_report && (text.lines().count() > 1) == (lines > 1)
}

#[test]
fn json_is_one_line_unless_it_is_asked_to_be_pretty() {
    for (arguments, lines) in [
        (&["--json"][..], 1),
        (&["-f", "json"], 1),
        (&["--json", "--pretty"], 2),
    ] {
        let (printed, _) = both(arguments, "none");
        assert!(is_json(&printed, lines), "{arguments:?}: {printed}");
    }
}

#[test]
fn a_file_has_the_format_that_is_asked_for_or_that_of_its_ending() {
    for (arguments, file, lines) in [
        (&["-o", "r.json"][..], "r.json", 1),
        (&["--output", "r.json", "--pretty"], "r.json", 2),
        (&["-f", "json", "-o", "report"], "report", 1),
        (&["-f", "json", "-o", "report.out"], "report.out", 1),
        (&["-o", "json=report.txt"], "report.txt", 1),
    ] {
        let (printed, written) = both(arguments, file);
        assert!(is_json(&written, lines), "{arguments:?}: {written}");
        assert!(!is_json(&printed, 1), "{arguments:?}: {printed}");
    }
    let (printed, written) = both(&["--json", "-o", "sarif=s"], "s");
    assert!(is_json(&printed, 1) && written.contains("2.1.0"));
    let (printed, written) = both(&["--json", "-o", "r.html"], "r.html");
    assert!(is_json(&printed, 1) && written.starts_with("<!"));
}

#[test]
fn what_is_unclear_is_refused_before_anything_is_written() {
    for arguments in [
        &["-o", "r.json", "-o", "report"][..],
        &["-o", "r.json", "-o", "jsn=report"],
        &["-o", "r.json", "-o", "json="],
        &["-o", "r.json", "--json", "-f", "sarif"],
    ] {
        let repo = project();
        assert_eq!(
            check(&repo, arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
        assert!(!repo.path.join("r.json").exists(), "{arguments:?}");
    }
}

#[test]
fn a_repository_without_capacity_files_passes_in_ci_only_where_that_is_asked_for() {
    let repo = Repo::new();
    for text in ["# Empty\n", "# Still empty\n"] {
        repo.write("README.md", text);
        repo.commit("Write it");
    }
    let code = |ci: bool, arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"));
        command.env_clear().envs(repo.environment());
        command.envs(ci.then_some(("CI", "true")));
        let output = command.current_dir(&repo.path).args(arguments).output();
        output.expect("caplint runs").status.code()
    };
    for command in [&["check"][..], &["diff", "HEAD~1", "HEAD"]] {
        let allowed = [command, &["--allow-empty"]].concat();
        assert_eq!(code(true, command), Some(2), "{command:?}");
        assert_eq!(code(true, &allowed), Some(0), "{command:?}");
        assert_eq!(code(false, command), Some(0), "{command:?}");
    }
}

#[test]
fn every_text_says_what_was_compared() {
    let repo = project();
    for folder in ["base", "head"] {
        repo.write(&format!("{folder}/capacity.toml"), PROJECT);
    }
    for format in ["human", "markdown", "html"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
            .env_clear()
            .envs(repo.environment())
            .current_dir(&repo.path)
            .args(["diff", "./base", "./head", "--format", format])
            .args(["--as-of", "2026-11-22", "--verbose"])
            .output()
            .expect("caplint runs");
        let text = String::from_utf8(output.stdout).unwrap();
        let end = text.trim_end().lines().rev().take(3);
        let end: String = end.collect::<Vec<_>>().join(" ");
        let is_named = ["./base", "./head", "2026-11-22"];
        let is_named = is_named.iter().all(|name| end.contains(name));
        assert!(is_named, "{format}: {end}");
    }
}
