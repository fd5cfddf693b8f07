//! Everything that can be wrong with files, as a user sees it: each folder of
//! `tests/file_errors` is a project, with what is said of it in `expected.txt`
//! (`SNAPSHOTS=overwrite` accepts what is said now).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use caplint::document;
use caplint::finding::Finding;
use caplint::model::merge::merge;
use caplint::model::projects;
use caplint::model::resolve::resolve;
use caplint::rules::names;
use caplint::source::{SourceFile, SourceMap, Span};

use crate::support::clock::Clock;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/file_errors")
}

/// The capacity files below a folder, by their paths in it.
fn files(folder: &Path, at: &str, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{at}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files(&path, &format!("{name}/"), into);
        } else if name.ends_with("capacity.toml") {
            into.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    into.sort();
}

fn sources(files: &[(String, String)]) -> SourceMap {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(SourceFile {
            path: path.as_str().into(),
            text: text.as_str().into(),
            flaw: None,
        });
    }
    sources
}

/// All findings about the files themselves, by file and position.
fn findings(sources: &SourceMap) -> Vec<Finding> {
    let documents: Vec<_> = (0..sources.files().len())
        .map(|index| caplint::source::FileId(u32::try_from(index).unwrap()))
        .map(|file| document::read(file, sources.file(file)).into())
        .collect();
    let (projects, mut all) = projects(sources, documents);
    for project in projects {
        let (declarations, found) = merge(project, 1);
        all.extend(found);
        all.extend(resolve(&declarations, 1).findings);
        all.extend(names::check(&declarations));
    }
    all.sort_by_key(|finding| finding.span);
    all
}

fn of_text(text: &str) -> (SourceMap, Vec<Finding>) {
    let sources = sources(&[("capacity.toml".to_owned(), text.to_owned())]);
    let findings = findings(&sources);
    (sources, findings)
}

fn place(sources: &SourceMap, span: Span) -> String {
    let position = sources.position(span.file, span.start);
    let words = sources
        .text(span)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    format!(
        "{}:{}:{} `{words}`",
        sources.file(span.file).path,
        position.line,
        position.column
    )
}

fn report(sources: &SourceMap, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let span = finding.span.expect("every error of a file has its place");
        writeln!(text, "{}", place(sources, span)).unwrap();
        writeln!(text, "  {} [{}]", finding.rule, finding.subject).unwrap();
        writeln!(text, "  {}", finding.message).unwrap();
        if let Some(help) = &finding.help {
            writeln!(text, "  help: {help}").unwrap();
        }
        for related in &finding.related {
            writeln!(
                text,
                "  {}: {}",
                place(sources, related.span),
                related.message
            )
            .unwrap();
        }
        text.push('\n');
    }
    text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
}

#[test]
fn every_folder_gets_what_is_expected() {
    let mut folders: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    for folder in folders {
        let mut all = Vec::new();
        files(&folder, "", &mut all);
        let sources = sources(&all);
        let actual = report(&sources, &findings(&sources));
        let format = Some(snapbox::data::DataFormat::Text);
        let expected = snapbox::Data::read_from(&folder.join("expected.txt"), format).raw();
        snapbox::Assert::new()
            .action_env("SNAPSHOTS")
            .eq(actual, expected);
    }
}

#[test]
fn a_sound_project_gets_nothing() {
    let mut all = Vec::new();
    files(&folder().join("sound"), "", &mut all);
    let sources = sources(&all);
    assert_eq!(report(&sources, &findings(&sources)), "");
}

#[test]
fn ten_mistakes_get_ten_findings_each_with_its_own_place_and_help() {
    let text = std::fs::read_to_string(folder().join("ten-mistakes/capacity.toml")).unwrap();
    let (sources, findings) = of_text(&text);
    assert_eq!(findings.len(), 10, "{}", report(&sources, &findings));
    let mut spans: Vec<Span> = findings
        .iter()
        .map(|finding| finding.span.unwrap())
        .collect();
    assert!(spans.is_sorted());
    spans.dedup();
    assert_eq!(spans.len(), 10);
    let mut helps: Vec<&str> = findings
        .iter()
        .map(|finding| finding.help.as_deref().unwrap())
        .collect();
    helps.sort_unstable();
    helps.dedup();
    assert_eq!(helps.len(), 10);
}

/// Findings are printed in lists and annotations: one line each, of bounded length, without
/// saying the same thing twice.
#[test]
fn messages_are_short_and_helps_add_to_them() {
    for folder in std::fs::read_dir(folder()).unwrap() {
        let mut all = Vec::new();
        files(&folder.unwrap().path(), "", &mut all);
        let sources = sources(&all);
        for finding in findings(&sources) {
            let message = &finding.message;
            let help = finding.help.as_deref().expect("every finding has help");
            assert!(message.len() < 160 && !message.contains('\n'), "{message}");
            assert!(
                !message.ends_with('.') && help.len() < 400,
                "{message}: {help}"
            );
            let said = |advice: &str| message.contains(advice);
            assert!(
                !help
                    .split_once("write ")
                    .is_some_and(|(_, advice)| said(advice)),
                "{message}: {help}"
            );
        }
    }
}

/// Names come from strangers; what looks like each of many unknown ones is bounded work.
#[test]
fn thousands_of_unknown_names_among_thousands_take_no_minutes() {
    let mut text = String::from("[tenants]\nfree = 1\n");
    for index in 0..4000 {
        writeln!(
            text,
            "[queues.queue-number-{index}]\nbroker = \"sqs\"\nmessage_size = 1"
        )
        .unwrap();
        writeln!(
            text,
            "[[features.f{index}.messages]]\nqueue = \"queue-numbr-{index}\"\nrate = \"1/day\""
        )
        .unwrap();
    }
    let started = Clock::start();
    let (_, findings) = of_text(&text);
    assert_eq!(findings.len(), 4000);
    assert!(
        findings
            .iter()
            .all(|finding| finding.rule == "unknown-reference")
    );
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn each_circle_of_lines_is_one_finding_from_its_first_line() {
    let circles = |follows: &[Option<usize>]| {
        let mut text =
            String::from("[tenants]\nfree = 1\n[queues.q]\nbroker = \"sqs\"\nmessage_size = 1\n");
        for (index, after) in follows.iter().enumerate() {
            let when = after.map_or("rate = \"1/day\"".to_owned(), |it| {
                format!("after = \"l{it}\"")
            });
            writeln!(
                text,
                "[[features.f.messages]]\nid = \"l{index}\"\nqueue = \"q\"\n{when}"
            )
            .unwrap();
        }
        let (_, findings) = of_text(&text);
        assert!(findings.iter().all(|it| it.rule == "reference-cycle"));
        let messages = findings.into_iter().map(|it| it.message);
        messages.collect::<Vec<String>>()
    };
    // The first circle is entered at its last line.
    let follows = [Some(3), Some(2), Some(3), Some(1), None, Some(5), Some(4)];
    let [long, short] = &circles(&follows)[..] else {
        panic!("there are two circles");
    };
    assert!(
        long.ends_with("itself: `l1` → `l2` → `l3` → `l1`"),
        "{long}"
    );
    assert!(
        short.starts_with("`l5` ") && short.ends_with(" itself"),
        "{short}"
    );
    assert!(circles(&[None, Some(0), Some(1), Some(0)]).is_empty());
}

/// A long chain is walked once from each end, not once from each line.
#[test]
fn a_circle_of_thousands_of_lines_is_one_finding() {
    let mut text =
        String::from("[tenants]\nfree = 1\n[queues.q]\nbroker = \"sqs\"\nmessage_size = 1\n");
    for index in 0..5000 {
        let after = (index + 1) % 5000;
        writeln!(
            text,
            "[[features.f.messages]]\nid = \"l{index}\"\nqueue = \"q\"\nafter = \"l{after}\""
        )
        .unwrap();
    }
    let (_, findings) = of_text(&text);
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["reference-cycle"]);
    assert!(findings[0].related.len() <= caplint::limits::RELATED_PLACES);
    assert!(findings[0].message.len() < 160, "{}", findings[0].message);
}

/// Whatever is done to a sound file, what the parser refuses is never passed over in silence,
/// and nothing panics.
#[test]
fn no_broken_file_passes() {
    let text = std::fs::read_to_string(folder().join("sound/capacity.toml")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for broken in 0..lines.len() {
        for change in [
            |line: &str| line.replace(']', ""),
            |line: &str| line.replace('=', ""),
            |line: &str| line.replacen('"', "", 1),
            |line: &str| line.replacen('}', "", 1),
            |line: &str| format!("{line} [ {{"),
        ] {
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            changed[broken] = change(lines[broken]);
            let changed = changed.join("\n");
            if toml::de::DeTable::parse(&changed).is_err() {
                let (_, findings) = of_text(&changed);
                assert!(!findings.is_empty(), "{changed}");
                let syntax = ["syntax", "duplicate-name"];
                assert!(
                    syntax.contains(&findings[0].rule)
                        || findings
                            .iter()
                            .any(|finding| syntax.contains(&finding.rule)),
                    "{changed}"
                );
                assert!(
                    findings.len() <= 8,
                    "{} of line {}: {}",
                    findings.len(),
                    broken + 1,
                    lines[broken]
                );
            }
        }
    }
}

/// Text comes from strangers: nothing but errors is read in linear time. The bound is that of a
/// debug build on a busy machine; what grows with the square of the text takes many times as long.
#[test]
fn a_text_of_errors_takes_no_minutes() {
    for (head, part) in [
        ("x = [", "= "),
        ("x = {", "a = 1, "),
        ("", "[a]\n"),
        ("", "[a\n"),
        ("", "a\n"),
        ("", "a =\n"),
        ("", "= "),
        ("[tenants]\n", "a = 1\n"),
        ("", "[["),
    ] {
        let text = format!("{head}{}", part.repeat((1 << 18) / part.len()));
        let started = Clock::start();
        let (_, findings) = of_text(&text);
        assert!(!findings.is_empty(), "{head}{part}");
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 40, "{head}{part}: {elapsed:?}");
    }
}

/// Values that are well formed and most likely mean something else are refused with the question.
#[test]
fn what_says_something_else_is_asked_about() {
    let sound = "[project]\nhorizon = \"1y\"\n[tenants]\nfree = 10\n[apis.a]\nretry_ratio = 1\nlead_time = \"2d\"\n[apis.a.endpoints]\n\"/e/\" = { credits = 1 }\n[databases.d]\nengine = \"postgres\"\noverhead = 10\n[tables.t]\nkind = \"event\"\nrow_size = \"1KB\"\nretention = \"90d\"\npartition = \"1d\"\ncompress = { after = \"7d\", ratio = 0.2 }\n[features.f]\ntenants = [\"free\"]\ncalls = [{ endpoint = \"/e/\", rate = \"1/day\", tenants = [\"free\"] }]\nwrites = [{ table = \"t\", rate = \"1/day\", spread = \"1h\" }]\n[queues.q]\nbroker = \"kafka\"\nmessage_size = 1\nretention = \"7d\"\ndrain = \"5m\"\n[scenarios.s]\non = 2027-01-01\nlasts = \"4d\"\nbuffer = \"500%\"\n[policy]\nrunway = \"90d\"\n";
    let sound = sound.replace(", spread = \"1h\"", "");
    let packs = "packs = [{ name = \"p\", credits = 1, price = 1, expires = \"1y\" }]";
    let sound = sound.replace("retry_ratio = 1\n", &format!("retry_ratio = 1\n{packs}\n"))
        + "[policy.calibration]\nmax_age = \"31d\"\n"
        + "launch_max_age = \"7d\"\n";
    assert_eq!(of_text(&sound).1, []);
    for (from, to, help) in [
        (
            "horizon = \"1y\"",
            "horizon = \"6m\"",
            "write `6min` or `6mo`",
        ),
        (
            "lead_time = \"2d\"",
            "lead_time = \"1d2m\"",
            "write `1d2min`",
        ),
        (
            "retention = \"90d\"",
            "retention = \"6m\"",
            "write `6min` or `6mo`",
        ),
        (
            "retention = \"7d\"",
            "retention = \"6m\"",
            "write `6min` or `6mo`",
        ),
        (
            "partition = \"1d\"",
            "partition = \"1m\"",
            "write `1min` or `1mo`",
        ),
        ("after = \"7d\"", "after = \"1m\"", "write `1min` or `1mo`"),
        ("lasts = \"4d\"", "lasts = \"1m\"", "write `1min` or `1mo`"),
        (
            "runway = \"90d\"",
            "runway = \"3m\"",
            "write `3min` or `3mo`",
        ),
        (
            "rate = \"1/day\", tenants",
            "rate = \"1/m\", tenants",
            "write `1/min` or `1/month`",
        ),
        (
            "retry_ratio = 1",
            "retry_ratio = 5",
            "write `\"5%\"` if that is meant, else `\"500%\"`",
        ),
        (
            "overhead = 10",
            "overhead = 20",
            "write `\"20%\"` if that is meant, else `\"2000%\"`",
        ),
        (
            "buffer = \"500%\"",
            "buffer = 25",
            "write `\"25%\"` if that is meant, else `\"2500%\"`",
        ),
        (
            "free = 10",
            "free = { now = 10, growth = 5 }",
            "write a ratio per period",
        ),
        (
            "free = 10",
            "free = { now = 10, growth = \"5/month\" }",
            "write `5%/month` if that is meant, else `500%/month`",
        ),
        (
            "free = 10",
            "free = { now = 10, growth = \"-3/month\" }",
            "write `-3%/month` if that is meant",
        ),
        (
            "expires = \"1y\"",
            "expires = \"3m\"",
            "write `3min` or `3mo`",
        ),
        (
            "max_age = \"31d\"",
            "max_age = \"1m\"",
            "write `1min` or `1mo`",
        ),
        (
            "launch_max_age = \"7d\"",
            "launch_max_age = \"1m\"",
            "write `1min` or `1mo`",
        ),
        (
            "tenants = [\"free\"]\ncalls",
            "tenants = []\ncalls",
            "name the tiers",
        ),
        (
            "\"1/day\", tenants = [\"free\"]",
            "\"1/day\", tenants = []",
            "name the tiers",
        ),
        ("\"postgres\"", "\"postgress\"", "did you mean `postgres`?"),
        (
            "\"postgres\"",
            "\"Timescale DB\"",
            "did you mean `timescaledb`?",
        ),
        ("\"postgres\"", "\"maria-db\"", "did you mean `mariadb`?"),
    ] {
        assert_eq!(sound.matches(from).count(), 1, "{from}");
        let (_, found) = of_text(&sound.replace(from, to));
        let asked = found.iter().filter(|it| it.rule == "invalid-value");
        let asked: Vec<_> = asked.filter_map(|it| it.help.as_deref()).collect();
        assert_eq!(asked.len(), 1, "{to}: {asked:?}");
        assert!(asked[0].contains(help), "{to}: {asked:?}");
        // What the help suggests is accepted there.
        let suggested = help
            .strip_prefix("write `")
            .and_then(|it| it.split('`').next());
        // Of minutes a horizon has too few, which is another error.
        let is_told = !help.contains('%') && !from.starts_with("horizon");
        if let Some(suggested) = suggested.filter(|_| is_told) {
            let written = to.split('"').nth(1).unwrap_or_default();
            let fixed = to.replacen(written, suggested, 1);
            assert_eq!(of_text(&sound.replace(from, &fixed)).1, [], "{fixed}");
        }
    }
    for (from, to) in [
        ("drain = \"5m\"", "drain = \"15m\""),
        ("retention = \"90d\"", "retention = \"90min\""),
        ("retention = \"90d\"", "retention = \"6mo\""),
        ("retry_ratio = 1", "retry_ratio = \"500%\""),
        ("overhead = 10", "overhead = \"2000%\""),
        ("\"postgres\"", "\"PostgreSQL\""),
        ("\"postgres\"", "\"mssql\""),
        ("\"postgres\"", "\"cockroach\""),
        ("\"postgres\"", "\"our-own-store\""),
        ("\"postgres\"", "\"s3\""),
    ] {
        assert_eq!(of_text(&sound.replace(from, to)).1, [], "{to}");
    }
}
