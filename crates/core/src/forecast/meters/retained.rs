//! `retained`: bytes that a queue keeps.

use super::{KindOfMeter, Metered, OfQueue};
use crate::document::values::Broker;
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::{Graph, Quantity};

pub(super) struct Retained;

impl KindOfMeter for Retained {
    fn of_queue(&self, of: &OfQueue<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Queue, of.name, MeterKind::Retained, Vec::new());
        let queue = of.queue;
        let keeps_all = queue.broker == Broker::Kafka;
        if !keeps_all || queue.retention.is_some() || queue.storage.is_some() {
            let limit = of.metering.situation().bound(queue.storage);
            let demand = retained(of, graph);
            out.push(Metered::new(id, "bytes", demand, limit));
        }
    }
}

/// On kafka what comes in while it is kept, in all copies; else what waits.
fn retained(of: &OfQueue<'_>, graph: &mut Graph) -> Quantity {
    let (queue, load) = (of.queue, &of.load);
    if queue.broker == Broker::Kafka {
        return match queue.retention {
            Some(retention) => load.bytes.times(retention * queue.replication),
            None if load.bytes.as_certain() == Some(0.0) => load.bytes,
            None => Quantity::INFINITE.mark_unknown(load.bytes.is_unknown()),
        };
    }
    let size = if load.mean.as_certain() == Some(0.0) {
        let size = queue.message_size.quantity(graph);
        size.times(of.metering.situation().payload())
            .mark_unknown(load.mean.is_unknown())
    } else {
        graph.div(load.bytes, load.mean)
    };
    graph.mul(load.backlog, size)
}
