//! The recipes of `docs/usage.md` for what vendors export: each makes rows of an answer that was
//! made by hand from the vendor's documentation.

use std::process::Command;

use serde_json::{Value, json};

use super::formats::run;

const PAGE: &str = include_str!("../../docs/usage.md");

const PROJECT: &str = r#"
[tenants]
free = 10
[models."gpt-4.1-2025-04-14"]
price = { input = 0.001, cached = 0.001, output = 0.001 }
[models."claude-opus-4-20250514"]
price = { input = 0.001, cached = 0.001, "cache-write" = 0.001, output = 0.001 }
[queues.jobs]
broker = "sqs"
[features.x]
inference = [
  { id = "gpt", model = "gpt-4.1-2025-04-14", rate = "1/day", units = 1 },
  { id = "claude", model = "claude-opus-4-20250514", rate = "1/day", units = 1 },
]
messages = [{ queue = "jobs", rate = "1/day" }]
"#;

/// The recipe under a heading.
fn recipe(title: &str) -> &'static str {
    let (_, section) = PAGE.split_once(&format!("\n### {title}\n")).expect(title);
    let (_, block) = section.split_once("\n```sh\n").expect(title);
    block.split_once("\n```").expect(title).0
}

/// What `jq` makes of an answer; nothing where it is missing.
fn rows(title: &str, file: &str, answer: &str) -> Option<(bool, String)> {
    let found = Command::new("jq").arg("--version").output().is_ok();
    let required = std::env::var_os("CAPLINT_REQUIRE_TOOLS").is_some();
    assert!(found || !required, "jq is missing");
    if !found {
        eprintln!("SKIPPED: jq is missing");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), answer).unwrap();
    let output = Command::new("sh")
        .args(["-c", recipe(title)])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    Some((
        output.status.success(),
        if said.is_empty() { made } else { said },
    ))
}

/// Holds what caplint understands of a recipe's rows against sums that were made by hand.
fn holds(title: &str, file: &str, answer: &str, expected: Value, unmatched: &[&str]) {
    let Some((is_made, rows)) = rows(title, file, answer) else {
        return;
    };
    assert!(is_made, "{title}: {rows}");
    let files = [("capacity.toml", PROJECT), ("rows.jsonl", rows.as_str())];
    let (code, printed, said) = run(&files, &["usage", "--json", "rows.jsonl"]);
    assert_eq!(code, Some(0), "{title}: {said}");
    let understood: Value = serde_json::from_str(&printed).unwrap();
    let subjects = understood["subjects"].as_array().unwrap().iter();
    let sums: Vec<Value> = subjects
        .map(|it| {
            json!([
                it["subject"],
                it["unit"],
                it["quantity"],
                it["first"],
                it["last"]
            ])
        })
        .collect();
    assert_eq!(json!(sums), expected, "{title}");
    let found = understood["unmatched"].as_array().unwrap().iter();
    let found: Vec<&str> = found.map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!(found, unmatched, "{title}");
}

/// A recipe refuses an answer of which something is missing.
fn refuses(title: &str, file: &str, answer: &str, (old, new): (&str, &str), why: &str) {
    let part = answer.replace(old, new);
    assert_ne!(part, answer, "{title}");
    if let Some((is_made, said)) = rows(title, file, &part) {
        assert!(!is_made && said.contains(why), "{title}: {said}");
    }
}

const MORE: (&str, &str) = ("\"has_more\": false", "\"has_more\": true");

#[test]
fn openais_usage() {
    let answer = include_str!("recipes/openai.json");
    let gpt = r#"models."gpt-4.1-2025-04-14""#;
    let (first, second) = ("2026-11-01", "2026-11-02");
    let expected = json!([
        [gpt, "cached", 800.0, first, second],
        [gpt, "input", 500.0, first, second],
        [gpt, "output", 540.0, first, second],
        [gpt, "requests", 7.0, first, second],
        ["models.o5-mini", "cached", 0.0, first, first],
        ["models.o5-mini", "input", 70.0, first, first],
        ["models.o5-mini", "output", 7.0, first, first],
        ["models.o5-mini", "requests", 1.0, first, first],
    ]);
    let title = "OpenAI usage";
    holds(
        title,
        "openai.json",
        answer,
        expected,
        &["models.o5-mini"; 4],
    );
    refuses(title, "openai.json", answer, MORE, "one page of several");
}

#[test]
fn openais_costs() {
    let answer = include_str!("recipes/openai-costs.json");
    let gpt = r#"models."gpt-4.1-2025-04-14""#;
    let expected = json!([[gpt, "cost", 0.18, "2026-11-01", "2026-11-01"]]);
    let title = "OpenAI costs";
    holds(title, "openai-costs.json", answer, expected, &[]);
    refuses(
        title,
        "openai-costs.json",
        answer,
        MORE,
        "one page of several",
    );
}

#[test]
fn anthropics_usage() {
    let answer = include_str!("recipes/anthropic.json");
    let claude = "models.claude-opus-4-20250514";
    let (first, second) = ("2026-11-01", "2026-11-02");
    let expected = json!([
        [claude, "cache-write", 1500.0, first, second],
        [claude, "cached", 200.0, first, second],
        [claude, "input", 1540.0, first, second],
        [claude, "output", 504.0, first, second],
    ]);
    let title = "Anthropic usage";
    holds(title, "anthropic.json", answer, expected, &[]);
    refuses(title, "anthropic.json", answer, MORE, "one page of several");
}

#[test]
fn anthropics_costs() {
    let answer = include_str!("recipes/anthropic-costs.json");
    let first = "2026-11-01";
    let expected = json!([
        [
            "models.claude-opus-4-20250514",
            "cost",
            1.237_891_2,
            first,
            first
        ],
        ["models.web_search", "cost", 0.1, first, first],
    ]);
    let title = "Anthropic costs";
    holds(
        title,
        "anthropic-costs.json",
        answer,
        expected,
        &["models.web_search"],
    );
    refuses(
        title,
        "anthropic-costs.json",
        answer,
        MORE,
        "one page of several",
    );
}

#[test]
fn cloudwatchs_metrics() {
    let answer = include_str!("recipes/cloudwatch.json");
    let expected = json!([
        ["queues.jobs", "arrived", 2200.0, "2026-11-01", "2026-11-02"],
        // The last sample, whichever comes first in the answer.
        ["queues.jobs", "depth", 7.0, "2026-11-01", "2026-11-01"],
    ]);
    let title = "CloudWatch";
    holds(title, "cloudwatch.json", answer, expected, &[]);
    let part = ("\"Complete\"", "\"PartialData\"");
    refuses(
        title,
        "cloudwatch.json",
        answer,
        part,
        "sent is PartialData",
    );
}
