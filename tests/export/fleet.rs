//! What `docs/fleet.md` says of many repositories, run by DuckDB and by Spark SQL.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use caplint::cli::{World, main};
use caplint::states::Environment;
use caplint::units::Date;
use serde_json::Value;

const REPOSITORIES: usize = 1000;

/// A Python that has a module: of a folder of tools, else the one on the path. Where a variable
/// requires it, it has to be there.
fn python(module: &str, tools: PathBuf, required: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(tools)
        .join("bin/python");
    let found = [own, "python3".into()].into_iter().find(|python| {
        let import = format!("import {module}");
        let imported = Command::new(python).args(["-c", &import]).output();
        imported.is_ok_and(|output| output.status.success())
    });
    let is_required = std::env::var_os(required).is_some();
    assert!(found.is_some() || !is_required, "{module} is missing");
    if found.is_none() {
        eprintln!("SKIPPED: {module} is missing");
    }
    found
}

/// What caplint prints in a folder.
fn printed(dir: &Path, arguments: &[&str]) -> String {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        dir: dir.to_owned(),
        environment: Environment::default(),
        today: Date::new(2026, 11, 22).unwrap(),
        terminal: None,
        threads: 1,
        stdin: &mut Cursor::new(""),
        asks: false,
        stdout: &mut stdout,
        stderr: &mut stderr,
    };
    let arguments = ["caplint"].iter().chain(arguments);
    main(arguments.map(|it| (*it).into()), &mut world);
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// A repository's capacity.toml. Whole numbers, so that sums are exact in any order.
fn capacity(index: usize) -> String {
    let (api, owner) = (
        ["maps", "sms", "posts"][index % 3],
        ["growth", "core"][index % 2],
    );
    let (tenants, rate, plan) = (10 + index % 17, 1 + index % 5, 100 * (1 + index % 29));
    let payer = PAYERS[index % 5];
    let packs = match index % 4 {
        0 => "packs = [{ name = \"small\", credits = 100, price = 4.50 }]",
        _ => "",
    };
    format!(
        r#"
[project]
name = "repository-{index}"
owner = "{payer}"
[tenants]
all-of-them = {tenants}
[apis.{api}]
plan = {{ credits = {plan}, price = 10.00 }}
{packs}
endpoints."/x" = {{ credits = 2 }}
[models.asr]
unit = "minute"
price = 1
[features.f]
owner = "{owner}"
calls = [{{ endpoint = "/x", rate = "{rate}/day" }}]
inference = [{{ model = "asr", rate = "{rate}/day", units = 3 }}]
"#
    )
}

/// Who owns what a repository uses: not whom its feature belongs to.
const PAYERS: [&str; 5] = ["core", "data", "finance", "growth", "web"];

/// Sums by some texts.
type Sums = BTreeMap<Vec<String>, Vec<f64>>;

#[derive(Default)]
struct Expected {
    credits: Sums,
    payers: Sums,
    users: Sums,
    purchases: Sums,
}

fn add(sums: &mut Sums, key: &[&str], values: &[f64]) {
    let key = key.iter().map(|it| (*it).to_owned()).collect();
    let sum = sums.entry(key).or_insert_with(|| vec![0.0; values.len()]);
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

impl Expected {
    fn add(&mut self, report: &Value, (owner, payer): (&str, &str)) {
        let project = &report["projects"][0];
        let list = |key: &str| project[key].as_array().unwrap();
        for meter in list("meters").iter().filter(|it| it["kind"] == "credits") {
            let breaks = f64::from(u8::from(meter["verdict"] == "breaks"));
            let point = meter["demand"]["point"].as_f64().unwrap();
            add(
                &mut self.credits,
                &[meter["id"].as_str().unwrap()],
                &[1.0, point, breaks],
            );
        }
        let is_budget = |it: &&Value| it["id"].as_str().unwrap().starts_with("budgets.");
        let money = list("meters").iter().filter(|it| it["kind"] == "spend");
        for meter in money.filter(|it| !is_budget(it)) {
            // What is infinite is null in both.
            let spend = meter["demand"]["point"].as_f64().unwrap_or(0.0);
            add(&mut self.payers, &[payer, "USD"], &[spend]);
        }
        for line in list("lines").iter().filter(|it| it["list"] == "calls") {
            let credits = line["per_day"]["credits"].as_f64().unwrap();
            let target = line["target"].as_str().unwrap();
            add(&mut self.users, &[owner, target], &[credits]);
        }
        for purchase in list("purchases") {
            let text = |key: &str| purchase[key].as_str().unwrap();
            let path = format!("apis.{}", text("api"));
            let price = text("price").parse().unwrap();
            add(
                &mut self.purchases,
                &[text("month"), &path, "USD"],
                &[price],
            );
        }
    }
}

/// The blocks of SQL under a heading of the page, in their order.
fn queries(title: &str) -> Vec<String> {
    let page = include_str!("../../docs/fleet.md");
    let (_, section) = page.split_once(&format!("\n## {title}\n")).unwrap();
    let section = section.split_once("\n## ").map_or(section, |it| it.0);
    let blocks = section.split("\n```sql\n").skip(1);
    blocks
        .map(|block| {
            block
                .split_once("\n```")
                .unwrap()
                .0
                .trim_end_matches(';')
                .to_owned()
        })
        .collect()
}

fn sums(rows: &Value, texts: usize) -> Sums {
    let mut sums = Sums::new();
    for row in rows.as_array().unwrap() {
        let row = row.as_array().unwrap();
        let key: Vec<&str> = row[..texts].iter().map(|it| it.as_str().unwrap()).collect();
        let values: Vec<f64> = row[texts..].iter().map(|it| it.as_f64().unwrap()).collect();
        add(&mut sums, &key, &values);
    }
    sums
}

/// Repositories with their exports in one folder, and what their reports add up to.
fn exported(folder: &Path, repositories: usize) -> Expected {
    let exports = folder.join("exports");
    std::fs::create_dir(&exports).unwrap();
    let mut expected = Expected::default();
    for index in 0..repositories {
        let dir = folder.join(format!("repository-{index}"));
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("capacity.toml"), capacity(index)).unwrap();
        let rows = printed(&dir, &["export", "rows"]);
        std::fs::write(exports.join(format!("{index}.jsonl")), rows).unwrap();
        let report = printed(&dir, &["check", "--json", "--exit-zero"]);
        let report: Value = serde_json::from_str(&report).unwrap();
        let owners = (["growth", "core"][index % 2], PAYERS[index % 5]);
        expected.add(&report, owners);
    }
    expected
}

/// What a script prints of queries that it reads.
fn ran(python: &Path, script: &str, folder: &Path, queries: &[String]) -> Value {
    let queries = serde_json::to_string(queries).unwrap();
    std::fs::write(folder.join("queries.json"), queries).unwrap();
    let output = Command::new(python)
        .args(["-c", script])
        .current_dir(folder)
        .stdin(std::fs::File::open(folder.join("queries.json")).unwrap())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn holds(results: &Value, expected: &Expected, repositories: usize) {
    let credits = sums(&results[0], 1);
    assert_eq!(credits, expected.credits);
    let projects = credits.values().map(|sums| sums[0]).sum::<f64>();
    assert_eq!(projects, repositories as f64);
    let mut all = credits.values();
    assert!(all.all(|sums| sums[2] > 0.0 && sums[2] < sums[0]));
    let payers = sums(&results[1], 2);
    assert!(payers.values().all(|sums| sums[0] > 0.0), "{payers:?}");
    assert_eq!(payers, expected.payers);
    assert_eq!(sums(&results[2], 2), expected.users);
    let purchases = sums(&results[3], 3);
    assert!(!purchases.is_empty());
    assert_eq!(purchases, expected.purchases);
}

#[test]
fn a_thousand_repositories_add_up_to_what_their_reports_say() {
    let tools = std::env::var_os("CAPLINT_TOOLS").unwrap_or_else(|| "target/tools".into());
    let Some(python) = python("duckdb", tools.into(), "CAPLINT_REQUIRE_TOOLS") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let expected = exported(folder.path(), REPOSITORIES);
    // What takes two seconds would show its progress among the results.
    let script = "import duckdb, json, sys\n\
        duckdb.sql('SET enable_progress_bar = false')\n\
        first, *queries = json.load(sys.stdin)\n\
        duckdb.sql(first)\n\
        print(json.dumps([duckdb.sql(query).fetchall() for query in queries], default=float))";
    let results = ran(&python, script, folder.path(), &queries("DuckDB"));
    holds(&results, &expected, REPOSITORIES);
}

/// The view of the page, and the queries that are there for DuckDB.
#[test]
fn spark_adds_up_the_same() {
    const FEWER: usize = 60;
    let Some(python) = python("pyspark", "target/spark".into(), "CAPLINT_REQUIRE_SPARK") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let expected = exported(folder.path(), FEWER);
    let view = queries("Spark SQL");
    assert_eq!(view.len(), 1);
    let of_view = |query: &String| query.replace("'fleet.parquet'", "fleet");
    let duckdb = queries("DuckDB");
    let all: Vec<String> = view
        .into_iter()
        .chain(duckdb.iter().skip(1).map(of_view))
        .collect();
    let script = "import json, sys\n\
        from pyspark.sql import SparkSession\n\
        spark = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false')\n\
        spark = spark.config('spark.sql.shuffle.partitions', '1').getOrCreate()\n\
        first, *queries = json.load(sys.stdin)\n\
        spark.sql(first)\n\
        found = [[list(row) for row in spark.sql(query).collect()] for query in queries]\n\
        print(json.dumps(found, default=float))";
    let results = ran(&python, script, folder.path(), &all);
    holds(&results, &expected, FEWER);
}
