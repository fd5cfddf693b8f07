//! Rules of Prometheus, run by `promtool`.

mod names;

use std::process::Command;

use serde_json::{Value, json};

use super::{PROJECT, caplint, export, repo, yaml};
use crate::support::repo::Repo;

/// Whether `promtool` is there. Where it is required, it has to be.
fn is_missing() -> bool {
    let found = Command::new("promtool").arg("--version").output().is_ok();
    let required = std::env::var_os("CAPLINT_REQUIRE_TOOLS").is_some();
    assert!(found || !required, "promtool is missing");
    if !found {
        eprintln!("SKIPPED: promtool is missing");
    }
    !found
}

fn promtool(repo: &Repo, arguments: &[&str]) {
    let output = Command::new("promtool")
        .args(arguments)
        .current_dir(&repo.path)
        .output()
        .expect("promtool runs");
    let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    assert!(output.status.success(), "{out}\n{err}");
}

/// The rules of files, checked.
fn rules(files: &[(&str, &str)]) -> (Repo, String, String) {
    let repo = repo(files);
    let (text, missing) = export(&repo, &["prometheus-rules", "--rev", "HEAD"]);
    repo.write("rules.yml", &text);
    if !is_missing() {
        promtool(&repo, &["check", "rules", "--lint-fatal", "rules.yml"]);
    }
    (repo, text, missing)
}

/// Alerts by name, in their order.
fn alerts(text: &str) -> Vec<Value> {
    let document = yaml::read(text);
    let groups = document["groups"].as_array().unwrap().iter();
    let rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
    let alerts = rules.filter(|rule| rule.get("alert").is_some());
    alerts.cloned().collect()
}

fn names(text: &str) -> Vec<String> {
    let alerts = alerts(text);
    let names = alerts.iter().map(|it| it["alert"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// How many alerts of a name fire at a time.
fn firing(alert: &str, time: &str, count: usize) -> Value {
    let expr = format!("count(ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}) or vector(0)");
    json!({ "expr": expr, "eval_time": time, "exp_samples": [{ "labels": "{}", "value": count }] })
}

fn series(all: &[(&str, &str)]) -> Value {
    let all = all.iter();
    all.map(|(series, values)| json!({ "series": series, "values": values }))
        .collect()
}

/// Runs tests of five-minute samples, with rules evaluated as often.
fn test(repo: &Repo, tests: &[(Value, Vec<Value>)]) {
    evaluated(repo, "5m", tests);
}

/// The same, with rules evaluated in the order of their groups.
fn evaluated(repo: &Repo, every: &str, tests: &[(Value, Vec<Value>)]) {
    if is_missing() {
        return;
    }
    let tests: Vec<Value> = tests
        .iter()
        .map(|(series, expected)| {
            json!({ "interval": "5m", "input_series": series, "promql_expr_test": expected })
        })
        .collect();
    let groups = ["recording", "alerts"].map(|it| format!("caplint-creator-analytics-{it}"));
    let file = json!({
        "rule_files": ["rules.yml"], "evaluation_interval": every, "group_eval_order": groups,
        "tests": tests,
    });
    repo.write("test.yml", file.to_string());
    promtool(repo, &["test", "rules", "test.yml"]);
}

/// The project with other metrics.
fn measured_by(metrics: &str) -> String {
    let (declared, _) = PROJECT.split_once("[metrics]").unwrap();
    format!("{declared}[metrics]\n{metrics}\n")
}

#[test]
fn a_months_credits_are_counted_over_its_end_and_over_resets() {
    let project = measured_by("'apis.tiklive.credits' = { counter = 'tiklive_credits_total' }");
    let (repo, ..) = rules(&[("capacity.toml", &project)]);
    let to_date = |time: &str, value: u64| {
        json!({
            "expr": "round(sum(caplint:credits:month_to_date) / 1000)",
            "eval_time": time,
            "exp_samples": [{ "labels": "{}", "value": value }],
        })
    };
    // 100,000 a day, of one process that restarts, and of another that is replaced.
    let used = series(&[
        (
            "tiklive_credits_total{pod=\"a\"}",
            "0+173.6111111x4000 0+173.6111111x9600",
        ),
        ("tiklive_credits_total{pod=\"b\"}", "0+173.6111111x2880"),
        (
            "tiklive_credits_total{pod=\"c\"}",
            "_x2880 0+173.6111111x9600",
        ),
    ]);
    let (soft, hard) = ("CapacityCreditsSoft", "CapacityCreditsHard");
    let gone = |time, count| firing("CapacityCreditsGoneBeforeMoreCanBeHad", time, count);
    let expected = vec![
        to_date("10d", 1000),
        // 75% of 2,500,000 after 18 days and 18 hours; from the 21st on the hard alert speaks alone.
        firing(soft, "18d18h", 0),
        firing(soft, "18d19h", 1),
        firing(soft, "19d23h", 1),
        firing(soft, "20d", 0),
        // What is left lasts three days.
        gone("22d", 0),
        gone("22d1h", 1),
        // 90%.
        firing(hard, "22d12h", 0),
        firing(hard, "22d13h", 1),
        to_date("31d", 3100),
        firing(hard, "31d", 1),
        firing(hard, "31d1h", 0),
        gone("31d1h", 0),
        to_date("32d", 100),
    ];
    // 78,000 a day: what is left lasts as long as the month, though less than three days in the end.
    let enough = series(&[("tiklive_credits_total", "0+270.8333333x8928")]);
    let spared = vec![
        gone("29d1h", 0),
        gone("29d12h", 0),
        gone("30d12h", 0),
        gone("30d23h", 0),
        firing(hard, "30d23h", 1),
    ];
    // Every hour, as that is how often a month's use is recorded: all of a month takes long.
    evaluated(&repo, "1h", &[(used, expected), (enough, spared)]);
}

/// Samples of two days of one rate and two of another, in five minutes each: twice as long as the
/// windows of what they are for.
fn then(first: f64, second: f64) -> String {
    let last = first * 576.0;
    format!("0+{first}x576 {}+{second}x575", last + second)
}

#[test]
fn alerts_fire_within_hours_of_what_is_not_as_declared() {
    let (repo, ..) = rules(&[("capacity.toml", PROJECT)]);
    let labels = "{feature=\"profile-sync\",line=\"posts\"}";
    // 51 a day for 1,200 tenants, retries included, are 212.5 in five minutes; then half as many
    // again, which is a quarter more in a day after 12 hours.
    let of = |name: &str, values: String| (format!("{name}{labels}"), values);
    let all = |calls: String, tenants: &str, more: &[(&str, String)]| -> Value {
        let (name, calls) = of("api_calls_total", calls);
        let mut all = vec![
            (name.as_str(), calls.as_str()),
            ("active_tenants{tier=\"pro\"}", tenants),
        ];
        all.extend(more.iter().map(|(name, values)| (*name, values.as_str())));
        series(&all)
    };
    let drift = |time, count| firing("CapacityRateDrift", time, count);
    let busier = all(then(212.5, 318.75), "1200x1152", &[]);
    // As much more use by as many more tenants is no drift.
    let grown = all(then(212.5, 425.0), "1200x576 2400x575", &[]);
    let causes = all(
        then(212.5, 212.5),
        "1200x1152",
        &[
            // 2 in 102 calls are retries; then one in ten.
            ("tiklive_calls_total", then(212.5, 212.5)),
            ("tiklive_retries_total", then(212.5 / 51.0, 21.25)),
            // A credit each; then three.
            ("tiklive_credits_total", then(212.5, 637.5)),
        ],
    );
    let queue = "{queue=\"media-jobs\"}";
    let (depth, workers) = (
        format!("queue_depth{queue}"),
        format!("queue_workers{queue}"),
    );
    let things = series(&[
        (depth.as_str(), "3000x20 3001x20 6000x20 6001x200"),
        (workers.as_str(), "19x20 20x200"),
        // 50 GB; 1 MB more in five minutes are 26 GB in 90 days; 3 MB are 78, and 90 is the bar.
        (
            "pg_database_size_bytes{datname=\"app\"}",
            "50e9+1e6x864 51e9+3e6x864 90e9+1e6x100",
        ),
        // 600 minutes a month: one tenant uses 288 a day, another 100.
        ("asr_minutes_total{customer=\"a\"}", "0+1x2000"),
        ("asr_minutes_total{customer=\"b\"}", "0+0.3472x2000"),
    ]);
    let fires = |alert, time, count| firing(alert, time, count);
    test(
        &repo,
        &[
            (
                busier,
                vec![drift("2d", 0), drift("2d11h", 0), drift("2d13h", 1)],
            ),
            (
                grown,
                vec![drift("2d", 0), drift("2d5m", 0), drift("3d23h", 0)],
            ),
            (
                causes,
                vec![
                    fires("CapacityRetries", "2d", 0),
                    fires("CapacityRetries", "2d1h", 1),
                    fires("CapacityCreditsPerCall", "2d", 0),
                    fires("CapacityCreditsPerCall", "2d4h", 1),
                    drift("3d", 0),
                ],
            ),
            (
                things,
                vec![
                    fires("CapacityScaleUp", "1h35m", 0),
                    fires("CapacityScaleUp", "1h55m", 1),
                    fires("CapacityBacklog", "5h5m", 0),
                    fires("CapacityBacklog", "5h25m", 1),
                    fires("CapacityWorkersAtCeiling", "1h55m", 0),
                    fires("CapacityWorkersAtCeiling", "2h5m", 1),
                    fires("CapacityStorage", "5d23h", 0),
                    fires("CapacityStorage", "6d1h", 1),
                    fires("CapacityStorageRunway", "2d23h", 0),
                    fires("CapacityStorageRunway", "5d23h", 1),
                    fires("CapacityTenantOverQuota", "2d1h", 0),
                    fires("CapacityTenantOverQuota", "2d3h", 1),
                    fires("CapacityTenantOverQuota", "5d23h", 1),
                    // Groups of rules run in any order, so a figure may be one evaluation late.
                    fires("CapacityTenantOverQuota", "6d3h", 2),
                ],
            ),
        ],
    );
}

/// The number at the end of an expression, after what it is multiplied by.
fn threshold(alert: &Value) -> f64 {
    let expr = alert["expr"].as_str().unwrap();
    let expr = expr.split(" and ").next().unwrap();
    let number = expr.rsplit([' ', '*']).next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("{expr}"))
}

#[test]
fn thresholds_are_the_figures_of_the_report() {
    let (repo, text, missing) = rules(&[("capacity.toml", PROJECT)]);
    let report = caplint(&repo, &["check", "--json", "--as-of", "2026-11-22"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let project = &report["projects"][0];
    let meters = project["meters"].as_array().unwrap();
    let meter = |id: &str| meters.iter().find(|meter| meter["id"] == id).unwrap();
    let limit = |id: &str| meter(id)["limit"].as_f64().unwrap();
    let credits = limit("apis.tiklive.credits");
    let line = &project["lines"][0];
    assert_eq!(line["path"], "features.profile-sync.calls.posts");
    let of_day = |figure: &str| line["per_day"][figure].as_f64().unwrap();
    let storage = limit("databases.main.storage");
    let scale = &meter("queues.media-jobs.workers")["detail"]["scale_up_at"];
    let jobs = limit("queues.media-jobs.workers");
    // In the order of meters, and of names.
    let expected = [
        ("CapacityCreditsGoneBeforeMoreCanBeHad", 3.0),
        ("CapacityCreditsHard", credits),
        (
            "CapacityCreditsPerCall",
            of_day("credits") / of_day("billed"),
        ),
        ("CapacityCreditsSoft", credits),
        (
            "CapacityRetries",
            of_day("billed") / of_day("reached") - 1.0,
        ),
        ("CapacityStorage", storage),
        ("CapacityStorageRunway", storage),
        (
            "CapacityRateDrift",
            of_day("billed") / line["population"].as_f64().unwrap(),
        ),
        ("CapacityTenantOverQuota", 600.0),
        // All workers, for the ten minutes in which a backlog has to be gone.
        ("CapacityBacklog", jobs * 600.0),
        ("CapacityScaleUp", scale.as_f64().unwrap()),
        ("CapacityWorkersAtCeiling", 20.0),
    ];
    let alerts = alerts(&text);
    assert_eq!(alerts.len(), expected.len(), "{text}");
    for (alert, (name, figure)) in alerts.iter().zip(expected) {
        assert_eq!(alert["alert"], name);
        let threshold = threshold(alert);
        assert!(
            (threshold / figure - 1.0).abs() < 1e-12,
            "{name}: {threshold} {figure}"
        );
    }
    let lacking = [
        "left out: creator-analytics: `features.profile-sync.inference.asr.requests`: no metric",
        "left out: creator-analytics: `features.profile-sync.messages.media-jobs.messages`: no metric",
    ];
    assert_eq!(missing.lines().collect::<Vec<_>>(), lacking);
}

/// What `check` refuses is in no expression.
#[test]
fn a_metric_with_an_error_is_left_out() {
    for metric in [
        "{ counter = 'rate(tiklive_credits_total[5m])' }",
        "{ gauge = 'tiklive_credits_total' }",
        "{ counter = 'a', gauge = 'b' }",
        "{ counter = 'a', tenant = 'x) or (y' }",
    ] {
        let project = measured_by(&format!("'apis.tiklive.credits' = {metric}"));
        let (_, text, missing) = rules(&[("capacity.toml", &project)]);
        let why = "`apis.tiklive.credits`: its metric has an error: run `caplint check`";
        assert!(missing.contains(why), "{metric}: {missing}");
        assert_eq!(names(&text), [""; 0], "{metric}");
    }
}

#[test]
fn a_series_that_counts_several_lines_is_no_measure_of_one() {
    let project = measured_by("'features.*.calls.*.calls' = { counter = 'api_calls_total' }");
    let more = project.replace(
        "calls = [",
        "calls = [\n  { endpoint = \"/user-posts/\", id = \"more\", rate = \"1/day\" },",
    );
    let drifts = |text: &str| {
        names(text)
            .iter()
            .filter(|it| *it == "CapacityRateDrift")
            .count()
    };
    let (_, text, missing) = rules(&[("capacity.toml", &more)]);
    assert_eq!(drifts(&text), 0);
    let why = "`features.profile-sync.calls.more.calls`: the metric counts other lines too";
    assert!(missing.contains(why), "{missing}");
    let (_, text, missing) = rules(&[("capacity.toml", &project)]);
    assert_eq!((drifts(&text), missing.contains("other lines")), (1, false));
}

#[test]
fn batches_are_counted_over_whole_intervals() {
    let drift = |rate: &str| {
        let project = PROJECT.replace("rate = \"50/day\"", &format!("rate = \"{rate}\""));
        let (_, text, _) = rules(&[("capacity.toml", &project)]);
        let drift = alerts(&text)
            .into_iter()
            .find(|it| it["alert"] == "CapacityRateDrift");
        drift.map(|drift| drift["expr"].as_str().unwrap().to_owned())
    };
    for (rate, window) in [
        ("every 30min", "[1d])) / sum"),
        ("every 20h", "[40h])) / 1.6666666666666667 / sum"),
        ("every week", "[7d])) / 7 / sum"),
        ("1/week", "[1d])) / sum"),
    ] {
        let expr = drift(rate).unwrap();
        assert!(expr.contains(window), "{rate}: {expr}");
    }
    assert_eq!(drift("every 45d"), None);
}

#[test]
fn what_is_not_known_is_no_bar() {
    let unknown = PROJECT
        .replace("rate = \"50/day\"", "rate = \"unknown\"")
        .replace("retry_ratio = 0.02", "retry_ratio = \"unknown\"");
    let (_, text, missing) = rules(&[("capacity.toml", &unknown)]);
    let names = names(&text);
    for alert in [
        "CapacityRateDrift",
        "CapacityRetries",
        "CapacityCreditsPerCall",
    ] {
        assert!(!names.iter().any(|name| name == alert), "{alert}: {text}");
    }
    assert!(names.iter().any(|name| name == "CapacityCreditsHard"));
    for what in [
        "`features.profile-sync.calls.posts.calls`: the declared amount is unknown",
        "`apis.tiklive.retries`: the ratio is unknown",
        "`apis.tiklive.credits per call`: the cost of a call is unknown",
    ] {
        assert!(missing.contains(what), "{missing}");
    }
}

#[test]
fn lines_of_entities_of_tenants_follow_how_many_tenants_there_are() {
    let project = |metric: &str| {
        format!(
            "[project]\nname = \"k\"\n[tenants]\npro = 100\nent = 50\n[entities]\n\
             acc = {{ per_tenant = {{ pro = 2, ent = 10 }} }}\n[apis.a]\nrate_limit = \"500/s\"\n\
             plan = {{ credits = 1_000_000 }}\nendpoints.x = {{ credits = 1 }}\n[features.f]\nowner = \"o\"\n\
             calls = [{{ id = \"acc\", endpoint = \"x\", rate = \"10/day\", per = \"acc\" }}]\n\
             [metrics]\n\"features.*.calls.*.calls\" = {{ counter = 'c{{l=\"$line\"}}' }}\n{metric}"
        )
    };
    let expr = |metric: &str| {
        let text = rules(&[("capacity.toml", &project(metric))]).1;
        let alerts = alerts(&text);
        let mut drift = alerts
            .iter()
            .filter(|it| it["alert"] == "CapacityRateDrift");
        drift.next().unwrap()["expr"].as_str().unwrap().to_owned()
    };
    let counted = expr("\"tenants.*.count\" = { gauge = 'n{t=\"$name\"}' }\n");
    assert!(
        counted.contains("* 2)") && counted.contains("* 10 + "),
        "{counted}"
    );
    assert!(expr("").contains("/ 700 "), "{}", expr(""));
}
