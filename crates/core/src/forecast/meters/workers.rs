//! `workers`: jobs per second, against what all workers do at most.

use super::{Basis, KindOfMeter, Metered, OfQueue};
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{Queue, Value};
use crate::quantity::Graph;

pub(super) struct Workers;

impl KindOfMeter for Workers {
    fn of_queue(&self, of: &OfQueue<'_>, _: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Queue, of.name, MeterKind::Workers, Vec::new());
        out.push(Metered {
            basis: Basis::ScaleUpAt(scale_up_at(of.queue)),
            ..Metered::new(id, "jobs/s", of.load.work, of.load.capacity)
        });
    }
}

/// `count · rate · drain`: the depth that today's workers drain in time.
fn scale_up_at(queue: &Queue) -> Option<f64> {
    let workers = queue.workers.as_ref()?;
    let rate = workers.rate.as_ref().and_then(Value::point)?;
    Some(workers.count? * rate * queue.drain?)
}
