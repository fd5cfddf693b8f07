//! `depth`: messages that wait.

use super::{Metered, Of, Thing};
use crate::meter::MeterKind;
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Queue(queue) = of.thing else {
        return;
    };
    let load = of.load(queue, graph);
    let id = of.id(MeterKind::Depth, &[]);
    let limit = of.situation().bound(queue.max_depth);
    out.push(Metered::new(id, "messages", load.backlog, limit));
}
