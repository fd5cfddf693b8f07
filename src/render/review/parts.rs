//! The sections about one project.

use crate::calibrate::report::Factor;
use crate::document::TomlPath;
use crate::report::purchases::Purchase;
use crate::review::report::Project;
use crate::sheet::{Cell, Tab};
use crate::words::number;

use super::super::purchases::{about, bought, cash, order_by, short_of};
use super::{BRIDGES, Section, known, maybe, section, tab, word};

pub(super) fn of_project(project: &Project) -> Vec<Section> {
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

pub(super) fn factor(factor: Factor) -> &'static str {
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
            Cell::Number(Some(line.days as f64)),
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
        "days",
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
            Cell::Number(Some(it.days as f64)),
            Cell::Money(Some(it.cost)),
            Cell::Money(Some(it.most)),
            word(&it.month),
            known(it.budget, Cell::Money),
        ]
    });
    let cost = format!("cost, {}", project.currency);
    let of_models = [
        "model",
        "days",
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
        let of_limit = |cell| it.limit.map_or(word("–"), |_| cell);
        vec![
            word(&it.scenario),
            word(&it.meter),
            Cell::Figure(demand),
            of_limit(Cell::Figure(limit)),
            of_limit(Cell::Share(it.utilization)),
            of_limit(word(it.verdict.as_str())),
        ]
    });
    let columns = ["scenario", "meter", "demand", "limit", "used", "verdict"];
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
    let is_paid = |it: &&Purchase| !it.buy.is_empty() || it.overage > 0.0;
    let buys = project.purchases.iter().filter(is_paid);
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
    let mut purchases = section(
        "Purchases and cash",
        vec![
            tab("Buy", &columns, rows),
            cash(&project.cash, &project.currency),
        ],
        "Nothing is to be bought, and nothing has a price.",
    );
    for of_api in project.purchases.chunk_by(|a, b| a.api == b.api) {
        let path = TomlPath::new(&["apis", &of_api[0].api]);
        let short = short_of(of_api).map(|short| format!("`{path}`: {short}"));
        purchases.words.extend(short);
    }
    purchases
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
