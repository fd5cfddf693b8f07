//! A review: as Markdown, as one page and as JSON. All tell the same sections.

mod page;

use crate::calibrate::report::Factor;
use crate::review::report::{Decision, Kind, Project, Review};
use crate::sheet::{Cell, Tab};
use crate::units::Date;
use crate::words::number::{self, plural};

use super::escape::{self, Context};
use super::purchases::{about, bought, cash, order_by};
use super::sheet_markdown;

pub(crate) use page::html;

pub(crate) fn json(review: &Review) -> String {
    super::json::pretty(review)
}

/// The section that leads from forecasts to what was measured.
const BRIDGES: &str = "From forecast to actual";

/// A part of a review: sentences, then tables.
#[derive(Default)]
struct Section {
    title: String,
    /// Whether it is printed on a new sheet.
    begins_page: bool,
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
    format!("Capacity of {names}, {}", days(review))
}

/// The quarter, or the first day and the last.
fn days(review: &Review) -> String {
    let parsed = [&review.from, &review.to].map(|day| Date::parse(day).ok());
    let [Some(from), Some(to)] = parsed else {
        return format!("{} to {}", review.from, review.to);
    };
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let are_first = from.day() == 1 && to.day() == 1;
    if are_first && months(from) % 3 == 0 && months(to) - months(from) == 3 {
        return format!("{:04}-Q{}", from.year(), months(from) % 12 / 3 + 1);
    }
    format!("{from} to {}", to.plus_days(-1).unwrap_or(to))
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
        ..Section::default()
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
                maybe(it.due.as_deref()),
                maybe(it.owner.as_deref()),
                word(&it.evidence),
                word(&it.status),
                word(&it.id),
            ]
        };
        tab(
            title,
            &["due", "owner", "decide", "status", "id"],
            own.map(row),
        )
    };
    let previous = review.previous.iter();
    let previous = previous.map(|it| vec![word(&it.id), word(&it.status), word(&it.evidence)]);
    Section {
        title: "Decisions".to_owned(),
        words: review.summary.clone(),
        tabs: vec![
            of("Pre-purchase", Kind::PrePurchase),
            of("Build differently", Kind::Rearchitect),
            of("Watch", Kind::Watch),
            tab(
                "Decisions of the last review",
                &["id", "status", "now"],
                previous,
            ),
        ],
        ..Section::default()
    }
}

fn of_project(project: &Project) -> Vec<Section> {
    // What was, what is there, and what comes begin on a sheet of their own.
    let new = |section| Section {
        begins_page: true,
        ..section
    };
    vec![
        new(bridges(project)),
        features(project),
        new(databases(project)),
        queues(project),
        compute(project),
        tripling(project),
        new(scenarios(project)),
        purchases(project),
        assumptions(project),
    ]
}

/// A table for each meter: from the forecast to what was measured.
fn bridges(project: &Project) -> Section {
    let tables = project.bridges.iter().map(|bridge| {
        let (unit, cell): (_, fn(Option<f64>) -> Cell) = match bridge.meter.ends_with(".spend") {
            true => (project.currency.as_str(), Cell::Money),
            false => ("credits", Cell::Number),
        };
        let step = |what: String, amount| vec![Cell::Text(what), cell(Some(amount))];
        let changes = bridge.changes.iter().map(|change| {
            let id: String = change.commit.chars().take(10).collect();
            // A pull request is named by the subject.
            let from = match change.pull_request {
                Some(_) => String::new(),
                None => format!(" ({id})"),
            };
            step(
                format!("merged {}: {}{from}", change.date, change.subject),
                change.effect,
            )
        });
        let effects = bridge.effects.iter().filter(|it| it.effect != 0.0);
        let effects = effects.map(|it| step(factor(it.factor).to_owned(), it.effect));
        let rows = std::iter::once(step("forecast made".to_owned(), bridge.forecast))
            .chain(changes)
            .chain(effects)
            .chain([step("actual".to_owned(), bridge.actual)]);
        tab(&bridge.meter, &["step", unit], rows)
    });
    section(
        BRIDGES,
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
        let limits = [it.declared, it.max_depth, it.scale_up_at, it.minutes_over];
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
        "target",
        "minutes over target",
    ];
    let mut section = section(
        "Queues",
        vec![tab("", &columns, rows)],
        "No depth of a queue was measured.",
    );
    if project.queues.iter().any(|it| it.scale_up_at.is_some()) {
        let words = "The target is the depth that the declared workers empty in the time that `drain` allows.";
        section.words.push(words.to_owned());
    }
    section
}

fn compute(project: &Project) -> Section {
    let spend = project.spend.iter().map(|it| {
        vec![
            word(&it.model),
            Cell::Money(Some(it.cost)),
            Cell::Money(Some(it.most)),
            word(&it.month),
            known(it.budget, Cell::Money),
        ]
    });
    let cost = format!("cost, {}", project.currency);
    let of_models = [
        "model",
        &cost,
        "dearest month",
        "which was",
        "budget a month",
    ];
    let tenants = project.tenants.iter().map(|it| {
        vec![
            word(&it.tenant),
            maybe(it.tier.as_deref()),
            Cell::Money(Some(it.cost)),
            Cell::Share(Some(it.share)),
        ]
    });
    let of_tenants = ["tenant", "tier", &cost, "share"];
    let over = project.over_quota.iter().map(|it| {
        vec![
            word(&it.tenant),
            maybe(it.tier.as_deref()),
            word(&it.model),
            Cell::Number(Some(it.used)),
            Cell::Number(Some(it.quota)),
            word(&format!("{} a {}", it.unit, it.per)),
            word(&it.when),
        ]
    });
    let of_quotas = ["tenant", "tier", "model", "used", "quota", "of", "when"];
    section(
        "Compute",
        vec![
            tab("Spend", &of_models, spend),
            tab("Tenants that cost most", &of_tenants, tenants),
            tab("Tenants over quota", &of_quotas, over),
        ],
        "No cost of a model or a tenant was measured.",
    )
}

fn tripling(project: &Project) -> Section {
    let rows = project.tripling.iter().map(|it| {
        let (unit, cell): (_, fn(Option<f64>) -> Cell) = match it.unit.as_str() {
            "cost" => (&project.currency, Cell::Money),
            _ => (&it.unit, Cell::Number),
        };
        vec![
            word(&it.tenant),
            word(&it.path),
            word(unit),
            cell(Some(it.before)),
            cell(Some(it.last)),
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
            match it.limit {
                Some(_) => Cell::Figure(limit),
                None => word("–"),
            },
            match it.limit {
                Some(_) => Cell::Share(it.utilization),
                None => word("–"),
            },
            word(it.verdict.as_str()),
        ]
    });
    let columns = [
        "scenario", "meter", "demand", "limit", "of limit", "verdict",
    ];
    let absent = "With today's tenants every limit holds in every scenario.";
    section(
        "Scenarios",
        vec![populations(project), tab("Limits", &columns, rows)],
        absent,
    )
}

/// Tenants: a row for each situation, a column for each tier.
fn populations(project: &Project) -> Tab {
    let of_one = project
        .populations
        .chunk_by(|one, other| one.situation == other.situation);
    let rows = of_one.clone().map(|own| {
        let name = own.first().map_or("", |it| it.situation.as_str());
        let counts = own.iter().map(|it| Cell::Number(Some(it.tenants)));
        std::iter::once(word(name)).chain(counts).collect()
    });
    let tiers = of_one.clone().next().unwrap_or_default().iter();
    let mut columns = vec!["tenants"];
    columns.extend(tiers.map(|it| it.tier.as_str()));
    tab("Tenants", &columns, rows)
}

fn purchases(project: &Project) -> Section {
    let buys = project.purchases.iter().filter(|it| !it.buy.is_empty());
    let rows = buys.map(|it| {
        vec![
            word(&it.month),
            word(&it.api),
            word(&bought(it)),
            Cell::Figure(about(it.price)),
            word(&order_by(it)),
            maybe(it.event.as_deref()),
        ]
    });
    let price = format!("price, {}", project.currency);
    let columns = ["month", "API", "buy", price.as_str(), "order by", "event"];
    section(
        "Purchases and cash",
        vec![
            tab("Buy", &columns, rows),
            cash(&project.cash, &project.currency),
        ],
        "Nothing is to be bought, and nothing has a price.",
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
        ..Section::default()
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
    let unmatched: usize = usage.unmatched.iter().map(|it| it.rows).sum();
    let count = |rows: usize| number::count(rows as f64);
    let rows_read = format!(
        "{} of usage: {} count, {} are of other days, {} match nothing.",
        plural(usage.rows, "row"),
        count(usage.matched),
        count(usage.outside),
        count(unmatched)
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
        ..Section::default()
    }
}
