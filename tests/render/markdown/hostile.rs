//! Nothing that is named breaks out of its place, and nothing that is meant is lost.

use caplint::finding::Severity;
use caplint::render::markdown;
use caplint::report::Finding;
use caplint::source::SourceMap;

use super::{LINK, count, linked, rendered, structure, whole};
use crate::render::{GLOSSARY, is_harmless};
use crate::support::reports;

#[test]
fn hostile_names_break_out_of_nothing() {
    let report = reports::hostile();
    let out = markdown(&report, &whole());
    assert!(is_harmless(&out));
    let html = rendered(&out);
    let (elements, text) = structure(&html);
    let project = &report.projects[0];
    // Everything that stands there is ours.
    let ours = [
        "root", "h3", "h4", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "ul",
        "li", "code", "pre", "a", "b", "details", "summary", "sub", "void",
    ];
    for element in &elements {
        assert!(
            ours.contains(&element.name.as_str()),
            "<{}> in {:?}",
            element.name,
            element.around
        );
        for (key, value) in &element.attributes {
            match key.as_str() {
                "align" => {}
                "class" => assert_eq!(value, "language-diff"),
                "href" => assert!(
                    value.starts_with(LINK)
                        || value.starts_with("https://caplint.example/rules/")
                        || value == GLOSSARY,
                    "{value}"
                ),
                _ => panic!("{key} of <{}>", element.name),
            }
        }
    }
    // One table of what to fix, one of meters, open and folded, one of growth, one of the rest.
    let rows = |table: usize| {
        let parts: Vec<&str> = html.split("<table>").collect();
        parts[table]
            .split("</table>")
            .next()
            .unwrap()
            .matches("<tr>")
            .count()
            - 1
    };
    let tables = count(&elements, "table");
    let shown: usize = (1..=tables).map(rows).sum();
    let changed = project.changes.len();
    assert!(tables >= 3, "{tables} tables");
    assert!(
        shown >= changed + project.meters.len() - changed,
        "{shown} rows"
    );
    for cells in html.split("<tr>").skip(1) {
        let row = cells.split("</tr>").next().unwrap();
        let wide =
            row.matches("<td").count() + row.matches("<th ").count() + row.matches("<th>").count();
        assert!([3, 4, 5].contains(&wide), "{wide} cells: {row}");
    }
    // Each diff is one block, each fold one of ours.
    assert_eq!(count(&elements, "pre"), project.edits.len());
    assert!(
        elements
            .iter()
            .filter(|element| element.name == "pre")
            .all(|element| element.around == ["root", "details"])
    );
    assert_eq!(count(&elements, "details"), count(&elements, "summary"));
    assert_eq!(count(&elements, "h3"), 1);
    let outside = [
        "@", "#", "http", "www.", "://", ":tada", "$x", "![", "<!--", "GH-",
    ];
    for word in outside {
        assert!(!text.contains(word), "{word} stands outside code in {text}");
    }
    assert!(!html.contains("<!-- raw HTML omitted"));
    assert_eq!(html.matches("<!--").count(), 1, "one comment, the marker");
}

#[test]
fn no_mixture_of_marks_breaks_out() {
    let pieces = [
        "`",
        "``",
        "```",
        "~~~",
        "|",
        "\\",
        "\\|",
        "<b>",
        "<!--",
        "-->",
        "</details>",
        "[",
        "](",
        ")",
        "!",
        "(",
        "*",
        "**",
        "_",
        "~~",
        "@me",
        "#1",
        "&lt;",
        "&#60;b&#62;",
        "http://e.example",
        "www.e.example",
        "a@e.example",
        " ",
        " ",
        "  ",
        "\n",
        "-",
        "+",
        "1.",
        ">",
        "#",
        "---",
        "===",
        ":",
        "x",
        "word",
        "$",
        "`a`",
        "(`b`)",
        "<https://e.example>",
        "\t",
        "    ",
        "^",
        "[^1]",
        "[x]",
    ];
    // A fixed sequence of numbers that look random.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..12 {
        let mut report = reports::diff();
        let project = &mut report.projects[0];
        let template = project.findings[1].clone();
        for index in 0..100 {
            let mut text = || {
                (0..1 + next(9))
                    .map(|_| pieces[next(pieces.len())])
                    .collect::<String>()
            };
            let mut found = template.clone();
            found.message = text();
            found.help = Some(text());
            found.file = Some(text());
            found.related[0].message = text();
            found.related[0].file = text();
            project.findings.push(found);
            let id = text();
            if index < 20 {
                project
                    .meters
                    .push(reports::meter(&id, &text(), 5.0, Some(3.0)));
                project.assumptions.push(text());
                let template = project.edits[0].clone();
                project.edits.push(caplint::report::Edit {
                    path: text(),
                    after: Some(caplint::report::Excerpt {
                        file: text(),
                        line: 1,
                        text: text(),
                    }),
                    ..template
                });
            }
        }
        let edits = project.edits.len();
        let out = markdown(&report, &whole());
        let html = rendered(&out);
        let (elements, text) = structure(&html);
        let ours = [
            "root", "h3", "h4", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul",
            "li", "code", "pre", "a", "b", "details", "summary", "sub", "void",
        ];
        for element in &elements {
            assert!(
                ours.contains(&element.name.as_str()),
                "<{}> in {:?}\n{out}",
                element.name,
                element.around
            );
            if let Some((_, target)) = element.attributes.iter().find(|(key, _)| key == "href") {
                assert!(
                    target.starts_with(LINK)
                        || target.starts_with("https://caplint.example/")
                        || target == GLOSSARY,
                    "{target}"
                );
            }
        }
        assert_eq!(count(&elements, "pre"), edits);
        assert_eq!(count(&elements, "h3"), 1);
        for word in [
            "@", "#", "://", "www.", "<", "&lt;b", "`", "|", "[", "$", "*", "_",
        ] {
            let at = text.find(word);
            assert!(
                at.is_none(),
                "{word} stands outside code: {:?}",
                &text[at.unwrap_or(0)..].chars().take(80).collect::<String>()
            );
        }
        // Each place is one item, none of which holds a list that it was not given.
        let items = elements
            .iter()
            .filter(|element| {
                element.name == "li" && element.around.last().is_some_and(|list| list == "ul")
            })
            .count();
        assert_eq!(count(&elements, "li"), items);
        // Two causes, what is fixed, the place of each of 102 findings, and what is assumed.
        let tops = 2 + 1 + 102 + project_assumptions(&report);
        let nested = 101;
        assert_eq!(items, tops + nested, "items");
    }
}

fn project_assumptions(report: &caplint::report::Report) -> usize {
    report.projects[0].assumptions.len()
}

/// The cells of a finding's row: what is wrong, what to do, where.
fn row(change: impl FnOnce(&mut Finding)) -> [String; 3] {
    let mut finding = reports::finding("over-limit", Severity::Error, "x", "y");
    change(&mut finding);
    let mut project = reports::project("p");
    project.findings.push(finding);
    let report = reports::report(vec![project], SourceMap::default());
    let out = markdown(&report, &linked());
    let row = out
        .lines()
        .find(|line| line.starts_with("| ") && line.contains("❌"));
    let row = row.expect("the finding").trim_end_matches(" |");
    let (_, row) = row.split_once("❌").unwrap();
    let row = match row.strip_prefix("](") {
        Some(linked) => linked.split_once(") ").unwrap().1,
        None => row.trim_start(),
    };
    let cells: Vec<&str> = row.split(" | ").collect();
    let [problem, fix, place] = cells[..] else {
        panic!("{row}");
    };
    [problem, fix, place].map(str::to_owned)
}

#[test]
fn messages_keep_words_and_code_the_rest() {
    let written = |message: &str| {
        let [problem, ..] = row(|finding| finding.message = message.to_owned());
        problem
    };
    assert_eq!(
        written(
            "apis.a.credits needs 2,628,000 of 2,500,000 credits/month (110% at p80): out on day 28.5"
        ),
        "`apis.a.credits` needs 2,628,000 of 2,500,000 credits/month (110% at p80): out on day 28.5"
    );
    assert_eq!(
        written("add `retention = \"90d\"` to it"),
        "add `retention = \"90d\"` to it"
    );
    assert_eq!(
        written("see (`a_b`), @me #1 :x: <b>"),
        "see (`a_b`), `@me` `#1` `:x`: `<b>`"
    );
    assert_eq!(
        written("`c`<d>"),
        "`c` `<d>`",
        "spans that touch would be one"
    );
    assert_eq!(written("1. not a list"), "`1.` not a list");
    assert_eq!(written("--- +"), "`---` +");
    assert_eq!(written("+ a list"), "`+` a list");
}

#[test]
fn names_hold_backticks_and_pipes() {
    let rule = |rule: &str| {
        let mut finding = reports::finding(rule, Severity::Error, "x", "y");
        finding.url = "javascript:alert(1)".to_owned();
        let mut project = reports::project("p");
        project.findings.push(finding);
        let report = reports::report(vec![project], SourceMap::default());
        let out = markdown(&report, &linked());
        assert!(!out.contains("javascript"), "{out}");
        let detail = out.lines().find_map(|line| line.strip_prefix("- "));
        let (rule, _) = detail
            .and_then(|it| it.split_once(" `x`, "))
            .expect("a rule");
        rule.to_owned()
    };
    assert_eq!(rule("a`b``c"), "```a`b``c```");
    assert_eq!(rule("`"), "`` ` ``");
    assert_eq!(rule(""), "` `");
    let mut project = reports::project("p");
    project
        .meters
        .push(reports::meter("a|b", "calls/s", 1.0, Some(2.0)));
    let report = reports::report(vec![project], SourceMap::default());
    assert!(markdown(&report, &linked()).contains(" `a\\|b` "));
}

#[test]
fn addresses_are_encoded() {
    let mut finding = reports::finding("over-limit", Severity::Error, "x", "y");
    finding.url = "https://x/a)b".to_owned();
    finding.file = Some("a b/ü[1].toml".to_owned());
    let mut project = reports::project("p");
    project.findings.push(finding);
    let out = markdown(
        &reports::report(vec![project], SourceMap::default()),
        &linked(),
    );
    assert!(out.contains("[❌](https://x/a%29b)"), "{out}");
    assert!(
        out.contains(&format!("]({LINK}/a%20b/%C3%BC%5B1%5D.toml)")),
        "{out}"
    );
}
