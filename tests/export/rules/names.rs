//! What alerts are called, and whose they are.

use serde_json::json;

use super::{alerts, is_missing, promtool, rules};
use crate::export::{PROJECT, export, yaml};

#[test]
fn alerts_say_whose_they_are_and_what_is_declared_where() {
    let (repo, text, _) = rules(&[("capacity.toml", PROJECT)]);
    let (again, _) = export(&repo, &["prometheus-rules", "--rev", "HEAD"]);
    assert_eq!(text, again);
    let commit = repo.id("HEAD");
    let header = format!(
        "# Written by caplint {} from commit {commit}, as of 2026-11-22.\n",
        env!("CARGO_PKG_VERSION")
    );
    assert!(text.starts_with(&header), "{text}");
    let alerts = alerts(&text);
    let find = |name: &str| alerts.iter().find(|alert| alert["alert"] == name).unwrap();
    let line_of = |words: &str| {
        let line = PROJECT
            .lines()
            .position(|line| line.contains(words))
            .unwrap();
        format!("capacity.toml:{}", line + 1)
    };
    let drift = find("CapacityRateDrift");
    let labels = json!({
        "project": "creator-analytics", "meter": "features.profile-sync.calls.posts",
        "feature": "profile-sync", "owner": "growth", "severity": "warning",
    });
    assert_eq!(drift["labels"], labels);
    let annotations = json!({
        "summary": "posts in profile-sync happens more often than declared",
        "declared": "51 calls a day each", "source": line_of("id = \"posts\""),
        "value": "{{ $value }}",
    });
    assert_eq!(drift["annotations"], annotations);
    let hard = find("CapacityCreditsHard");
    assert_eq!(hard["labels"]["severity"], "critical");
    assert_eq!(hard["labels"]["owner"], "integrations");
    assert_eq!(hard["annotations"]["source"], line_of("plan ="));
    assert_eq!(
        hard["annotations"]["status"],
        "https://status.tiklive.example/"
    );
    assert_eq!(find("CapacityStorage")["labels"]["owner"], "platform");
}

#[test]
fn names_can_be_anything_and_stay_what_they_are() {
    let name = "{{ $value }}{{ evil \"x\" | 'y': #z\\ \u{202e}";
    let toml = toml::Value::from(name).to_string();
    let endpoint = "a\"} or vector(1) # {{ . }}\\";
    let quoted = toml::Value::from(endpoint).to_string();
    let project = format!(
        r#"
[project]
name = {toml}
owner = {toml}
[tenants]
pro = 10
[apis.x]
plan = {{ credits = 1000 }}
retry_ratio = 0.1
endpoints.{quoted} = {{ credits = 1 }}
[features.f]
calls = [{{ endpoint = {quoted}, rate = "1/day" }}]
[metrics]
"features.*.calls.*.calls" = {{ counter = 'calls{{line="$line"}}' }}
"features.*.calls.*.credits" = {{ counter = 'credits{{line="$line"}}' }}
"apis.x.retries" = {{ counter = "retries" }}
"#
    );
    let (repo, text, missing) = rules(&[("capacity.toml", &project)]);
    assert_eq!(missing, "");
    let all = alerts(&text);
    let hard = all
        .iter()
        .find(|it| it["alert"] == "CapacityCreditsHard")
        .unwrap();
    let selector = r#"{project="{{ $value }}{{ evil \"x\" | 'y': #z\\ "#;
    assert!(hard["expr"].as_str().unwrap().contains(selector), "{hard}");
    let drift = all
        .iter()
        .find(|it| it["alert"] == "CapacityRateDrift")
        .unwrap();
    let selector = r#"calls{line="a\"} or vector(1) # {{ . }}\\"}[1d]"#;
    assert!(
        drift["expr"].as_str().unwrap().contains(selector),
        "{drift}"
    );
    for alert in &all {
        let texts = alert["labels"].as_object().unwrap().values();
        let annotations = alert["annotations"].as_object().unwrap().iter();
        let annotations = annotations.filter(|(key, _)| *key != "value");
        for text in texts.chain(annotations.map(|(_, text)| text)) {
            // What begins an action is written by an action of its own.
            let rest = text.as_str().unwrap().replace("{{\"{\"}}", "");
            assert!(!rest.contains('{'), "{text}");
        }
    }
    // Prometheus writes them as they are.
    let values = "0+1x600";
    let series = json!([{ "series": "calls{line=\"a\\\"} or vector(1) # {{ . }}\\\\\"}", "values": values }]);
    let path = toml::Value::from(endpoint).to_string();
    let path = match path.strip_prefix('\'') {
        Some(_) => format!(
            "\"{}\"",
            endpoint.replace('\\', "\\\\").replace('"', "\\\"")
        ),
        None => path,
    };
    let labels = json!({
        "project": name, "owner": name, "feature": "f", "severity": "warning",
        "meter": format!("features.f.calls.{path}"),
    });
    let annotations = json!({
        "summary": format!("{endpoint} in f happens more often than declared"),
        "declared": "1.1 calls a day each", "source": "capacity.toml:12", "value": "28.8",
    });
    let expected = json!([{
        "eval_time": "1d5m", "alertname": "CapacityRateDrift",
        "exp_alerts": [{ "exp_labels": labels, "exp_annotations": annotations }],
    }]);
    let file = json!({
        "rule_files": ["rules.yml"], "evaluation_interval": "5m",
        "tests": [{ "interval": "5m", "input_series": series, "alert_rule_test": expected }],
    });
    repo.write("test.yml", file.to_string());
    if !is_missing() {
        promtool(&repo, &["test", "rules", "test.yml"]);
    }
}

#[test]
fn projects_of_one_name_are_told_apart() {
    let (_, text, _) = rules(&[("a/capacity.toml", PROJECT), ("b/capacity.toml", PROJECT)]);
    let document = yaml::read(&text);
    let groups = document["groups"].as_array().unwrap();
    let names: Vec<&str> = groups
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let expected = [
        "caplint-creator-analytics (a)-recording",
        "caplint-creator-analytics (a)-alerts",
        "caplint-creator-analytics (b)-recording",
        "caplint-creator-analytics (b)-alerts",
    ];
    assert_eq!(names, expected);
}
