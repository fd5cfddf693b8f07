//! `drain`: seconds until nothing waits.

use super::{Metered, Of, Thing};
use crate::meter::MeterKind;
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Queue(queue) = of.thing else {
        return;
    };
    let id = of.id(MeterKind::Drain, &[]);
    let load = of.load(queue, graph);
    if load.capacity.is_none() && queue.drain.is_none() {
        return;
    }
    let minus = match queue.depth {
        Some(_) => load.mean,
        None => load.steady,
    };
    let capacity = load.capacity.unwrap_or(Quantity::ZERO);
    let drain = match queue.workers.as_ref().is_some_and(|it| it.is_unread) {
        true => Quantity::unknown(),
        false => graph.drain(load.backlog, capacity, load.mean, minus),
    };
    let limit = queue.drain.map(Quantity::certain);
    out.push(Metered::new(id, "seconds", drain, limit));
}
