//! The spreadsheet: a project's forecast as the tabs of a capacity plan. Features, tenants,
//! credits, tables, queues and workers, money, scenarios.

mod limits;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::{Outlook, Project};
use crate::fit::Fitted;
use crate::forecast::Situation;
use crate::forecast::ages::Ages;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::storage::{Sources, Storage};
use crate::meter::{Family, MeterKind, TOTAL};
use crate::model::lines::events::Amount;
use crate::model::{Entity, Model, Projected};
use crate::quantity::{Graph, Quantity};
use crate::report::{Meter, Verdict};
use crate::words::number;

/// The value of [`Sheets::format`].
pub const FORMAT: &str = "caplint.forecast/1";

/// Where the schema of forecasts is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/forecast.schema.json";

/// The forecasts of projects, as tables. Numbers are in full precision; an infinite one is null.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "caplint forecast", extend("$id" = SCHEMA))]
pub struct Sheets {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// `today`, or the scenario that is forecast.
    pub situation: String,
    /// The projects, sorted by root.
    pub projects: Vec<ProjectSheet>,
}

/// The forecast of one project.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProjectSheet {
    /// The project's name.
    pub name: String,
    /// Its folder, from the top of the repository; empty at the top.
    pub root: String,
    /// The ISO 4217 code of its money.
    pub currency: String,
    /// Its tables.
    pub tabs: Vec<Tab>,
}

/// A table with a title.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Tab {
    /// The tab's title.
    pub title: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell: words, a number, or what includes something unknown, so that it may be more.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A figure as it is written, such as money with all its decimals.
    Figure(String),
    /// A number, at point values; nothing if infinite.
    Number(Option<f64>),
    /// Bytes; nothing if infinite.
    Bytes(Option<f64>),
    /// Money; nothing if infinite.
    Money(Option<f64>),
    /// A share of a limit.
    Share(Option<f64>),
    /// What includes something unknown, so that it may be more.
    AtLeast {
        /// What is known of it.
        at_least: Box<Cell>,
    },
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn number(number: f64) -> Self {
        Self::Number(number.is_finite().then_some(number))
    }

    fn bytes(bytes: f64) -> Self {
        Self::Bytes(bytes.is_finite().then_some(bytes))
    }

    fn bounded(self, lower_bound: bool) -> Self {
        match lower_bound {
            true => Self::AtLeast {
                at_least: Box::new(self),
            },
            false => self,
        }
    }
}

/// The tabs of a project. Features, credits, tables, queues and money are those of the situation;
/// tenants and limits are listed for today, for every day and in every scenario.
pub fn tabs(
    project: &Project,
    outlook: &Outlook,
    situation: Situation<'_>,
    meters: &[Fitted],
) -> Vec<Tab> {
    let mut graph = Graph::at_points();
    let model = match situation {
        Situation::Scenario(scenario) => {
            let mut all = project.scenarios.iter();
            let found = all.find(|(other, _)| other.name == scenario.name);
            let model = found.and_then(|(_, model)| model.as_ref());
            model.unwrap_or(&project.model)
        }
        _ => &project.model,
    };
    let forecast = Forecast::new(model, situation, Keep::Lines, &mut graph);
    let sources = Sources::new(model, &mut graph);
    let mut sheet = Sheet {
        model,
        situation,
        forecast: &forecast,
        sources: &sources,
        graph: &mut graph,
        meters,
    };
    let mut of_situation = [
        sheet.features(),
        sheet.credits(),
        sheet.tables(),
        sheet.queues(),
        sheet.money(project),
    ];
    let mut tenants = tenants(project);
    if let Situation::Scenario(scenario) = situation {
        for tab in &mut of_situation {
            tab.title = format!("{} ({})", tab.title, scenario.name);
        }
        tenants.title.push_str(", as declared");
    }
    let [features, credits, tables, queues, money] = of_situation;
    vec![
        features,
        tenants,
        credits,
        tables,
        queues,
        money,
        of_tenants(project, outlook),
        limits::today(project, outlook),
        limits::then(project, outlook),
    ]
}

struct Sheet<'a> {
    model: &'a Model,
    situation: Situation<'a>,
    forecast: &'a Forecast,
    sources: &'a Sources,
    graph: &'a mut Graph,
    meters: &'a [Fitted],
}

fn tab(title: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Tab {
    Tab {
        title: title.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows,
    }
}

impl Sheet<'_> {
    /// Tab one: what each line of each feature uses, and how often.
    fn features(&self) -> Tab {
        let mut rows = Vec::new();
        for (name, flows) in &self.forecast.flows {
            let feature = &self.model.features[name];
            for (line, flow) in feature.lines.iter().zip(flows) {
                rows.push(vec![
                    Cell::text(name),
                    Cell::text(line.kind.list()),
                    Cell::text(&*line.id),
                    Cell::text(&*line.target_name()),
                    self.number(flow.per_member),
                    self.number(flow.population),
                    self.number(flow.occurrences),
                ]);
            }
        }
        let columns = ["feature", "list", "line", "uses", "each/day", "of", "a day"];
        tab("Features", &columns, rows)
    }

    fn number(&self, quantity: Quantity) -> Cell {
        Cell::number(self.graph.point(quantity)).bounded(quantity.is_unknown())
    }

    /// Tab three: credits per feature and API.
    fn credits(&self) -> Tab {
        let month = self.model.calendar.days_per_month;
        let mut by_api: BTreeMap<&str, Vec<(&str, f64, bool)>> = BTreeMap::new();
        for (feature, flows) in &self.forecast.flows {
            for flow in flows {
                let Some(credits) = flow.amount(Amount::Credits) else {
                    continue;
                };
                let is_bound = credits.is_unknown();
                let credits = self.graph.point(credits);
                let api = self.model.numbers[Family::Api].name(flow.thing);
                let of_api = by_api.entry(api).or_default();
                match of_api.last_mut() {
                    Some((last, sum, bound)) if *last == feature => {
                        *sum += credits;
                        *bound |= is_bound;
                    }
                    _ => of_api.push((feature, credits, is_bound)),
                }
            }
        }
        let row = |api: &str, feature: &str, credits: f64, is_bound: bool| {
            vec![
                Cell::text(api),
                Cell::text(feature),
                Cell::number(credits).bounded(is_bound),
                Cell::number(credits * month).bounded(is_bound),
            ]
        };
        let mut rows = Vec::new();
        for (api, features) in &by_api {
            let features = features.iter();
            rows.extend(features.map(|(name, credits, bound)| row(api, name, *credits, *bound)));
        }
        for (api, features) in &by_api {
            let total = features.iter().map(|(_, credits, _)| credits).sum();
            let is_bound = features.iter().any(|(_, _, bound)| *bound);
            rows.push(row(api, "total", total, is_bound));
        }
        let columns = ["api", "feature", "credits/day", "credits/month"];
        tab("Credits", &columns, rows)
    }

    /// Tab four: rows, bytes and how long they are kept.
    fn tables(&mut self) -> Tab {
        let mut rows = Vec::new();
        let storage = Storage::new(self.model, self.situation, self.forecast, self.sources);
        let horizon = f64::from(self.situation.horizon(self.model.calendar.horizon));
        let payload = self.situation.payload();
        for (name, table) in &self.model.tables {
            let per_day = storage.rows(table, Ages::new(1.0, 0.0, 1.0), self.graph);
            let bytes = storage.bytes(table, horizon, self.graph);
            let database = table.database.as_deref().unwrap_or("–");
            let kept = match table.kept_days {
                days if days.is_finite() => format!("{} d", number::count(days)),
                _ => "forever".to_owned(),
            };
            let row = vec![
                Cell::text(database),
                Cell::text(name),
                Cell::text(table.kind.as_str()),
                self.number(per_day),
                match table.row_size.point() {
                    Some(size) => Cell::bytes(size * payload),
                    None => Cell::text("unknown"),
                },
                Cell::text(kept),
                Cell::bytes(table.existing),
                Cell::bytes(self.graph.point(bytes)).bounded(bytes.is_unknown()),
            ];
            rows.push((database, row));
        }
        rows.sort_by_key(|(database, _)| *database);
        let at = format!("on day {horizon}");
        let columns = [
            "database", "table", "kind", "rows/day", "row", "kept", "today", &at,
        ];
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        tab("Tables", &columns, rows)
    }

    /// Tab five: what queues carry, and how soon workers drain them.
    fn queues(&self) -> Tab {
        let row = |name: &String| {
            let meter = |kind: MeterKind| {
                let mut meters = self.meters.iter();
                let found = meters.find(|fitted| fitted.id.name == *name && fitted.id.kind == kind);
                found.map(|fitted| &fitted.meter)
            };
            let demand = |kind, cell: fn(Option<f64>) -> Cell| {
                meter(kind).map_or(Cell::text("–"), |meter| {
                    cell(meter.demand.point).bounded(meter.lower_bound)
                })
            };
            let ceiling = meter(MeterKind::Workers).and_then(|meter| meter.limit);
            vec![
                Cell::text(name),
                demand(MeterKind::Throughput, Cell::Bytes),
                demand(MeterKind::Retained, Cell::Bytes),
                demand(MeterKind::Workers, Cell::Number),
                ceiling.map_or(Cell::text("–"), Cell::number),
                demand(MeterKind::Depth, Cell::Number),
                demand(MeterKind::Drain, Cell::Number),
            ]
        };
        let rows = self.model.queues.keys().map(row).collect();
        let columns = [
            "queue", "bytes/s", "kept", "jobs/s", "ceiling", "backlog", "drain, s",
        ];
        tab("Queues and workers", &columns, rows)
    }

    /// What each month costs, with the budgets, and the total. Where a percentile is compared with
    /// budgets, a column has it: the share is that of the two columns before.
    fn money(&self, project: &Project) -> Tab {
        let confidence = project.policy.confidence();
        let judged = |meter: &Meter| meter.judged(confidence);
        let spend = self.meters.iter();
        let spend = spend.filter(|fitted| fitted.id.kind == MeterKind::Spend);
        let is_certain = spend
            .clone()
            .all(|it| judged(&it.meter) == it.meter.demand.point);
        let (mut rows, mut total, mut is_bound) = (Vec::new(), 0.0, false);
        for Fitted { id, meter, .. } in spend {
            // A budget is of what other rows say.
            if id.owner != Family::Budget {
                total += meter.demand.point.unwrap_or(f64::INFINITY);
                is_bound |= meter.lower_bound;
            } else if id.name == TOTAL && meter.limit.is_none() {
                continue;
            }
            let unlimited = meter.verdict == Verdict::Unlimited;
            let money = |value| Cell::Money(value).bounded(meter.lower_bound);
            let mut row = vec![
                Cell::text(id.owner.as_str()),
                Cell::text(&*id.name),
                money(meter.demand.point),
            ];
            row.extend((!is_certain).then(|| money(judged(meter))));
            row.extend([
                match meter.limit {
                    Some(limit) => Cell::Money(Some(limit)),
                    None if unlimited => Cell::text("–"),
                    None => Cell::text("unknown"),
                },
                match meter.limit {
                    Some(_) => Cell::Share(meter.utilization).bounded(meter.lower_bound),
                    None => Cell::text("–"),
                },
            ]);
            rows.push(row);
        }
        let month = format!("{}/month", project.currency());
        let at = format!("at p{:.0}", confidence * 100.0);
        let mut columns = vec!["of", "name", &*month];
        columns.extend((!is_certain).then_some(&*at));
        columns.extend(["budget", "used"]);
        if !rows.is_empty() {
            let total = Cell::Money(total.is_finite().then_some(total)).bounded(is_bound);
            let mut row = vec![Cell::text("total"), Cell::text("–"), total];
            row.resize(columns.len(), Cell::text("–"));
            rows.push(row);
        }
        tab("Money", &columns, rows)
    }
}

/// What one tenant of each tier costs in a month, today.
fn of_tenants(project: &Project, outlook: &Outlook) -> Tab {
    let costs = crate::tenants::costs(project, outlook).into_iter();
    let rows = costs.map(|cost| {
        let money = Cell::Money(Some(cost.money)).bounded(cost.at_least);
        vec![Cell::text(cost.tier), money]
    });
    let month = format!("{}/month", project.currency());
    tab("One tenant costs, today", &["tier", &month], rows.collect())
}

/// Tab two: tenants by tier, and entities, on every declared day.
fn tenants(project: &Project) -> Tab {
    let days = project.days();
    let entities = project.model.entities.iter();
    let counts = entities.filter_map(|(name, entity)| match entity {
        Entity::Count { count, .. } => Some((name, count)),
        Entity::PerTenant(_) => None,
    });
    let row = |(name, projected): (&String, &Projected)| {
        let days = std::iter::once(&0).chain(&days);
        let counts = days.map(|day| count_on(projected, *day));
        std::iter::once(Cell::text(name)).chain(counts).collect()
    };
    let rows = project.model.tiers.iter().chain(counts).map(row).collect();
    let days: Vec<String> = days.iter().map(|day| format!("{day} d")).collect();
    let mut columns = vec!["who", "now"];
    columns.extend(days.iter().map(String::as_str));
    tab("Tenants", &columns, rows)
}

/// A projected count on a day, at point values.
fn count_on(projected: &Projected, day: u32) -> Cell {
    if let Some(log) = projected.log_growth.filter(|_| day > 0) {
        let now = projected.points.first().and_then(|(_, now)| now.point());
        let count = now.map(|now| now * libm::exp(log * f64::from(day)));
        return count.map_or(Cell::text("unknown"), Cell::number);
    }
    let next = projected.points.partition_point(|(other, _)| *other <= day);
    let point = |index: usize| {
        let (day, value) = projected.points.get(index)?;
        Some((f64::from(*day), value.point()?))
    };
    let before = next.checked_sub(1).and_then(point);
    let count = if next == projected.points.len() {
        before.map(|(_, count)| count)
    } else {
        before.zip(point(next)).map(|((from, low), (to, high))| {
            low + (high - low) * (f64::from(day) - from) / (to - from)
        })
    };
    count.map_or(Cell::text("unknown"), Cell::number)
}
