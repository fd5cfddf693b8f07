//! What SECURITY.md promises has a test, and the tests that no other subject has.

use std::path::Path;

use crate::support::repo::Repo;

const PROMISES: &str = include_str!("../SECURITY.md");

/// Whether a file has a test of this name.
fn is_test(file: &str, name: &str) -> bool {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(top.join(file)) else {
        return false;
    };
    match file.ends_with(".py") {
        true => text.contains(&format!("    def {name}(self)")),
        false => text.contains(&format!("#[test]\nfn {name}()")),
    }
}

#[test]
fn every_promise_has_its_tests() {
    let (_, promises) = PROMISES
        .split_once("## What caplint promises")
        .expect("promises");
    let rows = promises
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(2);
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 2, "{row}");
        let tests: Vec<&str> = cells[1].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let (file, name) = test.split_once("::").expect(test);
            assert!(is_test(file, name), "there is no test {test}");
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen} promises");
    assert!(!is_test("tests/security.rs", "no_such_test"));
}

fn caplint(repo: &Repo, arguments: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_clear()
        .envs(repo.environment())
        .current_dir(&repo.path)
        .args(arguments)
        .output()
        .expect("caplint runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

#[test]
fn a_report_is_not_written_through_a_link() {
    let repo = Repo::new();
    repo.write("capacity.toml", "[tenants]\na = 1\n");
    let victim = repo.beside("victim");
    std::fs::write(&victim, "KEEP").expect("a file");
    std::os::unix::fs::symlink(&victim, repo.path.join("out.json")).expect("a link");
    std::fs::create_dir(repo.beside("folder")).expect("a folder");
    std::os::unix::fs::symlink(repo.beside("folder"), repo.path.join("out")).expect("a link");
    for file in ["out.json", "out/report.json"] {
        let (code, told) = caplint(&repo, &["check", "--output", &format!("json={file}")]);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("is a link"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(&victim).expect("the file"), "KEEP");
    assert_eq!(
        std::fs::read_dir(repo.beside("folder"))
            .expect("the folder")
            .count(),
        0
    );
    let (code, told) = caplint(&repo, &["check", "--output", "json=own.json"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(repo.path.join("own.json").is_file());
}

#[test]
fn standard_error_shows_names_as_text() {
    let repo = Repo::new();
    let name = "n\u{1b}[31mRED\n::error::x\u{202e}";
    repo.write("capacity.toml", "[tenants]\na = 1\n");
    repo.write(&format!("{name}/capacity.toml"), "[tenants");
    for arguments in [
        &["check", "--project", name][..],
        &["check", "--owner", name],
        &["check", "--rule", name],
        &["check", "--rev", name],
        &["check", "--output", name],
        &["check", "--usage", name],
        &["check", "--as-of", name],
        &["check", "./no", name],
        &["diff", name],
        &["fmt", "--check"],
        &["fmt", name],
        &["explain", name],
        &["forecast", "--scenario", name],
        &["forecast", "--set", name],
        &["init", "--from", name],
        &["-C", name, "diff", name],
    ] {
        let (_, told) = caplint(&repo, arguments);
        assert!(
            !told.contains(['\u{1b}', '\u{202e}']),
            "{arguments:?}: {told:?}"
        );
        assert!(
            !told.lines().any(|line| line.starts_with("::")),
            "{arguments:?}: {told}"
        );
    }
}
