//! Measured credits of the running month.

use std::collections::BTreeMap;

use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::finding::Finding;
use crate::model::lines::events::Amount;
use crate::rules::support::percent;
use crate::rules::{Context, Findings};
use crate::source::Span;
use crate::words::number;

/// What is known of the credits of an API that were used this month.
pub(super) struct Burn<'a> {
    pub(super) api: &'a str,
    /// The id of its credits' meter.
    meter: String,
    /// The credits of its plan, and where they are declared.
    pub(super) plan: f64,
    span: Span,
    pub(super) today: f64,
    lead: Option<String>,
    by_day: BTreeMap<u8, f64>,
}

impl Burn<'_> {
    pub(super) fn used(&self) -> f64 {
        self.by_day.values().sum()
    }

    /// Used credits in words: `1,200 of 2,000 credits by day 12, 60%`.
    pub(super) fn figures(&self, used: f64, day: f64) -> String {
        let (share, [used, plan]) = (used / self.plan, [used, self.plan].map(number::count));
        let (day, share) = (number::day(day), percent(share));
        format!("{used} of {plan} credits by day {day}, {share}")
    }

    pub(super) fn finding(&self, findings: &Findings, message: String, used: f64) -> Finding {
        findings
            .finding(&self.meter, message)
            .at(self.span)
            .share(used, self.plan)
            .help(self.help())
    }

    /// Credits used up to the end of a day of the month.
    pub(super) fn used_by(&self, day: f64) -> f64 {
        let days = self.by_day.iter();
        let days = days.filter(|(of_month, _)| f64::from(**of_month) <= day);
        days.map(|(_, credits)| credits).sum()
    }

    /// What to do: when it is empty at this pace, and how long more takes.
    pub(super) fn help(&self) -> String {
        let lead = match &self.lead {
            Some(lead) => format!("; more credits take {lead}"),
            None => String::new(),
        };
        if self.used() >= self.plan {
            return format!("the plan is used up: buy credits or pause non-urgent work{lead}");
        }
        let empty = number::day(self.plan / self.used() * self.today);
        format!("at this pace credits run out on day {empty}: decide whether to buy more{lead}")
    }
}

pub(super) fn burns<'a>(context: &Context<'a>) -> Vec<Burn<'a>> {
    if context.usage.records.is_empty() {
        return Vec::new();
    }
    let used = used(context);
    let apis = &context.project.declarations.root.apis;
    let mut burns = Vec::new();
    for (name, api) in apis.iter() {
        let plan = api.plan.as_ref();
        let plan = plan.and_then(|plan| plan.value.credits.as_ref());
        let (Some(plan), Some(by_day)) = (plan, used.get(name)) else {
            continue;
        };
        let credits = plan.value.now().map_or(0.0, |credits| credits.0);
        if credits > 0.0 {
            burns.push(Burn {
                api: name,
                meter: TomlPath::new(&["apis", name, "credits"]).to_string(),
                plan: credits,
                span: plan.span,
                today: f64::from(context.as_of.day()),
                lead: api.lead_time.as_ref().map(|lead| lead.value.to_string()),
                by_day: by_day.clone(),
            });
        }
    }
    burns
}

/// Credits by API and day of the month.
fn used<'a>(context: &Context<'a>) -> HashMap<&'a str, BTreeMap<u8, f64>> {
    let graph = &context.outlook.graph;
    let mut by_line: HashMap<(&str, &str), (&str, f64)> = HashMap::default();
    // The API of a feature whose calls all go to one.
    let mut by_feature: HashMap<&str, Option<&str>> = HashMap::default();
    for line in context.lines() {
        let amounts = [Amount::Credits, Amount::Billed].map(|amount| line.flow.amount(amount));
        let [Some(credits), Some(billed)] = amounts else {
            continue;
        };
        let api = &*line.line.uses.thing;
        let cost = graph.point(credits) / graph.point(billed);
        let cost = if cost.is_finite() { cost } else { 0.0 };
        by_line.insert((line.feature, &line.line.id), (api, cost));
        by_feature
            .entry(line.feature)
            .and_modify(|only| *only = only.filter(|only| *only == api))
            .or_insert(Some(api));
    }
    let mut used: HashMap<&str, BTreeMap<u8, f64>> = HashMap::default();
    for record in &context.usage.records {
        let (date, now) = (record.date, context.as_of);
        if (date.year(), date.month()) != (now.year(), now.month()) || date > now {
            continue;
        }
        let line = by_line.get(&(record.feature.as_str(), record.line.as_str()));
        let (api, credits) = match (record.unit.as_str(), line) {
            ("credits", Some((api, _))) => (*api, record.quantity),
            ("calls", Some((api, cost))) => (*api, record.quantity * cost),
            ("credits", None) if record.line.is_empty() => {
                match by_feature.get(record.feature.as_str()) {
                    Some(Some(api)) => (*api, record.quantity),
                    _ => continue,
                }
            }
            _ => continue,
        };
        *used.entry(api).or_default().entry(date.day()).or_default() += credits;
    }
    used
}
