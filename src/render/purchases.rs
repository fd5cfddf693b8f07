//! What to buy, as text: for a terminal, as Markdown, as CSV and as JSON.

mod words;

use crate::report::purchases::{
    Amount, Bought, Cash, CashLine, Choice, ProjectPurchases, Purchase, Purchases, Urgency,
};
use crate::sheet::{Cell, Tab};
use crate::words::number;

pub(super) use words::short_of;

use super::escape::{self, Context};
use super::human::{Ink, Pen};
use super::sheet::field;
use super::{sheet_human, sheet_markdown, text};

pub(crate) fn json(purchases: &Purchases) -> String {
    super::json::pretty(purchases)
}

/// What a plan is told in.
enum Part {
    Table(Tab),
    /// Sentences, each in a line of its own.
    Words(Vec<String>),
}

/// For a terminal of this width; anywhere else tables are as wide as they have to be.
pub(crate) fn human(plans: &[ProjectPurchases], width: Option<usize>) -> String {
    let pen = &Pen::UNBOUNDED.within(width.unwrap_or(usize::MAX));
    let parts = plans.iter().flat_map(|plan| {
        let title = (plans.len() > 1).then(|| format!("# {}\n", text::message(&plan.name)));
        let parts = parts(plan).into_iter().map(move |part| match part {
            Part::Table(tab) => sheet_human(&[tab], width),
            Part::Words(words) => {
                let lines = words.iter().map(|line| {
                    let line = format!("  {}", text::message(line));
                    pen.wrapped(Ink::Plain, &line, 2)
                });
                lines.collect()
            }
        });
        title.into_iter().chain(parts)
    });
    parts.collect::<Vec<_>>().join("\n")
}

pub(crate) fn markdown(plans: &[ProjectPurchases]) -> String {
    let prose = |words: &str| escape::prose(words, Context::Text);
    let parts = plans.iter().flat_map(|plan| {
        let title = (plans.len() > 1).then(|| format!("## {}\n", prose(&plan.name)));
        let parts = parts(plan).into_iter().map(move |part| match part {
            Part::Table(tab) => sheet_markdown(&[tab]),
            Part::Words(words) => {
                let lines = words.iter().map(|line| format!("- {}\n", prose(line)));
                lines.collect()
            }
        });
        title.into_iter().chain(parts)
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn parts(plan: &ProjectPurchases) -> Vec<Part> {
    if plan.purchases.is_empty() {
        let name = &plan.name;
        let nothing = format!("Nothing to buy: no API of {name} has packs, overage or a plan.");
        return vec![Part::Words(vec![nothing])];
    }
    let mut parts = Vec::new();
    for of_api in plan.purchases.chunk_by(|a, b| a.api == b.api) {
        parts.push(Part::Table(months(plan, of_api)));
        parts.push(Part::Words(words::of_api(plan, of_api)));
        let wanted = |one: &&Purchase| are_different(&one.options);
        if let Some(one) = of_api.iter().find(wanted) {
            parts.push(Part::Table(options(plan, one)));
            parts.push(Part::Words(words::of_options(plan, one)));
        }
        let api = &of_api[0].api;
        let vendor = plan.for_the_vendor.iter().find(|it| it.api == *api);
        let vendor = vendor.map(|it| format!("For {api}: {}", it.text));
        parts.push(Part::Words(vendor.into_iter().collect()));
    }
    parts.push(Part::Table(cash(&plan.cash, &plan.currency)));
    parts.push(Part::Words(plan.notes.clone()));
    parts.retain(|part| !matches!(part, Part::Words(words) if words.is_empty()));
    parts
}

fn are_different(options: &[Choice]) -> bool {
    let same = |a: &Choice, b: &Choice| {
        (&a.buy, a.price, a.expected_top_up) == (&b.buy, b.price, b.expected_top_up)
    };
    options.windows(2).any(|pair| !same(&pair[0], &pair[1]))
}

fn at_least(is_bound: bool, figure: String) -> Cell {
    Cell::Figure(if is_bound {
        format!("≥{figure}")
    } else {
        figure
    })
}

fn credits(credits: Option<f64>) -> String {
    credits.map_or_else(|| "∞".to_owned(), number::pieces)
}

/// The credits at a percentile.
fn at(credits: &crate::report::purchases::Credits, percentile: &str) -> Option<f64> {
    match percentile {
        "p50" => credits.p50,
        "p80" => credits.p80,
        "p90" => credits.p90,
        _ => credits.p95,
    }
}

/// `2 × 500k` and `1 × 100k`
fn packs(buy: &[Bought]) -> Vec<String> {
    let packs = buy.iter();
    packs
        .map(|bought| format!("{} × {}", bought.count, bought.pack))
        .collect()
}

pub(super) fn bought(purchase: &Purchase) -> String {
    let parts = [packs(&purchase.buy), words::as_used(purchase.overage)].concat();
    if parts.is_empty() {
        return "–".to_owned();
    }
    parts.join(" and ")
}

fn money(amount: Amount) -> String {
    number::exact(amount)
}

/// A quotient, to four digits.
fn short(amount: Amount) -> String {
    money(Amount(amount.0.round_sf(4).unwrap_or(amount.0)))
}

/// To the cent.
pub(super) fn about(amount: Amount) -> String {
    money(Amount(amount.0.round_dp(2)))
}

/// The last day to order, and whether it is over; of what is billed as it is used there is none.
pub(super) fn order_by(one: &Purchase) -> String {
    match one.urgency {
        _ if one.buy.is_empty() => "–".to_owned(),
        None => one.order_by.clone(),
        Some(Urgency::OrderNow) => format!("{} (order now)", one.order_by),
        Some(Urgency::Overdue) => format!("{} (overdue)", one.order_by),
    }
}

fn months(plan: &ProjectPurchases, of_api: &[Purchase]) -> Tab {
    let rows = of_api.iter().map(|one| {
        let month = match &one.event {
            Some(event) => format!("{} {event}", one.month),
            None => one.month.clone(),
        };
        let top_up = one
            .top_up
            .map_or("–".to_owned(), |top_up| about(top_up.price));
        let per_credit = one.per_credit.map_or("–".to_owned(), short);
        let demand = at(&one.demand, &plan.confidence);
        vec![
            Cell::text(month),
            at_least(one.lower_bound, credits(one.demand.p50)),
            at_least(one.lower_bound, credits(demand)),
            Cell::Figure(number::pieces(one.carried)),
            Cell::text(bought(one)),
            at_least(one.lower_bound, about(one.price)),
            Cell::Figure(per_credit),
            Cell::Figure(number::pieces(one.left_over)),
            Cell::text(order_by(one)),
            Cell::Figure(top_up),
        ]
    });
    let planned = format!("planned, {}", plan.confidence);
    let cash = format!("cash, {}", plan.currency);
    let columns = [
        "month",
        "expected",
        &planned,
        "carried",
        "buy",
        &cash,
        "a credit",
        "left over",
        "order by",
        "or top up",
    ];
    Tab {
        title: format!("What to buy from {}", of_api[0].api),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

fn options(plan: &ProjectPurchases, one: &Purchase) -> Tab {
    let rows = one.options.iter().map(|choice| {
        let buy = packs(&choice.buy);
        let mark = if choice.policy { " (policy)" } else { "" };
        let maybe = |amount: Option<Amount>| Cell::Figure(amount.map_or("–".to_owned(), about));
        vec![
            Cell::text(format!("{}{mark}", choice.percentile)),
            Cell::text(if buy.is_empty() {
                "–".to_owned()
            } else {
                buy.join(" and ")
            }),
            Cell::Figure(money(choice.price)),
            Cell::Figure(number::share(Some(choice.chance_short))),
            maybe(choice.expected_top_up),
            Cell::Figure(number::pieces(choice.expected_left_over)),
            maybe(choice.expected_total),
        ]
    });
    let price = format!("price, {}", plan.currency);
    let columns = [
        "buy for",
        "packs",
        &price,
        "runs short in",
        "expected top-ups",
        "expected left over",
        "expected total",
    ];
    let what = one.event.as_ref().unwrap_or(&one.month);
    Tab {
        title: format!("How much to buy for {what}"),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// What is paid, by month.
pub(super) fn cash(lines: &[CashLine], currency: &str) -> Tab {
    let paid = |cash: &Cash| {
        let paid = cash.cash.map_or("∞".to_owned(), about);
        let over = if cash.over_budget { " (over)" } else { "" };
        at_least(cash.lower_bound, format!("{paid}{over}"))
    };
    let rows = lines.iter().map(|line| {
        let what = match &line.part {
            Some(part) => format!("{} {part}", line.path),
            None => line.path.clone(),
        };
        let mut row = vec![
            Cell::text(what),
            Cell::text(line.owner.as_deref().unwrap_or("–")),
        ];
        row.extend(line.months.iter().map(paid));
        row.push(Cell::Figure(line.budget.map_or("–".to_owned(), money)));
        row
    });
    let months = lines.first().map_or(&[][..], |line| &line.months);
    let months = months.iter().map(|cash| cash.month.clone());
    let columns = ["what", "owner"].map(str::to_owned).into_iter();
    Tab {
        title: format!("Payments, in {currency}"),
        columns: columns.chain(months).chain(["budget".to_owned()]).collect(),
        rows: rows.collect(),
    }
}

/// As CSV: one row per API and month, events after their months, then all else that is paid.
pub(crate) fn csv(plans: &[ProjectPurchases]) -> String {
    let mut out = "month,api,owner,demand_p50,demand_p80,buy,cash,consumed_cost,budget,left_over\n"
        .to_owned();
    for plan in plans {
        // Several projects may use APIs of one name.
        let prefix = match plans.len() {
            1 => String::new(),
            _ => format!("{}/", plan.name),
        };
        for row in rows(plan) {
            let mut row = row;
            row[1] = field(&format!("{prefix}{}", row[1]));
            out.push_str(&row.join(","));
            out.push('\n');
        }
    }
    out
}

fn rows(plan: &ProjectPurchases) -> Vec<[String; 10]> {
    let budget = |line: &CashLine| line.budget.map_or(String::new(), |it| it.to_string());
    let bound = |is_bound: bool, figure: String| match is_bound {
        true => format!("≥{figure}"),
        false => figure,
    };
    let number = |number: Option<f64>| number.map_or("inf".to_owned(), |it| it.to_string());
    let of = |one: &Purchase| {
        let own = || {
            plan.cash
                .iter()
                .filter(|it| it.api.as_ref() == Some(&one.api))
        };
        // What is held against the budget is all that is paid to the API.
        let line = own()
            .find(|it| it.budget.is_some())
            .or_else(|| own().next());
        let mut buy = [packs(&one.buy), words::as_used(one.overage)]
            .concat()
            .join(" and ");
        if let Some(event) = &one.event {
            buy = format!("{buy} (event {event})").trim_start().to_owned();
        }
        [
            one.month.clone(),
            one.api.clone(),
            field(
                line.and_then(|line| line.owner.as_deref())
                    .unwrap_or_default(),
            ),
            bound(one.lower_bound, number(one.demand.p50)),
            bound(one.lower_bound, number(one.demand.p80)),
            field(&buy),
            bound(one.lower_bound, one.price.to_string()),
            one.consumed_cost.to_string(),
            line.map(budget).unwrap_or_default(),
            one.left_over.to_string(),
        ]
    };
    let mut rows: Vec<[String; 10]> = plan.purchases.iter().map(of).collect();
    let bought = |line: &&CashLine| matches!(line.part.as_deref(), None | Some("plan"));
    for line in plan.cash.iter().filter(bought) {
        let name = match &line.part {
            Some(part) => format!("{}.{part}", line.path),
            None => line.path.clone(),
        };
        rows.extend(line.months.iter().map(|cash| {
            let paid = cash.cash.map_or("inf".to_owned(), |cash| cash.to_string());
            let paid = bound(cash.lower_bound, paid);
            let none = String::new;
            [
                cash.month.clone(),
                name.clone(),
                field(line.owner.as_deref().unwrap_or_default()),
                none(),
                none(),
                none(),
                paid.clone(),
                paid,
                budget(line),
                none(),
            ]
        }));
    }
    rows
}
