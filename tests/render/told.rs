//! What is told once, by its cause, and as what it is: of one edit, of a count that is declared by day,
//! of a limit that goes, of a scenario that gets stricter.

use caplint::finding::Severity;
use caplint::render::{Format, Options, render};
use caplint::report::{Finding, Report, State};

use crate::support::lint;

const BASE: &str = r#"
[project]
name = "shop"
days_per_month = 30

[policy.change]
spend = "20%"

[tenants]
pro = { now = 100, 30d = 110, 90d = 130 }

[scenarios.10x]
tenants = 10
require = "fit"

[models.writer]
price = { per = 1_000_000, input = 3.00 }
price_as_of = 2026-10-20
budget = { now = 60.00, max = 600.00 }
tenant_quota = { all = { input = "90M/month" } }

[databases.db]
storage = "50GB"

[tables.log]
kind = "event"
row_size = "1KB"
retention = "1y"
database = "db"

[features.f]
owner = "o"
spec = "capacity.toml"

[[features.f.inference]]
id = "draft"
model = "writer"
rate = "10/day"
units = { input = 500 }

[[features.f.writes]]
id = "row"
table = "log"
rate = "20/day"
"#;

fn compared(head: &str) -> Report {
    lint::compare(&[("capacity.toml", BASE)], &[("capacity.toml", head)], "")
}

fn shown(report: &Report, format: Format, width: usize) -> String {
    let options = Options {
        width,
        ..Options::default()
    };
    render(format, report, &options)
}

fn human(report: &Report) -> String {
    shown(report, Format::Human, 200)
}

fn says(out: &str, words: &str) {
    assert!(out.contains(words), "{words:?} is not said:\n{out}");
}

fn is_silent(out: &str, words: &str) {
    assert!(!out.contains(words), "{words:?} is said:\n{out}");
}

fn found<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    findings.filter(|it| it.rule == rule).collect()
}

#[test]
fn advice_is_given_where_only_the_size_of_the_change_is_left() {
    // An estimate has no one rate that could be lower.
    let guess = "rate = { p50 = \"10/day\", p90 = \"10.1/day\" }";
    let base = BASE.replace("rate = \"10/day\"", guess);
    let head = base.replace("input = 3.00", "input = 5.00");
    let report = lint::compare(&[("capacity.toml", &base)], &[("capacity.toml", &head)], "");
    let help = found(&report, "over-limit")[0].help.as_deref().unwrap();
    says(help, "raise `models.writer.budget` to `");
    says(help, "; then `models.writer.spend` grows by ");
    // Less use leaves nothing.
    let report = compared(&BASE.replace("input = 3.00", "input = 5.00"));
    let help = found(&report, "over-limit")[0].help.as_deref().unwrap();
    says(help, "lower `features.f.inference.draft.rate` to ");
    is_silent(help, "; then ");
}

#[test]
fn the_line_that_the_change_touches_is_slowed_for_a_model_and_in_batches() {
    let report = compared(&BASE.replace("\"10/day\"", "\"20/day\""));
    let help = |report: &Report| found(report, "over-limit")[0].help.clone().unwrap();
    says(
        &help(&report),
        "lower `features.f.inference.draft.rate` to `",
    );
    let report = compared(&BASE.replace("\"10/day\"", "\"every 1h\""));
    says(
        &help(&report),
        "lower `features.f.inference.draft.rate` to `every ",
    );
}

#[test]
fn what_one_edit_ends_is_drawn_once() {
    let head = BASE
        .replace("\"10/day\"", "\"20/day\"")
        .replace("spend = \"20%\"", "spend = \"900%\"");
    let both = BASE.replace("spend = \"20%\"", "spend = \"900%\"");
    let report = lint::compare(&[("capacity.toml", &both)], &[("capacity.toml", &head)], "");
    let fixes = |rule| found(&report, rule)[0].fix.as_ref().unwrap().edits.clone();
    assert_eq!(fixes("over-limit"), fixes("scenario-over-limit"));
    let out = human(&report);
    says(
        &out,
        "also error[scenario-over-limit]: `models.writer.spend`",
    );
    assert_eq!(out.matches("help:").count(), 1, "{out}");
    says(&out, "2 new errors");
    let out = shown(&report, Format::Markdown, 80);
    assert_eq!(out.matches("| [❌]").count(), 1, "{out}");
    says(&out, "<br>also: ");
    // What another edit ends is told by itself.
    let report = compared(&BASE.replace("\"20/day\"", "\"90000/day\""));
    let out = human(&report);
    is_silent(&out, "also error[over-limit]");
}

#[test]
fn one_unknown_is_drawn_once() {
    let head = BASE.replace("\"10/day\"", "\"unknown\"");
    let head = head.replace(
        "price_as_of",
        "capacity = { input = \"9M/min\" }\nprice_as_of",
    );
    let base = BASE.replace(
        "price_as_of",
        "capacity = { input = \"9M/min\" }\nprice_as_of",
    );
    let report = lint::compare(&[("capacity.toml", &base)], &[("capacity.toml", &head)], "");
    assert_eq!(found(&report, "lower-bound").len(), 2);
    let out = human(&report);
    assert_eq!(out.matches("replace `\"unknown\"`").count(), 1, "{out}");
    says(&out, "also error[lower-bound]: ");
    // What a tenant costs is no less for what nobody knows.
    let out = shown(&report, Format::Markdown, 80);
    says(
        &out,
        "| One `pro` tenant, a month | 0.45\u{a0}USD | ≥0\u{a0}USD |",
    );
    says(&shown(&report, Format::Html, 80), "≥0 USD");
}

#[test]
fn a_count_that_is_declared_by_day_is_one_cause() {
    let head = BASE.replace(
        "pro = { now = 100, 30d = 110, 90d = 130 }",
        "pro = { now = 104, 30d = 114, 90d = 134 }",
    );
    let report = compared(&head);
    let changes = &report.projects[0].changes;
    let id = "databases.db.storage";
    let storage = changes.iter().find(|it| it.meter == id).unwrap();
    assert!(storage.attribution.len() > 1, "days move it by themselves");
    let out = human(&report);
    let (_, causes) = out.split_once("caused by").unwrap();
    let (causes, _) = causes.split_once("growth").unwrap();
    says(
        causes,
        "  tenants.pro  now 100 → 104, 30d 110 → 114, 1 more: ",
    );
    assert_eq!(causes.matches("tenants.pro").count(), 1, "{causes}");
    // One day alone keeps its name.
    let out = human(&compared(&BASE.replace("now = 100", "now = 104")));
    says(&out, "tenants.pro.now  100 → 104: ");
}

#[test]
fn what_lowers_a_limit_or_widens_an_estimate_is_a_cause() {
    let out = human(&compared(&BASE.replace("now = 60.00", "now = 40.00")));
    let (_, causes) = out.split_once("caused by").unwrap();
    says(causes, "limit of `writer` spend 60.00 USD → 40.00 USD");
    let certain = BASE.replace(
        "rate = \"10/day\"",
        "rate = { p50 = \"10/day\", p90 = \"11/day\" }",
    );
    let wide = BASE.replace(
        "rate = \"10/day\"",
        "rate = { p50 = \"10/day\", p90 = \"40/day\" }",
    );
    let report = lint::compare(
        &[("capacity.toml", &certain)],
        &[("capacity.toml", &wide)],
        "",
    );
    let out = human(&report);
    let (_, causes) = out.split_once("caused by").unwrap();
    says(causes, "features.f.inference.draft.rate");
    says(causes, "at p80");
}

#[test]
fn a_limit_that_is_gone_is_no_improvement() {
    let full = BASE.replace("\"20/day\"", "\"900/day\"");
    let base = [("capacity.toml", &*full)];
    let gone = full.replace("storage = \"50GB\"\n", "");
    let report = lint::compare(&base, &[("capacity.toml", &gone)], "");
    let out = human(&report);
    says(&out, "10x fits");
    says(&out, "(1 limit broke before, now removed)");
    let removed = found(&report, "limit-removed")[0];
    assert_eq!(
        removed.line,
        gone.lines()
            .position(|it| it == "[databases.db]")
            .map(|it| it as u32 + 1)
    );
    // What fits because less is used is one.
    let less = full.replace("\"900/day\"", "\"20/day\"");
    let report = lint::compare(&base, &[("capacity.toml", &less)], "");
    says(&human(&report), "(1 limit broke before)");
}

#[test]
fn a_scenario_that_gets_stricter_says_what_it_will_find() {
    let head = BASE.replace("tenants = 10", "tenants = 20");
    let report = compared(&head);
    let [stricter] = found(&report, "scenario-over-limit")[..] else {
        panic!("the stricter scenario is told of");
    };
    assert_eq!(stricter.severity, Severity::Warning);
    says(&stricter.message, "this change makes the scenario stricter");
    assert_eq!(stricter.state, Some(State::New));
    // One that still fits says nothing, nor does one that judged already.
    let report = compared(&BASE.replace("tenants = 10", "tenants = 11"));
    assert_eq!(found(&report, "scenario-over-limit").len(), 0);
    let base = [("capacity.toml", &*head)];
    let report = lint::compare(&base, &base, "");
    let all = found(&report, "scenario-over-limit");
    assert!(
        all.iter().all(|it| it.severity == Severity::Error),
        "{all:?}"
    );
}

#[test]
fn a_row_of_a_limit_that_moved_fits_a_narrow_terminal() {
    let dear = BASE.replace("max = 600.00", "max = 6_000_000.00");
    let side = |price: &str, budget: &str| {
        let side = dear.replace("input = 3.00", &format!("input = {price}"));
        side.replace("now = 60.00", &format!("now = {budget}"))
    };
    let base = side("30_000.00", "600_000.00");
    let head = side("36_000.00", "550_000.00");
    let report = lint::compare(&[("capacity.toml", &base)], &[("capacity.toml", &head)], "");
    let out = shown(&report, Format::Human, 60);
    let row = out.lines().find(|it| it.contains("→ 550,000.00 USD"));
    let row = row.unwrap_or_else(|| panic!("no row:\n{out}"));
    assert!(row.chars().count() <= 60, "{row}");
    says(&human(&report), "600,000.00 USD → 550,000.00 USD");
}

#[test]
fn what_is_told_by_its_size_is_no_code() {
    let head = format!(
        "{BASE}\n[features.g]\nowner = \"o\"\nspec = \"capacity.toml\"\n\
         [[features.g.inference]]\nid = \"a\"\nmodel = \"writer\"\nrate = \"1/day\"\n\
         units = {{ input = 500 }}\n[[features.g.inference]]\nid = \"b\"\nmodel = \"writer\"\n\
         rate = \"1/day\"\nunits = {{ input = 500 }}\n"
    );
    let out = shown(&compared(&head), Format::Markdown, 80);
    says(&out, "`features.g` new, 2 lines: ");
}
