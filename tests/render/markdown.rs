use caplint::finding::Severity;
use caplint::render::{Options, markdown};
use caplint::report::Finding;
use caplint::source::SourceMap;
use comrak::markdown_to_html;
use quick_xml::events::Event;

use super::{expect, is_harmless};
use crate::support::reports;

const LINK: &str = "https://code.example/o/r/blob/9624c7b";

fn linked() -> Options {
    Options {
        link: Some(LINK.into()),
        ..Options::default()
    }
}

/// With all that a comment of a readable length leaves out.
fn whole() -> Options {
    Options {
        verbose: true,
        max_bytes: usize::MAX,
        ..linked()
    }
}

/// How GitHub reads Markdown, raw HTML included.
pub(super) fn like_github() -> comrak::Options<'static> {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    options.render.hardbreaks = true;
    options
}

fn rendered(source: &str) -> String {
    markdown_to_html(source, &like_github())
}

/// An element, with the names of those around it.
struct Element {
    name: String,
    around: Vec<String>,
    attributes: Vec<(String, String)>,
}

/// The elements and the texts outside code of a page. Fails where tags do not pair.
fn structure(html: &str) -> (Vec<Element>, String) {
    // Void elements as XML writes them.
    let html = format!("<root>{}</root>", html.replace("<br>", "<br />"));
    let mut reader = quick_xml::Reader::from_str(&html);
    let (mut open, mut elements, mut text) = (Vec::<String>::new(), Vec::new(), String::new());
    loop {
        match reader.read_event().expect("tags that pair") {
            Event::Start(tag) | Event::Empty(tag)
                if matches!(tag.name().as_ref(), "br" | "input") =>
            {
                elements.push(Element {
                    name: "void".into(),
                    around: open.clone(),
                    attributes: Vec::new(),
                });
            }
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                let attributes = tag
                    .attributes()
                    .map(|attribute| {
                        let attribute = attribute.unwrap();
                        (
                            attribute.key.as_ref().to_owned(),
                            attribute.value.to_string(),
                        )
                    })
                    .collect();
                elements.push(Element {
                    name: name.clone(),
                    around: open.clone(),
                    attributes,
                });
                open.push(name);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(part) if !open.iter().any(|name| name == "code" || name == "pre") => {
                text.push_str(&part);
            }
            Event::GeneralRef(name) if !open.iter().any(|name| name == "code") => {
                text.push_str(&format!("&{};", &*name));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    (elements, text)
}

fn count(elements: &[Element], name: &str) -> usize {
    elements
        .iter()
        .filter(|element| element.name == name)
        .count()
}

#[test]
fn what_it_says() {
    expect("check.md", &markdown(&reports::check(), &linked()));
    expect("diff.md", &markdown(&reports::diff(), &linked()));
    expect(
        "nothing.md",
        &markdown(&reports::nothing(true), &Options::default()),
    );
}

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
                        || value == super::GLOSSARY,
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
fn the_marker_is_found_and_cannot_be_closed() {
    let mut report = reports::diff();
    report.head.commit = Some("--> <b>".into());
    let options = Options {
        comment_id: "a--><script>".into(),
        ..Options::default()
    };
    let out = markdown(&report, &options);
    let first = out.lines().next().unwrap();
    assert_eq!(first, "<!-- caplint:a-___script_ _-___b_ -->");
}

#[test]
fn it_never_passes_its_budget_and_stays_whole() {
    for report in [reports::hostile(), reports::touching(400)] {
        let whole = markdown(&report, &whole()).len();
        let mut most = whole + 1;
        while most > 0 {
            let out = markdown(
                &report,
                &Options {
                    max_bytes: most,
                    ..self::whole()
                },
            );
            assert!(out.len() <= most, "{} of {most}", out.len());
            let (elements, _) = structure(&rendered(&out));
            assert_eq!(count(&elements, "details"), count(&elements, "summary"));
            most = most * 4 / 5;
        }
    }
}

#[test]
fn findings_are_the_last_to_go() {
    let at = |features, max_bytes| {
        markdown(
            &reports::touching(features),
            &Options {
                max_bytes,
                ..linked()
            },
        )
    };
    let out = at(150, 65_000);
    assert!(out.contains("Left out to keep this short: "), "{out}");
    let left = |out: &str| {
        let mut lines = out.lines();
        let line = lines.find_map(|line| line.strip_prefix("_Left out to keep this short: "));
        line.unwrap_or_default().to_owned()
    };
    assert!(left(&out).contains(" edits"), "diffs go before findings");
    assert!(!left(&out).contains(" problems,"), "{out}");
    let small = at(400, 2_500);
    assert!(small.contains("/rules/table-without-rollup)"), "{small}");
    assert!(left(&small).contains(" changes"), "{small}");
    assert!(!left(&small).contains(" problems,"), "{small}");
    assert!(
        small
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("### ❌ Capacity check failed: ")
    );
}

#[test]
fn many_findings_of_one_rule_are_one_row() {
    let row = |features| {
        let out = markdown(&reports::touching(features), &linked());
        let rows = out
            .lines()
            .filter(|line| line.starts_with("| [❌](") && line.contains(") `tables"));
        (rows.count(), out.contains(". The same for "))
    };
    assert_eq!(
        row(6),
        (3, false),
        "three errors of 6, and as many warnings"
    );
    assert_eq!(row(400), (1, true), "200 errors");
}

#[test]
fn a_comment_takes_no_more_than_is_read() {
    for report in [reports::touching(400), reports::hostile()] {
        let shown = markdown(&report, &linked()).len();
        let all = markdown(&report, &whole()).len();
        assert!(shown < all / 2, "{shown} of {all}");
    }
    assert!(markdown(&reports::touching(400), &linked()).len() < 12_500);
}

#[test]
fn one_feature_of_400_is_short() {
    let out = markdown(&reports::touching(1), &linked());
    let open: usize = out.split("<details>").next().unwrap().lines().count();
    assert!(open <= 40, "{open} lines before the first fold");
}

#[test]
fn several_projects_are_told_apart() {
    let out = markdown(&reports::several(), &linked());
    assert!(
        out.contains("Project `creator-analytics`\n\n| What changes | Before"),
        "{out}"
    );
    assert!(out.contains("6 meters unchanged"), "{out}");
    assert!(out.contains("Project `quiet`\n\n|  | Demand"), "{out}");
    structure(&rendered(&out));
}

#[test]
fn what_has_no_number_is_said() {
    expect(
        "edges.md",
        &markdown(&reports::edges(), &Options::default()),
    );
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
                        || target == super::GLOSSARY,
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
