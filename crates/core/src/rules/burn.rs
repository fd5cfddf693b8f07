//! Credits and money that the running month has used.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::calibrate::report::Factor;
use crate::calibrate::{self, Window};
use crate::changes::Before;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::finding::Finding;
use crate::forecast::Flow;
use crate::meter::Family;
use crate::model::lines::events::Amount;
use crate::model::{ComputeModel, Line};
use crate::quantity::Graph;
use crate::rules::support::percent;
use crate::rules::{Context, Findings};
use crate::source::Span;
use crate::units::Date;
use crate::usage::{Measured, Series};
use crate::words::number;

/// What was used of an API, by day of the month.
type OfApi<'a> = (&'a str, BTreeMap<u8, f64>);

/// What is known of a plan's credits, or of a budget, that were used this month.
pub(super) struct Burn<'a> {
    pub(super) name: &'a str,
    /// The id of the meter of what is used.
    meter: String,
    /// What there is, and where it is declared.
    pub(super) most: f64,
    span: Span,
    /// The currency of a budget; credits have none.
    currency: Option<&'a str>,
    pub(super) today: f64,
    lead: Option<String>,
    /// Where the provider says how it is.
    status: Option<&'a str>,
    pub(super) used: f64,
}

impl Burn<'_> {
    /// What was used, in words: `1,200 of 2,000 credits by day 12, 60%`.
    pub(super) fn figures(&self) -> String {
        let (share, both) = (self.used / self.most, [self.used, self.most]);
        let (used, most) = match self.currency {
            Some(currency) => both.map(|it| number::money(it, currency)).into(),
            None => {
                let [used, most] = both.map(number::count);
                (used, format!("{most} credits"))
            }
        };
        let (day, share) = (number::day(self.today), percent(share));
        format!("{used} of {most} by day {day}, {share}")
    }

    pub(super) fn finding(&self, findings: &Findings, moved: &Moved<'_, '_>, why: &str) -> Finding {
        let mut message = format!("`{}` has used {}: {why}", self.name, self.figures());
        if let Some(factor) = moved.most(&self.meter) {
            message.push_str(&format!("; {factor}"));
        }
        findings
            .finding(&self.meter, message)
            .at(self.span)
            .share(self.used, self.most)
            .help(self.help())
    }

    /// What to do: when it is empty at this pace, and how long more takes.
    fn help(&self) -> String {
        let (what, is_credits) = match self.currency {
            Some(_) => ("the budget", false),
            None => ("credits", true),
        };
        let mut more = match &self.lead {
            Some(lead) => format!("; more credits take {lead}"),
            None => String::new(),
        };
        if let Some(status) = self.status {
            more.push_str(&format!("; see {status}"));
        }
        if self.used >= self.most {
            let (gone, buy) = match is_credits {
                true => ("the plan", "buy credits"),
                false => ("the budget", "raise it"),
            };
            return format!("{gone} is used up: {buy} or pause non-urgent work{more}");
        }
        let empty = number::day(self.most / self.used * self.today);
        let (runs_out, buy) = match is_credits {
            true => ("run out", "whether to buy more"),
            false => ("runs out", "whether to raise it"),
        };
        format!("at this pace {what} {runs_out} on day {empty}: decide {buy}{more}")
    }
}

/// What moved meters from their forecast, which takes long to tell: only where it is asked for.
pub(super) struct Moved<'c, 'a> {
    context: &'c Context<'a>,
    meters: OnceCell<Vec<calibrate::report::Meter>>,
}

impl<'c, 'a> Moved<'c, 'a> {
    pub(super) fn new(context: &'c Context<'a>) -> Self {
        let meters = OnceCell::new();
        Self { context, meters }
    }

    /// The factor of a line that adds the most to a meter: ``the rate of `features.x.calls.posts`
    /// adds 51% to the forecast``.
    fn most(&self, meter: &str) -> Option<String> {
        let meters = self.meters.get_or_init(|| {
            let context = self.context;
            let window = Window::of_rules(context.as_of);
            let (project, outlook) = (context.project, context.outlook);
            let measured = calibrate::Measured::judged(context.usage, project, context.as_of);
            calibrate::meters(project, outlook, &measured, window, context.threads)
        });
        let meter = meters.iter().find(|it| it.meter == meter)?;
        let effects = meter.effects.iter();
        let most = effects.max_by(|a, b| a.effect.total_cmp(&b.effect))?;
        let share = most.effect / meter.forecast;
        let what = match most.factor {
            Factor::Tenants => "the number of tenants",
            Factor::Rate => "the rate",
            Factor::Cache => "the cache",
            Factor::Retry => "retries",
            Factor::Cost => "the unit cost",
            Factor::Undeclared => "undeclared use",
        };
        let adds = share.is_finite() && share >= TOLD;
        adds.then(|| {
            let path = &most.path;
            format!(
                "{what} of `{path}` adds {} to the forecast",
                number::whole(Some(share))
            )
        })
    }
}

/// The least of the forecast that is worth naming.
const TOLD: f64 = 0.01;

pub(super) fn burns<'a>(context: &Context<'a>) -> Vec<Burn<'a>> {
    let now = context.as_of;
    let (false, Some(first)) = (
        context.usage.is_empty(),
        Date::new(now.year(), now.month(), 1),
    ) else {
        return Vec::new();
    };
    let base = context.comparison.and_then(|it| it.base());
    let used = Used {
        measured: context.usage.measured(context.project),
        before: base.map(|base| context.usage.measured(base)),
        first,
        last: now,
    };
    let lines = asked(context);
    let mut burns = of_apis(context, (&used, &lines));
    burns.extend(of_models(context, (&used, &lines)));
    burns
}

/// A line that this month's calls or runs were of.
struct Asked<'c> {
    feature: &'c str,
    line: &'c Line,
    flow: &'c Flow,
    graph: &'c Graph,
    /// What it uses, as the project calls that.
    thing: &'c str,
}

/// The lines of the project, and those of the base in whose place it has none: what they used was
/// used.
fn asked<'c>(context: &'c Context<'_>) -> Vec<Asked<'c>> {
    let own = context.lines().iter().map(|it| Asked {
        feature: it.feature,
        line: it.line,
        flow: it.flow,
        graph: &context.outlook.graph,
        thing: &it.line.uses.thing,
    });
    let mut all: Vec<Asked<'c>> = own.collect();
    let Some(comparison) = context.comparison else {
        return all;
    };
    let Before::Project(base, was) = comparison.before else {
        return all;
    };
    let (model, origins) = (&context.project.model, &comparison.origins);
    let apis = model.apis.keys().map(|name| (Family::Api, name));
    let models = model.models.keys().map(|name| (Family::Model, name));
    let path = |(family, name): (Family, &String)| TomlPath::new(&[family.as_str(), name]);
    let names = apis.chain(models).map(|it| (path(it), it.1.as_str()));
    let mut things: BTreeMap<TomlPath, &str> = names.collect();
    for (path, name) in things.clone() {
        if let Some(was) = origins.of(&path) {
            things.entry(was).or_insert(name);
        }
    }
    for (feature, flows) in &was.forecast.flows {
        let [before, after] = [base, context.project].map(|it| it.model.features.get(feature));
        let Some(before) = before.filter(|before| Some(*before) != after) else {
            continue;
        };
        let kept = after.into_iter().flat_map(|after| &after.lines);
        let kept: HashMap<_, &str> = kept
            .map(|it| ((it.kind, &*it.id), &*it.uses.thing.name))
            .collect();
        for (line, flow) in before.lines.iter().zip(flows) {
            let path = TomlPath::new(&["features", feature, line.kind.list(), &line.id]);
            let thing = TomlPath::new(&[line.kind.family().as_str(), &line.uses.thing]);
            let Some(thing) = things.get(&thing).copied() else {
                continue;
            };
            let key = (line.kind, &*line.id);
            match kept.get(&key) {
                Some(now) if *now == thing => continue,
                // What it has used was of what it used.
                Some(_) => all.retain(|it| {
                    (it.feature, it.line.kind, &*it.line.id) != (feature, key.0, key.1)
                }),
                None if origins.line_now(&path).is_some() => continue,
                None => {}
            }
            all.push(Asked {
                feature,
                line,
                flow,
                graph: &was.graph,
                thing,
            });
        }
    }
    all
}

fn of_apis<'a>(context: &Context<'a>, (used, lines): (&Used<'_>, &[Asked<'_>])) -> Vec<Burn<'a>> {
    let credits_of = used.credits(lines);
    let mut burns = Vec::new();
    for (name, api) in context.project.declarations.root.apis.iter() {
        let plan = api.plan.as_ref();
        let Some(plan) = plan.and_then(|plan| plan.value.credits.as_ref()) else {
            continue;
        };
        let own = used.by_day(&["apis", name], "credits");
        let by_day = own.or_else(|| credits_of.get(name).cloned());
        let credits = plan.value.now().map_or(0.0, |credits| credits.0);
        if let (Some(by_day), true) = (by_day, credits > 0.0) {
            burns.push(Burn {
                name,
                meter: TomlPath::new(&["apis", name, "credits"]).to_string(),
                most: credits,
                span: plan.span,
                currency: None,
                today: f64::from(context.as_of.day()),
                lead: api.lead_time.as_ref().map(|lead| lead.value.to_string()),
                status: api.status_url.as_ref().map(|url| url.value.0.as_str()),
                used: by_day.values().sum(),
            });
        }
    }
    burns
}

fn of_models<'a>(context: &Context<'a>, (used, lines): (&Used<'_>, &[Asked<'_>])) -> Vec<Burn<'a>> {
    let mut burns = Vec::new();
    for (name, model) in context.project.declarations.root.models.iter() {
        let Some(budget) = &model.budget else {
            continue;
        };
        let Some(priced) = context.project.model.models.get(name) else {
            continue;
        };
        let most = priced.budget.map_or(0.0, |it| it.now);
        let cost = used.cost(lines, name, priced);
        if let (Some(used), true) = (cost, most > 0.0 && most.is_finite()) {
            burns.push(Burn {
                name,
                meter: TomlPath::new(&["models", name, "spend"]).to_string(),
                most,
                span: budget.span,
                currency: Some(context.project.currency()),
                today: f64::from(context.as_of.day()),
                lead: None,
                status: None,
                used,
            });
        }
    }
    burns
}

/// What was measured in the running month.
struct Used<'u> {
    measured: Measured<'u>,
    /// As the base names what was measured.
    before: Option<Measured<'u>>,
    first: Date,
    last: Date,
}

impl Used<'_> {
    /// What was measured of a thing, by day of the month.
    fn by_day(&self, path: &[&str], unit: &str) -> Option<BTreeMap<u8, f64>> {
        let path = TomlPath::new(path);
        let before = || self.before.as_ref()?.get(&path, unit);
        let series = self.measured.get(&path, unit).or_else(before)?;
        self.is_counted(series).then(|| {
            let days = series.days();
            let days = days.filter(|(day, _)| (self.first..=self.last).contains(day));
            days.map(|(day, used)| (day.day(), used)).collect()
        })
    }

    fn is_counted(&self, series: &Series) -> bool {
        series.is_counted(self.first, self.last)
    }

    /// What lines say of credits, by API and day of the month.
    fn credits<'c>(&self, lines: &[Asked<'c>]) -> HashMap<&'c str, BTreeMap<u8, f64>> {
        // By feature: what its lines used of each API.
        let mut of_features: HashMap<&str, Vec<OfApi<'_>>> = HashMap::default();
        for line in lines {
            let graph = line.graph;
            let amounts = [Amount::Credits, Amount::Billed].map(|amount| line.flow.amount(amount));
            let [Some(credits), Some(billed)] = amounts else {
                continue;
            };
            let cost = graph.point(credits) / graph.point(billed);
            let cost = if cost.is_finite() { cost } else { 0.0 };
            let list = line.line.kind.list();
            let path = ["features", line.feature, list, &line.line.id];
            let counted = self.by_day(&path, "credits").or_else(|| {
                let mut calls = self.by_day(&path, "calls")?;
                calls.values_mut().for_each(|calls| *calls *= cost);
                Some(calls)
            });
            let counted = counted.unwrap_or_default();
            let of_feature = of_features.entry(line.feature).or_default();
            of_feature.push((line.thing, counted));
        }
        let mut used: HashMap<&str, BTreeMap<u8, f64>> = HashMap::default();
        for (feature, lines) in of_features {
            // What is said of a feature as a whole is what its lines used, on the same day.
            let whole = self.by_day(&["features", feature], "credits");
            let whole = whole.unwrap_or_default();
            let first = lines.first().map(|(api, _)| *api);
            let lines = lines.into_iter();
            let mut all: Vec<_> = lines
                .map(|(api, mut days)| {
                    days.retain(|day, _| !whole.contains_key(day));
                    (api, days)
                })
                .collect();
            all.extend(first.map(|api| (api, whole)));
            for (api, days) in all.into_iter().filter(|(_, days)| !days.is_empty()) {
                let of_api = used.entry(api).or_default();
                for (day, credits) in days {
                    *of_api.entry(day).or_default() += credits;
                }
            }
        }
        used
    }

    /// What was measured of a thing.
    fn sum(&self, path: &[&str], unit: &str) -> Option<f64> {
        Some(self.by_day(path, unit)?.values().sum())
    }

    /// What a model cost: its own rows, else those of its lines. Where none say what it cost, what
    /// the units come to that were used; of those that were not measured, as many as are declared
    /// for the runs that were.
    fn cost(&self, lines: &[Asked<'_>], name: &str, model: &ComputeModel) -> Option<f64> {
        let own = ["models", name];
        let mut units = Units::default();
        let whole = self
            .sum(&own, "cost")
            .or_else(|| units.add(model, |unit| self.sum(&own, unit), |_| None));
        if let Some(cost) = whole {
            return Some(cost + units.price(model));
        }
        let mut all: Option<f64> = None;
        for line in lines {
            let graph = line.graph;
            if line.line.kind.family() != Family::Model || line.thing != name {
                continue;
            }
            let path = [
                "features",
                line.feature,
                line.line.kind.list(),
                &line.line.id,
            ];
            let per_run = |at: usize| {
                let amounts = [Amount::unit(at), Amount::Billed].map(|it| line.flow.amount(it));
                let [units, runs] = amounts.map(|it| it.map(|it| graph.point(it)));
                Some(units? / runs?).filter(|each| each.is_finite())
            };
            let cost = self
                .sum(&path, "cost")
                .or_else(|| units.add(model, |unit| self.sum(&path, unit), per_run));
            all = match (all, cost) {
                (Some(all), Some(cost)) => Some(all + cost),
                (all, cost) => all.or(cost),
            };
        }
        Some(all? + units.price(model))
    }
}

/// Units that were used, by name.
#[derive(Default)]
struct Units<'m>(HashMap<&'m str, f64>);

impl<'m> Units<'m> {
    /// Adds those of a thing. Gives no money, where there are any: what they cost may depend on
    /// how many all use.
    fn add(
        &mut self,
        model: &'m ComputeModel,
        measured: impl Fn(&str) -> Option<f64>,
        per_run: impl Fn(usize) -> Option<f64>,
    ) -> Option<f64> {
        let mut any = None;
        for (unit, _) in &model.prices {
            let at = model.units.iter().position(|known| known == unit);
            let as_declared = || Some(measured("requests")? * per_run(at?)?);
            if let Some(used) = measured(unit).or_else(as_declared) {
                *self.0.entry(unit).or_default() += used;
                any = Some(0.0);
            }
        }
        any
    }

    fn price(&self, model: &ComputeModel) -> f64 {
        let prices = model.prices.iter();
        let priced = prices.filter_map(|(unit, price)| Some(price.price(*self.0.get(&**unit)?)));
        priced.sum()
    }
}
