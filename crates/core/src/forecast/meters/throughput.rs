//! `throughput`: bytes per second through a queue, against what its partitions, or all of it, carry.

use super::{Basis, Metered, Of, Thing};
use crate::document::values::Broker;
use crate::meter::MeterKind;
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Queue(queue) = of.thing else {
        return;
    };
    let id = of.id(MeterKind::Throughput, &[]);
    let load = of.load(queue, graph);
    let kafka = queue.broker == Broker::Kafka;
    let replayed = load.bytes.times(queue.replay);
    let demand = graph.add(load.peak_bytes, replayed);
    let partitions = queue.partitions.filter(|_| kafka);
    let limit = of.situation().bound(partitions);
    let limit = limit.map(|partitions| partitions.times(queue.partition_throughput));
    let limit = match (limit, of.situation().bound(queue.throughput)) {
        (Some(partitions), Some(all)) => Some(graph.min(partitions, all)),
        (limit, None) | (None, limit) => limit,
    };
    let basis = match kafka {
        true => Basis::Partition(queue.partition_throughput),
        false => Basis::None,
    };
    out.push(Metered {
        basis,
        ..Metered::new(id, "bytes/s", demand, limit)
    });
}
