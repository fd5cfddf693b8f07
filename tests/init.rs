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
    let findings = report["projects"][0]["findings"]
        .as_array()
        .expect("findings");
    // What was assumed is listed, and that is all there is to say.
    let table: toml::Table = text.parse().expect("TOML");
    let assumed = table["project"]
        .get("assumed")
        .and_then(toml::Value::as_array);
    let rules: Vec<&str> = findings
        .iter()
        .filter_map(|it| it["rule"].as_str())
        .collect();
    let expected = assumed.map_or(vec![], |_| vec!["assumed-values"]);
    assert_eq!(rules, expected, "{findings:?}\n{text}");
    for path in assumed
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str)
    {
        let path = caplint::document::TomlPath::parse(path).expect(path);
        let mut at = Some(&toml::Value::Table(table.clone())).cloned();
        for key in &path.0 {
            at = at.and_then(|at| match at {
                toml::Value::Table(table) => table.get(key).cloned(),
                // A line, by its id.
                toml::Value::Array(lines) => lines.into_iter().find(|line| {
                    let own = line
                        .get("id")
                        .or(line.get("endpoint"))
                        .and_then(toml::Value::as_str);
                    own.is_some_and(|own| own.ends_with(key.as_str()))
                }),
                _ => None,
            });
        }
        assert!(at.is_some(), "{path} names nothing in\n{text}");
    }
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(report["projects"].as_array().map(Vec::len), Some(1));
    let schema = jsonschema::draft7::new(&caplint::pages::capacity_schema()).expect("a schema");
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
    assert!(text.contains("is assumed, 5% a month"), "{text}");
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
    assert!(String::from_utf8_lossy(&output.stderr).contains("help: edit it, or choose another"));
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

#[test]
fn a_plan_and_a_budget_are_taken() {
    let (folder, output) = init(&[
        "--api",
        "twilio=100/s",
        "--plan",
        "twilio=2500000@1499.50",
        "--budget",
        "twilio=2400",
        "--tenants",
        "pro=100",
        "--growth",
        "5%",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let text = content(folder.path(), "capacity.toml");
    assert!(
        text.contains("plan = { credits = 2500000, price = 1499.5 }\nbudget = 2400\n"),
        "{text}"
    );
    is_sound(folder.path());
    for wrong in [
        ["--plan", "twilio"],
        ["--plan", "twilio=0"],
        ["--budget", "twilio=much"],
    ] {
        assert_eq!(init(&wrong).1.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_project_in_a_project_is_made_only_when_that_is_meant() {
    let (folder, _) = init(&["--yes"]);
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("a folder");
    let output = caplint(&below, &["init", "--tenants", "pro=5"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("is a project, and this folder is in it"),
        "{errors}"
    );
    assert!(!below.join("capacity.toml").exists());
    let output = caplint(&below, &["init", "--tenants", "pro=5", "--yes"]);
    assert_eq!(output.status.code(), Some(0));
    // Another repository is another matter.
    let other = folder.path().join("other");
    std::fs::create_dir_all(other.join(".git")).expect("a folder");
    assert_eq!(
        caplint(&other, &["init", "--tenants", "pro=5"])
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn the_path_that_was_written_is_said() {
    let (_folder, output) = init(&["new/shop", "--yes", "--api", "a=1/s"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.starts_with("wrote `new/shop/capacity.toml` and `new/shop/specs/"),
        "{errors}"
    );
}
