//! `messages`: sent to queues.

use super::events::{Amount, Arrival, Asked, Events};
use super::{KindOfLine, Line, Uses};
use crate::document::reader::At;
use crate::document::tables::{Message, Queue};
use crate::meter::Family;
use crate::model::resolve::check::Check;
use crate::model::things::{Model, Value};
use crate::quantity::{Graph, Quantity};
use crate::source::Span;
use crate::units::DAY;

impl KindOfLine for Message {
    const FAMILY: Family = Family::Queue;

    const TOLD_BY: &'static [(Amount, &'static str)] = &[(Amount::Messages, "messages")];

    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) -> Option<Uses> {
        let queue = self.queue.as_ref()?;
        check.find::<Queue>(&at.key("queue"), queue.span, &queue.value.0)?;
        let builder = check.builder;
        let count = builder.optional(at, "count", &self.count, 1.0, |count| count.0);
        Some(Uses {
            size: builder.declared(at, "size", &self.size, |size| size.bytes),
            ..Uses::new(
                builder.numbers[Self::FAMILY].reference(&queue.value.0)?,
                count,
            )
        })
    }

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked {
        let count = line.uses.count.quantity(graph);
        let queue = events.model.queue(&line.uses.thing);
        let size = match (&line.uses.size, queue) {
            (Some(size), _) => size.quantity(graph),
            (None, Some(queue)) => queue.message_size.quantity(graph),
            (None, None) => Quantity::ZERO,
        };
        let size = size.times(events.payload);
        let messages = graph.mul(events.occurrences, count);
        let bytes = graph.mul(messages, size);
        let bytes_each = graph.mul(count, size);
        let mean = messages.times(1.0 / DAY);
        let shown = [(Amount::Messages, messages), (Amount::Bytes, bytes)];
        let peak = events.in_window(count, 1.0, graph);
        let mut asked = Asked::new(count, peak, &shown, 5);
        asked.add(Amount::MeanMessages, mean);
        asked.add(Amount::MeanBytes, bytes.times(1.0 / DAY));
        asked.add(Amount::PeakBytes, events.in_window(bytes_each, 1.0, graph));
        match events.arrival {
            Arrival::Steady { .. } => {
                asked.add(Amount::Work, mean.times(events.arrival.busiest(1.0)));
                asked.add(Amount::SteadyMessages, mean);
            }
            Arrival::Batch { period, spread } => {
                asked.add(Amount::Work, mean);
                asked.batch = Some((graph.mul(mean, period), spread.unwrap_or(0.0)));
            }
        }
        asked
    }

    /// What a queue's workers do at most, where both their number and their rate are known.
    fn ceiling(line: &Line, model: &Model, graph: &mut Graph) -> Option<Quantity> {
        let workers = model.queue(&line.uses.thing)?.workers.as_ref()?;
        match (workers.max?, workers.rate.as_ref()?) {
            (_, Value::Unknown) => None,
            (max, rate) => Some(rate.quantity(graph).times(max)),
        }
    }
}
