//! `[scenarios.NAME]`: the tiers and features that grow, and the keys of events. The values
//! that a scenario sets are checked where they are set.

use crate::document::forms::PerName;
use crate::document::reader::At;
use crate::document::tables::{self, Feature};
use crate::document::values::Require;
use crate::document::{Entry, Table as _};
use crate::limits::{SCENARIO_BUDGETS, SCENARIO_DECLARATIONS, SCENARIO_PAIRS};
use crate::model::Model;
use crate::model::builder::{TOP, span_of, value_of};
use crate::model::resolve::check::Check;
use crate::model::resolve::money;
use crate::model::scenarios::{Event, Multiplier, Scenario, assumed};

/// The scenarios of a project, sorted by name: `10x` and `100x` where none is declared.
pub(super) fn scenarios(check: &mut Check<'_>) -> Vec<Scenario> {
    if check.root.scenarios.span().is_none() {
        return vec![
            assumed("100x", 100.0, Require::Report),
            assumed("10x", 10.0, Require::Warn),
        ];
    }
    let declared = check.root.scenarios.entries();
    let scenarios = declared.map(|(name, entry)| scenario(check, name, entry));
    let mut scenarios: Vec<Scenario> = scenarios.collect();
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    scenarios
}

/// Refuses more scenarios than can be judged. Returns whether there are.
pub(super) fn refuse_too_many(
    check: &mut Check<'_>,
    model: &Model,
    scenarios: &[Scenario],
) -> bool {
    let Some((_, named)) = check.root.scenarios.entries().next() else {
        return false;
    };
    let pairs = [
        (limits(model), "limited meters", SCENARIO_PAIRS),
        (declarations(model), "declarations", SCENARIO_DECLARATIONS),
        (
            money::pairs(check.root),
            "pairs of a budget and what has a price",
            SCENARIO_BUDGETS,
        ),
    ];
    let too_many = |(count, _, most): &(usize, &str, usize)| scenarios.len() * count > *most;
    let Some((count, what, most)) = pairs.into_iter().find(too_many) else {
        return false;
    };
    check.invalid(
        &TOP.key("scenarios"),
        named.name,
        format!(
            "{} scenarios and {count} {what} are more than {most} pairs",
            scenarios.len()
        ),
        "declare fewer scenarios, or split the project; none of them is checked until then",
    );
    true
}

/// How many limits there are: each has a meter in every scenario.
fn limits(model: &Model) -> usize {
    fn one<T>(limit: Option<&T>) -> usize {
        usize::from(limit.is_some())
    }
    let apis = model.apis.values().map(|api| {
        let credits = api.plan.as_ref().and_then(|plan| plan.credits.as_ref());
        one(credits) + api.limits.len() + one(api.budget.as_ref())
    });
    let databases = model.databases.values();
    let databases = databases.map(|database| {
        let rates = one(database.writes.as_ref()) + one(database.reads.as_ref());
        one(database.storage.as_ref()) + rates + one(database.budget.as_ref())
    });
    let tables = model.tables.values();
    let tables = tables.map(|table| one(table.max_size.as_ref()));
    let queues = model.queues.values().map(|queue| {
        one(queue.partitions.as_ref().or(queue.throughput.as_ref()))
            + one(queue.storage.as_ref())
            + one(queue.max_depth.as_ref())
            + one(queue.drain.as_ref())
            + one(queue.workers.as_ref())
            + one(queue.budget.as_ref())
    });
    let models = model.models.values();
    let models = models.map(|model| one(model.budget.as_ref()) + model.limits.len());
    let all = apis.chain(databases).chain(tables).chain(queues);
    all.chain(models).sum::<usize>() + model.budgets.len()
}

/// How many things and lines there are.
fn declarations(model: &Model) -> usize {
    let features = model.features.values();
    let lines: usize = features.map(|feature| feature.lines.len()).sum();
    let endpoints: usize = model.apis.values().map(|api| api.endpoints.len()).sum();
    let things = model.databases.len() + model.tables.len() + model.queues.len();
    lines + endpoints + things + model.models.len() + model.features.len()
}

fn scenario(check: &mut Check<'_>, name: &str, entry: &Entry<tables::Scenario>) -> Scenario {
    let list = TOP.key("scenarios");
    let at = list.key(name);
    let scenario = &entry.body.value;
    let found = check.found();
    event(check, &at, scenario);
    check.tiers_of(&at.key("tenants"), scenario.tenants.as_deref());
    let tiers = check.builder.tiers.iter();
    let tenants = match scenario.tenants.as_ref().map(|tenants| &tenants.value) {
        None => Multiplier::All(1.0),
        Some(PerName::Same(times)) => Multiplier::All(times.0),
        Some(PerName::By(map)) => Multiplier::Tiers(
            tiers
                .map(|tier| map.get(tier).map_or(1.0, |times| times.0))
                .collect(),
        ),
    };
    let path = at.key("rates");
    let rates = scenario.rates.entries().map(|(feature, entry)| {
        check.find::<Feature>(&path.key(feature), entry.name, feature);
        (feature.to_owned(), entry.body.value.0)
    });
    let rates = rates.collect();
    let is_unread = check.found() > found;
    Scenario {
        name: name.to_owned(),
        require: value_of(&scenario.require).unwrap_or(Require::Warn),
        tenants,
        rates,
        taken: Default::default(),
        payload: scenario.payload.as_ref().map_or(1.0, |times| times.value.0),
        event: scenario.on.as_ref().map(|on| Event {
            on: on.value,
            days: scenario.lasts.as_ref().map(|lasts| lasts.value.days()),
            buffer: scenario.buffer.as_ref().map(|buffer| buffer.value.0),
        }),
        sets: !scenario.set.is_empty(),
        is_unread,
        assumed: false,
    }
}

/// Checks that what belongs to an event has one.
fn event(check: &mut Check<'_>, at: &At<'_>, scenario: &tables::Scenario) {
    if scenario.on.is_some() || scenario.is_broken("on") {
        return;
    }
    let lasts = span_of(&scenario.lasts).map(|span| ("lasts", span));
    let buffer = span_of(&scenario.buffer).map(|span| ("buffer", span));
    if let Some((key, span)) = lasts.or(buffer) {
        let message = format!("{} has `{key}` and no `on`", at.words());
        let help = "add `on` with the event's first day, such as `on = 2026-11-27`";
        check.missing(at, "on", span, message, help);
    }
}
