//! What reports look like in a real browser: how high a comment is, and how many pages paper takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caplint::render::{Options, html, markdown};
use comrak::markdown_to_html;

use super::markdown::like_github;
use super::scenarios::{SCENARIOS, report};

/// The browser, or nothing where none is installed.
pub(super) fn chromium() -> Option<PathBuf> {
    super::program(
        "chromium",
        &[
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        ],
    )
}

fn open(chromium: &Path, profile: &str, arguments: &[String]) -> Output {
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(profile);
    let _ = std::fs::remove_dir_all(&profile);
    Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--no-first-run", "--disable-background-networking"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .output()
        .unwrap()
}

/// The height of a comment of this width, in pixels, with all folds closed.
fn height(chromium: &Path, name: &str, comment: &str) -> f64 {
    let css = super::data("github-markdown-light.css");
    let body = markdown_to_html(comment, &like_github());
    let page = format!(
        "<!DOCTYPE html><meta charset=utf-8><style>{css}body {{ margin: 0 }} \
         .markdown-body {{ width: 780px }}</style><article class=markdown-body>{body}</article>\
         <script>document.title = document.querySelector('article').getBoundingClientRect().height</script>"
    );
    let file = super::scratch(&format!("{name}.html"), &page);
    let address = format!("file://{}", file.display());
    let run = open(chromium, name, &["--dump-dom".to_owned(), address]);
    let dom = String::from_utf8_lossy(&run.stdout);
    let title = dom.split("<title>").nth(1).expect("a title");
    title.split('<').next().unwrap().parse().unwrap()
}

fn scenario(name: &str) -> caplint::report::Report {
    let (_, base, head) = SCENARIOS.iter().find(|(it, ..)| *it == name).unwrap();
    report(base, head)
}

/// Where a line of a comment's text ends, about.
const COLUMNS: usize = 85;

/// The lines that a comment takes with all folds closed, about: a cell's text counts by its share of
/// the width.
fn lines(comment: &str) -> usize {
    let (mut lines, mut folded) = (0, false);
    for line in comment.lines().skip(1).filter(|line| !line.is_empty()) {
        if let Some((_, summary)) = line.split_once("<summary>") {
            lines += summary.len().div_ceil(COLUMNS + "</summary>".len());
            folded = true;
        } else if line.starts_with("</details>") {
            folded = false;
        } else if !folded && line.starts_with("| ") {
            let cells: Vec<&str> = line.split(" | ").collect();
            let text = |cell: &&str| cell.split("](http").next().unwrap().chars().count();
            let longest = cells.iter().map(text).max().unwrap_or(0);
            lines += longest.div_ceil(COLUMNS / cells.len());
        } else if !folded && !line.starts_with("|:") {
            lines += line.chars().count().div_ceil(COLUMNS);
        }
    }
    lines
}

#[test]
fn a_comment_for_one_cause_is_one_screen() {
    let comment = markdown(&scenario("readme"), &Options::default());
    let lines = lines(&comment);
    assert!(lines <= 40, "{lines} lines:\n{comment}");
    assert!(comment.matches("<details>").count() <= 4, "{comment}");
    let Some(chromium) = chromium() else { return };
    let high = height(&chromium, "comment", &comment);
    assert!(
        (300.0..=1000.0).contains(&high),
        "{high} pixels:\n{comment}"
    );
    // As on GitHub, with links.
    let options = Options {
        link: Some("https://github.com/o/r/blob/9624c7b".to_owned()),
        ..Options::default()
    };
    let linked = markdown(&scenario("readme"), &options);
    let high = height(&chromium, "linked-comment", &linked);
    assert!(high <= 1000.0, "{high} pixels:\n{linked}");
}

#[test]
fn paper_shows_what_changes() {
    let Some(chromium) = chromium() else { return };
    let of = |name| (name, html(&scenario(name), &Options::default()));
    for ((name, page), most) in [
        (of("harmless"), 1),
        (of("readme"), 3),
        (of("refactoring"), 7),
        (("review", super::REVIEW.to_owned()), 6),
    ] {
        let file = super::scratch(&format!("{name}-paper.html"), &page);
        let paper = file.with_extension("pdf");
        let _ = std::fs::remove_file(&paper);
        let print = format!("--print-to-pdf={}", paper.display());
        let address = format!("file://{}", file.display());
        open(&chromium, &format!("{name}-paper"), &[print, address]);
        let bytes = std::fs::read(&paper).expect("a PDF");
        let text = String::from_utf8_lossy(&bytes);
        let pages = text.matches("/Type /Page\n").count();
        assert!((1..=most).contains(&pages), "{name}: {pages} pages");
    }
}
