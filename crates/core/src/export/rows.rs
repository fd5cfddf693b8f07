//! A project's figures as rows of one table: what an organisation adds up.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::TomlPath;
use crate::export::Reported;
use crate::report::{Finding, Line, Meter, Purchase, Report};

/// A value, as CSV has it.
pub enum Cell<'a> {
    /// What anyone may have written.
    Text(&'a str),
    /// Anything else; empty where there is none.
    Plain(String),
}

trait Column {
    fn cell(&self) -> Cell<'_>;
}

impl Column for Arc<str> {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Column for f64 {
    fn cell(&self) -> Cell<'_> {
        // As JSON, which has no word for what is infinite.
        Cell::Plain(match self.is_finite() {
            true => self.to_string(),
            false => String::new(),
        })
    }
}

impl Column for u32 {
    fn cell(&self) -> Cell<'_> {
        Cell::Plain(self.to_string())
    }
}

impl Column for bool {
    fn cell(&self) -> Cell<'_> {
        Cell::Plain(self.to_string())
    }
}

/// Defines the columns: their order, their types and what they mean.
macro_rules! columns {
    ($($(#[doc = $doc:literal])* $column:ident: $type:ty,)*) => {
        /// A row of `caplint export rows`. Every row has every column, null where it says nothing
        /// of what the row is about. Columns are only ever added, at the end.
        #[derive(Clone, Debug, Default, Serialize, JsonSchema)]
        #[schemars(title = "caplint rows", extend("$id" = SCHEMA))]
        pub struct Row {
            $($(#[doc = $doc])* pub $column: Option<$type>,)*
        }

        impl Row {
            /// The names of the columns, in their order.
            pub const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            /// The values, in the same order.
            pub fn cells(&self) -> Vec<Cell<'_>> {
                vec![$(self.$column.as_ref().map_or(Cell::Plain(String::new()), Column::cell)),*]
            }
        }
    };
}

/// Where the schema of rows is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/rows.schema.json";

columns! {
    /// What the row is about: `line`, `unit`, `meter`, `finding` or `purchase`.
    record: Arc<str>,
    /// The project's name.
    project: Arc<str>,
    /// The project's folder in the repository; empty at the top.
    root: Arc<str>,
    /// The ISO 4217 code of all money in the row.
    currency: Arc<str>,
    /// The commit; null where it is none.
    commit: Arc<str>,
    /// The date as of which is forecast, `YYYY-MM-DD`.
    date: Arc<str>,
    /// The path of the line, the id of the meter, the subject of the finding, or the API.
    path: Arc<str>,
    /// The feature of a line or a unit.
    feature: Arc<str>,
    /// Who answers for it: the owner of the feature or of the thing, else the project's.
    owner: Arc<str>,
    /// Lines: the list in the feature that declares it.
    list: Arc<str>,
    /// Lines and units: the endpoint with its API, the table, the queue or the model.
    target: Arc<str>,
    /// Meters: the third part of the id.
    kind: Arc<str>,
    /// Meters: the unit of demand and limit. Units: the model's unit.
    unit: Arc<str>,
    /// The file that declares it.
    file: Arc<str>,
    /// The line in that file, from 1.
    line: u32,
    /// Lines: the number of tenants, entities or projects that it is counted for.
    population: f64,
    /// Lines, a day: calls or runs requested.
    requested: f64,
    /// Lines, a day: those that no cache serves.
    reached: f64,
    /// Lines, a day: those and their retries.
    billed: f64,
    /// Lines, a day: credits that the billed calls cost.
    credits: f64,
    /// Lines, a day: rows read or written.
    table_rows: f64,
    /// Lines, a day: messages sent.
    messages: f64,
    /// Lines, a day: bytes of those messages.
    bytes: f64,
    /// Lines, a day: money that the billed runs cost.
    spend: f64,
    /// Lines: billed calls or runs, rows, or messages in the busiest second.
    peak_per_second: f64,
    /// Units, a day: how many the runs use.
    units: f64,
    /// Units, a day: how many are billed.
    billed_units: f64,
    /// Meters: the demand with every estimate at its p50.
    point: f64,
    /// Meters: the median of the demand.
    p50: f64,
    /// Meters: its 80th percentile.
    p80: f64,
    /// Meters: its 90th percentile.
    p90: f64,
    /// Meters: its 95th percentile.
    p95: f64,
    /// Meters: whether the demand includes something unknown.
    lower_bound: bool,
    /// Meters: the limit; null where there is none.
    limit_value: f64,
    /// Meters: the judged percentile of the demand over the limit.
    utilization: f64,
    /// Meters: `unlimited`, `fits`, `tight`, `unknown` or `breaks`. Purchases: `covered`, `short` or `not-needed`.
    verdict: Arc<str>,
    /// Meters: the multiple of all tenants up to which the limit holds.
    breaking_point: f64,
    /// Credits: the day of the month on which the plan is used up.
    empties_on_day: f64,
    /// Storage: the day from today on which the disk is full.
    full_on_day: u32,
    /// Findings: the rule.
    rule: Arc<str>,
    /// Findings: `info`, `warning` or `error`.
    severity: Arc<str>,
    /// Findings: what is wrong.
    message: Arc<str>,
    /// Findings: the same in every run.
    fingerprint: Arc<str>,
    /// Findings: the number that it is about.
    figure: f64,
    /// Findings: whether a waiver or an `allow` covers it.
    waived: bool,
    /// Purchases: the month that it is for, `YYYY-MM`.
    month: Arc<str>,
    /// Purchases: the event that it is for; null where it is the month's own.
    event: Arc<str>,
    /// Purchases: credits to buy, the median.
    need_p50: f64,
    /// Purchases: credits to buy at the 80th percentile.
    need_p80: f64,
    /// Purchases: credits to buy at the 90th percentile.
    need_p90: f64,
    /// Purchases: credits to buy at the 95th percentile.
    need_p95: f64,
    /// Purchases: credits carried over from the month before.
    carried: f64,
    /// Purchases: the packs to buy, such as `4 × 500k`.
    buy: Arc<str>,
    /// Purchases: credits in those packs.
    bought: f64,
    /// Purchases: credits that are billed as they are used.
    overage: f64,
    /// Purchases: what the packs and the overage cost, with its exact decimals.
    price: Arc<str>,
    /// Purchases: credits left at the month's end.
    left_over: f64,
    /// Purchases: the last day to order, `YYYY-MM-DD`.
    order_by: Arc<str>,
    /// Purchases: what topping up costs instead, with its exact decimals.
    top_up: Arc<str>,
}

/// All rows of a project: lines and their units, meters, findings, and purchases.
pub fn rows(of: Reported<'_>, report: &Report) -> Vec<Row> {
    let project = of.report;
    let common = Row {
        project: text(&project.name),
        root: text(&project.root),
        currency: text(&project.currency),
        commit: report.head.commit.as_deref().and_then(text),
        date: text(&report.as_of),
        ..Row::default()
    };
    let mut rows = Vec::new();
    for line in &project.lines {
        let line_row = Row {
            path: Some(line.path.clone()),
            feature: Some(line.feature.clone()),
            owner: of.owner("features", &line.feature).and_then(text),
            target: Some(line.target.clone()),
            ..common.clone()
        };
        rows.push(of_line(line, &line_row));
        rows.extend(of_units(line, &line_row));
    }
    let meters = project.meters.iter();
    rows.extend(meters.map(|meter| of_meter(of, meter, &common)));
    let findings = project.findings.iter();
    rows.extend(findings.map(|finding| of_finding(finding, &common)));
    let purchases = project.purchases.iter();
    rows.extend(purchases.map(|purchase| of_purchase(of, purchase, &common)));
    rows
}

fn text(text: &str) -> Option<Arc<str>> {
    Some(text.into())
}

fn of_line(line: &Line, common: &Row) -> Row {
    let day = &line.per_day;
    Row {
        record: text("line"),
        list: text(&line.list),
        file: Some(line.file.clone()),
        line: Some(line.line),
        population: Some(line.population),
        requested: day.requested,
        reached: day.reached,
        billed: day.billed,
        credits: day.credits,
        table_rows: day.rows,
        messages: day.messages,
        bytes: day.bytes,
        spend: day.spend,
        peak_per_second: Some(line.peak_per_second),
        ..common.clone()
    }
}

fn of_units<'a>(line: &'a Line, common: &'a Row) -> impl Iterator<Item = Row> + 'a {
    let billed = line.per_day.billed_units.as_ref();
    let units = line.per_day.units.iter().flatten();
    units.map(move |(unit, amount)| Row {
        record: text("unit"),
        unit: text(unit),
        units: Some(*amount),
        billed_units: billed.and_then(|billed| billed.get(unit).copied()),
        ..common.clone()
    })
}

fn of_meter(of: Reported<'_>, meter: &Meter, common: &Row) -> Row {
    let demand = &meter.demand;
    let keys = TomlPath::parse(&meter.id).unwrap_or_default().0;
    let owner = match &keys[..] {
        [table, name, ..] => of.owner(table, name),
        _ => None,
    };
    Row {
        record: text("meter"),
        path: Some(meter.id.clone()),
        owner: owner.and_then(text),
        kind: text(&meter.kind),
        unit: text(&meter.unit),
        point: demand.point,
        p50: demand.p50,
        p80: demand.p80,
        p90: demand.p90,
        p95: demand.p95,
        lower_bound: Some(meter.lower_bound),
        limit_value: meter.limit,
        utilization: meter.utilization,
        verdict: text(meter.verdict.as_str()),
        breaking_point: meter.breaking_point,
        empties_on_day: meter.detail.empties_on_day.flatten(),
        full_on_day: meter.detail.full_on_day.flatten(),
        ..common.clone()
    }
}

fn of_finding(finding: &Finding, common: &Row) -> Row {
    Row {
        record: text("finding"),
        path: text(&finding.subject),
        file: finding.file.as_deref().and_then(text),
        line: finding.line,
        rule: text(&finding.rule),
        severity: text(finding.severity.as_str()),
        message: text(&finding.message),
        fingerprint: text(&finding.fingerprint),
        figure: finding.figure,
        waived: Some(finding.waived.is_some()),
        ..common.clone()
    }
}

fn of_purchase(of: Reported<'_>, purchase: &Purchase, common: &Row) -> Row {
    let (need, buy) = (&purchase.need, purchase.buy.iter());
    let buy = buy.map(|bought| format!("{} × {}", bought.count, bought.pack));
    let buy = buy.collect::<Vec<_>>().join(", ");
    Row {
        record: text("purchase"),
        path: text(&TomlPath::new(&["apis", &purchase.api]).to_string()),
        owner: of.owner("apis", &purchase.api).and_then(text),
        verdict: text(purchase.verdict.as_str()),
        lower_bound: Some(purchase.lower_bound),
        month: text(&purchase.month),
        event: purchase.event.as_deref().and_then(text),
        need_p50: need.p50,
        need_p80: need.p80,
        need_p90: need.p90,
        need_p95: need.p95,
        carried: Some(purchase.carried),
        buy: text(&buy),
        bought: Some(purchase.credits),
        overage: Some(purchase.overage),
        price: text(&purchase.price.to_string()),
        left_over: Some(purchase.left_over),
        order_by: text(&purchase.order_by),
        top_up: purchase.top_up.and_then(|it| text(&it.price.to_string())),
        ..common.clone()
    }
}
