use caplint::render::{Options, human};
use unicode_width::UnicodeWidthStr;

use super::{expect, is_harmless};
use crate::support::reports;

fn at(width: usize) -> Options {
    Options {
        width,
        ..Options::default()
    }
}

#[test]
fn a_check() {
    expect("check.txt", &human(&reports::check(), &at(100)));
}

#[test]
fn a_comparison_at_every_width() {
    for width in [60, 80, 120, 200] {
        expect(
            &format!("diff-{width}.txt"),
            &human(&reports::diff(), &at(width)),
        );
    }
}

#[test]
fn every_option() {
    let report = reports::diff();
    let with = |change: fn(&mut Options)| {
        let mut options = at(100);
        change(&mut options);
        human(&report, &options)
    };
    expect(
        "diff-color.txt",
        &with(|options| options.color = true).replace('\u{1b}', "^"),
    );
    expect("diff-ascii.txt", &with(|options| options.ascii = true));
    expect("diff-quiet.txt", &with(|options| options.quiet = true));
    expect(
        "diff-verbose.txt",
        &with(|options| (options.verbose, options.all) = (true, true)),
    );
}

#[test]
fn ascii_is_ascii_whatever_the_names() {
    let options = Options {
        ascii: true,
        verbose: true,
        ..at(80)
    };
    for report in [reports::check(), reports::diff(), reports::hostile()] {
        let out = human(&report, &options);
        let strange: Vec<char> = out
            .chars()
            .filter(|character| !character.is_ascii())
            .collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
}

#[test]
fn nothing_to_say_is_one_line_of_verdict() {
    expect(
        "nothing-check.txt",
        &human(&reports::nothing(false), &at(100)),
    );
    expect(
        "nothing-diff.txt",
        &human(&reports::nothing(true), &at(100)),
    );
}

#[test]
fn one_feature_of_400_takes_less_than_a_screen() {
    let out = human(&reports::touching(1), &at(100));
    expect("one-of-400.txt", &out);
    assert!(out.lines().count() <= 40, "{} lines", out.lines().count());
}

#[test]
fn four_hundred_features_say_first_what_matters() {
    let out = human(&reports::touching(400), &at(100));
    let first = out.lines().next().unwrap();
    assert!(first.contains("error["), "{first}");
    assert!(out.lines().count() < 400, "{} lines", out.lines().count());
    assert!(
        out.contains("320 more findings; --verbose shows all"),
        "{out}"
    );
    let end = out.lines().rev().take(2).collect::<String>();
    assert!(
        end.contains("Failed: 200 new errors and 200 new warnings"),
        "{end}"
    );
    let worst = out
        .lines()
        .find(|line| line.contains("events_399 rows on disk"))
        .unwrap();
    assert!(worst.contains("420%"), "{worst}");
}

#[test]
fn hostile_names_stay_text_and_lines_stay_short() {
    let out = human(
        &reports::hostile(),
        &Options {
            verbose: true,
            ..at(80)
        },
    );
    assert!(is_harmless(&out));
    // What stands at the start of a line is ours: no workflow command, no forged finding.
    assert!(!out.lines().any(|line| line.starts_with("::")));
    assert!(out.contains("\\u{1b}[31mred"));
    assert!(out.contains("rtl\\u{202e}cod"));
    for line in out.lines() {
        // Locations are not wrapped, so that they can be clicked.
        let most = if line.contains("error[") || line.starts_with("changed ") {
            500
        } else {
            330
        };
        assert!(line.width() <= most, "{} columns: {line}", line.width());
    }
}

#[test]
fn tables_fit_every_width() {
    for report in [reports::check(), reports::diff(), reports::touching(400)] {
        for width in 60..=200 {
            for line in human(&report, &at(width)).lines() {
                let place = line.contains("error[") || line.contains("warning[");
                assert!(line.width() <= width || place, "{width}: {line}");
            }
        }
    }
}

#[test]
fn several_projects_are_told_apart() {
    let out = human(&reports::several(), &at(100));
    assert!(out.contains("\nproject creator-analytics\n"), "{out}");
    assert!(out.contains("\n1 other project: no changes\n"), "{out}");
    assert!(!out.contains("project quiet"), "{out}");
}

#[test]
fn what_has_no_number_is_said() {
    expect("edges.txt", &human(&reports::edges(), &at(120)));
}

#[test]
fn limits_come_first_among_errors() {
    let mut report = reports::touching(30);
    let mut over = report.projects[0].findings[1].clone();
    over.rule = "over-limit".into();
    report.projects[0].findings.push(over);
    let out = human(&report, &at(100));
    assert!(
        out.lines().next().unwrap().contains("error[over-limit]"),
        "{out}"
    );
}

#[test]
fn every_span_of_any_text_can_be_drawn() {
    use caplint::source::{FileId, SourceMap, Span};
    let long = format!("k = \"{}\" # {}", "é".repeat(300), "数".repeat(100));
    for text in [
        "",
        "\n",
        "a = 1",
        "a = \"é\u{202e}\"\r\n\r\n\tb\t= 数\n",
        "\u{feff}a\u{1b}[0m=1\n\n",
        &long,
    ] {
        let mut report = reports::nothing(false);
        let mut sources = SourceMap::default();
        sources.add(reports::source("capacity.toml", text));
        report.sources = sources;
        let size = u32::try_from(text.len()).unwrap();
        // Of the long text, which is slow to draw in every way, every 37th place.
        let step = if size > 100 { 37 } else { 1 };
        for start in (0..=size + 2).step_by(step) {
            for end in (start..=size + 3).step_by(step) {
                let mut found =
                    reports::finding("syntax", caplint::finding::Severity::Error, "key", "wrong");
                found.span = Some(Span {
                    file: FileId(0),
                    start,
                    end,
                });
                report.projects[0].findings = vec![found];
                for ascii in [false, true] {
                    let out = human(&report, &Options { ascii, ..at(60) });
                    assert!(is_harmless(&out), "{text:?} {start}..{end}: {out}");
                    assert!(out.contains("wrong"), "{text:?} {start}..{end}: {out}");
                    assert!(
                        !out.contains("Failed to read"),
                        "{text:?} {start}..{end}: {out}"
                    );
                    assert!(!ascii || out.is_ascii(), "{out}");
                    let widest = out.lines().map(UnicodeWidthStr::width).max().unwrap();
                    assert!(
                        widest <= 60,
                        "{text:?} {start}..{end}: {widest} columns\n{out}"
                    );
                }
            }
        }
    }
}

#[test]
fn underlines_stand_under_their_words() {
    use caplint::source::SourceMap;
    let text = "# 数数\n[apis.tiklive]\n\trate_limit = \"200/m\u{202e}\" # \u{1b}[31m 数\n";
    let mut report = reports::nothing(false);
    let mut sources = SourceMap::default();
    sources.add(reports::source("capacity.toml", text));
    let mut found = reports::finding(
        "invalid-value",
        caplint::finding::Severity::Error,
        "key",
        "is `m` minute or month?",
    );
    reports::point(&mut found, &sources, "capacity.toml", "\"200/m\u{202e}\"");
    let mut other = found.clone();
    reports::point(&mut other, &sources, "capacity.toml", "数\n[");
    report.projects[0].findings = vec![found, other];
    report.sources = sources;
    expect("underlines.txt", &human(&report, &at(80)));
}

#[test]
fn a_percent_sign_begins_no_line() {
    let mut report = reports::diff();
    let finding = report
        .projects
        .iter_mut()
        .flat_map(|project| &mut project.findings)
        .next();
    if let Some(finding) = finding {
        finding.message = "it is 12 % of 34 % of ".repeat(9);
    }
    for width in 60..120 {
        let text = human(&report, &at(width));
        let begins = |line: &str| line.trim_start_matches([' ', '│']).starts_with('%');
        assert!(!text.lines().any(begins), "{width}: {text}");
    }
}
