//! What each kind of meter is the sum of.

use crate::analysis::Project;
use crate::fit::Fitted;
use crate::meter::{Family, MeterKind};
use crate::model::{Counts, Id, UsageLimit, Value};
use crate::words::number;

use super::factors::Factors;
use super::lines::{Over, What};
use super::members::Member;
use super::view::{At, View};
use super::{Sum, Term};

/// The calculation of a project's meters in one situation.
pub(super) struct Calculation<'c, 'a> {
    pub(super) project: &'a Project,
    pub(super) view: &'c mut View<'a>,
    /// The same project today, for what an event leaves as it is.
    pub(super) today: &'c mut View<'a>,
}

/// Lines, each with what it asks for.
pub(super) type OfLines = Vec<((String, usize), Factors)>;

/// A demand's terms, and the parts that they refer to.
pub(super) type Demand = (Vec<Term>, Vec<Sum>);

impl<'a> Calculation<'_, 'a> {
    pub(super) fn demand(&mut self, fitted: &Fitted) -> (Sum, Vec<Sum>) {
        let (id, name) = (&fitted.id, &*fitted.id.name);
        let (terms, parts) = match (id.owner, id.kind) {
            (Family::Api, MeterKind::Credits) => (self.credits(name), Vec::new()),
            (Family::Api | Family::Model, MeterKind::Rate | MeterKind::Concurrency) => {
                (self.usage(fitted), Vec::new())
            }
            (Family::Api, _) => self.api_spend(name),
            (Family::Model, _) => self.model_spend(name),
            (Family::Budget, _) => (self.budget(name), Vec::new()),
            (Family::Cost, _) => (self.cost(name), Vec::new()),
            (Family::Database, MeterKind::Storage) => {
                let stored = self.stored();
                (stored.disk(name, stored.horizon()), Vec::new())
            }
            (Family::Database, MeterKind::Spend) => (self.database_spend(name), Vec::new()),
            (Family::Database, MeterKind::Reads) => (self.view.reads(name), Vec::new()),
            (Family::Database, _) => (self.view.writes(name), Vec::new()),
            (Family::Table, _) => {
                let stored = self.stored();
                (stored.table(name, stored.horizon()), Vec::new())
            }
            (Family::Queue, MeterKind::Spend) => self.queue_spend(name),
            (Family::Queue, kind) => self.queue(name, kind),
        };
        let sum = Sum::new(&fitted.meter.id, &fitted.meter.unit, terms);
        (sum, parts)
    }

    /// What bytes are told by: while an event lasts, disks fill as they do today.
    pub(super) fn stored(&mut self) -> &mut View<'a> {
        let event = self.view.situation.event();
        match event.and_then(|event| event.days) {
            Some(_) => self.today,
            None => self.view,
        }
    }

    /// What a month is made of: this situation's days, or where an event takes some of them those,
    /// and today's for the others.
    pub(super) fn days(&mut self) -> [Option<Factors>; 2] {
        let month = self.view.model.calendar.days_per_month;
        let event = self.view.situation.event().and_then(|event| event.days);
        let Some(lasts) = event.filter(|days| *days < month) else {
            let inputs = self.view.inputs([&["project", "days_per_month"]]);
            let text = format!("{} days a month", number::count(month));
            return [Some(Factors::of(month, text, inputs)), None];
        };
        let scenario = self.view.situation.scenario().map_or("", |it| &it.name);
        let inputs = self.view.inputs([&["scenarios", scenario, "lasts"]]);
        let text = format!("{} days of `{scenario}`", number::count(lasts));
        let event = Factors::of(lasts, text, inputs);
        let text = format!("{} days as today", number::count(month - lasts));
        [
            Some(event),
            Some(Factors::of(month - lasts, text, Vec::new())),
        ]
    }

    /// Terms of a month, of what lines ask for in a day.
    pub(super) fn month(&mut self, mut of: impl FnMut(&mut View<'_>) -> OfLines) -> Vec<Term> {
        let [now, today] = self.days();
        let mut terms = Vec::new();
        for (view, days) in [(&mut *self.view, now), (&mut *self.today, today)] {
            let Some(days) = days else { continue };
            for ((feature, index), factors) in of(view) {
                terms.push(view.line_term((&feature, index), factors.and(days.clone())));
            }
        }
        terms
    }

    fn credits(&mut self, name: &str) -> Vec<Term> {
        let Some(api) = self.view.model.apis.get(name) else {
            return Vec::new();
        };
        let id = api.id;
        self.month(|view| view.each(Family::Api, id, What::Credits, Over::Day))
    }

    /// What counts against a limit in its window, or at the same time.
    fn usage(&mut self, fitted: &Fitted) -> Vec<Term> {
        let (id, model) = (&fitted.id, self.view.model);
        let thing = match id.owner {
            Family::Api => model.apis.get(&id.name).map(|api| api.id),
            _ => model.models.get(&id.name).map(|model| model.id),
        };
        let Some(thing) = thing else {
            return Vec::new();
        };
        let Some((place, limit)) = model.usage_limit(id) else {
            // Calls of a second, where no limit counts them.
            let calls = self
                .view
                .each(id.owner, thing, What::Events, Over::Window(1.0));
            return self.view.terms(calls);
        };
        if let Some(members) = limit.members() {
            let tier = fitted.meter.detail.tier.as_deref();
            let member = Member::new(model, (place, limit), members, tier);
            return self.view.members(fitted, thing, &member);
        }
        let mut terms = Vec::new();
        for (feature, index) in self.view.users(id.owner, thing) {
            let at = (feature.as_str(), index);
            let counts = |(of, _)| of == place;
            if self.view.flow(at).asked.windows().any(counts) {
                let seconds = self.view.seconds(at, limit);
                for what in self.view.counted(at, limit) {
                    let factors = self.view.asked_by(at, what, Over::Window(seconds));
                    terms.push(self.view.line_term(at, factors));
                }
            }
        }
        terms
    }

    /// What a limit is the sum of, where there is one.
    pub(super) fn limit(&mut self, fitted: &Fitted) -> Option<Sum> {
        let limit = fitted.meter.limit?;
        let (id, name) = (&fitted.id, &*fitted.id.name);
        let place = self.view.limit_place(fitted);
        let in_scenario = self.view.situation.scenario().is_some();
        let bound = |bound: crate::model::Bound| match in_scenario {
            true => bound.max.unwrap_or(bound.now),
            false => bound.now,
        };
        let unit = &*fitted.meter.unit;
        let currency = self.project.currency();
        let written = |value: f64| match id.kind {
            MeterKind::Drain => format!("{} seconds", number::count(value)),
            _ => number::quantity(Some(value), unit, currency),
        };
        let model = self.view.model;
        let mut terms = Vec::new();
        let queue = model.queues.get(name).filter(|_| id.owner == Family::Queue);
        if let (MeterKind::Credits, Some(api), true) = (id.kind, model.apis.get(name), in_scenario)
        {
            let plan = api.plan.and_then(|plan| plan.credits).map(bound);
            if let Some(plan) = plan {
                let text = format!("{} of the plan", written(plan));
                let path = format!("apis.{name}.plan.credits");
                terms.push(Factors::of(plan, text, Vec::new()).term(path, place.clone()));
            }
            for pack in &api.packs {
                let Some(max) = pack.max else { continue };
                let inputs = self.view.inputs([&["apis", name, "packs", &pack.name]]);
                let text = format!("{} of `{}`", written(pack.credits), pack.name);
                let packs = Factors::of(max as f64, format!("{max} packs"), inputs);
                let place = self.view.place_of(&format!("apis.{name}.packs"));
                let packs = packs.times(pack.credits, text, Vec::new());
                terms.push(packs.term(format!("apis.{name}.packs"), place));
            }
        } else if let (MeterKind::Workers, Some(workers)) =
            (id.kind, queue.and_then(|queue| queue.workers.as_ref()))
        {
            let keys = |key| ["queues", name, "workers", key];
            let max = self.view.inputs([&keys("max")]);
            let inputs = self.view.inputs([&keys("rate")]);
            let (most, rate) = (workers.max?, workers.rate.as_ref().and_then(Value::point)?);
            let workers = Factors::of(most, format!("{} workers", number::count(most)), max);
            let text = format!("{}/s each", number::count(rate));
            terms.push(
                workers
                    .times(rate, text, inputs)
                    .term(format!("queues.{name}.workers"), place),
            );
        } else if let (MeterKind::Throughput, Some((queue, partitions))) = (
            id.kind,
            queue.and_then(|queue| Some((queue, queue.partitions.map(bound)?))),
        ) && partitions * queue.partition_throughput == limit
        {
            let count = self.view.inputs([&["queues", name, "partitions"]]);
            let inputs = self
                .view
                .inputs([&["queues", name, "partition_throughput"]]);
            let text = format!("{} partitions", number::count(partitions));
            let text_of_one = format!("{} each", written(queue.partition_throughput));
            let all = Factors::of(partitions, text, count);
            let all = all.times(queue.partition_throughput, text_of_one, inputs);
            terms.push(all.term(format!("queues.{name}.partitions"), place));
        } else {
            terms.push(
                Factors::of(limit, format!("{} allowed", written(limit)), Vec::new())
                    .term("", place),
            );
        }
        Some(Sum::new("limit", unit, terms))
    }
}

impl View<'_> {
    /// What each line that uses a thing asks for.
    pub(super) fn each(&mut self, family: Family, id: Id, what: What<'_>, over: Over) -> OfLines {
        let users = self.users(family, id).into_iter();
        users
            .map(|(feature, index)| {
                let factors = self.asked_by((&feature, index), what, over);
                ((feature, index), factors)
            })
            .collect()
    }

    pub(super) fn terms(&mut self, of_lines: OfLines) -> Vec<Term> {
        let lines = of_lines.into_iter();
        lines
            .map(|((feature, index), factors)| self.line_term((&feature, index), factors))
            .collect()
    }

    /// The seconds in which a line's part of a limit is counted: of what runs at the same time, as
    /// long as that takes.
    pub(super) fn seconds(&self, at: At<'_>, limit: &UsageLimit) -> f64 {
        if let Some(seconds) = limit.seconds() {
            return seconds;
        }
        let line = self.line(at);
        let used = line.uses.endpoint.as_ref();
        let api = self.model.api(&line.uses.thing).filter(|_| used.is_some());
        let duration = match api.zip(used) {
            Some((api, used)) => api.endpoint(used).and_then(|it| it.duration.as_ref()),
            None => {
                let model = self.model.compute_model(&line.uses.thing);
                model.and_then(|model| model.duration.as_ref())
            }
        };
        duration.and_then(Value::point).unwrap_or(0.0)
    }

    /// What of a line counts against a limit: of several units each.
    pub(super) fn counted<'l>(&self, at: At<'_>, limit: &'l UsageLimit) -> Vec<What<'l>> {
        let is_used = |unit: &&String| {
            let mut units = self.line(at).uses.units.iter();
            *unit == "requests" || units.any(|(name, _)| name == *unit)
        };
        match &limit.counts {
            Counts::Events => vec![What::Events],
            Counts::Credits => vec![What::Credits],
            Counts::Units(units) => {
                let used = units.iter().filter(is_used);
                used.map(|unit| What::Used(unit)).collect()
            }
        }
    }
}
