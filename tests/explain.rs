//! `explain METER`: what is printed multiplies and adds up to what the meter says.

use std::path::Path;
use std::process::Command;

use caplint::analysis::{Figures, Outlook, Project, outlooks};
use caplint::explain::{By, Explanation, Factor, Subject, Sum, When, explain};
use caplint::render::{Options, explained};
use caplint::run::{Settings, resolve};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;

use crate::schema::support::capacity_files;

/// A day that no example declares.
const DAY: u32 = 47;

struct Loaded {
    sources: SourceMap,
    projects: Vec<Project>,
}

/// The projects of some files, each forecast for [`DAY`] too.
fn load(files: &[(String, String)]) -> Loaded {
    let mut sources = SourceMap::default();
    let snapshot = Snapshot {
        name: "head".to_owned(),
        files: files
            .iter()
            .map(|(path, text)| sources.add(SourceFile::new(path.as_str(), text.as_str())))
            .collect(),
        listing: Listing::new(files.iter().map(|(path, _)| path.as_str()).collect()),
        ..Snapshot::default()
    };
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let mut projects = resolve(&sources, &snapshot, &settings);
    for project in &mut projects {
        project.asked_day = Some(DAY);
    }
    Loaded { sources, projects }
}

fn below(folder: &str) -> Loaded {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for path in capacity_files(&top.join(folder)) {
        let name = path.strip_prefix(top).unwrap().display().to_string();
        if let Ok(text) = std::fs::read_to_string(&path) {
            files.push((name, text));
        }
    }
    load(&files)
}

impl Loaded {
    fn outlooks(&self) -> Vec<Outlook> {
        let sides = self
            .projects
            .iter()
            .map(|project| (project, &project.policy));
        let sides: Vec<_> = sides.collect();
        outlooks(&sides, Figures::All, 1)
    }

    /// Holds the calculation of every meter in every situation; returns how many there were.
    fn hold(&self, holds: impl Fn(&Explanation) -> Result<(), String>) -> usize {
        let (mut count, mut wrong) = (0, Vec::new());
        for (project, outlook) in self.projects.iter().zip(&self.outlooks()) {
            let scenarios = project.scenarios.iter();
            let scenarios = scenarios.map(|(scenario, _)| When::Scenario(&scenario.name));
            let days = [When::Today, When::Day(30), When::Day(DAY)].into_iter();
            for when in days.chain(scenarios) {
                let meters = match when {
                    When::Today => &outlook.today,
                    When::Day(day) => {
                        let mut days = outlook.horizons.iter();
                        &days.find(|(on, _)| *on == day).unwrap().1
                    }
                    When::Scenario(name) => {
                        let mut all = project.scenarios.iter().zip(&outlook.scenarios);
                        all.find(|((it, _), _)| it.name == name).unwrap().1
                    }
                };
                let ids = meters.iter().map(|fitted| fitted.id().to_owned());
                for id in ids.collect::<Vec<_>>() {
                    let subject = Subject::Meter(id.clone());
                    let found = explain(project, outlook, &self.sources, when, &subject);
                    let what = format!("{} {id} {when:?}", project.declarations.name);
                    wrong.extend(
                        holds(&found.unwrap())
                            .err()
                            .map(|why| format!("{what}: {why}")),
                    );
                    count += 1;
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
        count
    }
}

fn close(one: Option<f64>, other: Option<f64>, within: f64) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= within * one.abs().max(other.abs()),
        (one, other) => one == other,
    }
}

/// What factors come to, by the numbers given.
fn product(factors: &[Factor], number: impl Fn(&Factor) -> f64) -> Option<f64> {
    let is_zero = |factor: &Factor| factor.by == By::Times && number(factor) == 0.0;
    if factors.iter().any(is_zero) {
        return Some(0.0);
    }
    let product = factors.iter().fold(1.0, |product, factor| match factor.by {
        By::Times => product * number(factor),
        By::Over => product / number(factor),
    });
    product.is_finite().then_some(product)
}

/// The number at the beginning of a text, with its prefix.
fn printed(text: &str) -> f64 {
    if text.starts_with('∞') {
        return f64::INFINITY;
    }
    let digits = |character: char| character.is_ascii_digit() || "-.,e".contains(character);
    let end = text
        .find(|character| !digits(character))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number: f64 = number
        .replace(',', "")
        .trim_end_matches('e')
        .parse()
        .unwrap();
    let unit = rest
        .trim_start()
        .split([' ', '/'])
        .next()
        .unwrap_or_default();
    let times = match unit {
        "k" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        "P" | "PB" => 1e15,
        _ => 1.0,
    };
    number * times
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

fn holds_sum(sum: &Sum) -> Result<(), String> {
    let mut total = 0.0;
    for term in &sum.terms {
        let of = product(&term.factors, |factor| {
            factor.value.unwrap_or(f64::INFINITY)
        });
        ensure(close(term.product, of, 1e-9), || {
            format!("{of:?} of {term:?}")
        })?;
        for Factor { text, value, .. } in &term.factors {
            let value = value.unwrap_or(f64::INFINITY);
            let shown = printed(text);
            let is_close = shown == value || (shown - value).abs() <= 5.1e-3 * value.abs();
            ensure(is_close, || format!("{value} is written as {text}"))?;
            ensure(text.contains([' ', '/', ':']), || {
                format!("{text} has no name")
            })?;
        }
        let sign = if term.less { -1.0 } else { 1.0 };
        total += sign * term.product.unwrap_or(f64::INFINITY);
    }
    let total = total.is_finite().then_some(total);
    ensure(close(sum.total, total, 1e-9), || {
        format!("{total:?} of {sum:?}")
    })
}

/// That a calculation comes to what the meter says.
fn holds(explanation: &Explanation) -> Result<(), String> {
    let [figure] = &explanation.figures[..] else {
        return Err("it is one meter".to_owned());
    };
    holds_sum(&figure.demand)?;
    figure.parts.iter().try_for_each(holds_sum)?;
    let demand = figure.meter.demand.point;
    let is_demand = close(figure.demand.total, demand, 1e-9);
    ensure(is_demand, || {
        format!(
            "{demand:?} is not {:?} of {:?}",
            figure.demand.total,
            texts(&figure.demand)
        )
    })?;
    let Some(limit) = &figure.limit else {
        return ensure(figure.meter.limit.is_none(), || {
            "the limit is left out".to_owned()
        });
    };
    holds_sum(limit)?;
    let is_limit = close(limit.total, figure.meter.limit, 1e-9);
    ensure(is_limit, || {
        format!("{:?} is not {limit:?}", figure.meter.limit)
    })
}

fn texts(sum: &Sum) -> Vec<String> {
    let terms = sum.terms.iter();
    let text = |factor: &Factor| format!("{:?} {}", factor.by, factor.text);
    terms
        .map(|term| {
            format!(
                "{}: {}",
                term.path,
                term.factors.iter().map(text).collect::<Vec<_>>().join(" ")
            )
        })
        .collect()
}

#[test]
fn the_sum_of_every_meter_of_every_example_is_its_demand() {
    let examples = below("examples");
    assert!(examples.projects.len() >= 12);
    let count = examples.hold(holds);
    assert!(count > 800, "{count} meters");
}

#[test]
fn so_is_that_of_projects_with_every_key_and_of_the_tests() {
    below("tests").hold(holds);
    let every = include_str!("schema/every_key.toml");
    load(&[("capacity.toml".to_owned(), every.to_owned())]).hold(holds);
}

/// What `caplint explain` prints of files, with its exit code.
fn printed_by(folder: &str, arguments: &[&str]) -> (i32, String, String) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(top)
        .arg("explain")
        .args(arguments)
        .arg("--project")
        .arg(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

const PIPELINE: &str = "examples/tiktok-pipeline/after";

#[test]
fn every_factor_is_named_with_the_place_of_its_input() {
    let (code, out, _) = printed_by(PIPELINE, &["apis.tiklive.credits"]);
    assert_eq!(code, 0);
    let line = "45/day × 1,200 tenants × 1 credit a call × 30 days a month = 1,620,000 credits/month (61.6%)";
    let one_line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains(line), "{out}");
    assert!(one_line.contains("sum 2,628,000 credits/month"), "{out}");
    assert!(
        one_line.contains(&format!(
            "limit 2,500,000 credits/month {PIPELINE}/capacity.toml:26"
        )),
        "{out}"
    );
    assert!(
        one_line.contains("used 105.1%, breaks headroom 0.95× today's tenants"),
        "{out}"
    );
    let place = format!(
        "{PIPELINE}/features/watermark-removal/capacity.toml 13 features.watermark-removal.calls.detail.rate = \"45/day\""
    );
    assert!(one_line.contains(&place), "{out}");
}

#[test]
fn days_and_scenarios_say_what_they_change() {
    let (_, day, _) = printed_by(PIPELINE, &["apis.tiklive.credits", "--day", "30"]);
    assert!(day.contains("tenants on day 30"), "{day}");
    assert!(
        day.contains("today     2,628,000 credits/month of 2,500,000"),
        "{day}"
    );
    let (_, growth, _) = printed_by(PIPELINE, &["apis.tiklive.credits", "--scenario", "10x"]);
    assert!(growth.contains("10 × 1,200 pro"), "{growth}");
    assert!(growth.contains("scenarios.10x.tenants = 10"), "{growth}");
}

#[test]
fn a_demand_line_is_shown_in_every_meter_that_counts_it() {
    let (code, out, _) = printed_by(PIPELINE, &["features.watermark-removal.calls.detail"]);
    assert_eq!(code, 0);
    for meter in ["apis.tiklive.credits", "apis.tiklive.rate.min"] {
        assert!(out.contains(meter), "{out}");
    }
    assert!(!out.contains("comment-ingest"), "{out}");
}

#[test]
fn a_wrong_path_names_the_closest_ones() {
    for (path, help) in [
        (
            "apis.tiklive.credit",
            "did you mean `apis.tiklive.credits`?",
        ),
        (
            "databases.main.bytes",
            "`databases.main` has `databases.main.",
        ),
        ("apis.tiklive", "it has `apis.tiklive.credits`"),
        (
            "apis.tikliv.credits",
            "did you mean `apis.tiklive.credits`?",
        ),
        (
            "features.watermark-removal.calls.detial",
            "did you mean `features.watermark-removal.calls.detail`?",
        ),
    ] {
        let (code, out, error) = printed_by(PIPELINE, &[path]);
        assert_eq!((code, out.as_str()), (2, ""), "{path}");
        assert!(
            error.contains(&format!("no meter or demand line is called `{path}`")),
            "{error}"
        );
        assert!(error.contains(help), "{error}");
    }
    let (code, _, error) = printed_by(PIPELINE, &["apis.tiklive.credits", "--scenario", "10"]);
    assert_eq!(code, 2);
    assert!(error.contains("there is no scenario `10`"), "{error}");
}

#[test]
fn a_path_of_several_projects_names_them() {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_remove("CI")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args([
            "explain",
            "apis.tiklive.credits",
            "examples/tiktok-pipeline",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("examples/tiktok-pipeline/after, examples/tiktok-pipeline/before"),
        "{error}"
    );
    assert!(
        error.contains("--project examples/tiktok-pipeline/after"),
        "{error}"
    );
}

/// What is printed in a folder of this repository, in which there are many projects.
fn printed_in(folder: &str, path: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .args(["-C", folder, "explain", path])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_project_of_the_current_folder_is_meant() {
    for folder in [
        PIPELINE,
        "examples/tiktok-pipeline/after/features/profile-sync",
    ] {
        let (out, error) = printed_in(folder, "apis.tiklive.credits");
        assert_eq!(error, "", "nothing of other projects");
        assert!(out.contains("sum       2,628,000 credits/month"), "{out}");
    }
    let (_, error) = printed_in(".", "apis.tiklive.credits");
    assert!(error.contains("several projects have"), "{error}");
}

#[test]
fn what_is_meant_is_looked_for_in_all_projects() {
    let (_, error) = printed_in("examples", "apis.tiklve.credits");
    assert!(
        error.contains("did you mean `apis.tiklive.credits`?"),
        "{error}"
    );
}

#[test]
fn nothing_is_wider_than_the_terminal_nor_more_than_ascii() {
    let examples = below("examples");
    for width in [60, 100] {
        let options = Options {
            width,
            ascii: true,
            ..Options::default()
        };
        examples.hold(|explanation| {
            let text = explained(explanation, &options);
            let wide = text.lines().find(|line| line.chars().count() > width);
            ensure(wide.is_none(), || format!("{wide:?}"))?;
            ensure(text.is_ascii(), || text.clone())
        });
    }
}

#[test]
fn json_is_valid_by_its_schema() {
    let validator = crate::schema::support::validator(&caplint::schema::explanation());
    below("examples").hold(|explanation| {
        let json = serde_json::to_value(explanation).unwrap();
        let error = validator
            .validate(&json)
            .err()
            .map(|error| error.to_string());
        ensure(error.is_none(), || format!("{error:?}"))
    });
}
