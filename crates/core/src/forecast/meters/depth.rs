//! `depth`: messages that wait.

use super::{KindOfMeter, Metered, OfQueue};
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::Graph;

pub(super) struct Depth;

impl KindOfMeter for Depth {
    fn of_queue(&self, of: &OfQueue<'_>, _: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Queue, of.name, MeterKind::Depth, Vec::new());
        let limit = of.metering.situation().bound(of.queue.max_depth);
        out.push(Metered::new(id, "messages", of.load.backlog, limit));
    }
}
