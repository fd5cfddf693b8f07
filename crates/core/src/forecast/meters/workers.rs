//! `workers`: jobs per second, against what all workers do at most.

use super::{Basis, Metered, Of, Thing};
use crate::meter::MeterKind;
use crate::model::Queue;
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Queue(queue) = of.thing else {
        return;
    };
    let load = of.load(queue, graph);
    let id = of.id(MeterKind::Workers, &[]);
    out.push(Metered {
        basis: Basis::ScaleUpAt(scale_up_at(queue)),
        ..Metered::new(id, "jobs/s", load.work, load.capacity)
    });
}

/// `count · rate · drain`: the depth that today's workers drain in time.
fn scale_up_at(queue: &Queue) -> Option<f64> {
    Some(queue.workers.as_ref()?.count? * queue.drained_by_one()?)
}
