//! What people see of a harmless change, the README's, a large refactoring, a first adoption and an
//! improvement, at every width and as Markdown.

use std::path::Path;

use caplint::render::{Options, html, human, markdown};
use caplint::report::Report;

use super::expect;
use crate::support::lint;

/// The scenarios' names and the folders that hold `base` and `head`.
pub(super) const SCENARIOS: [(&str, &str, &str); 5] = [
    (
        "harmless",
        "tests/cases/scenario-harmless/base",
        "tests/cases/scenario-harmless/head",
    ),
    (
        "readme",
        "examples/tiktok-pipeline/before",
        "examples/tiktok-pipeline/after",
    ),
    (
        "refactoring",
        "tests/cases/scenario-refactoring/base",
        "tests/cases/scenario-refactoring/head",
    ),
    (
        "first-adoption",
        "tests/cases/scenario-first-adoption/base",
        "tests/cases/scenario-first-adoption/head",
    ),
    (
        "improvement",
        "tests/cases/scenario-improvement/base",
        "tests/cases/scenario-improvement/head",
    ),
];

pub(super) fn report(base: &str, head: &str) -> Report {
    let [base, head] = [base, head].map(files);
    lint::compare(&borrowed(&base), &borrowed(&head), "")
}

pub(super) fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect()
}

/// The texts below a folder, by path.
pub(super) fn files(folder: &str) -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut folders, mut files) = (vec![top.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&top).unwrap().to_string_lossy();
                files.push((name.into_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn they_say_what_people_act_on() {
    for (name, base, head) in SCENARIOS {
        let report = report(base, head);
        for width in [60, 80, 120] {
            let options = Options {
                width,
                ..Options::default()
            };
            let out = human(&report, &options);
            expect(&format!("scenario-{name}-{width}.txt"), &out);
        }
        let out = markdown(&report, &Options::default());
        assert!(out.len() <= 12_000, "{name}: {} bytes", out.len());
        expect(&format!("scenario-{name}.md"), &out);
    }
}

#[test]
fn a_harmless_change_is_one_line() {
    let (_, base, head) = SCENARIOS[0];
    let out = markdown(&report(base, head), &Options::default());
    let lines: Vec<&str> = out.lines().filter(|line| !line.is_empty()).collect();
    let [marker, line, foot] = lines[..] else {
        panic!("{out}");
    };
    assert!(marker.starts_with("<!-- caplint:"));
    assert!(
        line.starts_with("✅ Capacity OK. Largest change: "),
        "{line}"
    );
    assert!(foot.starts_with("<sub>"), "{foot}");
}

#[test]
fn at_sixty_columns_the_change_and_the_limit_stay() {
    let (_, base, head) = SCENARIOS[1];
    let options = Options {
        width: 60,
        ..Options::default()
    };
    let out = human(&report(base, head), &options);
    let row = out.lines().find(|line| line.starts_with('✗')).unwrap();
    for figure in ["+540,000", "2,500,000", "105.1%"] {
        assert!(row.contains(figure), "{row}");
    }
}

#[test]
fn a_finding_is_where_the_change_is() {
    let (_, base, head) = SCENARIOS[1];
    let report = report(base, head);
    let mut findings = report.projects[0].findings.iter();
    let over = findings.find(|it| it.rule == "over-limit").unwrap();
    let file = "features/watermark-removal/capacity.toml";
    assert_eq!((over.file.as_deref(), over.line), (Some(file), Some(13)));
    assert!(
        over.message
            .ends_with("; changing 30/day to 45/day adds 540,000")
    );
    let related: Vec<&str> = over.related.iter().map(|it| &*it.file).collect();
    assert!(related.contains(&"capacity.toml"), "the limit: {related:?}");
    // Without a comparison it is at the limit.
    let report = lint::check(&borrowed(&files(head)), "");
    let mut findings = report.projects[0].findings.iter();
    let over = findings.find(|it| it.rule == "over-limit").unwrap();
    assert_eq!(over.file.as_deref(), Some("capacity.toml"));
}

#[test]
fn a_project_with_errors_does_not_pass_on_its_page() {
    let (_, base, head) = SCENARIOS[2];
    let page = html(&report(base, head), &Options::default());
    for name in ["batch", "mobile", "web"] {
        let (_, after) = page
            .split_once(&format!("Project <code>{name}</code>"))
            .unwrap();
        let (heading, _) = after.split_once("</h2>").unwrap();
        assert!(heading.ends_with("✗ fails</span>"), "{name}: {heading}");
    }
}
