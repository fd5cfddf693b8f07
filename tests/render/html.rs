use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use caplint::render::{Options, html};
use caplint::report::Report;
use quick_xml::events::{BytesStart, Event};

use super::{expect, is_harmless};
use crate::support::reports;

fn page(report: &Report) -> String {
    let link = Some("https://code.example/o/r/blob/9624c7b".into());
    html(
        report,
        &Options {
            link,
            ..Options::default()
        },
    )
}

/// Calls with each element and the names of those around it. Fails where tags do not pair.
fn walk(page: &str, mut visit: impl FnMut(&str, &BTreeMap<String, String>, &[String])) {
    let mut reader = quick_xml::Reader::from_str(page);
    let mut open: Vec<String> = Vec::new();
    let read = |tag: &BytesStart<'_>| {
        let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
            let value = attribute
                .value
                .replace("&quot;", "\"")
                .replace("&#39;", "'");
            let value = value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
            (attribute.key.as_ref().to_owned(), value)
        };
        let attributes = tag
            .attributes()
            .map(|attribute| pair(attribute.unwrap()))
            .collect();
        (tag.name().as_ref().to_owned(), attributes)
    };
    loop {
        match reader.read_event().expect("tags that pair") {
            Event::Start(tag) => {
                let (name, attributes) = read(&tag);
                visit(&name, &attributes, &open);
                open.push(name);
            }
            Event::Empty(tag) => {
                let (name, attributes) = read(&tag);
                visit(&name, &attributes, &open);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn what_it_says() {
    // An element a line, to see what differs.
    expect("diff.html", &page(&reports::diff()).replace("><", ">\n<"));
}

#[test]
fn it_loads_and_runs_nothing() {
    for report in [
        reports::check(),
        reports::diff(),
        reports::hostile(),
        reports::touching(400),
        reports::nothing(true),
        reports::several(),
        reports::edges(),
    ] {
        let out = page(&report);
        assert!(is_harmless(&out));
        let mut policy = None;
        let mut ids = std::collections::HashSet::new();
        walk(&out, |name, attributes, _| {
            let loading = [
                "script", "img", "iframe", "object", "embed", "link", "base", "form", "audio",
                "video", "use", "image",
            ];
            assert!(!loading.contains(&name), "<{name}>");
            for (key, value) in attributes {
                assert!(
                    !key.starts_with("on") && key != "src" && key != "style",
                    "{key} of <{name}>"
                );
                match key.as_str() {
                    "href" => assert!(
                        value == "#main"
                            || value.starts_with("https://code.example/o/r/blob/9624c7b/")
                            || value.starts_with("https://caplint.example/rules/")
                            || value == super::GLOSSARY,
                        "{value}"
                    ),
                    "http-equiv" => policy = attributes.get("content").cloned(),
                    "id" => assert!(ids.insert(value.clone()), "{value} is not unique"),
                    _ => {}
                }
            }
        });
        assert_eq!(
            policy.as_deref(),
            Some("default-src 'none'; style-src 'unsafe-inline'")
        );
        assert!(!out.contains("url(") && !out.contains("@import"));
    }
}

#[test]
fn the_charts_show_the_reports_values() {
    for report in [reports::check(), reports::diff()] {
        let project = &report.projects[0];
        let mut meter = String::new();
        let (mut points, mut charts) = (0, 0);
        let mut scale = BTreeMap::new();
        let mut dots: Vec<(String, f64, f64)> = Vec::new();
        walk(&page(&report), |name, attributes, _| {
            let number = |key: &str| attributes[key].parse::<f64>().unwrap();
            let class = attributes.get("class").map_or("", String::as_str);
            match (name, class) {
                ("figure", "card" | "card whole") => {
                    meter = attributes["data-meter"].clone();
                    charts += 1;
                }
                ("circle", _) => {
                    let shown = match attributes["data-moment"].as_str() {
                        "today" => &project.meters,
                        day => {
                            let day: u32 = day.strip_prefix("day ").unwrap().parse().unwrap();
                            &project
                                .horizons
                                .iter()
                                .find(|horizon| horizon.day == day)
                                .unwrap()
                                .meters
                        }
                    };
                    let told = shown
                        .iter()
                        .find(|shown| *shown.id == *meter)
                        .unwrap()
                        .demand;
                    assert_eq!(Some(number("data-p50")), told.p50, "{meter}");
                    assert_eq!(Some(number("data-p90")), told.p90, "{meter}");
                    dots.push((meter.clone(), number("data-p50"), number("cy")));
                    points += 1;
                }
                ("path", "limit") if attributes.contains_key("data-limit") => {
                    let limit = project
                        .meters
                        .iter()
                        .find(|shown| *shown.id == *meter)
                        .unwrap()
                        .limit;
                    assert_eq!(Some(number("data-limit")), limit);
                    let per_unit = (number("data-zero") - number("data-y")) / number("data-limit");
                    scale.insert(meter.clone(), (number("data-zero"), per_unit));
                }
                _ => {}
            }
        });
        assert!(charts >= 7, "{charts} charts");
        assert_eq!(points, charts * 4, "four moments each");
        // What is drawn is what is said: heights are in proportion to values.
        for (meter, value, y) in dots {
            let (zero, per_unit) = scale[&meter];
            assert!(
                (zero - value * per_unit - y).abs() < 0.01,
                "{meter}: {value} at {y}"
            );
        }
    }
}

#[test]
fn the_bars_show_the_credits_of_each_feature() {
    let report = reports::check();
    let mut shown = BTreeMap::new();
    walk(&page(&report), |_, attributes, _| {
        if let (Some(feature), Some(length)) = (
            attributes.get("data-feature"),
            attributes.get("data-length"),
        ) {
            let value: f64 = attributes["data-value"].parse().unwrap();
            shown.insert(feature.clone(), (value, length.parse::<f64>().unwrap()));
        }
    });
    let told: BTreeMap<String, f64> = report.projects[0]
        .lines
        .iter()
        .map(|line| (line.feature.to_string(), line.per_day.credits.unwrap()))
        .collect();
    assert_eq!(
        shown
            .iter()
            .map(|(feature, (value, _))| (feature.clone(), *value))
            .collect::<BTreeMap<_, _>>(),
        told
    );
    let longest = told.values().copied().fold(0.0, f64::max);
    for (value, length) in shown.values() {
        assert!((length / 340.0 - value / longest).abs() < 1e-4);
    }
}

#[test]
fn every_chart_and_table_can_be_read_otherwise() {
    let (mut svgs, mut titles, mut descriptions, mut boxes) = (0, 0, 0, 0);
    walk(&page(&reports::diff()), |name, attributes, around| {
        let role = attributes.get("role").map(String::as_str);
        match name {
            "svg" if role == Some("img") => svgs += 1,
            "svg" => assert_eq!(attributes["aria-hidden"], "true"),
            "title" if around.last().is_some_and(|parent| parent == "svg") => titles += 1,
            "desc" => descriptions += 1,
            "table" => {
                assert_eq!(around.last().unwrap(), "div", "tables scroll in a box");
                boxes += 1;
            }
            "div" if role == Some("region") => {
                assert_eq!(
                    attributes["tabindex"], "0",
                    "the keyboard reaches what scrolls"
                );
                assert!(!attributes["aria-label"].is_empty());
            }
            _ => {}
        }
    });
    assert!(svgs >= 8 && boxes > svgs);
    assert_eq!((titles, descriptions), (svgs, svgs));
}

/// Reads a page in a frame of a width, from outside: the page itself runs no scripts.
const HARNESS: &str = r#"<!DOCTYPE html><meta charset="utf-8"><body><script>
const results = {};
async function measure(path, width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:800px;border:0`;
  frame.src = path;
  document.body.append(frame);
  await new Promise(done => frame.onload = done);
  const page = frame.contentDocument;
  page.querySelectorAll("details").forEach(fold => fold.open = true);
  const outside = [...page.querySelectorAll("svg[role=img] text")].filter(text => {
    const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
  }).map(text => text.textContent);
  results[`${path} ${width}`] = {
    width: page.documentElement.scrollWidth,
    outside, title: page.title,
    circles: page.querySelectorAll("circle").length,
    scripts: page.scripts.length,
  };
  frame.remove();
}
(async () => {
  for (const path of PATHS) for (const width of [320, 768, 1280]) await measure(path, width);
  const out = document.createElement("pre");
  out.id = "results";
  out.textContent = JSON.stringify(results);
  document.body.append(out);
  document.title = "done";
})();
</script>"#;

#[test]
fn a_browser_shows_it_on_every_screen() {
    let Some(chromium) = super::pictures::chromium() else {
        return;
    };
    let pages: Vec<(String, String)> = [
        ("check", reports::check()),
        ("diff", reports::diff()),
        ("hostile", reports::hostile()),
        ("touching", reports::touching(400)),
        ("nothing", reports::nothing(false)),
        ("edges", reports::edges()),
    ]
    .into_iter()
    .map(|(name, report)| (format!("/{name}"), page(&report)))
    .chain([("/review".to_owned(), super::REVIEW.to_owned())])
    .collect();
    for (path, page) in &pages {
        super::scratch(&format!("{}.html", &path[1..]), page);
    }
    let circles: Vec<usize> = pages
        .iter()
        .map(|(_, page)| page.matches("<circle").count())
        .collect();
    let paths: Vec<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    let mut served: BTreeMap<String, String> = pages.into_iter().collect();
    served.insert(
        "/".into(),
        HARNESS.replace("PATHS", &serde_json::to_string(&paths).unwrap()),
    );
    let (port, asked) = serve(served);

    let profile = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("chromium");
    let _ = std::fs::remove_dir_all(&profile);
    let run = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
        ])
        .args([
            "--enable-logging=stderr",
            "--virtual-time-budget=60000",
            "--timeout=60000",
        ])
        // Every request to anywhere comes to the test's own server, which writes it down.
        .arg(format!("--proxy-server=http://127.0.0.1:{port}"))
        .arg("--proxy-bypass-list=<-loopback>")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--dump-dom")
        .arg(format!("http://caplint.test:{port}/"))
        .output()
        .unwrap();
    let (dom, log) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    let console: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    assert!(console.is_empty(), "{console:#?}");

    let json = dom
        .split("<pre id=\"results\">")
        .nth(1)
        .unwrap_or_else(|| panic!("no results in {dom}\n{log}"));
    let json = json
        .split("</pre>")
        .next()
        .unwrap()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let results: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (path, circles) in paths.iter().zip(circles) {
        for width in [320, 768, 1280] {
            let result = &results[format!("{path} {width}")];
            assert!(
                result["width"].as_u64().unwrap() <= width,
                "{path} at {width}: {result}"
            );
            assert_eq!(
                result["outside"],
                serde_json::json!([]),
                "{path} at {width}: text outside its chart"
            );
            assert_eq!(result["circles"], circles, "{path}");
            assert_eq!(result["scripts"], 0, "{path}");
        }
    }
    let asked = asked.lock().unwrap();
    let is_ours = |target: &str| {
        let own = target.strip_prefix(&format!("http://caplint.test:{port}"));
        own.is_some_and(|path| {
            ["/", "/favicon.ico"].contains(&path) || paths.iter().any(|known| known == path)
        })
    };
    // Chromium itself asks its maker for the time and for updates; the pages name no such host.
    let is_browsers = |target: &str| {
        let host = target
            .trim_start_matches("http://")
            .split(['/', ':'])
            .next()
            .unwrap_or_default();
        [".google.com", ".googleapis.com", ".gvt1.com"]
            .iter()
            .any(|domain| host.ends_with(domain))
    };
    let strange: Vec<&String> = asked
        .iter()
        .filter(|line| {
            let target = line.split(' ').nth(1).unwrap_or_default();
            !is_ours(target) && !is_browsers(target)
        })
        .collect();
    assert!(strange.is_empty(), "requests to elsewhere: {strange:#?}");
}

/// A server, and proxy for everything, on a port of its own: the pages by their paths, and what
/// was asked for.
fn serve(pages: BTreeMap<String, String>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(length) if length > 0 => request.extend_from_slice(&part[..length]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let line = request.lines().next().unwrap_or_default().to_owned();
            if line.is_empty() {
                continue;
            }
            let target = line.split(' ').nth(1).unwrap_or_default();
            let path = target
                .strip_prefix("http://")
                .and_then(|rest| rest.find('/').map(|at| &rest[at..]));
            let body = path.and_then(|path| pages.get(path));
            log.lock().unwrap().push(line.clone());
            let status = if body.is_some() {
                "200 OK"
            } else {
                "404 Not Found"
            };
            let body = body.cloned().unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (port, asked)
}
