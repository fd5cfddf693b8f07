//! `reads`: rows that a database reads per second.

use super::{Metered, Of, Thing};
use crate::meter::{Family, MeterKind};
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Database(database, tables) = of.thing else {
        return;
    };
    let may_be_read = || {
        of.metering
            .may_have(Family::Database, of.name, MeterKind::Reads)
    };
    if tables.reads.is_empty() && database.reads.is_none() && !may_be_read() {
        return;
    }
    let limit = of.situation().bound(database.reads);
    let reads = tables.reads.sum(graph);
    let id = of.id(MeterKind::Reads, &[]);
    out.push(Metered::new(id, "reads/s", reads, limit));
}
