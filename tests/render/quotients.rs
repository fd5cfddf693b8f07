//! Every share of a limit, in every format and command, is the quotient of the demand and the limit
//! beside it.

use caplint::render::{Options, html, human, markdown};
use caplint::report::Report;
use serde_json::Value;

use super::scenarios::{SCENARIOS, borrowed, files, report};
use crate::support::lint;

/// A quantity as reports write it, and how far rounding may have moved it.
fn quantity(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_start_matches('≥').trim_end_matches("/s");
    let durations: Option<Vec<f64>> = text.split(' ').map(duration).collect();
    if let Some(parts) = durations {
        // Rounded to the smaller of two units.
        let off = match text.chars().last() {
            Some('s') => 0.5,
            Some('m') => 30.0,
            _ => 1800.0,
        };
        return Some((parts.iter().sum(), off));
    }
    let end = text.find(|it: char| !(it.is_ascii_digit() || ".,".contains(it)));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let digits = number.replace(',', "");
    let scale = match unit.trim() {
        "" | "B" | "USD" | "EUR" => 1.0,
        "k" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        _ => return None,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let rounded = 0.5 * 10_f64.powi(-i32::try_from(decimals).unwrap());
    Some((digits.parse::<f64>().ok()? * scale, rounded * scale))
}

fn duration(text: &str) -> Option<f64> {
    let last = text.chars().last()?;
    let seconds = match last {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        _ => return None,
    };
    let number: f64 = text[..text.len() - 1].replace(',', "").parse().ok()?;
    Some(number * seconds)
}

/// A share of a limit, and how far rounding may have moved it.
fn share(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_start_matches('≥');
    if let Some(times) = text.strip_prefix('×') {
        let times: f64 = times.replace(',', "").parse().ok()?;
        return Some((times, times * 0.005));
    }
    let percent = text.strip_suffix('%')?.replace(',', "");
    Some((percent.parse::<f64>().ok()? / 100.0, 0.000_51))
}

/// Fails where a share is not the quotient of the two beside it. Whether there was one.
fn divides(demand: &str, limit: &str, used: &str, row: &str) -> bool {
    let Some((share, off)) = share(used) else {
        return false;
    };
    let [demand, limit] = [demand, limit]
        .map(|text| quantity(text).unwrap_or_else(|| panic!("`{text}` is no quantity: {row}")));
    if limit.0 == 0.0 {
        return false;
    }
    let least = (demand.0 - demand.1) / (limit.0 + limit.1) - off;
    let most = (demand.0 + demand.1) / (limit.0 - limit.1) + off;
    assert!(
        least <= share && share <= most,
        "{demand:?} of {limit:?} is not {used}: {row}"
    );
    true
}

/// Checks all shares of a table with a column `Used`: those of the columns before it.
fn table_divides(head: &[String], cells: &[String]) -> usize {
    let Some(at) = head.iter().position(|it| it == "Used" || it == "used") else {
        return 0;
    };
    let row = cells.join(" | ");
    let last = |text: &str| {
        let after = text.rsplit(" → ").next().unwrap_or_default();
        after.replace("**", "").replace("&lt;", "<")
    };
    let first = |text: &str| text.split(" → ").next().unwrap_or_default().to_owned();
    let [demand, limit, used] = [at - 2, at - 1, at].map(|at| cells[at].clone());
    let mut found = usize::from(divides(&last(&demand), &last(&limit), &last(&used), &row));
    if used.contains(" → ") {
        let before = &cells[at - 3];
        found += usize::from(divides(before, &first(&limit), &first(&used), &row));
    }
    found
}

/// Checks what is written as `105 of 200, 52.5%`.
fn sentences_divide(text: &str) -> usize {
    let mut found = 0;
    for (at, _) in text.match_indices(" of ") {
        let before: Vec<&str> = text[..at].split([' ', '>']).rev().take(3).collect();
        let Some((limit, rest)) = text[at + 4..].split_once(", ") else {
            continue;
        };
        let used = rest.split([' ', '<', '\n', '|']).next().unwrap_or_default();
        if quantity(limit).is_none() || share(used).is_none() {
            continue;
        }
        // Of one word, such as 105; or of two, such as 36.77 GB or 3m 43s.
        let [one, two] = [1, 2].map(|words| {
            let words: Vec<&str> = before[..words.min(before.len())]
                .iter()
                .rev()
                .copied()
                .collect();
            words.join(" ")
        });
        let demand = if quantity(&two).is_some() { two } else { one };
        found += usize::from(divides(&demand, limit, used, &demand));
    }
    found
}

fn strip(cell: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for character in cell.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            character if !inside => out.push(character),
            _ => {}
        }
    }
    out.trim().replace("&lt;", "<").replace("&gt;", ">")
}

fn markdown_divides(out: &str) -> usize {
    let out = &out.replace('\u{a0}', " ");
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let (mut head, mut found) = (Vec::new(), 0);
    for line in out.lines() {
        if !line.starts_with('|') {
            head.clear();
        } else if head.is_empty() {
            head = cells(line);
        } else if !line.starts_with("|:") {
            found += table_divides(&head, &cells(line));
        }
    }
    found + sentences_divide(out)
}

fn html_divides(out: &str) -> usize {
    let out = &out.replace('\u{a0}', " ");
    let mut found = 0;
    for table in out.split("<table>").skip(1) {
        let table = table.split("</table>").next().unwrap();
        let rows = table.split("<tr>").skip(1);
        let rows: Vec<Vec<String>> = rows
            .map(|row| {
                let row = row.replace("</th>", "</td>");
                let cells = row.split("</td>");
                let mut cells: Vec<String> = cells.map(strip).collect();
                cells.pop();
                cells
            })
            .collect();
        let (head, rows) = rows.split_first().unwrap();
        found += rows
            .iter()
            .map(|row| table_divides(head, row))
            .sum::<usize>();
    }
    found + sentences_divide(out)
}

/// The table of a terminal, whose columns are two or more spaces apart.
fn human_divides(out: &str) -> usize {
    let mut found = 0;
    let mut comparing = false;
    for line in out.lines() {
        if !line.starts_with(['✗', '✓', '!', '?']) {
            comparing = line.starts_with("   changes") || comparing && line.starts_with('·');
            continue;
        }
        let columns = line.split("  ").map(str::trim).filter(|it| !it.is_empty());
        let mut columns: Vec<&str> = columns.collect();
        if columns.last().is_some_and(|bar| bar.contains(['█', '░'])) {
            columns.pop();
        }
        let Some(used) = columns.pop().filter(|used| share(used).is_some()) else {
            continue;
        };
        let was = columns.pop_if(|was| was.ends_with('→'));
        let limit = columns.pop().unwrap();
        let change = if comparing { columns.pop() } else { None };
        let (Some(demand), true) = (columns.pop(), limit.find('→').is_none()) else {
            continue;
        };
        found += usize::from(divides(demand, limit, used, line));
        if let (Some(was), Some(_), Some(before)) = (was, change, columns.pop()) {
            let was = was.trim_end_matches(" →");
            found += usize::from(divides(before, limit, was, line));
        }
    }
    found + sentences_divide(out)
}

/// A share may be had of a wrong demand with a wrong limit: a limit that is certain is as declared.
fn declared_limits_are_shown(report: &Report, out: &str) {
    for meter in report.projects.iter().flat_map(|it| &it.meters) {
        let Some(limit) = meter.limit else { continue };
        let row = format!("  {}  ", meter.id);
        let is_row = |line: &&str| format!("{line}  ").contains(&row) && line.contains('%');
        let Some(line) = out.lines().find(is_row) else {
            continue;
        };
        let columns = line.split("  ").map(str::trim).filter(|it| !it.is_empty());
        let columns: Vec<&str> = columns.collect();
        let used = columns.iter().position(|it| share(it).is_some()).unwrap();
        let (shown, off) = quantity(columns[used - 1]).unwrap();
        assert!((shown - limit).abs() <= off * 1.01, "{limit}: {line}");
    }
}

#[test]
fn every_share_is_the_quotient_beside_it() {
    let options = Options {
        verbose: true,
        width: 200,
        max_bytes: usize::MAX,
        ..Options::default()
    };
    let examples = [
        "iot-ingest",
        "seed-numbers",
        "support-assistant",
        "tiktok-pipeline/after",
    ];
    let checked =
        examples.map(|name| lint::check(&borrowed(&files(&format!("examples/{name}"))), ""));
    for report in &checked {
        declared_limits_are_shown(report, &human(report, &options));
    }
    let compared = SCENARIOS.map(|(_, base, head)| report(base, head));
    let (mut of_human, mut of_markdown, mut of_html) = (0, 0, 0);
    for report in checked.iter().chain(&compared) {
        of_human += human_divides(&human(report, &options));
        of_markdown += markdown_divides(&markdown(report, &options));
        of_html += html_divides(&html(report, &options));
    }
    assert!(of_human > 80, "{of_human} shares for a terminal");
    assert!(of_markdown > 80, "{of_markdown} shares in Markdown");
    assert!(of_html > 200, "{of_html} shares in pages");
}

/// What the program prints, run in a folder of this repository.
fn printed(folder: &str, arguments: &[&str]) -> String {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
        .args(["-C", folder])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    String::from_utf8(out.stdout).unwrap()
}

/// Every table of a Markdown document with a column `used` behind a demand and a limit.
#[test]
fn the_limits_and_the_money_of_a_forecast_divide() {
    let (mut found, mut exact) = (0, 0);
    for example in ["support-assistant", "tiktok-pipeline/after", "iot-ingest"] {
        let folder = format!("examples/{example}");
        for more in [&[][..], &["--tenants", "3.4"]] {
            let arguments = [&["forecast", "."], more].concat();
            let out = printed(&folder, &[&arguments[..], &["-f", "markdown"]].concat());
            for title in ["### Money", "### Limits today", "### Limits on later days"] {
                assert!(out.contains(title), "{example}: {title}");
            }
            // A share has its place beside what it is a share of, and nowhere else.
            for line in out.lines().filter(|line| line.contains('%')) {
                assert_eq!(line.matches('%').count(), 1, "{line}");
            }
            found += markdown_divides(&out);
            let json = printed(&folder, &[&arguments[..], &["--json"]].concat());
            exact += rows_divide(&serde_json::from_str(&json).unwrap());
        }
    }
    assert!(found >= 400, "{found} shares");
    assert!(exact >= 400, "{exact} shares in JSON");
}

/// The same of the tables in JSON, whose numbers are whole.
fn rows_divide(sheets: &Value) -> usize {
    let mut found = 0;
    let tabs = sheets["projects"][0]["tabs"].as_array().unwrap();
    for tab in tabs {
        let columns = tab["columns"].as_array().unwrap();
        let Some(at) = columns.iter().position(|it| it == "used") else {
            continue;
        };
        for row in tab["rows"].as_array().unwrap() {
            let [demand, limit, used] = [at - 2, at - 1, at].map(|at| row[at].as_f64());
            if let (Some(demand), Some(limit), Some(used)) = (demand, limit, used) {
                assert!((demand / limit - used).abs() < 1e-9, "{row}");
                found += 1;
            }
        }
    }
    found
}

/// A disk has what is on it today in today's row, and what comes in rows that say when.
#[test]
fn a_forecast_tells_the_disk_of_today_from_that_of_next_year() {
    let out = printed("examples/support-assistant", &["forecast", ".", "--json"]);
    let sheets: Value = serde_json::from_str(&out).unwrap();
    let tabs = sheets["projects"][0]["tabs"].as_array().unwrap();
    let rows = |title: &str| {
        let mut tabs = tabs.iter();
        let tab = tabs.find(|it| it["title"].as_str().unwrap().starts_with(title));
        tab.unwrap()["rows"].as_array().unwrap().clone()
    };
    let of = |row: &Value| {
        row.as_array()
            .unwrap()
            .iter()
            .any(|it| it == "databases.main.storage")
    };
    let today = rows("Limits today").into_iter().find(of).unwrap();
    let then: Vec<Value> = rows("Limits on later").into_iter().filter(of).collect();
    let days: Vec<&str> = then.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(
        days,
        [
            "30 d",
            "60 d",
            "90 d",
            "365 d",
            "10x",
            "100x",
            "holiday-returns"
        ]
    );
    let mut bytes = vec![today[2].as_f64().unwrap()];
    bytes.extend(then[..4].iter().map(|row| row[3].as_f64().unwrap()));
    assert!(bytes.is_sorted() && bytes[0] < bytes[1], "{bytes:?}");
}

/// What the review's sentences and its table of scenarios say.
#[test]
fn what_a_review_says_divides() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/year-in-review/review"
    );
    let read = |end: &str| std::fs::read_to_string(format!("{path}.{end}")).unwrap();
    let (text, page) = (read("md"), read("html"));
    let (of_text, of_page) = (markdown_divides(&text), html_divides(&page));
    assert!(of_text >= 6, "{of_text} shares");
    assert!(of_page >= 6, "{of_page} shares in the page");
    // Nowhere a share of a limit without the two.
    for text in [text, page] {
        assert!(!text.contains("of its limit"), "{text}");
    }
}

/// How many credits some words buy: `2 × 100k and 1 × 2.5M`, `247,920 as used`.
fn credits(words: &str) -> Option<f64> {
    let of = |text: &str| quantity(text).map(|(number, _)| number);
    let parts = words.split(" and ").map(|part| {
        let (first, rest) = part.split_once(' ')?;
        Some(match rest.strip_prefix("× ") {
            Some(size) => of(first)? * of(size)?,
            None => of(first).filter(|_| rest == "as used")?,
        })
    });
    parts.sum()
}

/// The price of a credit is the quotient of what is paid and what is bought for it.
#[test]
fn what_purchases_say_divides() {
    let mut found = 0;
    for example in [
        "support-assistant",
        "tiktok-pipeline/after",
        "iot-ingest",
        "published/messaging",
    ] {
        let folder = format!("examples/{example}");
        let arguments = ["purchases", ".", "--as-of", "2026-11-22", "-f", "markdown"];
        let out = printed(&folder, &arguments).replace('`', "");
        let mut head: Vec<String> = Vec::new();
        for line in out.lines() {
            let cells = line.trim_matches('|').split('|');
            let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
            if cells.iter().any(|cell| cell == "a credit") {
                head = cells;
                continue;
            }
            let cell = |name: &str| {
                let at = head.iter().position(|it| it.starts_with(name))?;
                cells.get(at).map(String::as_str)
            };
            let Some((bought, each)) = cell("buy").and_then(credits).zip(cell("a credit")) else {
                continue;
            };
            let ((paid, paid_off), (each, each_off)) = (
                quantity(cell("cash").unwrap()).unwrap(),
                quantity(each).unwrap(),
            );
            let off = (paid - each * bought).abs();
            assert!(off <= paid_off + each_off * bought, "{example}: {line}");
            found += 1;
        }
    }
    assert!(found >= 12, "{found} prices");
}

/// What `explain` says: the demand that is judged, the limit, and the share.
#[test]
fn what_explain_says_divides() {
    let mut found = 0;
    for (example, meters) in [
        (
            "support-assistant",
            &["apis.translate.spend", "models.triage.spend"][..],
        ),
        (
            "tiktok-pipeline/after",
            &["apis.tiklive.credits", "databases.main.writes"],
        ),
    ] {
        for meter in meters {
            let out = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
                .args(["-C", &format!("examples/{example}"), "explain", meter])
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output()
                .unwrap();
            let out = String::from_utf8(out.stdout).unwrap();
            let first = |name: &str| {
                let mut lines = out
                    .lines()
                    .filter_map(|it| it.strip_prefix(&format!("  {name}")));
                let line = lines.next()?.trim();
                let word = line.split([' ', '/']).next().unwrap();
                Some(word.trim_end_matches(',').to_owned())
            };
            let demand = first("checked ")
                .or_else(|| first("sum "))
                .expect("a demand");
            let (limit, used) = (first("limit ").unwrap(), first("used ").unwrap());
            found += usize::from(divides(&demand, &limit, &used, &out));
        }
    }
    assert!(found >= 4, "{found} shares");
}
