//! Numbers and counts that nobody writes by mistake: what is computed ends, is said as what it is,
//! and takes time in proportion to what is declared.

use std::fmt::Write as _;
use std::time::Duration;

use caplint::render::{Format, render};
use caplint::report::{Project, Report, Verdict};
use caplint::run::{Before, Inputs, Settings, resolve, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;

use crate::support::clock::Clock;

const EVERY_KEY: &str = include_str!("schema/every_key.toml");

fn settings() -> Settings {
    Settings::new(Date::parse("2026-11-22").unwrap())
}

fn state(sources: &mut SourceMap, text: &str) -> Snapshot {
    let file = sources.add(SourceFile {
        path: "capacity.toml".into(),
        text: text.into(),
        flaw: None,
    });
    Snapshot {
        files: vec![file],
        listing: Listing::new(vec!["capacity.toml"]),
        ..Snapshot::default()
    }
}

fn check(text: &str) -> Report {
    let mut sources = SourceMap::default();
    let head = state(&mut sources, text);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    run(&inputs, &settings())
}

fn diff(base: &str, head: &str) -> Report {
    let mut sources = SourceMap::default();
    let (base, head) = (state(&mut sources, base), state(&mut sources, head));
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::State(&base),
    };
    run(&inputs, &settings())
}

fn project(report: &Report) -> &Project {
    &report.projects[0]
}

/// The numbers of a text that stand by themselves, as ranges.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-\"/:%".contains(&byte);
    let bytes = text.as_bytes();
    let starts = (1..bytes.len()).filter(|at| is_part(bytes[*at]) && !is_part(bytes[at - 1]));
    let words = starts.map(|start| {
        let length = bytes[start..]
            .iter()
            .take_while(|byte| is_part(**byte))
            .count();
        start..start + length
    });
    words
        .filter(|word| text[word.clone()].replace('_', "").parse::<f64>().is_ok())
        .collect()
}

#[test]
fn the_largest_and_the_smallest_numbers_end_in_every_format() {
    let schema = jsonschema::draft7::new(&caplint::schema::report()).unwrap();
    let found = numbers(EVERY_KEY);
    assert!(found.len() > 60, "{}", found.len());
    for word in found {
        for number in ["1.7e308", "5e-324"] {
            let text = [&EVERY_KEY[..word.start], number, &EVERY_KEY[word.end..]].concat();
            let report = diff(EVERY_KEY, &text);
            for format in [Format::Html, Format::Human] {
                let out = render(format, &report, &Default::default());
                assert!(
                    !out.contains("NaN"),
                    "{number} at {}: {out}",
                    &text[..word.end]
                );
            }
            let json = render(Format::Json, &report, &Default::default());
            let json = serde_json::from_str(&json).unwrap();
            let error = schema.validate(&json).err();
            let error = error.map(|error| format!("{error} at {}", error.instance_path()));
            assert_eq!(error, None, "{number} at {}", &text[..word.end]);
        }
    }
}

#[test]
fn a_page_ends_at_the_largest_limit() {
    let text = |storage: &str| {
        format!("[tenants]\na = {{ now = 1, 30d = 1 }}\n[databases.d]\nstorage = {storage}\n")
    };
    for storage in ["1.7e308", "1.797e308", "5e-324", "1e9"] {
        let page = render(Format::Html, &check(&text(storage)), &Default::default());
        let lines = page.matches("grid-line").count();
        assert!((1..=20).contains(&lines), "{storage}: {lines}");
    }
}

/// What an API with these tenants, credits per call and plan comes to.
fn credits(tenants: &str, credits: &str, plan: &str, rates: &[&str]) -> String {
    let mut text = format!(
        "[tenants]\n{tenants}\n[apis.a]\nplan = {{ credits = {plan}, price = 1 }}\n\
         [apis.a.endpoints]\n\"/e/\" = {{ credits = {credits} }}\n[features.f]\nadoption = 1\n"
    );
    for (index, rate) in rates.iter().enumerate() {
        let _ = write!(
            text,
            "[[features.f.calls]]\nid = \"c{index}\"\nendpoint = \"/e/\"\nrate = \"{rate}\"\n"
        );
    }
    text
}

#[test]
fn what_is_too_large_to_write_fits_nowhere() {
    for tenants in ["x = 1.7e308", "x = 1.7e308\ny = 1.7e308"] {
        let report = check(&credits(tenants, "10", "1.7e308", &["1000/s"]));
        let meter = &project(&report).meters[0];
        assert_eq!(meter.verdict, Verdict::Breaks, "{tenants}");
        assert!(
            meter.lower_bound && meter.demand.point.is_none(),
            "{tenants}"
        );
    }
    // Nothing of what can't be written is nothing that can be trusted either.
    let share = "[tenants]\nx = 1.7e308\ny = 1.7e308\n[apis.a]\nplan = { credits = 10, price = 1 }\n\
                 [apis.a.endpoints]\n\"/e/\" = { credits = 1 }\n[features.f]\nactive = 5\n\
                 calls = [{ endpoint = \"/e/\", rate = \"1/day\" }]\n";
    let report = check(share);
    let meter = &project(&report).meters[0];
    assert!(
        !matches!(meter.verdict, Verdict::Fits | Verdict::Tight),
        "{meter:?}"
    );
    let control = check(&share.replace("1.7e308", "1e6"));
    assert!(!project(&control).meters[0].lower_bound);
}

#[test]
fn what_only_rounding_moves_has_not_moved() {
    let base = credits("x = 1", "1", "1000", &["0.1/day", "0.2/day"]);
    // Its limit moves, so that it is listed.
    let head = credits("x = 1", "1", "2000", &["0.3/day"]);
    let report = diff(&base, &head);
    let change = project(&report)
        .changes
        .iter()
        .find(|change| change.meter == "apis.a.credits");
    let change = change.expect("the limit has moved");
    assert_ne!(change.before, change.after, "rounding differs");
    assert_eq!((change.delta, change.percent), (Some(0.0), Some(0.0)));
    assert!(change.attribution.is_empty(), "{change:?}");
    let control = diff(&base, &credits("x = 1", "1", "2000", &["0.4/day"]));
    assert!(project(&control).changes[0].delta.unwrap() > 2.0);
}

#[test]
fn causes_that_rounding_swallows_are_not_told() {
    let base = credits("x = 1000", "1", "1e9", &["1/day"]);
    let swallowed = diff(&base, &credits("x = 1e-22", "1e25", "1e9", &["2/day"]));
    let change = &project(&swallowed).changes[0];
    assert!(
        (change.delta.unwrap() - 30_000.0).abs() < 1e-3,
        "{change:?}"
    );
    assert!(change.attribution.is_empty(), "{change:?}");
    let control = diff(&base, &credits("x = 10", "100", "1e9", &["2/day"]));
    let causes = &project(&control).changes[0].attribution;
    assert_eq!(causes.len(), 3, "{causes:?}");
}

#[test]
fn tables_that_stand_on_each_other_end() {
    for kind in ["snapshot", "event", "state", "rollup"] {
        let report = check(&format!(
            "[tables.a]\nkind = \"{kind}\"\nfrom = \"b\"\nratio = 0.5\nrow_size = 1\n\
             [tables.b]\nkind = \"rollup\"\nfrom = \"a\"\nratio = 0.5\nrow_size = 1\n"
        ));
        assert_eq!(report.summary.exit_code, 1, "{kind}");
    }
}

/// A project of so many scenarios and limits.
fn scenarios(scenarios: usize, limits: usize, keys: &str) -> String {
    let mut text = "[tenants]\na = 1\n".to_owned();
    for index in 0..limits {
        let _ = write!(text, "[apis.a{index}]\nrate_limit = \"1/s\"\n");
    }
    for index in 0..scenarios {
        let _ = write!(text, "[scenarios.s{index}]\n{keys}\n");
    }
    text
}

/// What is wrong with the text, without forecasting it.
fn wrong(text: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    let state = state(&mut sources, text);
    let projects = resolve(&sources, &state, &settings());
    let findings = projects.into_iter().flat_map(|project| project.findings);
    findings
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

#[test]
fn pairs_of_scenarios_and_limits_are_bounded() {
    assert_eq!(wrong(&scenarios(1000, 1000, "tenants = 2")), [""; 0]);
    assert_eq!(
        wrong(&scenarios(1001, 1000, "tenants = 2")),
        ["invalid-value: 1001 scenarios and 1000 limited meters are more than 1000000 pairs"]
    );
    // None of them is judged.
    let report = check(&scenarios(1001, 1000, "tenants = 2"));
    assert_eq!(
        (report.summary.exit_code, project(&report).scenarios.len()),
        (1, 0)
    );
}

#[test]
fn pairs_of_scenarios_and_declarations_are_bounded() {
    let set = "set = { \"apis.e.retry_ratio\" = 0.1 }";
    let text = |count: usize| {
        let mut text = scenarios(count, 0, set) + "[apis.e]\n[apis.e.endpoints]\n";
        for index in 0..10_000 {
            let _ = writeln!(text, "e{index} = {{}}");
        }
        text
    };
    assert_eq!(
        wrong(&text(201)),
        ["invalid-value: 201 scenarios and 10000 declarations are more than 2000000 pairs"]
    );
    assert_eq!(wrong(&text(2)), [""; 0]);
}

/// Budgets that each count all of as many costs.
fn budgets(count: usize, of: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..count {
        let of = of(index);
        let _ = write!(
            text,
            "[costs.c{index}]\nprice = 1\n[budgets.b{index}]\nof = [\"{of}\"]\nbudget = 9\n"
        );
    }
    text
}

#[test]
fn pairs_of_budgets_and_what_they_are_for_are_bounded() {
    let all = |_| "costs.*".to_owned();
    assert_eq!(wrong(&budgets(1000, all)), [""; 0]);
    let refused = wrong(&budgets(1001, all));
    assert_eq!(
        refused,
        ["invalid-value: the budgets' `of` and all that has a price are more than 2000000 pairs"]
    );
    let report = check(&budgets(1001, all));
    assert_eq!(report.summary.exit_code, 1);
    let own = |index: usize| format!("costs.c{index}");
    assert_eq!(wrong(&budgets(1001, own)), [""; 0]);
    let mut scenarios = budgets(1000, all);
    for index in 0..11 {
        let _ = writeln!(scenarios, "[scenarios.s{index}]");
    }
    assert!(wrong(&scenarios)[0].contains("more than 20000000 pairs"));
}

#[test]
fn globs_of_specs_are_bounded() {
    let specs = |globs: &[String]| wrong(&format!("[project]\nspecs = {globs:?}\n"));
    let long = |length: usize| vec!["a*".repeat(length / 2)];
    assert_eq!(specs(&long(200)), [""; 0]);
    assert!(specs(&long(202))[0].contains("longer than 200 bytes"));
    let many = |count: usize| -> Vec<String> { (0..count).map(|at| format!("{at}*")).collect() };
    assert_eq!(specs(&many(100)), [""; 0]);
    let refused = specs(&many(5000));
    assert_eq!(refused, ["invalid-value: `specs` has more than 100 globs"]);
}

/// How long a text takes.
fn time(text: &str) -> Duration {
    let start = Clock::start();
    assert!(!check(text).projects.is_empty());
    start.elapsed()
}

/// Features of long names, and waivers that match them in many ways.
fn waivers(features: usize, waivers: usize) -> String {
    let mut text = "[tenants]\nfree = 10\n".to_owned();
    for index in 0..features {
        let _ = writeln!(text, "[features.{}{index:04}]", "a".repeat(150));
    }
    for index in 0..waivers {
        let subject = "a*".repeat(65);
        let _ = write!(
            text,
            "[[waivers]]\nrule = \"feature-without-owner\"\nsubject = \"features.{subject}{index}*\"\nreason = \"x\"\n"
        );
    }
    text
}

/// A chain of uncertain lines, each of which follows the one before.
fn chain(lines: usize) -> String {
    let mut text = "[tenants]\nfree = 10\n[apis.a]\nplan = { credits = 1e9, price = 1 }\n\
                    [apis.a.endpoints]\n\"/e/\" = { credits = 1 }\n[features.f]\n"
        .to_owned();
    for index in 0..lines {
        let _ = match index {
            0 => writeln!(
                text,
                "[[features.f.calls]]\nrate = {{ p50 = \"1/day\", p90 = \"2/day\" }}"
            ),
            _ => writeln!(
                text,
                "[[features.f.calls]]\nafter = \"c{}\"\nfanout = {{ p50 = 1, p90 = 1.01 }}",
                index - 1
            ),
        };
        let _ = writeln!(text, "id = \"c{index}\"\nendpoint = \"/e/\"");
    }
    text
}

/// An API whose endpoints a limit lists, all of which get another name.
fn endpoints(count: usize, version: &str) -> String {
    let names: Vec<String> = (0..count)
        .map(|index| format!("/{version}/{index}"))
        .collect();
    let mut text = format!(
        "[tenants]\na = 1\n[apis.a]\n[[apis.a.limits]]\nid = \"l\"\nrate = \"9/s\"\nendpoints = {names:?}\n[apis.a.endpoints]\n"
    );
    for name in &names {
        let _ = writeln!(text, "\"{name}\" = {{}}");
    }
    for name in &names {
        let _ = write!(
            text,
            "[[features.f.calls]]\nendpoint = \"{name}\"\nrate = \"1/day\"\n"
        );
    }
    text
}

#[test]
fn renaming_endpoints_takes_time_in_proportion() {
    let time = |count: usize| {
        let (base, head) = (endpoints(count, "v1"), endpoints(count, "v2"));
        let start = Clock::start();
        assert!(!diff(&base, &head).projects.is_empty());
        start.elapsed()
    };
    let (small, large) = (time(20), time(160));
    assert!(
        large < small * 40 + Duration::from_secs(2),
        "{small:?}, then {large:?}"
    );
}

/// APIs that all get another name, and declare the same path.
fn same_paths(count: usize, version: &str) -> String {
    let mut text = "[tenants]\na = 1\n".to_owned();
    for index in 0..count {
        let api = format!("{version}-{index}");
        let _ = write!(
            text,
            "[apis.{api}.plan]\ncredits = {}\nper = \"month\"\n[apis.{api}.endpoints]\n\"/x\" = {{}}\n[[features.f{index}.calls]]\nendpoint = \"{api}:/x\"\nrate = \"1/day\"\n",
            index + 40
        );
    }
    text
}

#[test]
fn renaming_apis_of_one_path_takes_time_in_proportion() {
    let time = |count: usize| {
        let (base, head) = (same_paths(count, "v1"), same_paths(count, "v2"));
        let start = Clock::start();
        assert!(!diff(&base, &head).projects.is_empty());
        start.elapsed()
    };
    let (small, large) = (time(20), time(160));
    assert!(
        large < small * 24 + Duration::from_secs(1),
        "{small:?}, then {large:?}"
    );
}

/// Twice as much takes about twice as long, not four times. (The machine may be busy: the best of
/// three, and some room.)
#[test]
fn time_grows_with_what_is_declared() {
    let best = |text: &str| (0..3).map(|_| time(text)).min().unwrap();
    let cases = [
        ("chain", chain(100), chain(800)),
        ("waivers", waivers(60, 20), waivers(60, 160)),
        ("features", waivers(60, 20), waivers(480, 20)),
        (
            "scenarios",
            scenarios(20, 60, "tenants = 2"),
            scenarios(160, 60, "tenants = 2"),
        ),
    ];
    for (what, small, large) in cases {
        let (small, large) = (best(&small), best(&large));
        assert!(
            large < small * 24 + Duration::from_millis(300),
            "{what}: {small:?}, then {large:?}"
        );
    }
}

/// A report whose JSON was read back says in every format what it said before.
fn is_read_back(report: &Report) {
    let text = render(Format::Json, report, &Default::default());
    let read: Report = serde_json::from_str(&text).expect("its own report");
    assert_eq!(render(Format::Json, &read, &Default::default()), text);
}

#[test]
fn a_limit_too_large_to_count_is_unknown() {
    for (credits, limit, verdict) in [
        ("1", Some(9e15), Verdict::Fits),
        ("1.7e308", None, Verdict::Unknown),
    ] {
        // An event is judged against what can be bought for it.
        let report = check(&format!(
            "[project]\nname = \"p\"\n\
             [apis.a]\nplan = {{}}\n\
             packs = [{{ name = \"p\", credits = {credits}, price = 1, max = 9e15 }}]\n\
             [scenarios.s]\non = 2026-11-28\nlasts = \"90d\"\nrequire = \"warn\"\n"
        ));
        let scenario = &project(&report).scenarios[0];
        let mut meters = scenario.meters.iter();
        let meter = meters.find(|meter| &*meter.id == "apis.a.credits").unwrap();
        assert_eq!((meter.limit, meter.verdict), (limit, verdict), "{credits}");
        is_read_back(&report);
    }
}

#[test]
fn a_disk_with_more_on_it_than_can_be_counted_is_full_and_says_so() {
    for (existing, is_counted) in [("1e9", true), ("1.7e308", false)] {
        let report = check(&format!(
            "[project]\nname = \"p\"\n\
             [databases.d]\nengine = \"postgres\"\nstorage = \"1GB\"\noverhead = \"900%\"\n\
             [tables.t]\ndatabase = \"d\"\nkind = \"state\"\nrows = 1\nrow_size = \"1KB\"\n\
             existing = {existing}\n"
        ));
        let mut meters = project(&report).meters.iter();
        let meter = meters
            .find(|meter| &*meter.id == "databases.d.storage")
            .unwrap();
        let now = meter.detail.now.unwrap();
        assert_eq!(now.is_some(), is_counted, "{existing}: {meter:?}");
        assert_eq!(meter.verdict, Verdict::Breaks);
        is_read_back(&report);
    }
}
