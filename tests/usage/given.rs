//! What is refused of files that are given or named, and what is said of what does not count.

use super::formats::run;

const API: &str = r#"
[project]
name = "one"
[tenants]
pro = 100
[apis.a]
plan = { credits = 50_000, balance = 700 }
endpoints."/x/" = { credits = 1 }
[features.f]
owner = "o"
calls = [{ id = "c", endpoint = "/x/", rate = "14/day" }]
"#;

const HEAD: &str = "date,subject,quantity,unit\n";

fn rows(subject: &str, days: std::ops::RangeInclusive<u8>) -> String {
    let rows = days.map(|day| format!("2026-11-{day:02},{subject},1400,calls\n"));
    format!("{HEAD}{}", rows.collect::<String>())
}

#[test]
fn a_committed_file_that_cannot_be_read_is_refused_by_all() {
    let named = API.replace("[tenants]", "[usage]\nfiles = [\"usage/*.csv\"]\n[tenants]");
    let (sound, broken) = (
        rows("features.f.calls.c", 1..=14),
        format!("{HEAD}2026-11-20,apis.a,junk,calls\n"),
    );
    let other = API.replace("\"one\"", "\"two\"");
    let files = [
        ("a/capacity.toml", &*named),
        ("a/usage/u.csv", &*sound),
        ("b/capacity.toml", &*other),
        ("a/usage/z.csv", &*broken),
    ];
    let window = ["--from", "2026-11-01", "--to", "2026-11-15"];
    let as_of = ["--as-of", "2026-11-22"];
    for command in [
        [&["calibrate", "--write"][..], &as_of].concat(),
        [&["purchases"][..], &as_of].concat(),
        [&["review"][..], &window, &as_of].concat(),
        vec!["usage"],
    ] {
        let (code, _, said) = run(&files, &command);
        assert_eq!(code, Some(2), "{command:?}: {said}");
        assert!(said.contains("a/usage/z.csv:2"), "{command:?}: {said}");
        let (code, _, said) = run(&files[..3], &command);
        assert_eq!(code, Some(0), "{command:?}: {said}");
    }
    // Of another project than the one that is asked for.
    let (code, _, said) = run(&files, &["purchases", "--project", "two"]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn one_option_takes_all_files_that_a_shell_names() {
    let (one, two) = (
        rows("features.f.calls.c", 5..=5),
        rows("features.f.calls.c", 6..=6),
    );
    let files = [
        ("capacity.toml", API),
        ("u/1.csv", &*one),
        ("u/2.csv", &*two),
        ("p/x", ""),
    ];
    for command in ["check", "calibrate"] {
        let given = [
            "--json",
            "--as-of",
            "2026-11-22",
            "--usage",
            "u/1.csv",
            "u/2.csv",
        ];
        let (_, printed, said) = run(&files, &[&[command][..], &given].concat());
        let report: serde_json::Value = serde_json::from_str(&printed).expect(&said);
        assert_eq!(report["usage"]["rows"], 2, "{command}");
    }
    // A path after it is no file with usage, and one before it is still a path.
    let (code, _, said) = run(&files, &["check", "--usage", "u/1.csv", "p"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("name paths and revisions before it"),
        "{said}"
    );
    let as_of = ["--as-of", "2026-11-22", "--usage=u/1.csv", "p"];
    let (code, _, said) = run(&files, &[&["check"][..], &as_of].concat());
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_two_files_say_again_is_told_whatever_they_call_it() {
    let again = |first: &str, second: &str| {
        let files = [("capacity.toml", API), ("1.csv", first), ("2.csv", second)];
        let plain = run(&files, &["usage", "1.csv", "2.csv"]);
        let lines = run(&files, &["usage", "1.csv", "2.csv", "--by", "day"]);
        assert_eq!(plain.0, lines.0, "{} {}", plain.2, lines.2);
        let added = run(&files, &["usage", "1.csv", "2.csv", "--sum-files"]);
        assert_eq!(added.0, Some(0), "{}", added.2);
        plain.2.contains("2.csv:2 says again what 1.csv:2 says")
    };
    let path = rows("features.f.calls.c", 20..=20);
    let line = "date,feature,line,quantity,unit\n2026-11-20,f,c,7,calls\n";
    let listed = "date,feature,line,quantity,unit\n2026-11-20,f,calls.c,7,calls\n";
    let quoted = format!("{HEAD}2026-11-20,\"features.f.calls.\"\"c\"\"\",7,calls\n");
    for second in [line, listed, &quoted] {
        assert!(again(&path, second), "{second}");
        assert!(!again(&path, &second.replace("-20,", "-21,")));
    }
    let beside = "date,subject,quantity,unit,cost\n2026-11-20,apis.a,5,calls,3\n";
    assert!(again(beside, &format!("{HEAD}2026-11-20,apis.a,3,cost\n")));
}

#[test]
fn currencies_are_not_added_up() {
    let rows = "date,subject,unit,quantity,currency,cost\n2026-11-01,apis.a,calls,1,EUR,1000\n\
        2026-11-01,apis.a,calls,1,USD,4\n2026-11-02,apis.a,calls,1,,5\n";
    let files = [("capacity.toml", API), ("u.csv", rows)];
    let (code, printed, said) = run(&files, &["usage", "u.csv", "--json"]);
    assert_eq!(code, Some(0), "{said}");
    let found: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let costs = found["subjects"].as_array().unwrap().iter();
    let costs = costs.filter(|it| it["unit"] == "cost");
    let costs: Vec<_> = costs
        .map(|it| (it["currency"].as_str(), it["quantity"].as_f64()))
        .collect();
    assert_eq!(costs, [(None, Some(9.0)), (Some("EUR"), Some(1000.0))]);
}

#[test]
fn a_balance_of_a_day_to_come_does_not_count() {
    let carried = |day: &str| {
        let rows = format!("{HEAD}{day},apis.a,9999,balance\n");
        let files = [("capacity.toml", API), ("u.csv", &*rows)];
        let all = [
            "purchases",
            "--usage",
            "u.csv",
            "--as-of",
            "2026-11-22",
            "--json",
        ];
        let (_, printed, said) = run(&files, &all);
        let report: serde_json::Value = serde_json::from_str(&printed).expect(&said);
        let plan = &report["projects"][0];
        let notes = plan["notes"].to_string();
        let is_said = notes.contains(&format!("The balance of `apis.a` of {}", &day[..10]));
        (plan["purchases"][0]["carried"].as_f64().unwrap(), is_said)
    };
    for (day, expected) in [
        ("2026-01-20", (700.0, true)),
        ("2026-11-21", (9999.0, false)),
        ("2026-11-22", (9999.0, false)),
        ("2026-11-23", (700.0, true)),
        ("2026-11-23T00:30:00Z", (700.0, true)),
    ] {
        assert_eq!(carried(day), expected, "{day}");
    }
}

const BILL: &str = "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,ServiceName,Tags
1.50,USD,Usage,2026-11-20T00:00:00Z,2026-11-21T00:00:00Z,100,Requests,LLM,
2.50,USD,Usage,2026-11-20T00:00:00Z,2026-11-21T00:00:00Z,10,Requests,LLM,
";

#[test]
fn a_bill_that_is_to_be_a_cost_is_what_was_paid() {
    let of = |to: &str, bill: &str| {
        let project = format!(
            "{API}[[usage.map]]\nwhere = {{ ServiceName = \"LLM\" }}\nto = {{ subject = \"apis.a\", {to} }}\n"
        );
        let files = [("capacity.toml", &*project), ("b.csv", bill)];
        let (code, printed, said) = run(&files, &["usage", "b.csv", "--json"]);
        let found = serde_json::from_str::<serde_json::Value>(&printed).unwrap_or_default();
        let subjects = found["subjects"].as_array().cloned().unwrap_or_default();
        let subjects = subjects.iter().map(|it| {
            let text = |key: &str| it[key].as_str().unwrap().to_owned();
            (
                text("subject"),
                text("unit"),
                it["quantity"].as_f64().unwrap(),
            )
        });
        (code, subjects.collect::<Vec<_>>(), said)
    };
    let named = |name: &str, unit: &str, amount: f64| (name.to_owned(), unit.to_owned(), amount);
    let (_, cost, _) = of("unit = \"cost\"", BILL);
    assert_eq!(cost, [named("apis.a", "cost", 4.0)]);
    let (_, both, said) = of("unit = \"calls\"", BILL);
    let expected = [
        named("apis.a", "calls", 110.0),
        named("apis.a", "cost", 4.0),
    ];
    assert_eq!((both, said.as_str()), (expected.to_vec(), ""));
    // A column for tenants that no row has is said, one that any has is not.
    let (_, _, said) = of("unit = \"calls\", tenant = \"Tags.tennant\"", BILL);
    assert!(said.contains("no row has a `Tags.tennant`"), "{said}");
    let (_, _, said) = of("unit = \"calls\", tenant = \"ConsumedUnit\"", BILL);
    assert_eq!(said, "");
    // A map that is not sound translates nothing.
    let (_, none, said) = of("unit = \"calls\", scale = -0.001", BILL);
    assert!(none.iter().all(|it| it.0 != "apis.a"), "{none:?}");
    assert!(said.contains("1 error"), "{said}");
    // A period that ends before it begins is none.
    let (code, _, said) = of("unit = \"calls\"", &BILL.replace("11-21T", "11-19T"));
    assert_eq!(code, Some(2));
    assert!(said.contains("`ChargePeriodEnd` is before"), "{said}");
}

#[test]
fn given_files_of_which_nothing_counts_are_an_error_beside_committed_ones() {
    let named = API.replace("[tenants]", "[usage]\nfiles = [\"u.csv\"]\n[tenants]");
    let (sound, old) = (
        rows("features.f.calls.c", 1..=14),
        format!("{HEAD}2026-09-08,features.f.calls.c,7,calls\n"),
    );
    let typo = format!("{HEAD}2026-11-20,features.ff,7,calls\n");
    let some = format!("{typo}2026-11-21,features.f.calls.c,1400,calls\n");
    let found = |project: &str, given: &str| {
        let files = [
            ("capacity.toml", project),
            ("u.csv", &*sound),
            ("g.csv", given),
        ];
        let all = [
            "check",
            "--json",
            "--as-of",
            "2026-11-22",
            "--usage",
            "g.csv",
        ];
        let (_, printed, said) = run(&files, &all);
        let report: serde_json::Value = serde_json::from_str(&printed).expect(&said);
        let findings = report["projects"][0]["findings"].as_array().unwrap().iter();
        let found = findings.filter(|it| it["rule"] == "usage-unmatched");
        let found = found.map(|it| it["severity"].as_str().unwrap().to_owned());
        found.collect::<Vec<_>>()
    };
    for project in [API, &named] {
        assert_eq!(found(project, &old), ["error"]);
        assert_eq!(found(project, &typo), ["error"]);
        assert_eq!(found(project, &some), ["warning"]);
    }
}

#[test]
fn what_another_projects_file_says_is_not_unmatched() {
    let named = |name: &str| {
        let usage = "[usage]\nfiles = [\"u.csv\"]\n[tenants]";
        API.replace("[tenants]", usage)
            .replace("\"one\"", &format!("{name:?}"))
    };
    let (one, two) = (named("one"), named("two"));
    let rows = rows("features.f.calls.c", 1..=14);
    let files = [
        ("a/capacity.toml", &*one),
        ("a/u.csv", &*rows),
        ("b/capacity.toml", &*two),
        ("b/u.csv", &*rows),
    ];
    let told = |more: &[&str]| {
        let all = [&["calibrate", "--as-of", "2026-11-22"], more].concat();
        run(&files, &all).1
    };
    let of_one = told(&["--project", "one"]);
    assert!(!of_one.contains("nmatched"), "{of_one}");
    assert!(of_one.contains("  features.f.calls.c"), "{of_one}");
    // Of several projects each line says of which it is.
    let both = told(&[]);
    for name in [
        "one/features.f.calls.c",
        "two/features.f.calls.c",
        "two/apis.a.credits",
    ] {
        assert!(both.contains(name), "{both}");
    }
}

#[test]
fn columns_of_one_name_and_numbers_that_are_none_are_told_plainly() {
    let read =
        |name: &str, text: &str| run(&[("capacity.toml", API), (name, text)], &["usage", name]);
    let twice = "date,subject,unit,quantity,quantity\n2026-11-01,apis.a,calls,1,2\n";
    let (code, _, said) = read("u.csv", twice);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("u.csv:1: there are two columns `quantity`"),
        "{said}"
    );
    // Of columns that nobody reads there may be two.
    let other = twice
        .replace("quantity,quantity", "quantity,x,x")
        .replace("1,2", "1,2,2");
    assert_eq!(read("u.csv", &other).0, Some(0));
    let null = r#"{"date":"2026-11-01","subject":"apis.a","unit":"calls","quantity":null}"#;
    let (_, _, said) = read("u.jsonl", null);
    assert!(said.contains("a number was expected"), "{said}");
    let scalar =
        r#"{"status":"success","data":{"resultType":"scalar","result":[1794268800,"55"]}}"#;
    let (_, _, said) = read("p.json", scalar);
    assert!(
        !said.contains("struct") && said.contains("a series"),
        "{said}"
    );
    for large in ["1e300", "99999999999999999999999999999"] {
        let (_, _, said) = read("u.csv", &format!("{HEAD}2026-11-01,apis.a,{large},calls\n"));
        assert!(said.contains("is more than 1e18"), "{said}");
    }
    let (_, printed, _) = read("u.csv", &format!("{HEAD}2026-11-01,apis.a,1,Calls\n"));
    assert!(
        printed.trim_end().ends_with("did you mean `calls`?"),
        "{printed}"
    );
}
