//! Files that are made from the code are what the code makes; `SNAPSHOTS=overwrite` writes them.

mod docs;
pub(crate) mod format;
mod picture;
mod readme;
mod shell;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use caplint::cli::args::Arguments;
use caplint::model::policy::SETTINGS;
use caplint::rules::RULES;
use caplint::{pages, schema};
use clap::CommandFactory;

/// The top of this repository.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with a file of this repository.
fn expect(path: &str, actual: &str) {
    // Not normalized: the bytes are what is published.
    let format = Some(snapbox::data::DataFormat::Text);
    let expected = snapbox::Data::read_from(&top().join(path), format).raw();
    snapbox::Assert::new()
        .action_env("SNAPSHOTS")
        .eq(actual.to_owned(), expected);
}

fn is_overwriting() -> bool {
    std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite")
}

#[test]
fn schemas() {
    expect(
        "schema/capacity.schema.json",
        &schema::print(&pages::capacity_schema()),
    );
    expect(
        "schema/report.schema.json",
        &schema::print(&schema::report()),
    );
    expect(
        "schema/forecast.schema.json",
        &schema::print(&schema::forecast()),
    );
    expect(
        "schema/purchases.schema.json",
        &schema::print(&schema::purchases()),
    );
    expect("schema/usage.schema.json", &schema::print(&schema::usage()));
    expect(
        "schema/calibrate.schema.json",
        &schema::print(&schema::calibration()),
    );
    expect(
        "schema/explain.schema.json",
        &schema::print(&schema::explanation()),
    );
    expect("schema/rules.schema.json", &schema::print(&schema::rules()));
    expect("schema/rows.schema.json", &schema::print(&schema::rows()));
    expect(
        "schema/quotas.schema.json",
        &schema::print(&schema::quotas()),
    );
    expect(
        "schema/history.schema.json",
        &schema::print(&schema::history()),
    );
    expect(
        "schema/review.schema.json",
        &schema::print(&schema::review()),
    );
}

#[test]
fn pages_of_rules() {
    expect("docs/rules/README.md", &pages::rules());
    for rule in RULES.iter() {
        // Pages are written by hand; what their heads say of the rule is the code's.
        let page = pages::rule(rule);
        let severity = format!("\n\n{}\n\n", pages::severity(rule));
        assert!(page.starts_with(&format!("# {}\n\n", rule.name)), "{page}");
        assert!(
            page.contains(&severity),
            "{} has no line {severity}",
            rule.name
        );
    }
}

#[test]
fn no_page_is_left_of_a_rule_that_is_gone() {
    let known: BTreeSet<String> = RULES
        .iter()
        .map(|rule| format!("{}.md", rule.name))
        .chain(["README.md".to_owned()])
        .collect();
    for entry in std::fs::read_dir(top().join("docs/rules")).expect("docs/rules") {
        let path: PathBuf = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if known.contains(&*name) {
            continue;
        }
        assert!(is_overwriting(), "{} is no rule's page", path.display());
        remove(&path);
    }
}

fn remove(path: &Path) {
    std::fs::remove_file(path).expect("a page");
}

#[test]
fn the_command_line() {
    expect("docs/cli.md", &pages::commands(Arguments::command()));
}

#[test]
fn docs_of_the_policy_say_its_defaults() {
    let schema = pages::capacity_schema();
    for setting in SETTINGS {
        let mut place = &schema;
        for key in setting.path.split('.') {
            if let Some(name) = place["allOf"][0]["$ref"].as_str() {
                place = schema.pointer(&name[1..]).expect("a definition");
            }
            place = &place["properties"][key];
        }
        let docs = place["description"].as_str().expect(setting.path);
        let docs = docs.replace('`', "").replace(" %", "%");
        let default = format!("Default: {}.", setting.default_text());
        assert!(docs.contains(&default), "{}: {docs}", setting.path);
    }
}
