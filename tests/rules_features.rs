//! What rules about features and credits say, and where they are silent.

use crate::support::lint::{findings, findings_in, only, pointed};

const CACHED: &str = r#"
[tenants]
pro = 100

[apis.a]
rate_limit = "1000/min"
plan = { credits = 1_000_000, price = 1.00 }

[apis.a.endpoints."/x"]
credits = 2
cacheable = "15m"

[features.f]
spec = "spec.md"
owner = "o"

[[features.f.calls]]
endpoint = "/x"
rate = "RATE"
CACHE
"#;

fn cached(rate: &str, cache: &str) -> String {
    CACHED.replace("RATE", rate).replace("CACHE", cache)
}

#[test]
fn a_cache_is_missed_from_a_twentieth_on() {
    // λT = 4 · 15/1440: 4%.
    assert_eq!(findings("cache-missing", &cached("4/day", "")).len(), 0);
    // λT = 48 · 15/1440 = 0.5: a third.
    let finding = only("cache-missing", &cached("48/day", ""));
    assert_eq!(
        finding.message,
        "a 15min cache before `a:/x` would save 3,200 of 9,600 credits a day (33.3%)"
    );
    assert!((finding.figure.unwrap() - 96_000.0).abs() < 1e-6);
    assert_eq!(finding.subject, "features.f.calls.\"/x\".cache");
    assert_eq!(finding.related[0].message, "may be up to this stale");
    assert_eq!(
        findings("cache-missing", &cached("48/day", "cache = false")).len(),
        0
    );
    let allowed = cached(
        "48/day",
        "allow = [\"cache-missing\"]\nreason = \"next week\"",
    );
    assert!(only("cache-missing", &allowed).waived.is_some());
    // A batch each quarter of an hour finds nothing that is a quarter of an hour old.
    assert_eq!(findings("cache-missing", &cached("every 15m", "")).len(), 0);
    assert_eq!(findings("cache-missing", &cached("every 5m", "")).len(), 1);
}

#[test]
fn one_cache_gets_one_finding() {
    let rules = [
        "cache-too-long",
        "cache-saves-nothing",
        "cache-hit-ratio-implausible",
        "cache-on-fresh-endpoint",
        "cache-missing",
    ];
    let count = |toml: &str| -> Vec<&str> {
        let fires = |rule: &&&str| !findings(rule, toml).is_empty();
        rules.iter().filter(fires).copied().collect()
    };
    assert_eq!(
        count(&cached("1/day", "cache = { ttl = \"15m\" }")),
        ["cache-saves-nothing"]
    );
    assert_eq!(
        count(&cached("1/day", "cache = { ttl = \"16m\" }")),
        ["cache-too-long"]
    );
    let fresh = cached("1/day", "cache = { ttl = \"15m\", hit_ratio = 0.9 }")
        .replace("cacheable = \"15m\"", "cacheable = false");
    assert_eq!(count(&fresh), ["cache-on-fresh-endpoint"]);
    // A third is what 48 a day can give.
    let of = |ratio: &str| {
        cached(
            "48/day",
            &format!("cache = {{ ttl = \"15m\", hit_ratio = {ratio} }}"),
        )
    };
    assert_eq!(count(&of("0.38")), [""; 0]);
    assert_eq!(count(&of("0.39")), ["cache-hit-ratio-implausible"]);
    // 4,800 requests for 5 objects: each ten times in a quarter of an hour.
    let shared = cached(
        "48/day",
        "cache = { ttl = \"15m\", hit_ratio = 0.9, scope = \"shared\", keys = 5 }",
    );
    assert_eq!(count(&shared), [""; 0]);
}

#[test]
fn specs_are_found_from_the_folder_of_their_feature() {
    let toml = |spec: &str| format!("[tenants]\npro = 1\n[features.f]\nspec = \"{spec}\"\n");
    let found = |spec: &str| {
        let text = toml(spec);
        let files = [
            ("capacity.toml", "[project]\nspecs = [\"**/*.spec.md\"]\n"),
            ("teams/a/capacity.toml", text.as_str()),
            ("docs/f.spec.md", ""),
            ("teams/a/g.md", ""),
        ];
        (
            findings_in("feature-without-spec", &files, ""),
            findings_in("spec-without-feature", &files, ""),
        )
    };
    for there in ["../../docs/f.spec.md", "./../b/../../docs//f.spec.md"] {
        let (without, unused) = found(there);
        assert_eq!((without.len(), unused.len()), (0, 0), "{there}");
    }
    for gone in [
        "docs/f.spec.md",
        "../../../docs/f.spec.md",
        "/docs/f.spec.md",
        "h.md",
    ] {
        let (without, unused) = found(gone);
        assert_eq!((without.len(), unused.len()), (1, 1), "{gone}");
        assert_eq!(unused[0].subject, "project.specs.\"docs/f.spec.md\"");
        assert_eq!(without[0].subject, "features.f.spec");
    }
    assert_eq!(
        found("h.md").0[0].help.as_deref(),
        Some("did you mean `g.md`?")
    );
}

#[test]
fn a_spec_beside_a_feature_without_one_is_said_once() {
    let files = [
        ("capacity.toml", "[project]\nspecs = [\"*/spec.md\"]\n"),
        (
            "f/capacity.toml",
            "[tenants]\npro = 1\n[features.f]\nspec = \"sepc.md\"\n",
        ),
        ("f/spec.md", ""),
    ];
    assert_eq!(findings_in("spec-without-feature", &files, "").len(), 0);
    let found = findings_in("feature-without-spec", &files, "");
    assert_eq!(found[0].help.as_deref(), Some("did you mean `spec.md`?"));
    assert_eq!(pointed(&found[0], files[1].1), "\"sepc.md\"");
}

#[test]
fn what_nothing_uses_is_named_once() {
    let toml = r#"
[tenants]
free = 1
pro = 1

[entities]
device = { per_tenant = 2 }

[apis.a]
endpoints = { "/x" = {}, "/y" = {} }
[apis.b]
endpoints = { "/z" = {} }

[databases.d]
storage = 1

[tables.source]
kind = "event"
row_size = 1
[tables.rollup]
kind = "rollup"
from = "source"
ratio = 0.1
row_size = 1
[tables.state]
kind = "state"
row_size = 1
rows = 1
per = "project"
[tables.orphan]
kind = "event"
row_size = 1

[queues.q]
broker = "sqs"
message_size = 1

[models.m]
price = 0.1

[features.f]
tenants = ["pro"]
[[features.f.calls]]
endpoint = "/x"
rate = "1/day"
"#;
    for rule in ["missing-key", "unknown-reference", "invalid-value"] {
        assert_eq!(findings(rule, toml).len(), 0, "{:?}", findings(rule, toml));
    }
    let mut subjects: Vec<String> = findings("unused-declaration", toml)
        .into_iter()
        .map(|finding| finding.subject)
        .collect();
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "apis.a.endpoints.\"/y\"",
            "apis.b",
            "entities.device",
            "models.m",
            "queues.q",
            "tables.orphan",
            "tenants.free"
        ]
    );
    // How often something is used is another question; who uses it is known when all is that
    // refers to something.
    let often = toml.replace("rate = \"1/day\"", "rate = \"daily\"");
    assert_eq!(findings("unused-declaration", &often).len(), 7);
    for broken in [
        "endpoint = \"/w\"",
        "endpoint = 1",
        "tenants = 1",
        "per = 1",
    ] {
        let broken = toml.replace("endpoint = \"/x\"", broken);
        assert_eq!(findings("unused-declaration", &broken).len(), 0, "{broken}");
    }
    // A line that was not read may use what its file names, and all tiers.
    let cut = toml.replace(
        "[features.f]",
        "[features.g]\ncalls = [{ endpoint = \"/z\", per = \"device\"\n[features.f]",
    );
    let subjects: Vec<String> = findings("unused-declaration", &cut)
        .into_iter()
        .map(|finding| finding.subject)
        .collect();
    assert_eq!(subjects, [""; 0]);
}

const EVENT: &str = r#"
[tenants]
pro = 1000

[apis.a]
rate_limit = "100000/min"
plan = { credits = 80_000, price = 10.00, balance = BALANCE }
lead_time = "5d"
endpoints = { "/x" = { credits = 1 } }

[features.f]
spec = "spec.md"
owner = "o"
[[features.f.calls]]
endpoint = "/x"
rate = "2/day"

[scenarios.launch]
tenants = 10
on = ON
lasts = "10d"
require = "report"
"#;

fn event(on: &str, balance: &str) -> String {
    EVENT.replace("ON", on).replace("BALANCE", balance)
}

#[test]
fn an_event_is_late_when_its_lead_time_has_begun() {
    // 60,000 · 20/30 and 600,000 · 10/30: 240,000 credits.
    let late = event("2026-11-26", "0");
    let finding = only("event-bought-late", &late);
    assert!(
        finding.message.contains("needs 240,000 `a` credits"),
        "{}",
        finding.message
    );
    assert!(
        finding.message.ends_with("order more was 2026-11-21"),
        "{}",
        finding.message
    );
    assert_eq!(finding.figure, Some(160_000.0));
    assert_eq!(pointed(&finding, &late), "2026-11-26");
    // Today is the last day.
    assert_eq!(
        findings("event-bought-late", &event("2026-11-27", "0")).len(),
        0
    );
    assert_eq!(
        findings("event-bought-late", &event("2026-11-26", "160_000")).len(),
        0
    );
    assert_eq!(
        findings("event-bought-late", &event("2026-11-22", "0")).len(),
        0
    );
}

#[test]
fn an_event_that_is_over_needs_no_buffer() {
    let finding = only("event-without-buffer", &event("2027-01-10", "0"));
    assert_eq!(finding.figure, Some(180_000.0));
    assert!(finding.help.unwrap().contains("45,000 credits more"));
    assert_eq!(
        findings("event-without-buffer", &event("2026-11-12", "0")).len(),
        0
    );
    assert_eq!(
        findings("event-without-buffer", &event("2026-11-13", "0")).len(),
        1
    );
    let fewer = event("2027-01-10", "0").replace("tenants = 10\n", "tenants = 1\n");
    assert_eq!(findings("event-without-buffer", &fewer).len(), 0);
}

fn burn(rule: &str, usage: &str) -> Vec<caplint::report::Finding> {
    let toml = CACHED
        .replace("RATE", "4/day")
        .replace("CACHE", "id = \"x\"")
        .replace("1_000_000", "10_000");
    let toml = format!("{toml}[policy.burn]\nsoft = {{ share = \"75%\", by_day = 22 }}\n");
    findings_in(rule, &[("capacity.toml", &toml), ("spec.md", "")], usage)
}

#[test]
fn burn_counts_this_months_credits_and_calls() {
    // 4,000 calls at two credits.
    let soft = burn("burn-soft", "2026-11-20,f,x,4000,calls\n");
    assert_eq!(soft.len(), 1);
    assert_eq!(soft[0].figure, Some(0.8));
    assert!(
        soft[0]
            .message
            .contains("8,000 of 10,000 credits by day 22, 80%"),
        "{}",
        soft[0].message
    );
    assert_eq!(burn("burn-hard", "2026-11-20,f,x,4000,calls\n").len(), 0);
    // A line that is not named counts for the only API that the feature calls.
    let hard = burn(
        "burn-hard",
        "2026-11-20,f,x,4000,calls\n2026-11-22,f,,1100,credits\n",
    );
    assert_eq!(hard.len(), 1);
    assert!(
        hard[0]
            .help
            .as_deref()
            .unwrap()
            .contains("run out on day 24.2")
    );
    for silent in [
        "2026-10-31,f,x,9000,credits\n",
        "2026-11-23,f,x,9000,credits\n",
        "2025-11-20,f,x,9000,credits\n",
        "2026-11-20,other,x,9000,credits\n",
        "2026-11-20,f,x,9000,rows\n",
        "2026-11-21,f,x,7000,credits\n",
    ] {
        assert_eq!(burn("burn-soft", silent).len(), 0, "{silent}");
        assert_eq!(burn("burn-hard", silent).len(), 0, "{silent}");
    }
    // Credits of a line are what its calls cost; the API's own are all.
    let both = "2026-11-20,f,x,3500,calls\n2026-11-20,f,x,7000,credits\n";
    assert_eq!(burn("burn-soft", both).len(), 0);
    // One plan that is nearly used up gets one finding.
    assert_eq!(burn("burn-soft", "2026-11-19,f,x,9500,credits\n").len(), 0);
}

/// What a model cost is what rows say; else what its units come to.
#[test]
fn burn_of_a_budget_counts_units_where_no_cost_is_said() {
    let used = |price: &str, rows: &[&str]| {
        let toml = format!(
            "[tenants]\npro = 1\n[models.m]\nprice = {price}\nbudget = 100\n[features.f]\n\
             [[features.f.inference]]\nid = \"x\"\nmodel = \"m\"\nrate = \"1/day\"\n\
             units = {{ input = 200, output = 100 }}\n\
             [[features.f.inference]]\nid = \"y\"\nmodel = \"m\"\nrate = \"1/day\"\n\
             units = {{ input = 200, output = 100 }}\n"
        );
        let rows: Vec<String> = rows
            .iter()
            .map(|row| format!("2026-11-20,{row}\n"))
            .collect();
        let found = findings_in("burn-hard", &[("capacity.toml", &toml)], &rows.concat());
        let figures = found.iter().map(|it| it.figure.unwrap());
        figures.collect::<Vec<f64>>()
    };
    let flat = "{ input = 0.01, output = 0.02 }";
    // 95 USD of one line, and of two; its units say nothing more.
    assert_eq!(used(flat, &["f,x,95,cost"]), [0.95]);
    assert_eq!(
        used(flat, &["f,x,95,cost", "f,x,9000,input", "f,y,5,cost"]),
        [1.0]
    );
    // 5,000 at 0.01 and 2,500 at 0.02; 5,000 of another line, with the cost of the first.
    assert_eq!(used(flat, &["f,x,5000,input", "f,x,2500,output"]), [1.0]);
    assert_eq!(used(flat, &["f,x,50,cost", "f,y,5000,input"]), [1.0]);
    // 25 runs of 200 and 100; input was measured, output not.
    assert_eq!(used(flat, &["f,x,25,requests"]), [1.0]);
    assert_eq!(used(flat, &["f,x,25,requests", "f,x,7500,input"]), [1.25]);
    // Steps count what all lines use: 1,000 at 0.05, then 0.01.
    let steps = "{ input = [{ up_to = 1000, price = 0.05 }, { price = 0.01 }], output = 0 }";
    assert_eq!(used(steps, &["f,x,3000,input", "f,y,3000,input"]), [1.0]);
    for silent in [
        "f,x,89,cost",
        "f,x,8900,input",
        "f,x,22,requests",
        "f,x,9000,occurrences",
    ] {
        assert_eq!(used(flat, &[silent]), [0.0; 0], "{silent}");
    }
}

/// After its day the soft alert is silent: 75% on day 25 is as it should be.
#[test]
fn the_soft_alert_ends_with_its_day() {
    let toml = CACHED
        .replace("RATE", "4/day")
        .replace("CACHE", "id = \"x\"")
        .replace("1_000_000", "10_000");
    let files = |by_day: u8| {
        format!("{toml}[policy.burn]\nsoft = {{ share = \"75%\", by_day = {by_day} }}\n")
    };
    for (by_day, count) in [(21, 0), (22, 1)] {
        let toml = files(by_day);
        let files = [("capacity.toml", &*toml), ("spec.md", "")];
        let found = findings_in("burn-soft", &files, "2026-11-20,f,x,4000,calls\n");
        assert_eq!(found.len(), count, "{by_day}");
    }
}

#[test]
fn over_limit_speaks_for_the_alerts() {
    let toml = cached("4/day", "")
        .replace("1_000_000", "22_000")
        .replace("price", "price ");
    let toml = toml.replace("[apis.a]", "[apis.a]\nlead_time = \"7d\"");
    // 800 a day: empty on day 27.5.
    assert_eq!(findings("over-limit", &toml).len(), 1);
    assert_eq!(findings("alert-blind-zone", &toml).len(), 0);
    assert_eq!(findings("alert-lead-too-short", &toml).len(), 0);
    let off = format!("{toml}\n[rules]\nover-limit = \"off\"\n");
    assert_eq!(findings("alert-blind-zone", &off).len(), 1);
    let short = only("alert-lead-too-short", &off);
    assert!((short.figure.unwrap() - 2.75).abs() < 1e-9);
}

#[test]
fn a_glob_that_matches_no_file_is_said_once() {
    let found = |globs: &str, files: &[&str]| -> Vec<String> {
        let root = format!("[project]\nspecs = [{globs}]\n");
        let mut all = vec![("p/capacity.toml", &*root), ("specs/outside.md", "")];
        all.extend(files.iter().map(|path| (*path, "")));
        let found = findings_in("spec-pattern-unmatched", &all, "");
        found.into_iter().map(|it| it.subject).collect()
    };
    assert_eq!(
        found("\"specs/*.md\"", &["p/specs/a.md"]),
        Vec::<String>::new()
    );
    assert_eq!(
        found("\"specs/*.md\"", &["p/specs/deep/a.md"]),
        ["project.specs.\"specs/*.md\""]
    );
    assert_eq!(
        found("\"specs/**\", \"docs/*\"", &["p/specs/deep/a.md"]),
        ["project.specs.\"docs/*\""]
    );
    // What is no glob is said where it is read.
    assert_eq!(found("\"[\"", &[]), Vec::<String>::new());
    assert_eq!(found("", &[]), Vec::<String>::new());
}
