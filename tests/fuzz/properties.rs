//! What holds of whatever bytes there are: for the suite's random ones (`tests/fuzz.rs`) and for
//! those that libFuzzer finds (`fuzz/`).

#[path = "project.rs"]
mod project;

use std::path::Path;

use caplint::exceptions::wildcard;
use caplint::render::{Format, Options, render};
use caplint::report::{Percentiles, Report, Verdict};
use caplint::run::{Before, Inputs, Settings, resolve, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::states::{Asked, Environment, Surroundings, read_comparison};
use caplint::units::{Date, Duration, Money, Period, Rate, Ratio, Size, Throughput, parse_count};
use caplint::usage::{Reading, Usage};
use clap::ValueEnum;

use self::project::{Choices, part, root};

fn settings() -> Settings {
    Settings::new(Date::parse("2026-11-22").unwrap())
}

fn snapshot(sources: &mut SourceMap, files: &[(&str, String)]) -> Snapshot {
    let add = |(path, text): &(&str, String)| {
        sources.add(SourceFile {
            path: (*path).into(),
            text: text.as_str().into(),
            flaw: None,
        })
    };
    Snapshot {
        name: "a state".to_owned(),
        commit: None,
        files: files.iter().map(add).collect(),
        listing: Listing::new(files.iter().map(|(path, _)| *path).collect()),
    }
}

fn compare(base: &[(&str, String)], head: &[(&str, String)]) -> Report {
    let mut sources = SourceMap::default();
    let base = snapshot(&mut sources, base);
    let head = snapshot(&mut sources, head);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::State(&base),
    };
    run(&inputs, &settings())
}

/// A project of two files, and what changes it: another second file, or another first one.
fn change(bytes: &[u8]) -> [Vec<(&'static str, String)>; 2] {
    let mut choices = Choices::new(bytes);
    let (first, second) = (root(&mut choices), part(&mut choices));
    let (mut other_first, mut other_second) = (first.clone(), part(&mut choices));
    if choices.below(2) == 1 {
        other_first = root(&mut choices);
        other_second.clone_from(&second);
    }
    let files = |first, second| vec![("capacity.toml", first), ("f/capacity.toml", second)];
    [files(first, second), files(other_first, other_second)]
}

/// What is said of a change.
pub fn report(bytes: &[u8]) -> Report {
    let [base, head] = change(bytes);
    compare(&base, &head)
}

/// Bytes that claim to be a capacity file are read to the end, and read alike each time.
pub fn reader(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let files = [("capacity.toml", text)];
    let report = compare(&files, &files);
    for project in &report.projects {
        assert!(project.changes.is_empty(), "{:?}", project.changes);
    }
}

/// A project with some of its bytes changed is read, and what is wrong is said.
pub fn mistakes(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut text = root(&mut choices).into_bytes();
    for _ in 0..=choices.below(8) {
        if !text.is_empty() {
            let at = (choices.below(256) * 256 + choices.below(256)) % text.len();
            text[at] = choices.below(256) as u8;
        }
    }
    reader(&text);
}

/// No text is a number that is infinite or none.
pub fn units(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let number = |number: f64| assert!(number.is_finite() && number >= 0.0, "{text:?}: {number}");
    let _ = parse_count(text).map(number);
    let _ = Size::parse(text).map(|size| number(size.bytes));
    let _ = Ratio::parse(text).map(|ratio| number(ratio.0));
    let _ = Duration::parse(text).map(|duration| number(duration.days()));
    let _ = Throughput::parse(text).map(|throughput| number(throughput.size.bytes));
    let _ = Money::parse(text).map(|money| number(money.to_f64()));
    let _ = (
        Rate::parse(text),
        Period::parse("", text),
        Date::parse(text),
    );
}

/// What a project declares is resolved, and each finding stands in its text.
pub fn resolving(bytes: &[u8]) {
    let [files, _] = change(bytes);
    let mut sources = SourceMap::default();
    let state = snapshot(&mut sources, &files);
    for project in resolve(&sources, &state, &settings()) {
        for finding in &project.findings {
            let text = finding.span.map(|span| sources.text(span));
            assert!(!finding.message.is_empty(), "{text:?}");
        }
    }
}

/// A change is forecast on both sides without a number that is none, and nothing fits that is
/// infinite.
pub fn forecast(bytes: &[u8]) {
    let [base, head] = change(bytes);
    let report = compare(&base, &head);
    for project in &report.projects {
        let horizons = project.horizons.iter().flat_map(|horizon| &horizon.meters);
        let scenarios = project.scenarios.iter();
        let scenarios = scenarios.flat_map(|scenario| &scenario.meters);
        for meter in project.meters.iter().chain(horizons).chain(scenarios) {
            let Percentiles {
                point,
                p50,
                p80,
                p90,
                p95,
            } = meter.demand;
            let all = [point, p50, p80, p90, p95, meter.limit, meter.utilization];
            for number in all.into_iter().flatten() {
                assert!(number.is_finite() && number >= 0.0, "{meter:?}\n{head:?}");
            }
            let rising = [p50, p80, p90, p95].map(|number| number.unwrap_or(f64::INFINITY));
            assert!(rising.is_sorted(), "{meter:?}\n{head:?}");
            let fits = matches!(meter.verdict, Verdict::Fits | Verdict::Tight);
            assert!(
                !fits || (point.is_some() && !meter.lower_bound),
                "{meter:?}\n{head:?}"
            );
        }
        for change in &project.changes {
            let causes = change.attribution.iter().map(|cause| cause.delta);
            let (Some(delta), false) = (change.delta, change.attribution.is_empty()) else {
                continue;
            };
            let off = (causes.clone().sum::<f64>() - delta).abs();
            let moved: f64 = causes.map(f64::abs).sum();
            assert!(off <= 1e-9 * moved, "{change:?}\n{base:?}\n{head:?}");
        }
    }
}

/// What is written has no number that is none, whatever the format, and JSON is read back.
pub fn renderer(format: Format, bytes: &[u8]) {
    let report = report(bytes);
    let options = Options {
        verbose: bytes.len().is_multiple_of(2),
        ..Options::default()
    };
    let text = render(format, &report, &options);
    assert!(!text.contains("NaN"), "{format:?}:\n{text}");
    if format == Format::Json {
        let read: Report = serde_json::from_str(&text).expect("its own report");
        assert_eq!(render(format, &read, &options), text);
    }
}

/// All formats one after the other.
pub fn renderers(bytes: &[u8]) {
    for format in Format::value_variants() {
        renderer(*format, bytes);
    }
}

/// A file of usage is read or refused, and judged.
pub fn usage(bytes: &[u8]) {
    for name in ["usage.csv", "usage.jsonl"] {
        let mut usage = Usage::default();
        if usage.read(name, bytes, &Reading::default()).is_ok() {
            let mut sources = SourceMap::default();
            let head = snapshot(&mut sources, &[("capacity.toml", USED.to_owned())]);
            let inputs = Inputs {
                sources: &sources,
                head: &head,
                base: Before::NotCompared,
            };
            let _ = run(
                &inputs,
                &Settings {
                    usage,
                    ..settings()
                },
            );
        }
    }
}

const USED: &str = r#"
[apis.a]
plan = { credits = 1000 }
[apis.a.endpoints]
"/e/" = { credits = 1 }
[features.f]
calls = [{ endpoint = "/e/", rate = "1/day", per = "project" }]
"#;

/// Patterns match what the definition says, letter by letter.
pub fn patterns(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut word = |letters: &[&str]| -> String {
        let length = choices.below(24);
        (0..length).map(|_| choices.of(letters)).collect()
    };
    let (pattern, text) = (word(&["a", "*", "b", "é"]), word(&["a", "b", "é"]));
    let (letters, wanted): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    // Which beginnings of the text the pattern so far matches.
    let mut matched = vec![false; letters.len() + 1];
    matched[0] = true;
    for letter in wanted {
        if letter == '*' {
            let mut any = false;
            for one in &mut matched {
                any |= *one;
                *one = any;
            }
        } else {
            for end in (0..letters.len()).rev() {
                matched[end + 1] = matched[end] && letters[end] == letter;
            }
            matched[0] = false;
        }
    }
    assert_eq!(
        wildcard(&pattern, &text),
        matched[letters.len()],
        "{pattern} of {text}"
    );
}

/// Whatever an event says, a comparison is made or refused.
pub fn events(repository: &Path, commit: &str, bytes: &[u8]) {
    let payload = match bytes.split_first() {
        Some((0..128, rest)) => event(&mut Choices::new(rest), commit)
            .to_string()
            .into_bytes(),
        _ => bytes.to_vec(),
    };
    let file = repository.join("event.json");
    std::fs::write(&file, payload).expect("the event");
    for name in ["pull_request", "push", "merge_group", "schedule"] {
        let variables = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_SHA", commit),
            ("GITHUB_EVENT_PATH", file.to_str().expect("a path")),
        ];
        let surroundings = Surroundings {
            dir: repository.to_owned(),
            environment: Environment::new(variables),
        };
        if let Ok(compared) = read_comparison(&surroundings, &Asked::default()) {
            assert!(!compared.sentence.is_empty());
        }
    }
}

fn event(choices: &mut Choices<'_>, commit: &str) -> serde_json::Value {
    let zeros = "0".repeat(40);
    let words = [
        commit,
        &zeros,
        "main",
        "refs/heads/main",
        "--help",
        "../x",
        "\u{202e}",
        "HEAD~1",
        "",
    ];
    let mut word = || match choices.below(12) {
        10 => serde_json::Value::Null,
        11 => serde_json::json!({ "sha": 5 }),
        at => words[at % words.len()].into(),
    };
    serde_json::json!({
        "before": word(), "after": word(), "ref": word(),
        "repository": { "default_branch": word() },
        "pull_request": { "base": { "ref": word(), "sha": word() }, "head": { "sha": word() } },
        "merge_group": { "base_sha": word(), "head_sha": word() },
    })
}
