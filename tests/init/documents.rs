//! Endpoints from OpenAPI documents.

use caplint::init::openapi::{MAX_PATHS, read};

use super::{caplint, content, folder, is_sound};

const YAML: &str = "\
# A comment.
openapi: 3.1.0
info:
  title: Payments API (v2)
  version: '1'
x-shared: &shared
  get: {}
paths:
  /payments:
    get: &get
      responses: {'200': {description: paths}}
    post: *get
  \"/payments/{id}\": *shared
  ? /refunds
  : get: {}
  x-internal: {}
components:
  schemas:
    Payment:
      properties:
        paths: {/not-a-path: {}}
";

const JSON: &str = r#"{ "openapi": "3.0.3", "info": { "title": "Maps", "version": "1" },
    "paths": { "/place": { "get": {} }, "/route": {} } }"#;

#[test]
fn yaml_and_json_give_their_paths() {
    let document = read(YAML).expect("a document");
    assert_eq!(document.title.as_deref(), Some("Payments API (v2)"));
    assert_eq!(document.paths, ["/payments", "/payments/{id}", "/refunds"]);
    assert_eq!(read(JSON).expect("a document").paths, ["/place", "/route"]);
    let flow = "{openapi: 3.0.0, paths: {/a: {}}}";
    assert_eq!(read(flow).expect("a document").paths, ["/a"]);
}

#[test]
fn what_is_no_openapi_3_is_refused() {
    for (text, reason) in [
        ("swagger: '2.0'\npaths: {/a: {}}", "reads 3.x"),
        ("a: 1", "no `openapi`"),
        ("", "no `openapi`"),
        ("openapi: 3.0.0", "no `paths`"),
        ("openapi: 3.0.0\npaths: {a: {}}", "no `paths`"),
        ("openapi: [\n", "not YAML"),
        ("{\"openapi\": 3", "not JSON"),
    ] {
        let refused = read(text).expect_err(text);
        assert!(refused.contains(reason), "{text}: {refused}");
    }
    let many: String = (0..=MAX_PATHS)
        .map(|number| format!("  /p{number}: {{}}\n"))
        .collect();
    assert!(read(&format!("openapi: 3.0.0\npaths:\n{many}")).is_err());
}

#[test]
fn aliases_and_depth_cost_no_more_than_their_text() {
    let mut bomb = String::from("openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..60 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{before}x]\n"));
    }
    bomb.push_str("paths: {/a: *a59}\n");
    assert_eq!(read(&bomb).expect("a document").paths, ["/a"]);
    // Deep nesting is read or refused, and nothing overflows.
    let deep = format!(
        "openapi: 3.0.0\nx: {}{}\npaths: {{/a: 1}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let _ = read(&deep).map(|document| assert_eq!(document.paths, ["/a"]));
    let deep = format!("{{\"openapi\": \"3.0.0\", \"x\": {}", "[".repeat(100_000));
    assert!(read(&deep).is_err());
}

#[test]
fn documents_become_projects() {
    for (name, text, api) in [
        ("api.yaml", YAML, "payments-api-v2"),
        ("api.json", JSON, "maps"),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join(name), text).expect("a document");
        let output = caplint(
            folder.path(),
            &["init", "--from", name, "--tenants", "pro=500"],
        );
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = content(folder.path(), "capacity.toml");
        assert!(
            text.contains(&format!("[apis.{api}]\nrate_limit = \"10/s\" # assumed")),
            "{text}"
        );
        is_sound(folder.path());
    }
}

#[test]
fn a_document_of_the_only_api_takes_its_name_and_limit() {
    let folder = folder();
    std::fs::write(folder.path().join("maps.json"), JSON).expect("a document");
    let output = caplint(
        folder.path(),
        &["init", "--from", "maps.json", "--api", "geo=50/s"],
    );
    assert_eq!(output.status.code(), Some(0));
    let text = content(folder.path(), "capacity.toml");
    assert!(
        text.contains("[apis.geo]\nrate_limit = \"50/s\"\n"),
        "{text}"
    );
    assert!(text.contains("\"geo:/route\""), "{text}");
    is_sound(folder.path());
}

#[test]
fn a_large_document_becomes_a_sound_project() {
    let paths: String = (0..MAX_PATHS)
        .map(|number| format!("  /p{number}/{{id}}: {{}}\n"))
        .collect();
    let folder = folder();
    let text = format!("openapi: 3.0.0\ninfo: {{title: Large}}\npaths:\n{paths}");
    std::fs::write(folder.path().join("large.yaml"), text).expect("a document");
    let output = caplint(folder.path(), &["init", "--from", "large.yaml"]);
    assert_eq!(output.status.code(), Some(0));
    is_sound(folder.path());
}

/// Two groups of twelve paths, each with a tag that its paths do not have.
fn tagged(last: &str) -> [String; 2] {
    let paths = (0..24).map(|number| {
        let tag = if number < 12 { "Invoices" } else { "Refunds" };
        (format!("/v1/p{number}"), tag)
    });
    let paths: Vec<(String, &str)> = paths.collect();
    let yaml = paths.iter().map(|(path, tag)| {
        format!("  {path}:\n    summary: s\n    get:\n      tags: [{tag}, Other]\n      x: {{tags: [No]}}\n")
    });
    let yaml: String = yaml.collect();
    let json = paths.iter().map(|(path, tag)| {
        format!(
            "\"{path}\": {{ \"summary\": \"s\", \"get\": {{ \"tags\": [\"{tag}\", \"Other\"] }} }}"
        )
    });
    let json: Vec<String> = json.collect();
    let [yaml_end, json_end] = match last {
        "" => [String::new(), String::new()],
        last => [
            format!("  /v1/last:\n    post: {last}\n"),
            format!(", \"/v1/last\": {{ \"post\": {last} }}"),
        ],
    };
    [
        format!("openapi: 3.0.0\npaths:\n{yaml}{yaml_end}"),
        format!(
            "{{ \"openapi\": \"3.0.0\", \"paths\": {{ {}{json_end} }} }}",
            json.join(", ")
        ),
    ]
}

#[test]
fn a_large_document_is_grouped_by_tags_where_every_operation_has_one() {
    for (last, groups) in [
        ("", &["[features.invoices]", "[features.refunds]"][..]),
        ("{ \"tags\": [\"Refunds\"] }", &["[features.refunds]"]),
        ("{}", &["[features.p1]", "[features.last]"]),
        ("{ \"tags\": [] }", &["[features.p1]", "[features.last]"]),
        ("null", &["[features.p1]", "[features.last]"]),
    ] {
        for (text, name) in tagged(last).into_iter().zip(["api.yaml", "api.json"]) {
            let folder = folder();
            std::fs::write(folder.path().join(name), text).expect("a document");
            let output = caplint(folder.path(), &["init", "--from", name]);
            assert_eq!(output.status.code(), Some(0));
            let text = content(folder.path(), "capacity.toml");
            for group in groups {
                assert!(text.contains(group), "{last}, {name}, {group}: {text}");
            }
            let by_tag = groups.contains(&"[features.refunds]");
            assert_eq!(text.contains("[features.p1]"), !by_tag, "{last}, {name}");
            is_sound(folder.path());
        }
    }
}
