//! Cash, CSV, JSON and Markdown.

use std::path::Path;

use caplint::render::{Options, html, markdown};
use serde_json::Value;

use super::{ARTICLE, asking, json, printed, purchases, run};
use crate::support::lint::compare;
use crate::support::repo::Repo;
use crate::support::terminal;

const PAID: &str = r#"[project]
owner = "=finance"
[databases.main]
engine = "postgres"
price = { per = "1GB", month = 2 }
budget = 5
[tables.events]
kind = "event"
row_size = "1KB"
existing = "1GB"
retention = "forever"
reason = "audits"
[features.g]
[[features.g.writes]]
table = "events"
per = "project"
rate = "50_000/day"
[costs.instance]
price = 412.50
[budgets.data]
of = ["databases.*", "costs.*"]
budget = 416
[budgets.total]
budget = 10_000
"#;

fn paid() -> String {
    let api = format!(
        "plan = {{ credits = 1, price = 100 }}\nbudget = 90\nowner = \"growth\"\n{ARTICLE}"
    );
    format!("{PAID}{}", asking("100_001", &api))
}

fn line<'a>(all: &'a Value, path: &str, part: Value) -> &'a Value {
    let lines = all["projects"][0]["cash"].as_array().expect("lines");
    let found = lines
        .iter()
        .find(|line| line["path"] == path && line["part"] == part);
    found.unwrap_or_else(|| panic!("no {path} in {lines:#?}"))
}

fn amounts(line: &Value) -> Vec<&str> {
    let months = line["months"].as_array().expect("months").iter();
    months
        .map(|month| month["cash"].as_str().expect("money"))
        .collect()
}

#[test]
fn databases_costs_and_budgets_stand_beside_packs() {
    let all = json(&paid(), &[]);
    assert_eq!(
        amounts(line(&all, "apis.a", "packs".into())),
        ["90.00", "90.00", "90.00"]
    );
    assert_eq!(amounts(line(&all, "apis.a", "plan".into())), ["100.00"; 3]);
    // 1 GB today, and 1.5 GB more each month.
    let database = line(&all, "databases.main", Value::Null);
    assert_eq!(amounts(database), ["2.00", "5.00", "8.00"]);
    let over = database["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|month| month["over_budget"] == true);
    assert_eq!(over.collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(
        amounts(line(&all, "costs.instance", Value::Null)),
        ["412.50"; 3]
    );
    assert_eq!(
        amounts(line(&all, "budgets.data", Value::Null)),
        ["414.50", "417.50", "420.50"]
    );
    assert_eq!(
        amounts(line(&all, "budgets.total", Value::Null)),
        ["604.50", "607.50", "610.50"]
    );
    assert_eq!(line(&all, "apis.a", "packs".into())["owner"], "growth");
    assert_eq!(
        line(&all, "databases.main", Value::Null)["owner"],
        "=finance"
    );
}

#[test]
fn csv_has_a_row_for_each_api_and_month() {
    let text = printed(&paid(), &["--format", "csv"]);
    let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let (header, rows) = text.split_once('\n').unwrap();
    assert_eq!(
        header,
        "month,api,owner,demand_p50,demand_p80,buy,cash,consumed_cost,budget,left_over"
    );
    let rows: Vec<Vec<String>> = rows.lines().map(split).collect();
    assert!(rows.iter().all(|row| row.len() == 10), "{text}");
    let own: Vec<&Vec<String>> = rows.iter().filter(|row| row[1] == "a").collect();
    assert_eq!(own.len(), 3);
    assert_eq!(
        own[0][..],
        [
            "2026-12",
            "a",
            "growth",
            "100001",
            "100001",
            "1 × 100k",
            "90.00",
            "90.00",
            "90.00",
            "0"
        ]
    );
    // A spreadsheet would take it for a formula.
    let database = rows.iter().find(|row| row[1] == "databases.main").unwrap();
    assert_eq!(database[2], "'=finance");
    assert_eq!(database[6], "2.00");
}

#[test]
fn names_begin_no_formula() {
    let packs = "packs = [{ name = \"@p\", credits = 10, price = 1 }]\nowner = \"+1\"";
    let text = printed(&asking("10", packs), &["--format", "csv"]);
    for field in text.lines().flat_map(|line| line.split(',')) {
        assert!(
            !field.trim_matches('"').starts_with(['=', '+', '-', '@']),
            "{text}"
        );
    }
    assert!(text.contains("'+1"), "{text}");
}

#[test]
fn the_report_says_the_same() {
    let toml = paid();
    let all = json(&toml, &[]);
    let reported = serde_json::to_value(purchases(&toml)).unwrap();
    assert_eq!(all["projects"][0]["purchases"], reported);
    assert_eq!(all["format"], "caplint.purchases/1");
    let validator = jsonschema::validator_for(&caplint::schema::purchases()).expect("a schema");
    assert!(
        validator.is_valid(&all),
        "{:?}",
        validator.validate(&all).err()
    );
    let mut wrong = all.clone();
    wrong["projects"][0]["purchases"][0]["price"] = 90.0.into();
    assert!(!validator.is_valid(&wrong), "money is text");
}

#[test]
fn markdown_and_text_have_the_same_tables() {
    let (text, markdown) = (
        printed(&paid(), &[]),
        printed(&paid(), &["--format", "markdown"]),
    );
    for title in ["What to buy from a", "Payments, in USD"] {
        assert!(text.contains(title), "{text}");
        assert!(markdown.contains(&format!("### {title}")), "{markdown}");
    }
    assert!(text.contains("8.00 (over)"), "{text}");
    assert!(text.contains("For a: We expect to use 100,001 credits in December 2026, 100,001 in January 2027 and 100,001 in February 2027 (in 80% of cases no more). Today we use 3,333 credits a day. At peak we make"), "{text}");
}

/// Nobody reads `0.0000116 calls/s`.
#[test]
fn rates_are_told_by_a_window_in_which_something_happens() {
    for (credits, limit, told) in [
        ("30", "", "1 calls/day"),
        ("720", "", "1 calls/h"),
        ("86_400", "", "2 calls/min"),
        ("5_184_000", "", "2 calls/s"),
        ("30", "rate_limit = \"5/min\"\n", "1 calls/day"),
        ("86_400", "rate_limit = \"500/h\"\n", "120 calls/h"),
    ] {
        let text = printed(
            &asking(credits, &format!("{limit}plan = {{ credits = 9 }}")),
            &[],
        );
        let said = format!("At peak we make {told}.");
        assert!(text.contains(&said), "{said}: {text}");
    }
}

/// `SNAPSHOTS=overwrite` writes the output into the page.
#[test]
fn the_page_shows_what_is_printed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/purchases.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let between = |start: &str| {
        let (before, rest) = page.split_once(start).expect(start);
        let (block, after) = rest.split_once("\n```\n").expect("its end");
        (before, block, after)
    };
    let (_, toml, _) = between("```toml\n");
    let (before, _, after) = between("--as-of 2026-11-22\n");
    let output = printed(toml, &[]);
    let output = output.trim_end();
    let expected = format!("{before}--as-of 2026-11-22\n{output}\n```\n{after}");
    if std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
        std::fs::write(&path, expected).expect("it is written");
        return;
    }
    assert_eq!(page, expected);
    // The working below the table, by hand.
    let first = &purchases(toml)[0];
    assert_eq!(first.need.p80.map(f64::round), Some(1_905_306.0));
    assert_eq!(
        (first.price.to_string().as_str(), first.left_over.round()),
        ("1600.00", 94_694.0)
    );
}

#[test]
fn measured_balances_and_use_count() {
    let repo = Repo::folder();
    repo.write("capacity.toml", paid());
    repo.write(
        "usage.csv",
        "date,feature,line,quantity,unit\n2026-11-20,f,x,3000,credits\n2026-11-21,f,x,5000,credits\n",
    );
    let told = |arguments: &[&str]| String::from_utf8(run(&repo, arguments).stdout).unwrap();
    assert!(told(&["--usage", "usage.csv"]).contains("Lately we used 4,000 credits a day."));
    assert!(told(&[]).contains("Today we use 3,333 credits a day."));
    // A fifth more than is planned, by calls as well as by credits.
    let off = "Lately 4,000 credits a day were used, 120% of the 3,333 that are planned";
    assert!(told(&["--usage", "usage.csv"]).contains(off));
    let calls = std::fs::read_to_string(repo.path.join("usage.csv")).unwrap();
    repo.write("calls.csv", calls.replace("credits", "calls"));
    assert!(told(&["--usage", "calls.csv"]).contains(off));
    repo.write("near.csv", calls.replace("3000", "2000"));
    assert!(!told(&["--usage", "near.csv"]).contains("that are planned"));
    // The last sample of the balance counts, whatever is declared.
    let balance = "date,subject,quantity,unit\n2026-11-20,apis.a,70000,balance\n2026-11-21,apis.a,60000,balance\n";
    repo.write("balance.csv", balance);
    let text = told(&["--usage", "balance.csv", "--json"]);
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let first = &all["projects"][0]["purchases"][0];
    assert_eq!(first["carried"], 60_000.0);
    assert_eq!(first["need"]["p80"], 40_000.0);
    repo.write("other.csv", balance.replace("apis.a", "apis.b"));
    let output = run(&repo, &["--usage", "other.csv"]);
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        warned.contains("2 rows of measured usage match nothing"),
        "{warned}"
    );
}

#[test]
fn comments_and_pages_say_what_is_bought_otherwise() {
    let project = |credits: &str| asking(credits, ARTICLE);
    let (base, head) = (project("1_000_000"), project("2_000_000"));
    let written = |base: &str| {
        let report = compare(&[("capacity.toml", base)], &[("capacity.toml", &head)], "");
        let options = Options {
            verbose: true,
            ..Options::default()
        };
        (markdown(&report, &options), html(&report, &options))
    };
    let (comment, page) = written(&base);
    let row = "| `a` | 2026-12 | 2 × 500k, 800.00\u{a0}USD | 4 × 500k, 1,600.00\u{a0}USD |";
    assert!(comment.contains(row), "{comment}");
    assert!(page.contains("4 × 500k, 1,600.00 USD"), "{page}");
    let (comment, page) = written(&head);
    assert!(!comment.contains("4 × 500k"), "{comment}");
    assert!(!page.contains("What is bought differently"), "{page}");
}

#[test]
fn bad_arguments_are_refused() {
    let repo = Repo::folder();
    repo.write("capacity.toml", paid());
    for arguments in [
        ["--months", "0"],
        ["--months", "61"],
        ["--as-of", "soon"],
        ["--format", "html"],
    ] {
        let output = run(&repo, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(run(&repo, &["--months", "60"]).status.code(), Some(0));
    let output = run(&repo, &["-o", "plan.csv"]);
    assert!(output.status.success());
    let written = std::fs::read_to_string(repo.path.join("plan.csv")).expect("a file");
    assert!(written.starts_with("month,api,owner"));
}

#[test]
fn packs_that_take_too_long_are_bounded_and_said() {
    // Nearly one price per credit, and no common divisor.
    let pack = |i: u64| {
        let credits = 1_000_003 + 7919 * i * i;
        format!("{{ name = \"p{i}\", credits = {credits}, price = {credits} }}")
    };
    let packs: Vec<String> = (0..12).map(pack).collect();
    let toml = asking("1_000_000G", &format!("packs = [{}]", packs.join(", ")));
    let first = &purchases(&toml)[0];
    if let Some(at_least) = first.at_least {
        assert!(at_least <= first.price);
        assert!(printed(&toml, &[]).contains("the search for the cheapest packs was cut off"));
    } else {
        panic!("it was found: {first:?}");
    }
    assert!(first.credits >= 1e15 - 1e6);
}

/// The rows of the page's tables that begin with a month.
fn rows_of(page: &str) -> Vec<&str> {
    page.lines()
        .filter(|line| line.starts_with("| 20"))
        .collect()
}

#[test]
fn the_cases_of_the_page_come_out_as_by_hand() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/purchases.md");
    let page = std::fs::read_to_string(path).unwrap();
    let texts = page.split("```toml\n").skip(2);
    let mut texts: Vec<String> = texts
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect();
    assert_eq!(texts.len(), 2);
    texts.push(texts[1].replace("60d", "30d"));
    let mut expected = rows_of(&page).into_iter();
    for text in texts {
        let all = json(&text, &[]);
        for month in all["projects"][0]["purchases"].as_array().unwrap() {
            let credits = |value: &Value| caplint::words::number::pieces(value.as_f64().unwrap());
            let packs = month["buy"].as_array().unwrap().iter();
            let packs =
                packs.map(|it| format!("{} × {}", it["count"], it["pack"].as_str().unwrap()));
            let row = format!(
                "| {} | {} | {} | {} | {} | {} |",
                month["month"].as_str().unwrap(),
                credits(&month["demand"]["p80"]),
                credits(&month["carried"]),
                credits(&month["need"]["p80"]),
                packs.collect::<Vec<_>>().join(" and "),
                credits(&month["left_over"]),
            );
            assert_eq!(expected.next(), Some(row.as_str()));
        }
    }
    assert_eq!(expected.next(), None);
}

/// In a terminal no line is wider than it, and every column is there.
#[test]
fn a_narrow_terminal_shows_every_column() {
    let printed = |folder: &str, width| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        terminal::printed(folder, width, &["purchases", "."])
    };
    let columns = [
        "expected",
        "planned, p",
        "carried",
        "buy",
        "a credit",
        "left over",
        "order by",
        "top up",
    ];
    for folder in ["examples/tiktok-pipeline/after", "examples/iot-ingest"] {
        for width in [60, 80, 200] {
            let out = printed(folder, width);
            let widest = out.lines().map(|line| line.chars().count()).max();
            assert!(
                widest <= Some(width),
                "{folder} at {width}: {widest:?}\n{out}"
            );
            for column in columns {
                assert!(out.contains(column), "{folder} at {width}: {column}\n{out}");
            }
            // What a row is about is said again below.
            let rows = out.lines().filter(|line| line.starts_with("  2027-01 "));
            let (times, apis) = (rows.count(), out.matches("What to buy from").count());
            assert!((times > apis) == (width < 200), "{times} at {width}\n{out}");
        }
    }
}
