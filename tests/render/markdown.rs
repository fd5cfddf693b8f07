mod hostile;

use caplint::render::{Options, markdown};
use comrak::markdown_to_html;
use quick_xml::events::Event;

use super::expect;
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
