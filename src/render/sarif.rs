//! The findings as SARIF 2.1.0, for code scanning.

use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::collections::{HashMap, IndexMap};
use crate::finding::Severity;
use crate::report::{Finding, Project, Report, State, Waived};

use super::number::plural;
use super::view;
use super::{Options, RuleInfo, escape, json::pretty, text};

/// Where paths begin: the top of the repository.
const ROOT: &str = "SRCROOT";
/// The most results that code scanning takes.
const MOST: usize = 25_000;

/// One run with every finding, the worst of more than are taken: fixed ones are absent, waived ones suppressed. Columns count
/// characters.
pub fn sarif(report: &Report, options: &Options) -> String {
    let rules = rules(report, options);
    let mut found: Vec<_> = view::all_findings(report).collect();
    let left = found.len().saturating_sub(MOST);
    if left > 0 {
        found.sort_by_key(|(_, finding)| Reverse(finding.severity));
        found.truncate(MOST);
    }
    let results = found.iter();
    let results = results.map(|(project, finding)| result(project, finding, &rules));
    let results: Vec<Value> = results.collect();
    let mut invocation = json!({
        "executionSuccessful": true,
        "exitCode": report.summary.exit_code,
    });
    if left > 0 {
        let text = format!(
            "{} left out, none worse than these",
            plural(left, "more result")
        );
        let notification = json!({ "level": "warning", "message": { "text": text } });
        invocation["toolExecutionNotifications"] = json!([notification]);
    }
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "caplint",
                "version": text::name(&report.caplint, 100),
                "semanticVersion": text::name(&report.caplint, 100),
                "rules": rules.values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The top of the repository." } } },
            "invocations": [invocation],
            "results": results,
            "properties": { "asOf": text::name(&report.as_of, 20) },
        }],
    }))
}

/// The rules that fired, by name, each with its page where the catalogue has it.
fn rules<'a>(report: &'a Report, options: &'a Options) -> IndexMap<&'a str, Value> {
    let catalogue = options.rules.iter().map(|rule| (rule.name.as_str(), rule));
    let catalogue: HashMap<&str, &RuleInfo> = catalogue.collect();
    let mut rules: IndexMap<&str, Value> = IndexMap::default();
    for finding in report.projects.iter().flat_map(|project| &project.findings) {
        let name = finding.rule.as_str();
        rules
            .entry(name)
            .or_insert_with(|| match catalogue.get(name) {
                Some(rule) => described(rule),
                None => with_help(json!({ "id": text::name(name, 200) }), &finding.url),
            });
    }
    rules
}

fn described(rule: &RuleInfo) -> Value {
    let described = json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.summary },
        "help": { "text": rule.help, "markdown": rule.help },
        "defaultConfiguration": {
            "enabled": rule.severity != Severity::Off,
            "level": level(rule.severity),
        },
        "properties": { "tags": ["capacity"] },
    });
    with_help(described, &rule.url)
}

fn with_help(mut rule: Value, url: &str) -> Value {
    if let Some(url) = escape::address(url) {
        rule["helpUri"] = json!(url);
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
        Severity::Off => "none",
    }
}

fn result(project: &Project, finding: &Finding, rules: &IndexMap<&str, Value>) -> Value {
    let mut result = json!({
        "ruleId": text::name(&finding.rule, 200),
        "level": level(finding.severity),
        "message": { "text": plain(&view::message(finding)) },
        "locations": [location(project, finding)],
        "partialFingerprints": {
            "caplint/v1": finding.fingerprint,
            // GitHub reads this key alone, and else hashes lines.
            "primaryLocationLineHash": finding.fingerprint,
        },
        "properties": { "project": text::name(&project.name, 200), "figure": finding.figure },
    });
    if let Some(index) = rules.get_index_of(finding.rule.as_str()) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(state) = finding.state {
        result["baselineState"] = json!(match state {
            State::New => "new",
            State::Worsened => "updated",
            State::Existing => "unchanged",
            State::Fixed => "absent",
        });
    }
    if let Some(waived) = &finding.waived {
        result["suppressions"] = json!([suppression(waived)]);
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(index, related)| {
            json!({
                "id": index,
                "message": { "text": plain(&text::message(&related.message)) },
                "physicalLocation": {
                    "artifactLocation": artifact(&related.file),
                    "region": { "startLine": related.line.max(1), "startColumn": related.column.max(1) },
                },
            })
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

/// Text in which nothing is read as one of SARIF's links.
fn plain(message: &str) -> String {
    message.replace("](", "]\\(")
}

fn location(project: &Project, finding: &Finding) -> Value {
    let mut place = json!({ "artifactLocation": artifact(&view::file(project, finding)) });
    if let Some(line) = finding.line {
        place["region"] = json!({ "startLine": line.max(1) });
        for (key, value) in [
            ("startColumn", finding.column),
            ("endLine", finding.end_line),
            ("endColumn", finding.end_column),
        ] {
            if let Some(value) = value {
                place["region"][key] = json!(value.max(1));
            }
        }
    }
    json!({
        "physicalLocation": place,
        "logicalLocations": [{ "fullyQualifiedName": text::name(&finding.subject, 1000) }],
    })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": escape::uri(path), "uriBaseId": ROOT })
}

fn suppression(waived: &Waived) -> Value {
    let reason = waived.reason.as_deref();
    let mut said = reason.map_or_else(String::new, text::message);
    for (word, value) in [("owner", &waived.owner), ("until", &waived.until)] {
        if let Some(value) = value {
            said.push_str(&format!(" ({word} {})", text::name(value, 100)));
        }
    }
    json!({ "kind": "inSource", "status": "accepted", "justification": said.trim() })
}
