//! A linter lives by its silence: sound projects get nothing at all, infos included.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The findings of `caplint check` in a folder.
fn findings(dir: &Path, path: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(dir)
        .args(["check", path, "--as-of", "2026-11-22", "--format", "json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let projects = report["projects"].as_array().unwrap();
    assert_eq!(projects.len(), 1, "{path} is one project");
    assert!(!projects[0]["meters"].as_array().unwrap().is_empty());
    projects[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}: {}", finding["rule"], finding["message"]))
        .collect()
}

#[test]
fn the_examples_are_sound() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for example in ["tiktok-pipeline/before", "support-assistant", "iot-ingest"] {
        let found = findings(top, &format!("examples/{example}"));
        assert_eq!(found, Vec::<String>::new(), "{example}");
    }
}

#[test]
fn a_files_own_errors_are_given_no_severity() {
    let code = |level: &str| {
        let status = Command::new(env!("CARGO_BIN_EXE_caplint"))
            .args(["check", "examples/support-assistant", "--rule", level])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        status.unwrap().status.code()
    };
    assert_eq!(code("syntax=off"), Some(2));
    assert_eq!(code("near-limit=off"), Some(0));
}

const ROOT: &str = r#"
[project]
name = "forty"
tenants_counted = 2026-11-10

[tenants]
free = { now = 900, 30d = 950, 60d = 1000, 90d = 1050 }
pro = { now = 100, 30d = 105, 60d = 110, 90d = 115 }

[apis.vendor]
rate_limit = { now = "6000/min", max = "60000/min" }
retry_ratio = 0.02
plan = { credits = { now = 60_000_000, max = 600_000_000 }, price = 900.00 }
budget = { now = 1500.00, max = 10_000.00 }
lead_time = "2d"

[databases.main]
engine = "postgres"
storage = { now = "400GB", max = "4TB" }
writes = { now = "5k/s", max = "50k/s" }

[queues.jobs]
broker = "sqs"
message_size = "2KB"
retention = "4d"
storage = "1TB"
max_depth = 1_000_000
drain = "10m"
workers = { count = 10, max = 400, rate = "5/s", scale_on = "queue-depth" }

[scenarios.10x]
tenants = 10
require = "fit"
"#;

/// A feature that calls its own endpoint, keeps what it saw for three months, and sums it up.
fn feature(number: usize) -> String {
    let mut text = String::new();
    writeln!(
        text,
        r#"[features.f{number}]
spec = "f{number}.md"
owner = "team-{team}"

[[features.f{number}.calls]]
id = "page"
endpoint = "vendor:/f{number}/"
rate = "{rate}/day"
peak = 2
cache = false
measured = 2026-11-10

[[features.f{number}.messages]]
queue = "jobs"
after = "page"
measured = 2026-11-10

[[features.f{number}.writes]]
table = "f{number}_seen"
after = "page"
measured = 2026-11-10

[tables.f{number}_seen]
kind = "snapshot"
row_size = "300B"
indexes = 1
retention = "90d"
partition = "week"

[tables.f{number}_days]
kind = "rollup"
from = "f{number}_seen"
ratio = 0.01
row_size = "120B"
indexes = 1
retention = "2y"
"#,
        team = number % 5,
        rate = number % 7 + 1,
    )
    .unwrap();
    text
}

#[test]
fn a_sound_project_of_forty_features_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut root = ROOT.to_owned();
    root.push_str("\n[apis.vendor.endpoints]\n");
    for number in 0..40 {
        writeln!(
            root,
            "\"/f{number}/\" = {{ credits = 1, cacheable = false, measured = 2026-11-10 }}"
        )
        .unwrap();
        let dir = folder.path().join(format!("features/f{number}"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("capacity.toml"), feature(number)).unwrap();
        std::fs::write(dir.join(format!("f{number}.md")), "# What it does\n").unwrap();
    }
    std::fs::write(folder.path().join("capacity.toml"), root).unwrap();
    assert_eq!(findings(folder.path(), "."), Vec::<String>::new());
}
