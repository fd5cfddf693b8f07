//! `retained`: bytes that a queue keeps.

use super::{Basis, Metered, Metering, Of, Thing};
use crate::document::values::Broker;
use crate::meter::MeterKind;
use crate::model::Queue;
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Queue(queue) = of.thing else {
        return;
    };
    let id = of.id(MeterKind::Retained, &[]);
    let keeps_all = queue.broker == Broker::Kafka;
    let is_told = queue.retention.is_some()
        || queue.retention_bytes.is_some()
        || queue.compact.is_some()
        || queue.storage.is_some()
        || queue.price.is_some();
    if keeps_all && !is_told {
        return;
    }
    let limit = of.situation().bound(queue.storage);
    let demand = retained(of, queue, graph);
    let basis = match keeps_all {
        true => Basis::Kept(kept_for(of, queue, graph)),
        false => Basis::None,
    };
    out.push(Metered {
        basis,
        ..Metered::new(id, "bytes", demand, limit)
    });
}

/// On kafka what comes in while it is kept, or one message for each key, in all copies; else what
/// waits.
pub(super) fn retained(of: &Of<'_>, queue: &Queue, graph: &mut Graph) -> Quantity {
    let load = of.load(queue, graph);
    if let Some((keys, population)) = queue.compact.as_deref() {
        let situation = of.situation();
        let populations = &of.metering.storage.forecast.populations;
        let members = populations.at(population, situation.day(), graph);
        let keys = keys.quantity(graph);
        let messages = graph.mul(keys, members);
        let size = queue.message_size.quantity(graph);
        let bytes = graph.mul(messages, size);
        return bytes.times(situation.payload() * queue.replication);
    }
    if queue.broker == Broker::Kafka {
        let by_time = queue.retention.map(|seconds| load.bytes.times(seconds));
        let by_size = most_kept(of, queue);
        let kept = match (by_time, by_size) {
            (Some(time), Some(size)) => graph.min(time, size),
            (Some(kept), None) | (None, Some(kept)) => kept,
            (None, None) if load.bytes.as_certain() == Some(0.0) => load.bytes,
            (None, None) => Quantity::INFINITE.mark_unknown(load.bytes.is_unknown()),
        };
        return kept.times(queue.replication);
    }
    let size = if load.mean.as_certain() == Some(0.0) {
        let size = queue.message_size.quantity(graph);
        size.times(of.situation().payload())
            .mark_unknown(load.mean.is_unknown())
    } else {
        graph.div(load.bytes, load.mean)
    };
    graph.mul(load.backlog, size)
}

/// `partitions · retention_bytes`: the most that a topic keeps, in one copy; at least nothing
/// where its partitions could not be read.
fn most_kept(of: &Of<'_>, queue: &Queue) -> Option<Quantity> {
    let bytes = queue.retention_bytes?;
    let partitions = of.situation().bound(queue.partitions);
    Some(partitions.unwrap_or(Quantity::ZERO).times(bytes))
}

/// Seconds after which messages go, at point values: `min(retention, partitions ·
/// retention_bytes / mean bytes/s)`; nothing where nothing is sent, and of a compacted topic.
fn kept_for(of: &Of<'_>, queue: &Queue, graph: &mut Graph) -> Option<f64> {
    let sent = of.load(queue, graph).bytes;
    let sent = graph.point(sent);
    if sent <= 0.0 || queue.compact.is_some() {
        return None;
    }
    let by_size = most_kept(of, queue).map(|bytes| graph.point(bytes) / sent);
    let times = queue.retention.into_iter().chain(by_size);
    times.min_by(f64::total_cmp)
}

impl Metering<'_> {
    /// What a queue keeps today, for an event that is over before the month is.
    pub(super) fn retained_today(&self, name: &str, graph: &mut Graph) -> Option<(Quantity, f64)> {
        let today = self.of_today();
        let queue = today.storage.model.queues.get(name)?;
        let of = Of::new(&today, name, Thing::Queue(queue));
        Some((retained(&of, queue, graph), queue.price.unwrap_or(0.0)))
    }
}
