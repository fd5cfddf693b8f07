//! `writes`: rows and index entries that a database writes per second.

use super::{Metered, Of, Thing};
use crate::meter::MeterKind;
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Database(database, tables) = of.thing else {
        return;
    };
    let limit = of.situation().bound(database.writes);
    let writes = tables.writes.sum(graph);
    let id = of.id(MeterKind::Writes, &[]);
    out.push(Metered::new(id, "writes/s", writes, limit));
}
