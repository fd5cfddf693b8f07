//! What holds for every project and every change, on generated ones.

mod causes;
mod demand;
mod left_out;
mod model;
mod mutation;
mod shared;

use caplint::analysis::Figures;
use caplint::document::TomlPath;
use caplint::report::{Percentiles, Project, Report, Verdict};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;

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
        threads,
        ..Settings::new(Date::parse("2026-11-22").unwrap())
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
