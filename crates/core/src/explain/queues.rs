//! Queues: what they carry, keep and wait for.

use crate::document::values::Broker;
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::{Amount, Arrival};
use crate::model::{Bound, Queue, Value};
use crate::quantity::Quantity;
use crate::units::DAY;
use crate::words::number;

use super::factors::Factors;
use super::lines::{Over, What};
use super::meters::{Calculation, Demand};
use super::view::View;
use super::{Sum, Term};

impl<'a> Calculation<'_, 'a> {
    fn queue_named(&self, name: &str) -> Option<&'a Queue> {
        self.view.model.queues.get(name)
    }

    pub(super) fn queue(&mut self, name: &str, kind: MeterKind) -> Demand {
        let Some(queue) = self.queue_named(name) else {
            return Demand::default();
        };
        let before = self
            .today
            .asked(Family::Queue, queue.id, Amount::MeanMessages);
        let view = &mut *self.view;
        match kind {
            MeterKind::Throughput => (view.throughput(name, queue), Vec::new()),
            MeterKind::Workers => (view.work(queue), Vec::new()),
            MeterKind::Depth => (view.backlog(name, queue, before), Vec::new()),
            MeterKind::Drain => view.drain(name, queue, before),
            _ => view.retained(name, queue, before),
        }
    }

    /// What a queue keeps, at its price; where an event takes some days of a month, on the others
    /// what it keeps today.
    pub(super) fn queue_spend(&mut self, name: &str) -> Demand {
        let Some(queue) = self.queue_named(name) else {
            return Demand::default();
        };
        let month = self.view.model.calendar.days_per_month;
        let [now, today] = self.days();
        let before = self
            .today
            .asked(Family::Queue, queue.id, Amount::MeanMessages);
        let (mut terms, mut parts) = self.view.retained(name, queue, before);
        let inputs = self.view.inputs([&["queues", name, "price"]]);
        let tail = self.of_bytes(queue.price.unwrap_or(0.0), inputs);
        // A whole month is that price; a part of it as many of its days.
        let share = |days: Factors| {
            let text = format!("{} days a month", number::count(month));
            tail.clone().and(days).over(month, text, Vec::new())
        };
        let Some(today) = today else {
            let terms = terms.into_iter().map(|term| term.with(&tail));
            return (terms.collect(), parts);
        };
        let of_event = share(now.unwrap_or_default());
        terms = terms.into_iter().map(|term| term.with(&of_event)).collect();
        if let Some(queue) = self.today.model.queues.get(name) {
            let (others, more) = self.today.retained(name, queue, before);
            let tail = share(today);
            terms.extend(others.into_iter().map(|term| term.with(&tail)));
            parts.extend(more);
        }
        (terms, parts)
    }
}

impl Queue {
    /// Messages a second that all its workers do at most, at point values.
    fn capacity(&self) -> f64 {
        let workers = self.workers.as_ref();
        let of = workers.and_then(|it| Some(it.max? * it.rate.as_ref().and_then(Value::point)?));
        of.unwrap_or(0.0)
    }
}

fn spare_text(spare: f64, capacity: f64, comes: f64) -> String {
    let [spare, capacity, comes] = [spare, capacity, comes].map(number::count);
    format!("{spare}/s to spare ({capacity}/s of all workers − {comes}/s that arrive)")
}

fn spare_words(spare: f64, capacity: f64, comes: f64) -> Factors {
    Factors::of(spare, spare_text(spare, capacity, comes), Vec::new())
}

impl View<'_> {
    /// On kafka what comes in while it is kept, or one message for each key, in all copies; else
    /// what waits.
    fn retained(&mut self, name: &str, queue: &Queue, before: f64) -> Demand {
        let path = crate::document::dotted(["queues", name].into_iter());
        if let Some((keys, population)) = queue.compact.as_deref() {
            let each = keys.point().unwrap_or(0.0);
            let inputs = self.inputs([&["queues", name, "compact", "keys"]]);
            let factors = Factors::of(each, format!("{} keys each", number::count(each)), inputs);
            let day = self.situation.day();
            let populations = &self.forecast.populations;
            let members = populations.at(population, day, &mut self.graph);
            let members = self.point(members);
            let (what, made_of, inputs) = self.made_of(population, None);
            let what = what.unwrap_or_else(|| "project".to_owned());
            let text = format!("{} {what}{made_of}", number::count(members));
            let factors = factors.times(members, text, inputs);
            let factors = factors.and(self.message_size(name, queue));
            let factors = factors.and(self.copies(name, queue));
            let place = self.place_of(&path);
            return (vec![factors.term(path, place)], Vec::new());
        }
        if queue.broker == Broker::Kafka {
            return (self.kept(name, queue), Vec::new());
        }
        let backlog = self.backlog(name, queue, before);
        let backlog = Sum::new(&format!("{path}.depth"), "messages", backlog);
        let mean = self.asked(Family::Queue, queue.id, Amount::MeanMessages);
        let size = if mean == 0.0 {
            self.message_size(name, queue)
        } else {
            let bytes = self.asked(Family::Queue, queue.id, Amount::MeanBytes);
            let text = format!("{} a message on average", number::bytes(bytes / mean));
            Factors::of(bytes / mean, text, Vec::new())
        };
        let waiting = backlog.point();
        let text = format!("{} messages that wait", number::count(waiting));
        let place = self.place_of(&path);
        let term = Factors::of(waiting, text, Vec::new()).and(size);
        (vec![term.term(path, place)], vec![backlog])
    }

    /// Messages that wait: as declared, times as many as come more than `before`, today; or what of
    /// each batch its workers leave.
    fn backlog(&mut self, name: &str, queue: &Queue, before: f64) -> Vec<Term> {
        let path = crate::document::dotted(["queues", name].into_iter());
        if let Some(depth) = &queue.depth {
            let depth = depth.point().unwrap_or(0.0);
            let inputs = self.inputs([&["queues", name, "depth"]]);
            let text = format!("{} messages declared", number::count(depth));
            let factors = Factors::of(depth, text, inputs);
            let now = self.asked(Family::Queue, queue.id, Amount::MeanMessages);
            let factors = match before == 0.0 || now == before {
                true => factors,
                false => {
                    let text = format!("{} as many messages as today", number::count(now / before));
                    factors.times(now / before, text, Vec::new())
                }
            };
            let place = self.place_of(&path);
            return vec![factors.term(path, place)];
        }
        let steady = self.asked(Family::Queue, queue.id, Amount::SteadyMessages);
        let spare = (queue.capacity() - steady).max(0.0);
        let mut terms = Vec::new();
        for (feature, index) in self.users(Family::Queue, queue.id) {
            let at = (feature.as_str(), index);
            let Arrival::Batch { period, spread } = self.flow(at).arrival else {
                continue;
            };
            let batches = DAY / self.point(period);
            let text = format!("{} batches a day", number::count(batches));
            let batch = self.asked_by(at, What::Messages, Over::Day);
            let batch = batch.over(batches, text, Vec::new());
            let done = spread.unwrap_or(0.0) * spare;
            if done == 0.0 {
                terms.push(self.line_term(at, batch));
            } else if done >= batch.product() {
                let none = batch.times(0.0, "0 left: workers keep up while it arrives", Vec::new());
                terms.push(self.line_term(at, none));
            } else {
                let seconds = spread.unwrap_or(0.0);
                let text = format!("{} seconds in which it arrives", number::count(seconds));
                let done = Factors::of(seconds, text, Vec::new());
                let done = done.and(spare_words(spare, queue.capacity(), steady));
                terms.push(self.line_term(at, batch));
                terms.push(self.line_term(at, done).less());
            }
        }
        terms
    }

    /// What waits over what workers do more than what comes.
    fn drain(&mut self, name: &str, queue: &Queue, before: f64) -> Demand {
        let backlog = self.backlog(name, queue, before);
        let backlog = Sum::new(&format!("queues.{name}.depth"), "messages", backlog);
        let mean = self.asked(Family::Queue, queue.id, Amount::MeanMessages);
        let amount = match queue.depth {
            Some(_) => Amount::MeanMessages,
            None => Amount::SteadyMessages,
        };
        let comes = self.asked(Family::Queue, queue.id, amount);
        let capacity = queue.capacity();
        let waiting = backlog.point();
        let text = format!("{} messages that wait", number::count(waiting));
        let factors = Factors::of(waiting, text, Vec::new());
        let [backlogged, of_all, all, others] =
            [waiting, capacity, mean, comes].map(Quantity::certain);
        let drained = self.graph.drain(backlogged, of_all, all, others);
        let drained = self.point(drained);
        let factors = if drained == 0.0 {
            factors
        } else if drained.is_finite() {
            let spare = capacity - comes;
            let text = spare_text(spare, capacity, comes);
            let inputs = self.inputs([
                &["queues", name, "workers", "max"],
                &["queues", name, "workers", "rate"],
            ]);
            factors.over(spare, text, inputs)
        } else {
            let text = format!(
                "∞: {}/s arrive, and workers handle {}/s",
                number::count(mean),
                number::count(capacity)
            );
            Factors::of(f64::INFINITY, text, Vec::new())
        };
        let path = crate::document::dotted(["queues", name].into_iter());
        let place = self.place_of(&path);
        (vec![factors.term(path, place)], vec![backlog])
    }

    fn message_size(&mut self, name: &str, queue: &Queue) -> Factors {
        let size = queue.message_size.point().unwrap_or(0.0);
        let inputs = self.inputs([&["queues", name, "message_size"]]);
        let text = format!("{} a message", number::bytes(size));
        Factors::of(size, text, inputs).and(self.payload())
    }

    fn copies(&mut self, name: &str, queue: &Queue) -> Factors {
        let inputs = self.inputs([&["queues", name, "replication"]]);
        match queue.replication == 1.0 {
            true => Factors::default(),
            false => {
                let text = format!("{} copies", number::count(queue.replication));
                Factors::of(queue.replication, text, inputs)
            }
        }
    }

    /// What comes in while it is kept, or all that partitions keep.
    fn kept(&mut self, name: &str, queue: &Queue) -> Vec<Term> {
        let copies = self.copies(name, queue);
        let partitions = match (self.situation.scenario(), queue.partitions) {
            (_, None) => 0.0,
            (Some(_), Some(Bound { now, max })) => max.unwrap_or(now),
            (None, Some(Bound { now, .. })) => now,
        };
        let by_size = queue.retention_bytes.map(|bytes| partitions * bytes);
        let sent = self.asked(Family::Queue, queue.id, Amount::MeanBytes);
        let by_time = queue.retention.map(|seconds| sent * seconds);
        let path = crate::document::dotted(["queues", name].into_iter());
        if let Some(bytes) = queue.retention_bytes
            && by_time.is_none_or(|time| by_size.is_some_and(|size| size < time))
        {
            let count = self.inputs([&["queues", name, "partitions"]]);
            let inputs = self.inputs([&["queues", name, "retention_bytes"]]);
            let text = format!("{} partitions", number::count(partitions));
            let full = Factors::of(partitions, text, count);
            let full = full.times(bytes, format!("{} each", number::bytes(bytes)), inputs);
            let place = self.place_of(&path);
            return vec![
                full.and(copies)
                    .term(path, place)
                    .note("partitions are full before messages expire"),
            ];
        }
        let lines = self.each(Family::Queue, queue.id, What::Bytes, Over::Mean);
        let inputs = self.inputs([&["queues", name, "retention"]]);
        let tail = match queue.retention {
            Some(seconds) => {
                let text = format!("{} seconds kept", number::count(seconds));
                Factors::of(seconds, text, inputs)
            }
            None if sent == 0.0 => Factors::default(),
            None => Factors::of(f64::INFINITY, "∞: no retention is declared", inputs),
        };
        let tail = tail.and(copies);
        let terms = self.terms(lines).into_iter();
        terms.map(|term| term.with(&tail)).collect()
    }

    /// Bytes a second at the peak, and those that are read again.
    fn throughput(&mut self, name: &str, queue: &Queue) -> Vec<Term> {
        let lines = self.each(Family::Queue, queue.id, What::Bytes, Over::Window(1.0));
        let mut terms = self.terms(lines);
        if queue.replay != 0.0 {
            let inputs = self.inputs([&["queues", name, "replay"]]);
            let text = format!("{} read again", number::count(queue.replay));
            let tail = Factors::of(queue.replay, text, inputs);
            let mean = self.each(Family::Queue, queue.id, What::Bytes, Over::Mean);
            let mean = self.terms(mean).into_iter();
            terms.extend(mean.map(|term| term.with(&tail)));
        }
        terms
    }

    /// Messages that workers must keep up with: of batches on average, of others at the peak.
    fn work(&mut self, queue: &Queue) -> Vec<Term> {
        let mut terms = Vec::new();
        for (feature, index) in self.users(Family::Queue, queue.id) {
            let at = (feature.as_str(), index);
            let messages = match self.flow(at).arrival {
                Arrival::Batch { .. } => self.asked_by(at, What::Messages, Over::Mean),
                Arrival::Steady { .. } => {
                    let day = self.asked_by(at, What::Messages, Over::Day);
                    day.and(self.window(at, 1.0, false))
                }
            };
            terms.push(self.line_term(at, messages));
        }
        terms
    }
}
