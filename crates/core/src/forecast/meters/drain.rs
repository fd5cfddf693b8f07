//! `drain`: seconds until nothing waits.

use super::{KindOfMeter, Metered, OfQueue};
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::{Graph, Quantity};

pub(super) struct Drain;

impl KindOfMeter for Drain {
    fn of_queue(&self, of: &OfQueue<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Queue, of.name, MeterKind::Drain, Vec::new());
        let (queue, load) = (of.queue, &of.load);
        if load.capacity.is_none() && queue.drain.is_none() {
            return;
        }
        let minus = match queue.depth {
            Some(_) => load.mean,
            None => load.steady,
        };
        let capacity = load.capacity.unwrap_or(Quantity::ZERO);
        let drain = graph.drain(load.backlog, capacity, load.mean, minus);
        let limit = queue.drain.map(Quantity::certain);
        out.push(Metered::new(id, "seconds", drain, limit));
    }
}
