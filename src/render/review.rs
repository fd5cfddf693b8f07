//! A review: as Markdown, as one page and as JSON. All tell the same sections.

mod page;

use crate::calibrate::report::Factor;
use crate::review::report::{Decision, Kind, Project, Review};
use crate::sheet::{Cell, Tab};
use crate::words::number::{self, plural};

use super::escape::{self, Context};
use super::sheet_markdown;

pub(crate) use page::html;

pub(crate) fn json(review: &Review) -> String {
    super::json::pretty(review)
}

/// A part of a review: sentences, then tables.
struct Section {
    title: String,
    words: Vec<String>,
    tabs: Vec<Tab>,
}

pub(crate) fn markdown(review: &Review) -> String {
    let prose = |text: &str| escape::prose(text, Context::Text);
    let mut out = format!("# {}\n\n", prose(&title(review)));
    for section in sections(review) {
        out.push_str(&format!("## {}\n\n", prose(&section.title)));
        for words in &section.words {
            out.push_str(&format!("- {}\n", prose(words)));
        }
        if !section.words.is_empty() {
            out.push('\n');
        }
        let tables = sheet_markdown(&section.tabs);
        if !tables.is_empty() {
            out.push_str(&tables);
            out.push('\n');
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

fn title(review: &Review) -> String {
    let names: Vec<&str> = review.projects.iter().map(|it| it.name.as_str()).collect();
    let names = match names.len() {
        1..=3 => names.join(", "),
        count => plural(count, "project"),
    };
    format!("Capacity of {names}, {} to {}", review.from, review.to)
}

fn sections(review: &Review) -> Vec<Section> {
    let mut sections = vec![decisions(review)];
    for project in &review.projects {
        let name = match review.projects.len() {
            1 => String::new(),
            _ => format!("{}: ", project.name),
        };
        let parts = of_project(project).into_iter();
        sections.extend(parts.map(|section| Section {
            title: format!("{name}{}", section.title),
            ..section
        }));
    }
    sections.push(ends(review));
    sections
}

/// A section; where it has no rows it says what is missing.
fn section(title: &str, tabs: Vec<Tab>, absent: &str) -> Section {
    let is_empty = tabs.iter().all(|tab| tab.rows.is_empty());
    Section {
        title: title.to_owned(),
        words: is_empty.then(|| absent.to_owned()).into_iter().collect(),
        tabs,
    }
}

fn tab(title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Tab {
    Tab {
        title: title.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows: rows.collect(),
    }
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn maybe(text: Option<&str>) -> Cell {
    word(text.unwrap_or("–"))
}

/// A number; a dash where there is none.
fn known(number: Option<f64>, cell: fn(Option<f64>) -> Cell) -> Cell {
    match number {
        Some(number) => cell(Some(number)),
        None => word("–"),
    }
}

fn decisions(review: &Review) -> Section {
    let of = |title: &str, kind: Kind| {
        let own = review.decisions.iter().filter(|it| it.kind == kind);
        let row = |it: &Decision| {
            vec![
                word(&it.evidence),
                maybe(it.owner.as_deref()),
                maybe(it.due.as_deref()),
                word(&it.status),
                word(&it.id),
            ]
        };
        tab(
            title,
            &["decide", "owner", "due", "status", "id"],
            own.map(row),
        )
    };
    let previous = review.previous.iter();
    let previous = previous.map(|it| vec![word(&it.id), word(&it.status)]);
    Section {
        title: "Decisions".to_owned(),
        words: review.summary.clone(),
        tabs: vec![
            of("Pre-purchase", Kind::PrePurchase),
            of("Rearchitect", Kind::Rearchitect),
            of("Watch", Kind::Watch),
            tab("Decisions of the last review", &["id", "status"], previous),
        ],
    }
}

fn of_project(project: &Project) -> Vec<Section> {
    vec![
        bridges(project),
        features(project),
        databases(project),
        queues(project),
        tenants(project),
        tripling(project),
        scenarios(project),
        purchases(project),
        assumptions(project),
    ]
}

/// A table for each meter: from the forecast to what was measured.
fn bridges(project: &Project) -> Section {
    let tables = project.bridges.iter().map(|bridge| {
        let step = |what: String, amount| vec![Cell::Text(what), Cell::Number(Some(amount))];
        let changes = bridge.changes.iter().map(|change| {
            let id: String = change.commit.chars().take(10).collect();
            let from = match change.pull_request {
                Some(number) => format!(" (#{number})"),
                None => format!(" ({id})"),
            };
            // A squashed request's subject names it already.
            let subject = change.subject.trim_end_matches(&*from);
            step(
                format!("merged {}: {subject}{from}", change.date),
                change.effect,
            )
        });
        let effects = bridge.effects.iter().filter(|it| it.effect != 0.0);
        let effects = effects.map(|it| step(factor(it.factor).to_owned(), it.effect));
        let rows = std::iter::once(step("forecast made".to_owned(), bridge.forecast))
            .chain(changes)
            .chain(effects)
            .chain([step("actual".to_owned(), bridge.actual)]);
        tab(&bridge.meter, &["step", "amount"], rows)
    });
    section(
        "From forecast to actual",
        tables.collect(),
        "No use of any API or model was measured.",
    )
}

fn factor(factor: Factor) -> &'static str {
    match factor {
        Factor::Tenants => "tenants",
        Factor::Rate => "rate",
        Factor::Cache => "cache",
        Factor::Retry => "retries",
        Factor::Cost => "unit cost",
        Factor::Undeclared => "undeclared",
    }
}

fn features(project: &Project) -> Section {
    let rows = project.features.iter().map(|line| {
        vec![
            word(&line.feature),
            word(&line.path),
            word(&line.unit),
            Cell::Number(Some(line.forecast)),
            Cell::Number(Some(line.actual)),
            known(line.bias, Cell::Share),
            known(line.wape, Cell::Share),
            maybe(line.since.as_deref()),
        ]
    });
    let columns = [
        "feature",
        "line",
        "unit",
        "forecast",
        "actual",
        "bias",
        "WAPE",
        "counted since",
    ];
    section(
        "Features",
        vec![tab("", &columns, rows)],
        "No usage of any line was measured.",
    )
}

fn databases(project: &Project) -> Section {
    let rows = project.databases.iter().map(|it| {
        vec![
            word(&it.name),
            Cell::Bytes(Some(it.first)),
            Cell::Bytes(Some(it.last)),
            known(it.projected, Cell::Bytes),
            known(it.limit, Cell::Bytes),
            known(it.full_on_day, Cell::Number),
        ]
    });
    let sizes = project.row_sizes.iter().map(|it| {
        vec![
            word(&it.path),
            known(it.declared, Cell::Bytes),
            Cell::Bytes(Some(it.measured)),
        ]
    });
    let columns = [
        "database",
        "first",
        "last",
        "projected",
        "limit",
        "full in days",
    ];
    section(
        "Databases",
        vec![
            tab("Bytes", &columns, rows),
            tab("Row sizes", &["path", "declared", "measured"], sizes),
        ],
        "No database's size was measured.",
    )
}

fn queues(project: &Project) -> Section {
    let rows = project.queues.iter().map(|it| {
        let depths = [it.p50, it.p95, it.p99, it.max].map(Some);
        let limits = [it.declared, it.max_depth, it.scale_up_at];
        let mut row = vec![word(&it.name)];
        row.extend(
            depths
                .into_iter()
                .chain(limits)
                .map(|at| known(at, Cell::Number)),
        );
        row
    });
    let columns = [
        "queue",
        "p50",
        "p95",
        "p99",
        "most",
        "declared",
        "allowed",
        "scale up at",
    ];
    section(
        "Queues",
        vec![tab("", &columns, rows)],
        "No queue's depth was measured.",
    )
}

fn tenants(project: &Project) -> Section {
    let rows = project.tenants.iter().map(|it| {
        vec![
            word(&it.tenant),
            maybe(it.tier.as_deref()),
            Cell::Money(Some(it.cost)),
            Cell::Share(Some(it.share)),
        ]
    });
    let cost = format!("cost, {}", project.currency);
    let columns = ["tenant", "tier", cost.as_str(), "share"];
    let absent = "No tenant's cost was measured.";
    section(
        "Tenants that cost most",
        vec![tab("", &columns, rows)],
        absent,
    )
}

fn tripling(project: &Project) -> Section {
    let rows = project.tripling.iter().map(|it| {
        vec![
            word(&it.tenant),
            word(&it.path),
            word(&it.unit),
            Cell::Number(Some(it.before)),
            Cell::Number(Some(it.last)),
            Cell::Share(Some(it.share)),
        ]
    });
    let columns = [
        "tenant",
        "of",
        "unit",
        "30 days before",
        "last 30 days",
        "share of all",
    ];
    let absent = "No tenant's measured use has tripled in 30 days.";
    section(
        "Tenants about to triple",
        vec![tab("", &columns, rows)],
        absent,
    )
}

fn scenarios(project: &Project) -> Section {
    let rows = project.scenarios.iter().map(|it| {
        let [demand, limit] = number::row([it.demand, it.limit], &it.unit, &project.currency);
        vec![
            word(&it.scenario),
            word(&it.meter),
            Cell::Figure(demand),
            Cell::Figure(limit),
            Cell::Share(it.utilization),
            word(it.verdict.as_str()),
        ]
    });
    let columns = [
        "scenario", "meter", "demand", "limit", "of limit", "verdict",
    ];
    let absent = "With today's tenants every limit holds in every scenario.";
    section("Scenarios", vec![tab("", &columns, rows)], absent)
}

fn purchases(project: &Project) -> Section {
    let buys = project.purchases.iter().filter(|it| !it.buy.is_empty());
    let rows = buys.map(|it| {
        let packs = it
            .buy
            .iter()
            .map(|pack| format!("{} × {}", pack.count, pack.pack));
        vec![
            word(&it.month),
            word(&it.api),
            word(&packs.collect::<Vec<_>>().join(" and ")),
            Cell::Figure(number::exact(it.price)),
            word(&it.order_by),
            maybe(it.event.as_deref()),
        ]
    });
    let price = format!("price, {}", project.currency);
    let columns = ["month", "API", "buy", price.as_str(), "order by", "event"];
    let months = project.cash.first().map_or(&[][..], |line| &line.months);
    let mut heads = vec!["path", "part", "owner"];
    heads.extend(months.iter().map(|it| it.month.as_str()));
    let cash = project.cash.iter().map(|line| {
        let mut row = vec![
            word(&line.path),
            maybe(line.part.as_deref()),
            maybe(line.owner.as_deref()),
        ];
        row.extend(line.months.iter().map(|it| {
            let cash = it.cash.map_or_else(|| "∞".to_owned(), number::exact);
            Cell::Figure(if it.lower_bound {
                format!("≥{cash}")
            } else {
                cash
            })
        }));
        row
    });
    let title = format!("Cash, {}", project.currency);
    section(
        "Purchases and cash",
        vec![tab("Buy", &columns, rows), tab(&title, &heads, cash)],
        "There is nothing to buy, and nothing has a price.",
    )
}

fn assumptions(project: &Project) -> Section {
    let rows = project.waivers.iter().map(|it| {
        vec![
            word(&it.until),
            word(&it.rule),
            word(&it.subject),
            maybe(it.owner.as_deref()),
        ]
    });
    let columns = ["ends", "rule", "of", "owner"];
    Section {
        title: "Assumptions and waivers".to_owned(),
        words: match project.assumptions.is_empty() {
            true => vec!["Nothing is assumed.".to_owned()],
            false => project.assumptions.clone(),
        },
        tabs: vec![tab("Waivers that end", &columns, rows)],
    }
}

fn ends(review: &Review) -> Section {
    let rows = review.usage.unmatched.iter().map(|it| {
        vec![
            word(&it.subject),
            word(&it.unit),
            Cell::Number(Some(it.rows as f64)),
            Cell::Number(Some(it.quantity)),
        ]
    });
    let made = match &review.forecast_made {
        Some(commit) => {
            let id: String = commit.chars().take(10).collect();
            format!("The forecast under review is that of commit {id}.")
        }
        None => "There is no forecast from before the first day.".to_owned(),
    };
    let usage = &review.usage;
    let outside = usage.rows.saturating_sub(usage.matched);
    let rows_read = format!(
        "{} of usage {} read: {} count, {outside} lie outside of these days or match nothing.",
        plural(usage.rows, "row"),
        if usage.rows == 1 { "was" } else { "were" },
        usage.matched
    );
    let mut words = vec![made, rows_read];
    words.extend(review.notes.iter().cloned());
    Section {
        title: "What this is made of".to_owned(),
        words,
        tabs: vec![tab(
            "Rows that match nothing",
            &["of", "unit", "rows", "quantity"],
            rows,
        )],
    }
}
