//! `caplint init`: what it writes is sound, and it never overwrites.

mod documents;
mod questions;

use std::path::Path;
use std::process::{Command, Output};

fn caplint(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments)
        .env_clear()
        .current_dir(dir)
        .output()
        .expect("caplint runs")
}

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("shop")
        .tempdir()
        .expect("a folder")
}

fn content(dir: &Path, path: &str) -> String {
    std::fs::read_to_string(dir.join(path)).expect("the file")
}

/// Holds what was written against everything that it promises.
fn is_sound(dir: &Path) {
    let text = content(dir, "capacity.toml");
    assert!(text.starts_with("#:schema https://"), "{text}");
    assert_eq!(caplint::format::format(&text).as_deref(), Ok(text.as_str()));
    let output = caplint(dir, &["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    let findings = &report["projects"][0]["findings"];
    assert_eq!(
        findings.as_array().map(Vec::len),
        Some(0),
        "{findings}\n{text}"
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(report["projects"].as_array().map(Vec::len), Some(1));
    let schema = jsonschema::draft7::new(&caplint::pages::capacity_schema()).expect("a schema");
    let table: toml::Table = text.parse().expect("TOML");
    // Nothing here is a date but `launch`.
    let mut json = serde_json::to_value(&table).expect("JSON");
    let features = json.get_mut("features").and_then(|all| all.as_object_mut());
    for (_, feature) in features.into_iter().flatten() {
        feature["launch"] = "2026-11-22".into();
    }
    if let Err(error) = schema.validate(&json) {
        panic!("{error} at {}\n{text}", error.instance_path());
    }
}

fn init(arguments: &[&str]) -> (tempfile::TempDir, Output) {
    let folder = folder();
    let mut all = vec!["init"];
    all.extend(arguments);
    let output = caplint(folder.path(), &all);
    (folder, output)
}

#[test]
fn what_options_say_is_sound() {
    let cases: &[&[&str]] = &[
        &["--yes"],
        &["--tenants", "free=3600,pro=1200"],
        &["--api", "twilio=100/s"],
        &[
            "--tenants",
            "free=3600,pro=1200",
            "--api",
            "twilio=100/s",
            "--api",
            "maps=5/s",
        ],
        &["--database", "main=2TB"],
        &[
            "--database",
            "main=2TB",
            "--database",
            "events=10GiB",
            "--tenants",
            "pro=5",
        ],
        &[
            "--name",
            "Größe \"x\"\\",
            "--currency",
            "eur",
            "--growth",
            "12.5%",
            "--tenants",
            "a.b=1.5",
        ],
        &[
            "--endpoint",
            "maps:/place/{id}",
            "--endpoint",
            "maps:/route",
            "--feature",
            "routes",
            "--owner",
            "logistics",
        ],
        &[
            "--tenants",
            "pro=40000",
            "--api",
            "slow=20/min",
            "--endpoint",
            "slow:/a",
            "--database",
            "main=100GB",
        ],
        &[
            "--api",
            "a=1/s",
            "--endpoint",
            "a:/x",
            "--api",
            "b=1/s",
            "--endpoint",
            "b:/x",
            "--spec",
            "docs/b.md",
        ],
        &["new/project", "--yes", "--tenants", "pro=5"],
    ];
    for arguments in cases {
        let (folder, output) = init(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
        assert!(errors.contains("next: "), "{arguments:?}: {errors}");
        let below = if arguments[0].starts_with("--") {
            "."
        } else {
            arguments[0]
        };
        is_sound(&folder.path().join(below));
    }
}

#[test]
fn what_was_said_is_there_and_what_was_not_is_marked() {
    let (folder, _) = init(&[
        "--tenants",
        "free=3600",
        "--api",
        "twilio=100/s",
        "--endpoint",
        "twilio:/messages",
    ]);
    let text = content(folder.path(), "capacity.toml");
    assert!(text.contains("name = \"shop"), "{text}");
    assert!(
        text.contains("free = { now = 3600, 30d = 3780, 60d = 3969, 90d = 4167 }"),
        "{text}"
    );
    assert!(text.contains("is assumed, 5 % a month"), "{text}");
    assert!(text.contains("rate_limit = \"100/s\"\n"), "{text}");
    assert!(text.contains("\"/messages\" = {}"), "{text}");
    assert!(
        text.contains("endpoint = \"twilio:/messages\", rate = \"1/day\""),
        "{text}"
    );
    assert!(content(folder.path(), "specs/first-feature.md").starts_with("# first-feature\n"));
}

#[test]
fn demand_that_would_not_fit_is_not_assumed() {
    let (folder, _) = init(&[
        "--tenants",
        "pro=40000",
        "--api",
        "slow=60/min",
        "--database",
        "main=100GB",
    ]);
    let text = content(folder.path(), "capacity.toml");
    assert!(text.contains("rate = \"1/month\""), "{text}");
}

#[test]
fn what_does_not_fit_whatever_is_assumed_is_said() {
    let (_folder, output) = init(&["--tenants", "pro=40000000", "--database", "main=1GB"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0));
    assert!(errors.contains("`caplint check` will say: "), "{errors}");
}

#[test]
fn nothing_is_ever_overwritten() {
    let (folder, _) = init(&["--yes"]);
    std::fs::write(folder.path().join("capacity.toml"), "# mine\n").expect("a file");
    let output = caplint(folder.path(), &["init", "--yes", "--tenants", "pro=5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("help: add to it, or name another"));
    assert_eq!(content(folder.path(), "capacity.toml"), "# mine\n");

    let (folder, _) = init(&["--yes"]);
    std::fs::remove_file(folder.path().join("capacity.toml")).expect("a file");
    std::fs::create_dir(folder.path().join("specs")).expect("a folder");
    std::fs::write(folder.path().join("specs/first-feature.md"), "mine").expect("a file");
    let output = caplint(folder.path(), &["init", "--endpoint", "a:/x"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(content(folder.path(), "specs/first-feature.md"), "mine");
    is_sound(folder.path());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_written_through() {
    let folder = folder();
    let outside = folder.path().join("outside");
    std::os::unix::fs::symlink(&outside, folder.path().join("capacity.toml")).expect("a link");
    assert_eq!(
        caplint(folder.path(), &["init", "--yes"]).status.code(),
        Some(2)
    );
    assert!(!outside.exists());
}

#[test]
fn wrong_options_are_refused_and_nothing_is_written() {
    let cases: &[&[&str]] = &[
        &["--tenants", "free"],
        &["--tenants", "free=-1"],
        &["--tenants", "free=1,free=2"],
        &["--api", "twilio=every 15m"],
        &["--api", "twilio=100/m"],
        &["--api", "not a name=1/s"],
        &["--database", "main=lots"],
        &["--currency", "dollars"],
        &["--growth", "much"],
        &["--endpoint", "/messages"],
        &["--spec", "../outside.md"],
        &["--spec", "/outside.md"],
        &["--name", " "],
        &["--from", "nowhere.yaml"],
    ];
    for arguments in cases {
        let (folder, output) = init(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let left = std::fs::read_dir(folder.path())
            .expect("the folder")
            .count();
        assert_eq!(left, 0, "{arguments:?}");
    }
}

#[test]
fn without_a_terminal_options_are_needed() {
    let (folder, output) = init(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--tenants free=3600,pro=1200"));
    assert!(!folder.path().join("capacity.toml").exists());
}
