//! `throughput`: bytes per second through a queue, against what its partitions carry.

use super::{Basis, KindOfMeter, Metered, OfQueue};
use crate::document::values::Broker;
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::Graph;

pub(super) struct Throughput;

impl KindOfMeter for Throughput {
    fn of_queue(&self, of: &OfQueue<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Queue, of.name, MeterKind::Throughput, Vec::new());
        let (queue, load) = (of.queue, &of.load);
        let kafka = queue.broker == Broker::Kafka;
        let replayed = load.bytes.times(queue.replay);
        let demand = graph.add(load.peak_bytes, replayed);
        let partitions = queue.partitions.filter(|_| kafka);
        let limit = of.metering.situation().bound(partitions);
        let limit = limit.map(|partitions| partitions.times(queue.partition_throughput));
        let basis = match kafka {
            true => Basis::Partition(queue.partition_throughput),
            false => Basis::None,
        };
        out.push(Metered {
            basis,
            ..Metered::new(id, "bytes/s", demand, limit)
        });
    }
}
