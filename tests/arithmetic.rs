//! Corners of the arithmetic that random projects found.

mod amounts;
mod changes;
mod figures;
mod limits;
mod money;
mod values;

use std::process::Command;

use crate::support::repo::Repo;
use serde_json::Value;

/// The only project of a report on some files.
pub(crate) fn project(files: &[(&str, &str)], arguments: &[&str]) -> Value {
    let folder = Repo::folder();
    for (path, text) in files {
        folder.write(path, text);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(&folder.path)
        .args(arguments)
        .args(["--as-of", "2026-11-22", "--format", "json", "--exit-zero"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let project = report["projects"][0].clone();
    let file_rules = ["invalid-value", "unknown-reference", "unknown-key"];
    for finding in project["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap();
        assert!(!file_rules.contains(&rule), "{finding}");
    }
    project
}

fn check(text: &str) -> Value {
    project(&[("capacity.toml", text)], &["check"])
}

fn entry<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let mut entries = list.as_array().unwrap().iter();
    entries
        .find(|entry| entry[key] == value)
        .unwrap_or_else(|| panic!("nothing has `{key}` = `{value}`"))
}

#[track_caller]
fn same(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    let close = (found - expected).abs() <= 1e-12 * expected.abs();
    assert!(close, "{found} is not {expected}");
}

/// Only kafka has to say how fast it is read again, but what any queue says counts.
#[test]
fn replay_counts_on_every_broker() {
    for broker in ["kafka", "sqs", "sqs-fifo", "rabbitmq", "redis"] {
        let project = check(&format!(
            "[queues.q]\nbroker = \"{broker}\"\nmessage_size = 100\nreplay = 5\n\
             [features.f]\nmessages = [{{ queue = \"q\", rate = \"2/s\", per = \"project\" }}]\n"
        ));
        let meter = entry(&project["meters"], "id", "queues.q.throughput");
        same(&meter["demand"]["point"], 1200.0);
    }
}

/// 300 credits a month of which the plan holds 100, and two packs the rest.
fn with_packs(price: &str, scenario: &str) -> String {
    format!(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n\
         [apis.a]\nplan = {{ credits = 100, price = 10 }}\nbudget = {{ now = 30, max = 40 }}\n\
         packs = [{{ name = \"small\", credits = 100, price = {price} }}]\n\
         endpoints.\"/x\" = {{ credits = 1 }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\" }}]\n{scenario}"
    )
}

#[test]
fn a_scenario_sets_packs_by_name_and_either_side_of_a_limit() {
    let scenario = "[scenarios.s]\nset = { \"apis.a.packs.small.price\" = 7, \
                    \"apis.a.budget.max\" = 50 }\n";
    let project = check(&with_packs("5", scenario));
    let today = entry(&project["meters"], "id", "apis.a.spend");
    same(&today["demand"]["point"], 20.0);
    same(&today["limit"], 30.0);
    let meters = &entry(&project["scenarios"], "name", "s")["meters"];
    let set = entry(meters, "id", "apis.a.spend");
    same(&set["demand"]["point"], 24.0);
    same(&set["limit"], 50.0);
}

#[test]
fn the_price_of_a_pack_is_one_declaration() {
    let (base, head) = (with_packs("5", ""), with_packs("7", ""));
    let files = [
        ("base/capacity.toml", base.as_str()),
        ("head/capacity.toml", head.as_str()),
    ];
    let project = project(&files, &["diff", "./base", "./head"]);
    let change = entry(&project["changes"], "meter", "apis.a.spend");
    let attribution = change["attribution"].as_array().unwrap();
    assert_eq!(attribution.len(), 1);
    assert_eq!(attribution[0]["path"], "apis.a.packs.small.price");
    assert_eq!(attribution[0]["kind"], "changed");
    assert_eq!(attribution[0]["before"], "5");
    assert_eq!(attribution[0]["after"], "7");
    same(&attribution[0]["delta"], 4.0);
}

/// A shared cache lets a share pass that falls with the number of tenants: no straight line, so
/// that what a limit far below today's demand allows has to be searched for.
#[test]
fn breaking_points_far_below_today_are_found() {
    let project = check(
        "[tenants]\npro = 1_000_000\n[apis.a]\nplan = { credits = 0.0001 }\n\
         endpoints.\"/x\" = { credits = 1 }\n[features.f]\n\
         calls = [{ endpoint = \"/x\", rate = \"1/day\", \
         cache = { ttl = \"1h\", scope = \"shared\", keys = 1000 } }]\n",
    );
    let found = entry(&project["meters"], "id", "apis.a.credits")["breaking_point"]
        .as_f64()
        .unwrap();
    let expected = 1e-4 / 30e6;
    assert!((found / expected - 1.0).abs() < 1e-6, "{found}");
}

/// What stands on a table is told by the table and the ratio: of no rows too it is not known how
/// many come out where the ratio is not.
#[test]
fn an_unknown_ratio_counts_on_an_unwritten_table_too() {
    let project = check(
        "[databases.d]\n[tables.raw]\nkind = \"event\"\nrow_size = 100\nretention = \"7d\"\n\
         [tables.days]\nkind = \"rollup\"\nfrom = \"raw\"\nratio = \"unknown\"\nrow_size = 10\nretention = \"1y\"\n\
         [tables.months]\nkind = \"rollup\"\nfrom = \"days\"\nratio = 0.1\nrow_size = 10\nretention = \"1y\"\nmax_size = \"1GB\"\n",
    );
    for (id, lower_bound) in [
        ("tables.raw.storage", false),
        ("tables.days.storage", true),
        ("tables.months.storage", true),
        ("databases.d.storage", true),
        ("databases.d.writes", true),
    ] {
        let meter = entry(&project["meters"], "id", id);
        assert_eq!(meter["lower_bound"], lower_bound, "{id}");
    }
    let limited = entry(&project["meters"], "id", "tables.months.storage");
    assert_eq!(limited["verdict"], "unknown");
}

/// A model without a price costs nothing, today and on every day, for however many tenants.
#[test]
fn nothing_unknown_reaches_the_spend_of_what_has_no_price() {
    let project = check(
        "[tenants]\npro = { now = \"unknown\", 90d = 10 }\n\
         [models.m]\nunit = \"tokens\"\nbudget = 100\ncapacity = \"1k/min\"\n\
         [features.f]\ninference = [{ model = \"m\", rate = \"1/day\", peak = 2, units = 5 }]\n",
    );
    let horizons = project["horizons"].as_array().unwrap();
    assert!(horizons.len() >= 3);
    for meters in std::iter::once(&project)
        .chain(horizons)
        .map(|it| &it["meters"])
    {
        let spend = entry(meters, "id", "models.m.spend");
        assert_eq!(spend["lower_bound"], false);
        assert_eq!(spend["verdict"], "fits");
    }
    let tokens = |meters| entry(meters, "id", "models.m.rate.tokens.min")["lower_bound"].clone();
    assert_eq!(tokens(&horizons[0]["meters"]), true);
}
