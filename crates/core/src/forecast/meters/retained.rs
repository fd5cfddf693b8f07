//! `retained`: bytes that a queue keeps.

use super::{Metered, Of, Thing};
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
    if !keeps_all || queue.retention.is_some() || queue.storage.is_some() {
        let limit = of.situation().bound(queue.storage);
        let demand = retained(of, queue, graph);
        out.push(Metered::new(id, "bytes", demand, limit));
    }
}

/// On kafka what comes in while it is kept, in all copies; else what waits.
fn retained(of: &Of<'_>, queue: &Queue, graph: &mut Graph) -> Quantity {
    let load = of.load(queue, graph);
    if queue.broker == Broker::Kafka {
        return match queue.retention {
            Some(retention) => load.bytes.times(retention * queue.replication),
            None if load.bytes.as_certain() == Some(0.0) => load.bytes,
            None => Quantity::INFINITE.mark_unknown(load.bytes.is_unknown()),
        };
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
