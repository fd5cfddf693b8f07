//! The page's tables: each scrolls in its own box, which the keyboard reaches.

use crate::report::{Meter, Project, Verdict};

use super::super::escape::html as escaped;
use super::super::number::{self, plural};
use super::super::{selection, text, view};
use super::{badge, code};

/// Rows of a table that stand open, where it has more than can be taken in.
const OPEN: usize = 25;
const SOME: usize = 12;
const CAUSES: usize = 10;

/// A table in its box. Rows beyond what can be taken in are folded away.
pub(super) fn boxed(label: &str, header: &str, rows: &[String]) -> String {
    let table = |rows: &[String]| {
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\">\n<table>\n\
             <thead><tr>{header}</tr></thead>\n<tbody>\n{1}</tbody>\n</table>\n</div>\n",
            escaped(label),
            rows.concat()
        )
    };
    if rows.len() <= OPEN {
        return table(rows);
    }
    format!(
        "{}<details><summary>{} more</summary>\n{}</details>\n",
        table(&rows[..SOME]),
        rows.len() - SOME,
        table(&rows[SOME..])
    )
}

/// The head of a column of words, or of numbers.
pub(super) fn words(title: &str) -> String {
    format!("<th scope=\"col\">{}</th>", escaped(title))
}

pub(super) fn numbers(title: &str) -> String {
    format!("<th scope=\"col\" class=\"number\">{}</th>", escaped(title))
}

/// A cell with a number, which carries the number itself too.
pub(super) fn figure(value: Option<f64>, shown: &str) -> String {
    let data = value.map_or_else(String::new, |value| format!(" data-value=\"{value}\""));
    format!("<td class=\"number\"{data}>{}</td>", escaped(shown))
}

fn section(title: &str, id: &str, body: &str) -> String {
    format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>\n")
}

/// The meters that changed or are not fine.
pub(super) fn changes(project: &Project) -> String {
    let currency = project.currency.as_str();
    let rows: Vec<String> = selection::rows(project, true)
        .rows
        .iter()
        .map(|row| {
            let change = row.change;
            let percent = change.map_or_else(String::new, |change| number::change(change.before, change.after, change.percent));
            let delta = change.map_or_else(String::new, |change| number::delta(change.delta, row.unit, currency));
            format!(
                "<tr><th scope=\"row\">{}</th>{}{}{}<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
                code(row.id),
                figure(change.and_then(|change| change.before), &row.before(currency).unwrap_or_default()),
                figure(row.value(), &row.demand(currency)),
                figure(change.and_then(|change| change.delta), &delta),
                escaped(&percent),
                escaped(&selection::with_unit(&row.limit(currency), row.unit)),
                escaped(&row.used()),
                badge(row.verdict()),
            )
        })
        .collect();
    if rows.is_empty() && project.unchanged == 0 {
        return String::new();
    }
    let header = [
        words("Meter"),
        numbers("Before"),
        numbers("After"),
        numbers("Change"),
        numbers(""),
        numbers("Limit"),
        numbers("Used"),
        words("Verdict"),
    ]
    .concat();
    let mut body = if rows.is_empty() {
        String::new()
    } else {
        boxed("What changes", &header, &rows)
    };
    if project.unchanged > 0 {
        body.push_str(&format!(
            "<p class=\"note\">{} unchanged.</p>\n",
            plural(project.unchanged, "meter")
        ));
    }
    section("What changes", &view::anchor("changes", project), &body)
}

/// The declarations that moved the meters.
pub(super) fn causes(project: &Project) -> String {
    let causes = selection::causes(project);
    if causes.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for cause in &causes {
        for (index, (id, delta)) in cause.moved.iter().enumerate() {
            let (path, said) = if index == 0 {
                (
                    code(&cause.first.path),
                    escaped(&selection::said(cause.first)),
                )
            } else {
                (
                    "<span class=\"note\">the same</span>".to_owned(),
                    String::new(),
                )
            };
            let shown = number::delta(
                Some(*delta),
                selection::unit(project, id),
                &project.currency,
            );
            rows.push(format!(
                "<tr><th scope=\"row\">{path}</th><td>{said}</td>{}<td class=\"name\">{}</td></tr>\n",
                figure(Some(*delta), &shown),
                code(id)
            ));
        }
    }
    let header = [
        words("Declaration"),
        words("Said"),
        numbers("Moves"),
        words("Meter"),
    ]
    .concat();
    let table = boxed("Which declarations moved them", &header, &rows);
    if rows.len() > CAUSES {
        return format!(
            "<details><summary>{} moved them</summary>\n{table}</details>\n",
            plural(causes.len(), "declaration")
        );
    }
    format!("<h3>Because of</h3>\n{table}")
}

/// The matrix of meters and scenarios.
pub(super) fn scenarios(project: &Project) -> String {
    let matrix = selection::matrix(project, false);
    if matrix.scenarios.is_empty() {
        return String::new();
    }
    if matrix.rows.is_empty() {
        return section(
            "Scenarios",
            &view::anchor("scenarios", project),
            "<p>Everything fits in every scenario.</p>\n",
        );
    }
    let mut header = [words("Meter"), words("Today"), numbers("Holds to")].concat();
    for scenario in &matrix.scenarios {
        let assumed = if scenario.assumed { " (assumed)" } else { "" };
        header.push_str(&words(&format!(
            "{}{assumed}",
            text::name(&scenario.name, 40)
        )));
    }
    let rows: Vec<String> = matrix
        .rows
        .iter()
        .map(|row| {
            let point = row.today.breaking_point;
            let mut line = format!(
                "<tr><th scope=\"row\">{}</th>{}{}",
                code(&row.today.id),
                judged(row.today, None),
                figure(point, &number::multiplier(point))
            );
            for cell in &row.cells {
                line.push_str(&cell.meter.map_or_else(
                    || "<td></td>".to_owned(),
                    |meter| judged(meter, cell.before),
                ));
            }
            line.push_str("</tr>\n");
            line
        })
        .collect();
    let body = format!(
        "<p class=\"note\">Share of each limit in use. A meter holds up to the multiple of all tenants beside it.</p>\n{}",
        boxed("Scenarios", &header, &rows)
    );
    section("Scenarios", &view::anchor("scenarios", project), &body)
}

/// A cell with a verdict, the share in use, and what the verdict was.
fn judged(meter: &Meter, before: Option<Verdict>) -> String {
    let before = before.map_or_else(String::new, |before| {
        format!("<span class=\"note\">{} →</span> ", before.as_str())
    });
    let used = if meter.verdict == Verdict::Unlimited {
        String::new()
    } else {
        escaped(&selection::used(meter))
    };
    let data = meter
        .utilization
        .map_or_else(String::new, |used| format!(" data-value=\"{used}\""));
    format!("<td{data}>{before}{} {used}</td>", badge(meter.verdict))
}

/// Every meter today, by what it counts.
pub(super) fn meters(project: &Project) -> String {
    let parts = [
        ("APIs and models", "apis", &["apis.", "models."][..]),
        (
            "Databases and tables",
            "tables",
            &["databases.", "tables."][..],
        ),
        ("Queues", "queues", &["queues."][..]),
    ];
    let mut out = String::new();
    for (title, id, prefixes) in parts {
        let mut of: Vec<&Meter> = project
            .meters
            .iter()
            .filter(|meter| prefixes.iter().any(|prefix| meter.id.starts_with(prefix)))
            .collect();
        if of.is_empty() {
            continue;
        }
        of.sort_by(|left, right| selection::worst_first(left, right));
        let noted = of.iter().any(|meter| !details(meter).is_empty());
        let rows: Vec<String> = of
            .iter()
            .map(|meter| row(meter, &project.currency, noted))
            .collect();
        let header = [
            words("Meter"),
            numbers("Demand"),
            numbers("p90"),
            numbers("Limit"),
            numbers("Used"),
            words("Verdict"),
            numbers("Holds to"),
            if noted { words("Notes") } else { String::new() },
        ]
        .concat();
        out.push_str(&section(
            title,
            &view::anchor(id, project),
            &boxed(title, &header, &rows),
        ));
    }
    out
}

fn row(meter: &Meter, currency: &str, noted: bool) -> String {
    let quantity = |value| number::quantity(value, &meter.unit, currency);
    let bound = if meter.lower_bound { "≥" } else { "" };
    let demand = selection::with_unit(
        &format!("{bound}{}", quantity(meter.demand.point)),
        &meter.unit,
    );
    let limit = match (meter.limit, meter.verdict) {
        (Some(limit), _) => quantity(Some(limit)),
        (None, Verdict::Unknown) => "unknown".to_owned(),
        (None, _) => "none".to_owned(),
    };
    format!(
        "<tr><th scope=\"row\">{}</th>{}{}{}{}<td>{}</td>{}{}</tr>\n",
        code(&meter.id),
        figure(meter.demand.point, &demand),
        figure(meter.demand.p90, &quantity(meter.demand.p90)),
        figure(meter.limit, &limit),
        figure(meter.utilization, &selection::used(meter)),
        badge(meter.verdict),
        figure(
            meter.breaking_point,
            &number::multiplier(meter.breaking_point)
        ),
        if noted {
            format!("<td class=\"note\">{}</td>", escaped(&details(meter)))
        } else {
            String::new()
        },
    )
}

/// What is known of this kind of meter only.
fn details(meter: &Meter) -> String {
    let detail = &meter.detail;
    let day = |day: Option<Option<f64>>, said: &str| {
        day.flatten()
            .map(|day| format!("{said} on day {}", number::day(day)))
    };
    let credits = [
        day(detail.soft_on_day, "soft alert"),
        day(detail.hard_on_day, "hard alert"),
        day(detail.empties_on_day, "used up"),
    ];
    let others = [
        detail
            .full_on_day
            .flatten()
            .map(|day| format!("full on day {day}")),
        detail
            .partitions_needed
            .flatten()
            .map(|count| format!("{} partitions needed", number::count(count))),
        detail
            .scale_up_at
            .flatten()
            .map(|depth| format!("scale up above {}", number::count(depth))),
    ];
    credits
        .into_iter()
        .chain(others)
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}
