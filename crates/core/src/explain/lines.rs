//! The factors of demand lines: how often each occurs, and what an event of it uses.

use crate::document::tables::LineKind;
use crate::forecast::flow::Growth;
use crate::model::lines::events::{Amount, Arrival, batches_in, retried};
use crate::model::{Timing, Value};
use crate::quantity::Quantity;
use crate::units::DAY;
use crate::words::number;

use super::factors::{Factors, long};
use super::view::{At, View};
use super::{Input, Term};

/// What is counted of an event.
#[derive(Clone, Copy)]
pub(super) enum What<'n> {
    /// Billed calls or runs.
    Events,
    Credits,
    /// Of a run, as used.
    Used(&'n str),
    /// Of a run, as billed.
    Billed(&'n str),
    Rows,
    Messages,
    Bytes,
}

/// Over how long it is counted.
#[derive(Clone, Copy)]
pub(super) enum Over {
    Day,
    /// A second of the average day.
    Mean,
    /// The busiest window of so many seconds.
    Window(f64),
}

impl View<'_> {
    pub(super) fn line_term(&mut self, at: At<'_>, factors: Factors) -> Term {
        let path = self.line(at).path(at.0);
        let place = self.place_of(&path);
        factors.term(path, place)
    }

    /// What a line asks for: how often it occurs, times what an event uses, over a time. Where
    /// workers let less through, that.
    pub(super) fn asked_by(&mut self, at: At<'_>, what: What<'_>, over: Over) -> Factors {
        let each = self.per_event(at, what);
        if let Over::Window(seconds) = over
            && let Some(let_through) = self.let_through(at, seconds)
        {
            return let_through.and(each);
        }
        let often = self.how_often(at, true).and(each);
        match over {
            Over::Day => often,
            Over::Mean => often.over(DAY, "86,400 seconds a day", Vec::new()),
            Over::Window(seconds) => often.and(self.window(at, seconds, false)),
        }
    }

    /// What workers let through in a window, where that is less than what comes.
    pub(super) fn let_through(&mut self, at: At<'_>, seconds: f64) -> Option<Factors> {
        let flow = self.flow(at);
        let (ceiling, occurrences) = (flow.ceiling?, flow.occurrences);
        let (ceiling, occurrences) = (self.point(ceiling), self.point(occurrences));
        let comes = occurrences * self.window(at, seconds, false).product();
        (ceiling * seconds < comes).then(|| self.by_workers(at, ceiling, seconds))
    }

    pub(super) fn by_workers(&mut self, at: At<'_>, ceiling: f64, seconds: f64) -> Factors {
        let inputs = self.workers_before(at);
        let text = format!("{}/s that workers let through", number::count(ceiling));
        let window = format!("{} seconds", number::count(seconds));
        Factors::of(ceiling, text, inputs).times(seconds, window, Vec::new())
    }

    /// What declares the workers that lines before one wait for.
    fn workers_before(&mut self, at: At<'_>) -> Vec<Input> {
        let Timing::After { parent, .. } = self.line(at).timing else {
            return Vec::new();
        };
        let line = self.line((at.0, parent));
        let mut inputs = self.workers_before((at.0, parent));
        if line.kind == LineKind::Message {
            let queue = &*line.uses.thing;
            let [max, rate] = ["max", "rate"].map(|key| ["queues", queue, "workers", key]);
            inputs.extend(self.inputs([&max, &rate]));
        }
        inputs
    }

    /// How often a line occurs in a day: of all of its population, or of each.
    pub(super) fn how_often(&mut self, at: At<'_>, of_all: bool) -> Factors {
        let line = self.line(at);
        let path = [at.0, line.kind.list(), &line.id];
        match &line.timing {
            Timing::Rate {
                per_day,
                batch,
                population,
                ..
            } => {
                let rate = per_day.point().unwrap_or(0.0);
                let inputs = self.inputs([&["features", path[0], path[1], path[2], "rate"]]);
                let mut factors = Factors::of(rate, per_day_text(rate, *batch, per_day), inputs);
                let times = self.situation.rates(at.0, line);
                if let Some(scenario) = self.situation.scenario().filter(|_| times != 1.0) {
                    let inputs = self.inputs([&["scenarios", &scenario.name, "rates", at.0]]);
                    let text = format!("{} as often in `{}`", number::count(times), scenario.name);
                    factors = factors.times(times, text, inputs);
                }
                match of_all {
                    true => factors.and(self.population(population, at)),
                    false => factors,
                }
            }
            Timing::After { parent, fanout, .. } => {
                let parent = (at.0, *parent);
                let passed = self.how_often(parent, of_all).and(self.passes(parent));
                passed.and(self.fanout(at, fanout))
            }
        }
    }

    pub(super) fn fanout(&mut self, at: At<'_>, fanout: &Value) -> Factors {
        let line = self.line(at);
        let parent = match line.timing {
            Timing::After { parent, .. } => self.line((at.0, parent)).id.clone(),
            Timing::Rate { .. } => line.id.clone(),
        };
        let keys = ["features", at.0, line.kind.list(), &line.id, "fanout"];
        let inputs = self.inputs([&keys]);
        let each = fanout.point().unwrap_or(0.0);
        if each == 1.0 && inputs.is_empty() {
            return Factors::default();
        }
        let often = format!("{} {}", number::count(each), on_average(fanout));
        Factors::of(
            each,
            format!("{} for each `{parent}`", often.trim_end()),
            inputs,
        )
    }

    /// What takes place of an event of a line, for those that follow it.
    pub(super) fn passes(&mut self, at: At<'_>) -> Factors {
        match self.line(at).kind {
            LineKind::Message => self.per_event(at, What::Messages),
            LineKind::Call | LineKind::Inference => self.miss(at),
            LineKind::Read | LineKind::Write => {
                let passes = self.flow(at).asked.passes;
                Factors::of(self.point(passes), "0 that lines can follow", Vec::new())
            }
        }
    }

    /// What a cache lets pass.
    pub(super) fn miss(&mut self, at: At<'_>) -> Factors {
        let line = self.line(at);
        let Some(cache) = line.cache.as_deref() else {
            return Factors::default();
        };
        let passes = match line.kind {
            LineKind::Read => {
                let flow = self.flow(at);
                let of = |amount| flow.amount(amount).map(|it| self.point(it));
                let (reached, asked) = (of(Amount::Reached), of(Amount::Requested));
                let share = reached.zip(asked).map(|(reached, asked)| reached / asked);
                share.filter(|share| share.is_finite()).unwrap_or(1.0)
            }
            _ => self.point(self.flow(at).asked.passes),
        };
        let keys = ["features", at.0, line.kind.list(), &line.id, "cache"];
        let [hits, ttl, objects, scope] = ["hit_ratio", "ttl", "keys", "scope"]
            .map(|key| [keys[0], keys[1], keys[2], keys[3], keys[4], key]);
        let inputs = self.inputs([&hits, &ttl, &objects, &scope]);
        let share = number::count(passes);
        let text = match (&cache.hit_ratio, cache.ttl) {
            (Some(hits), _) => {
                let hits = hits.point().unwrap_or(0.0);
                format!("{share} after the cache (1 − {})", number::count(hits))
            }
            (None, Some(ttl)) => {
                let reason = match self.flow(at).arrival {
                    Arrival::Batch { .. } if !cache.shared => {
                        format!("1 of {} batches", number::count(1.0 / passes))
                    }
                    _ => format!("1 / (1 + {})", number::count(1.0 / passes - 1.0)),
                };
                format!("{share} after the {} cache ({reason})", long(ttl))
            }
            (None, None) => format!("{share} after a cache that keeps nothing"),
        };
        Factors::of(passes, text, inputs)
    }

    fn retries(&mut self, table: &str, name: &str, ratio: &Value) -> Factors {
        let factor = retried(Quantity::ONE, ratio, &mut self.graph);
        let factor = self.point(factor);
        let inputs = self.inputs([&[table, name, "retry_ratio"]]);
        if factor == 1.0 {
            return Factors::default();
        }
        let text = format!("{} with retries", number::count(factor));
        Factors::of(factor, text, inputs)
    }

    /// What an event of a line uses.
    pub(super) fn per_event(&mut self, at: At<'_>, what: What<'_>) -> Factors {
        let line = self.line(at);
        let keys = ["features", at.0, line.kind.list(), &line.id];
        let thing = &*line.uses.thing;
        match line.kind {
            LineKind::Call => {
                let Some(api) = self.model.api(&line.uses.thing) else {
                    return Factors::default();
                };
                let billed = self
                    .miss(at)
                    .and(self.retries("apis", thing, &api.retry_ratio));
                match what {
                    What::Credits => billed.and(self.credits(at)),
                    _ => billed,
                }
            }
            LineKind::Inference => {
                let Some(model) = self.model.compute_model(&line.uses.thing) else {
                    return Factors::default();
                };
                let runs = self
                    .miss(at)
                    .and(self.retries("models", thing, &model.retry_ratio));
                match what {
                    What::Used(unit) | What::Billed(unit) => {
                        let is_billed = matches!(what, What::Billed(_));
                        runs.and(self.units(at, unit, is_billed))
                    }
                    _ => runs,
                }
            }
            LineKind::Write | LineKind::Read => {
                let inputs = self.inputs([&[keys[0], keys[1], keys[2], keys[3], "rows"]]);
                let rows = line.uses.count.point().unwrap_or(0.0);
                let cached = match line.kind {
                    LineKind::Read => self.miss(at),
                    _ => Factors::default(),
                };
                cached.count(rows, "row", on_average(&line.uses.count), inputs)
            }
            LineKind::Message => {
                let inputs = self.inputs([&[keys[0], keys[1], keys[2], keys[3], "count"]]);
                let mean = on_average(&line.uses.count);
                let count = line.uses.count.point().unwrap_or(0.0);
                let messages = Factors::default().count(count, "message", mean, inputs);
                match what {
                    What::Bytes => messages.and(self.size(at)),
                    _ => messages,
                }
            }
        }
    }

    fn size(&mut self, at: At<'_>) -> Factors {
        let line = self.line(at);
        let queue = self.model.queue(&line.uses.thing);
        let declared = line.uses.size.as_ref();
        let size = declared.or_else(|| Some(&queue?.message_size));
        let size = size.and_then(Value::point).unwrap_or(0.0);
        let own = ["features", at.0, line.kind.list(), &line.id, "size"];
        let inputs = self.first([&own, &["queues", &*line.uses.thing, "message_size"]]);
        let text = format!("{} a message", number::bytes(size));
        Factors::of(size, text, inputs).and(self.payload())
    }

    /// How many times as large things are in a scenario.
    pub(super) fn payload(&mut self) -> Factors {
        let payload = self.situation.payload();
        match self.situation.scenario() {
            Some(scenario) if payload != 1.0 => {
                let inputs = self.inputs([&["scenarios", &scenario.name, "payload"]]);
                let text = format!("{} as large in `{}`", number::count(payload), scenario.name);
                Factors::of(payload, text, inputs)
            }
            _ => Factors::default(),
        }
    }

    fn credits(&mut self, at: At<'_>) -> Factors {
        let line = self.line(at);
        let (Some((api, path)), Some(used)) = (line.called(), &line.uses.endpoint) else {
            return Factors::default();
        };
        let of = self.model.api(&line.uses.thing);
        let Some(endpoint) = of.and_then(|api| api.endpoint(used)) else {
            return Factors::of(0.0, "0 credits", Vec::new());
        };
        let cost = endpoint.credits_of_call(line, &mut self.graph);
        let cost = self.point(cost);
        let key = |key| ["apis", api, "endpoints", path, key];
        let of_items = ["credits_per_item", "credits_per_step", "step"].map(key);
        let items = ["features", at.0, line.kind.list(), &line.id, "items"];
        let mut inputs = self.inputs([&key("credits"), &key("min_credits")]);
        let [item, step, steps] = of_items;
        let by_items = self.inputs([&item, &step, &steps]);
        let plural = if cost == 1.0 { "" } else { "s" };
        let mut text = format!("{} credit{plural} a call", number::count(cost));
        if !by_items.is_empty() {
            inputs.extend(by_items);
            inputs.extend(self.input(&items));
            let (base, items) = (endpoint.credits.point(), line.uses.count.point());
            let each = endpoint.of_each(&mut self.graph);
            let [base, items] = [base, items].map(|it| number::count(it.unwrap_or(0.0)));
            let each = number::count(self.point(each));
            text.push_str(&match endpoint.step {
                Some(step) => format!(
                    " ({base} + {each} for each started {} of {items} items)",
                    number::count(step.items)
                ),
                None => format!(" ({base} + {each} × {items} items)"),
            });
        }
        Factors::of(cost, text, inputs)
    }

    fn units(&mut self, at: At<'_>, unit: &str, is_billed: bool) -> Factors {
        let line = self.line(at);
        let model = self.model.compute_model(&line.uses.thing);
        let mut units = line.uses.units.iter();
        let declared = units.find(|(name, _)| name == unit).map(|(_, value)| value);
        let (Some(model), Some(declared)) = (model, declared) else {
            // Each run is one request.
            return Factors::default();
        };
        let payload = self.situation.payload();
        let of_run = model.units_of_run(unit, declared, payload, &mut self.graph);
        let keys = ["features", at.0, line.kind.list(), &line.id, "units"];
        let by_unit = [keys[0], keys[1], keys[2], keys[3], keys[4], unit];
        let inputs = self.first([&by_unit, &keys]);
        let mean = on_average(declared);
        match of_run {
            (_, Some(billed)) if is_billed => {
                let billed = self.point(billed);
                let text = format!("{} {unit} a run, as billed", number::count(billed));
                Factors::of(billed, text, inputs)
            }
            _ => {
                let used = declared.point().unwrap_or(0.0);
                let text = format!("{} {unit} a run {mean}", number::count(used));
                Factors::of(used, text.trim_end(), inputs).and(self.payload())
            }
        }
    }

    /// From a day to the busiest window of so many seconds; of batches for each member, the whole
    /// batch where nothing says over how long it comes.
    pub(super) fn window(&mut self, at: At<'_>, seconds: f64, of_member: bool) -> Factors {
        let line = self.line(at);
        let keys = |key| ["features", at.0, line.kind.list(), &line.id, key];
        match self.flow(at).arrival {
            Arrival::Steady { peak, .. } => {
                let busiest = self.flow(at).arrival.busiest(seconds);
                let key = if peak == busiest { "peak" } else { "peak_day" };
                let inputs = self.first([&keys(key), &["features", at.0, key], &["project", key]]);
                let days = days(seconds);
                match busiest == 1.0 {
                    true => days,
                    false => {
                        let text = format!("{} at peak", number::count(busiest));
                        days.times(busiest, text, inputs)
                    }
                }
            }
            Arrival::Batch { period, spread } => {
                let window = Quantity::certain(seconds);
                let share = match (of_member, spread) {
                    (true, None) => {
                        let share = self.graph.div(window, period);
                        self.graph.max(Quantity::ONE, share)
                    }
                    _ => batches_in(window, period, spread, &mut self.graph),
                };
                let (share, batches) = (self.point(share), DAY / self.point(period));
                let inputs = self.inputs([&keys("spread")]);
                let text = format!("{} batches a day", number::count(batches));
                let one = Factors::default().over(batches, text, Vec::new());
                let within = number::duration(seconds);
                let text = format!("{} of a batch in {within}", number::count(share));
                one.times(share, text, inputs)
            }
        }
    }

    /// The rows of a line for each of its population in a day; of one whose rows have to be told
    /// day by day, nothing.
    pub(super) fn rows_of_each(&mut self, at: At<'_>) -> Option<Factors> {
        match self.flow(at).growth {
            Some(Growth::Proportional { .. }) => Some(
                self.how_often(at, false)
                    .and(self.per_event(at, What::Rows)),
            ),
            _ => None,
        }
    }
}

/// From a day to so many seconds of it, or to more than one.
pub(super) fn days(seconds: f64) -> Factors {
    let days = seconds / DAY;
    if days >= 1.0 {
        return match days == 1.0 {
            true => Factors::default(),
            false => Factors::of(days, format!("{} days", number::count(days)), Vec::new()),
        };
    }
    let in_day = DAY / seconds;
    let what = match seconds {
        1.0 => "seconds a day".to_owned(),
        60.0 => "minutes a day".to_owned(),
        3600.0 => "hours a day".to_owned(),
        _ => format!("times {} a day", number::duration(seconds)),
    };
    let text = format!("{} {what}", number::count(in_day));
    Factors::default().over(in_day, text, Vec::new())
}

fn per_day_text(rate: f64, batch: bool, value: &Value) -> String {
    let mut text = format!("{}/day", number::count(rate));
    if matches!(value, Value::Unknown) {
        text.push_str(" (unknown)");
    } else if batch {
        text.push_str(&format!(" (every {})", number::duration(DAY / rate)));
    }
    text
}

/// Of what differs from event to event, that it is a mean.
fn on_average(value: &Value) -> &'static str {
    match value {
        Value::Each(_) => "on average",
        _ => "",
    }
}
