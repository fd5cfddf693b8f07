//! What holds for every project and every change, on generated ones.

mod model;
mod mutation;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caplint::analysis::Figures;
use caplint::document::TomlPath;
use caplint::finding::Severity;
use caplint::render::{Format, Options, render};
use caplint::report::{Meter, Percentiles, Project, Report, Verdict};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;
use clap::ValueEnum;

use self::model::{Model, Random};
use self::mutation::{examples, mutated};

/// How many generated projects each property is tried on: `CAPLINT_TRIES` times as many where
/// that is set.
fn projects(count: u64) -> std::ops::Range<u64> {
    let times = std::env::var("CAPLINT_TRIES").map_or(1, |times| times.parse().unwrap());
    0..count * times
}

type Files = Vec<(String, String)>;

fn settings(threads: usize) -> Settings {
    Settings {
        advise: false,
        as_of: Date::parse("2026-11-22").unwrap(),
        fail_on: Severity::Error,
        all: false,
        accept_policy: false,
        overrides: Vec::new(),
        paths: Vec::new(),
        projects: Vec::new(),
        owners: Vec::new(),
        figures: Figures::All,
        threads,
        usage: Default::default(),
        usage_before: Vec::new(),
        sum_files: false,
    }
}

fn snapshot(sources: &mut SourceMap, files: &Files) -> Snapshot {
    let mut ids = Vec::new();
    for (path, text) in files {
        ids.push(sources.add(SourceFile {
            path: path.as_str().into(),
            text: text.as_str().into(),
            flaw: None,
        }));
    }
    Snapshot {
        name: "a state".to_owned(),
        commit: None,
        files: ids,
        listing: Listing::new(files.iter().map(|(path, _)| path.as_str()).collect()),
    }
}

fn check_with(files: &Files, threads: usize) -> Report {
    check_by(files, &settings(threads))
}

fn check_by(files: &Files, settings: &Settings) -> Report {
    let mut sources = SourceMap::default();
    let head = snapshot(&mut sources, files);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    run(&inputs, settings)
}

fn check(files: &Files) -> Report {
    check_with(files, 1)
}

fn diff(base: &Files, head: &Files) -> Report {
    diff_with(base, head, Figures::All)
}

fn diff_with(base: &Files, head: &Files, figures: Figures) -> Report {
    let mut sources = SourceMap::default();
    let base = snapshot(&mut sources, base);
    let head = snapshot(&mut sources, head);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::State(&base),
    };
    let settings = Settings {
        figures,
        ..settings(1)
    };
    run(&inputs, &settings)
}

fn only(report: &Report) -> &Project {
    assert_eq!(report.projects.len(), 1);
    &report.projects[0]
}

/// A generated project, which must be one that caplint reads without complaint.
fn project(seed: u64, uncertain: bool) -> Model {
    let model = Model::random(&mut Random::new(seed), uncertain);
    let report = check(&model.files());
    let wrong: Vec<&str> = only(&report)
        .findings
        .iter()
        .filter(|finding| {
            matches!(
                finding.rule.as_str(),
                "syntax" | "unknown-key" | "invalid-value" | "missing-key" | "unknown-reference"
            )
        })
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    model
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

#[test]
fn what_does_not_differ_changes_nothing() {
    for seed in projects(12) {
        let files = project(seed, seed % 16 == 3).files();
        let report = diff(&files, &files);
        let project = only(&report);
        assert!(project.changes.is_empty(), "seed {seed}");
        assert!(project.edits.is_empty(), "seed {seed}");
        let states: Vec<_> = project.findings.iter().map(|found| found.state).collect();
        let existing = Some(caplint::report::State::Existing);
        assert!(states.iter().all(|state| *state == existing), "seed {seed}");
        assert_eq!(report.summary.exit_code, 0, "seed {seed}");
    }
}

#[test]
fn contributions_sum_to_the_delta() {
    let mut contributions = 0;
    for seed in projects(40) {
        let base = project(seed, false);
        // Every other change keeps most of the project.
        let mut random = Random::new(seed ^ 0x5eed);
        let head = match seed % 2 {
            0 => base.changed(&mut random),
            _ => project(seed + 1000, false),
        };
        let report = diff(&base.files(), &head.files());
        for change in &only(&report).changes {
            let (Some(before), Some(after), Some(delta)) =
                (change.before, change.after, change.delta)
            else {
                assert!(
                    change.attribution.is_empty(),
                    "seed {seed}: {}",
                    change.meter
                );
                continue;
            };
            // In the order of size, so that what large ones cancel is not lost in them.
            let mut deltas: Vec<f64> = change.attribution.iter().map(|cause| cause.delta).collect();
            deltas.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
            let sum: f64 = deltas.iter().sum();
            let larger = before.abs().max(after.abs());
            // Two contributions that cancel can't be told more exactly than this.
            let rounding = deltas
                .first()
                .map_or(0.0, |first| first.abs() * f64::EPSILON);
            assert!(
                (sum - delta).abs() <= (1e-12 * larger).max(rounding),
                "seed {seed}: {} moves by {delta}, its causes by {sum}: {:?}",
                change.meter,
                change.attribution
            );
            contributions += change.attribution.len();
        }
    }
    assert!(contributions > 300, "{contributions} contributions");
}

/// Which database a table is in that names none depends on how many there are.
#[test]
fn a_database_that_comes_or_goes_moves_the_tables_that_name_none() {
    let files = |databases: &[&str], named: &str| {
        let databases: String = databases
            .iter()
            .map(|name| format!("[databases.{name}]\n"))
            .collect();
        let text = format!(
            "[tenants]\nall = 10\n{databases}[tables.t]\nkind = \"state\"\nrow_size = 1000\nrows = 100\n{named}\
             [features.f]\n[[features.f.writes]]\ntable = \"t\"\nrate = \"5/s\"\n"
        );
        vec![("capacity.toml".to_owned(), text)]
    };
    let in_two = "database = \"two\"\n";
    let cases = [
        (
            (files(&["one", "two"], in_two), files(&["one"], "")),
            ["databases.two", "tables.t.database"],
            [1e6, -1e6],
        ),
        (
            (files(&["one"], ""), files(&["one", "two"], in_two)),
            ["databases.two", "tables.t.database"],
            [-1e6, 1e6],
        ),
        (
            (files(&["one"], ""), files(&["two"], "")),
            ["databases.two", "databases.one"],
            [-1e6, 1e6],
        ),
    ];
    for ((base, head), causes, deltas) in cases {
        let report = diff(&base, &head);
        let storage = |database: &str| {
            let id = format!("databases.{database}.storage");
            let mut changes = only(&report).changes.iter();
            let change = changes.find(|change| change.meter == id).unwrap();
            let causes = change.attribution.iter();
            causes
                .map(|cause| (cause.path.clone(), cause.delta))
                .collect::<Vec<_>>()
        };
        assert_eq!(storage("one"), [(causes[0].to_owned(), deltas[0])]);
        assert_eq!(storage("two"), [(causes[1].to_owned(), deltas[1])]);
    }
}

#[test]
fn an_infinite_demand_has_no_contributions_and_passing_through_one_keeps_the_sum() {
    let queue = |count: u32, rate: &str| {
        format!(
            "[tenants]\nall = 10\n[queues.q]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\ndepth = 100\n\
             [queues.q.workers]\nmax = {count}\nrate = \"1/s\"\n\
             [features.f]\n[[features.f.messages]]\nqueue = \"q\"\nrate = \"{rate}\"\n"
        )
    };
    let files = |text: String| vec![("capacity.toml".to_owned(), text)];
    // The queue changes before the feature: on the way it can't drain.
    let report = diff(&files(queue(100, "8/s")), &files(queue(50, "1/s")));
    let change = only(&report)
        .changes
        .iter()
        .find(|change| change.meter == "queues.q.drain")
        .expect("it drains at another speed");
    let sum: f64 = change.attribution.iter().map(|cause| cause.delta).sum();
    assert!(close(sum, change.delta.unwrap(), 1e-12), "{change:?}");
    let report = diff(&files(queue(100, "8/s")), &files(queue(50, "8/s")));
    let change = only(&report)
        .changes
        .iter()
        .find(|change| change.meter == "queues.q.drain")
        .expect("it no longer drains");
    assert_eq!((change.after, change.delta), (None, None));
    assert!(change.attribution.is_empty());
}

#[test]
fn the_order_of_files_and_declarations_says_nothing() {
    for seed in projects(12) {
        let model = project(seed, seed % 16 == 3);
        let shuffled = model.shuffled(&mut Random::new(seed + 7));
        let (one, other) = (check(&model.files()), check(&shuffled.files()));
        let (one, other) = (only(&one), only(&other));
        let figures = |project: &Project| {
            serde_json::to_value((&project.meters, &project.horizons, &project.scenarios)).unwrap()
        };
        assert_eq!(figures(one), figures(other), "seed {seed}");
        let found = |project: &Project| {
            let mut found: Vec<_> = project
                .findings
                .iter()
                .map(|finding| {
                    let figure = finding.figure.map(f64::to_bits);
                    (finding.fingerprint.clone(), finding.rule.clone(), figure)
                })
                .collect();
            found.sort();
            found
        };
        assert_eq!(found(one), found(other), "seed {seed}");
        let report = diff(&model.files(), &shuffled.files());
        assert!(only(&report).edits.is_empty(), "seed {seed}");
        assert!(only(&report).changes.is_empty(), "seed {seed}");
    }
}

#[test]
fn reports_are_the_same_every_time_on_any_number_of_threads() {
    for seed in projects(3) {
        let files = project(seed, true).files();
        let one = serde_json::to_string(&check_with(&files, 1)).unwrap();
        let two = serde_json::to_string(&check_with(&files, 3)).unwrap();
        assert_eq!(one, two, "seed {seed}");
    }
}

#[test]
fn more_tenants_never_ask_for_less() {
    for seed in projects(12) {
        let mut model = project(seed, false);
        for times in [1, 2, 3, 7] {
            model.add_scenario(&format!("s{times}"), f64::from(times));
        }
        let report = check(&model.files());
        let project = only(&report);
        let demand = |name: &str| -> BTreeMap<Arc<str>, f64> {
            let scenario = project.scenarios.iter().find(|s| s.name == name).unwrap();
            let infinite = |meter: &Meter| meter.demand.point.unwrap_or(f64::INFINITY);
            let meters = scenario.meters.iter();
            meters
                .map(|meter| (meter.id.clone(), infinite(meter)))
                .collect()
        };
        for pair in ["s1", "s2", "s3", "s7"].windows(2) {
            let (less, more) = (demand(pair[0]), demand(pair[1]));
            for (meter, less) in less {
                let more = more[&meter];
                assert!(
                    more >= less * (1.0 - 1e-12),
                    "seed {seed}: {meter} asks for {less} in {}, for {more} in {}",
                    pair[0],
                    pair[1]
                );
            }
        }
    }
}

#[test]
fn a_scenario_of_once_as_many_is_today_without_growth() {
    for seed in projects(12) {
        let mut model = project(seed, seed % 16 == 3);
        model.flatten();
        model.add_scenario("same", 1.0);
        let report = check(&model.files());
        let project = only(&report);
        let same = project.scenarios.iter().find(|s| s.name == "same").unwrap();
        for (today, same) in project.meters.iter().zip(&same.meters) {
            assert_eq!(today.id, same.id);
            let points = [today.demand, same.demand].map(|demand: Percentiles| demand.point);
            match points {
                [Some(today_point), Some(same_point)] => assert!(
                    close(today_point, same_point, 1e-12),
                    "seed {seed}: {} is {today_point} today, {same_point} in the scenario",
                    today.id
                ),
                other => assert_eq!(other, [None, None], "seed {seed}: {}", today.id),
            }
        }
    }
}

#[test]
fn at_the_breaking_point_the_demand_is_the_limit() {
    let mut checked = 0;
    for seed in projects(12) {
        let mut model = project(seed, false);
        model.flatten();
        let report = check(&model.files());
        let breaking: Vec<(Arc<str>, f64, f64)> = only(&report)
            .meters
            .iter()
            .filter(|meter| {
                ["credits", "rate", "storage", "writes", "throughput"].contains(&&*meter.kind)
            })
            .filter_map(|meter| Some((meter.id.clone(), meter.breaking_point?, meter.limit?)))
            .filter(|(_, point, _)| *point > 0.0)
            .collect();
        for (index, (_, point, _)) in breaking.iter().enumerate() {
            model.add_scenario(&format!("b{index}"), *point);
        }
        let report = check(&model.files());
        for (index, (id, point, limit)) in breaking.iter().enumerate() {
            let name = format!("b{index}");
            let scenarios = &only(&report).scenarios;
            let scenario = scenarios
                .iter()
                .find(|scenario| scenario.name == name)
                .unwrap();
            let meter = scenario
                .meters
                .iter()
                .find(|meter| meter.id == *id)
                .unwrap();
            let demand = meter.demand.point.unwrap();
            assert!(
                close(demand, *limit, 1e-5),
                "seed {seed}: {id} breaks at {point}, where it asks for {demand} of {limit}"
            );
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked} breaking points");
}

#[test]
fn what_is_not_worked_out_is_not_missed() {
    let mut left_out = 0;
    for seed in projects(24) {
        let base = project(seed, seed % 3 == 0);
        let head = base.changed(&mut Random::new(seed + 5));
        let [all, today, judged] = [Figures::All, Figures::Today, Figures::Judged]
            .map(|figures| diff_with(&base.files(), &head.files(), figures));
        alike_but_in(&[Format::Json, Format::Html], &all, &today, seed);
        let lists_all = [Format::Json, Format::Html, Format::Markdown];
        alike_but_in(&lists_all, &all, &judged, seed);
        left_out += same_but_left_out(only(&all), only(&today), seed);
        left_out += same_but_left_out(only(&all), only(&judged), seed);
        assert_eq!(only(&today).left_out, 0, "seed {seed}");
    }
    assert!(left_out > 100, "{left_out} meters left out");
}

/// Checks that less of a project was worked out, and the same is said of it; returns how many
/// meters were left out. All of those are of tables without a limit.
#[track_caller]
fn same_but_left_out(all: &Project, some: &Project, seed: u64) -> usize {
    let text = |project: &Project| {
        let Project {
            verdict,
            changes,
            findings,
            assumptions,
            unchanged,
            ..
        } = project;
        let said = (verdict, changes, findings, assumptions, unchanged);
        serde_json::to_string_pretty(&said).unwrap()
    };
    assert_eq!(text(some), text(all), "seed {seed}");
    let situations = |project: &Project| -> Vec<Vec<Meter>> {
        let horizons = project.horizons.iter().map(|horizon| &horizon.meters);
        let scenarios = project.scenarios.iter().map(|scenario| &scenario.meters);
        std::iter::once(&project.meters)
            .chain(horizons)
            .chain(scenarios)
            .cloned()
            .collect()
    };
    let mut left_out = Vec::new();
    for (all, some) in situations(all).iter().zip(situations(some)) {
        let mut some = some.iter().peekable();
        let mut missing = 0;
        for meter in all {
            if let Some(other) = some.next_if(|other| other.id == meter.id) {
                let [other, meter] = [other, meter].map(|meter| format!("{meter:?}"));
                assert_eq!(other, meter, "seed {seed}");
                continue;
            }
            missing += 1;
            let is_of_table = meter.id.starts_with("tables.");
            assert!(
                is_of_table && meter.verdict == Verdict::Unlimited,
                "seed {seed}: {} is left out",
                meter.id
            );
        }
        assert_eq!(some.next().map(|meter| &meter.id), None, "seed {seed}");
        left_out.push(missing);
    }
    assert_eq!(left_out[0], some.left_out, "seed {seed}");
    left_out.iter().sum()
}

/// Whether two reports say the same in all formats but some.
#[track_caller]
fn alike_but_in(but: &[Format], one: &Report, other: &Report, seed: u64) {
    let formats = Format::value_variants().iter().copied();
    for format in formats.filter(|it| !but.contains(it)) {
        for verbose in [false, true] {
            let options = Options {
                verbose,
                ..Options::default()
            };
            let [one, other] = [one, other].map(|report| render(format, report, &options));
            assert!(one == other, "seed {seed}: {format:?}\n{one}\n{other}");
        }
    }
}

#[test]
fn a_check_misses_nothing_either() {
    let (mut left_out, mut asked) = (0, 0);
    for seed in projects(48) {
        let files = project(seed, seed % 2 == 0).files();
        let [all, today, judged] = [Figures::All, Figures::Today, Figures::Judged].map(|figures| {
            let settings = Settings {
                figures,
                ..settings(1)
            };
            check_by(&files, &settings)
        });
        alike_but_in(&[Format::Json, Format::Html], &all, &today, seed);
        let shows_today = [Format::Json, Format::Html, Format::Markdown];
        alike_but_in(&shows_today, &all, &judged, seed);
        let (all, today, judged) = (only(&all), only(&today), only(&judged));
        left_out += same_but_left_out(all, today, seed);
        left_out += same_but_left_out(all, judged, seed);
        // Findings with the bytes of what has no meter.
        let ids = |project: &Project| -> BTreeSet<String> {
            let meters = project.meters.iter();
            meters.map(|meter| meter.id.to_string()).collect()
        };
        let without: BTreeSet<String> = ids(all).difference(&ids(judged)).cloned().collect();
        for meter in all
            .meters
            .iter()
            .filter(|meter| without.contains(&*meter.id))
        {
            let table = meter.id.trim_end_matches(".storage");
            let about = all.findings.iter().filter(|it| it.subject == table);
            asked += usize::from(meter.demand.p50 != meter.demand.p90) * about.count();
        }
    }
    assert!(left_out > 50, "{left_out} meters left out");
    assert!(asked > 5, "{asked} findings about what is uncertain");
}

/// Which lines are named where not all can be is decided by their paths, as they are written.
#[test]
fn the_lines_that_are_named_are_the_first_by_path() {
    let names = ["a", "a-b", "a_b", "a.b", "a.b-c", "a.bc", "b", "B", "0"];
    let features: String = names
        .iter()
        .map(|name| {
            format!(
                "[features.\"{name}\"]\n[[features.\"{name}\".calls]]\nid = \"z\"\nendpoint = \"/x/\"\n\
                 rate = \"1/day\"\n[[features.\"{name}\".calls]]\nid = \"/y/\"\nendpoint = \"/x/\"\n\
                 rate = \"1/day\"\n"
            )
        })
        .collect();
    let mut paths: Vec<String> = names
        .iter()
        .flat_map(|name| ["z", "/y/"].map(|id| TomlPath::new(&["features", name, "calls", id])))
        .map(|path| path.to_string())
        .collect();
    let text = format!(
        "[project]\nname = \"p\"\n[apis.x.endpoints]\n\"/x/\" = {{ credits = 1 }}\n{features}"
    );
    let said = |text: &str| {
        let report = check(&vec![("capacity.toml".to_owned(), text.to_owned())]);
        let mut assumptions = only(&report).assumptions.iter();
        assumptions
            .find(|said| said.contains("No `peak` set"))
            .unwrap()
            .clone()
    };
    paths.sort();
    let [first, second, third] = [&paths[0], &paths[1], &paths[2]];
    let expected = format!(
        "`{first}`, `{second}`, `{third}` and {} more",
        paths.len() - 3
    );
    assert!(
        said(&text).contains(&expected),
        "{} has not {expected}",
        said(&text)
    );
}

#[test]
fn every_number_is_a_number() {
    for seed in projects(12) {
        let base = project(seed, seed % 16 == 3);
        let head = base.changed(&mut Random::new(seed + 3));
        let report = diff(&base.files(), &head.files());
        numbers(&report, &format!("seed {seed}"));
    }
}

/// No NaN, nothing infinite that claims to be a number, nothing below zero that can't be.
fn numbers(report: &Report, what: &str) {
    for project in &report.projects {
        let horizons = project.horizons.iter().flat_map(|horizon| &horizon.meters);
        let scenarios = project
            .scenarios
            .iter()
            .flat_map(|scenario| &scenario.meters);
        for meter in project.meters.iter().chain(horizons).chain(scenarios) {
            let Percentiles {
                point,
                p50,
                p80,
                p90,
                p95,
            } = meter.demand;
            let numbers = [point, p50, p80, p90, p95, meter.limit, meter.utilization];
            for number in numbers.into_iter().flatten() {
                assert!(
                    number.is_finite() && number >= 0.0,
                    "{what}: {} has {number}",
                    meter.id
                );
            }
            if let [Some(p50), Some(p80), Some(p90), Some(p95)] = [p50, p80, p90, p95] {
                assert!(
                    p50 <= p80 && p80 <= p90 && p90 <= p95,
                    "{what}: {}",
                    meter.id
                );
            }
            if meter.demand.point.is_none() && meter.limit.is_some() {
                assert_eq!(meter.verdict, Verdict::Breaks, "{what}: {}", meter.id);
            }
        }
        for change in &project.changes {
            let numbers = [change.before, change.after, change.delta, change.percent];
            let causes = change.attribution.iter().map(|cause| cause.delta);
            for number in numbers.into_iter().flatten().chain(causes) {
                assert!(number.is_finite(), "{what}: {} has {number}", change.meter);
            }
        }
        for line in &project.lines {
            assert!(line.population.is_finite(), "{what}: {}", line.path);
            assert!(line.peak_per_second.is_finite(), "{what}: {}", line.path);
        }
    }
}

#[test]
fn nothing_that_is_written_makes_it_panic() {
    let originals = examples();
    let mut random = Random::new(1);
    for round in projects(30) {
        let base = &originals[random.below(originals.len())];
        let head = mutated(base, &mut random);
        let report = diff(base, &head);
        numbers(&report, &format!("round {round}"));
        serde_json::to_string(&report).expect("it is a report");
    }
}
