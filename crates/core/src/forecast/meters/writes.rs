//! `writes`: rows and index entries that a database writes per second.

use super::{KindOfMeter, Metered, OfDatabase};
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::Graph;

pub(super) struct Writes;

impl KindOfMeter for Writes {
    fn of_database(&self, of: &OfDatabase<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        let id = MeterId::new(Family::Database, of.name, MeterKind::Writes, Vec::new());
        let limit = of.metering.situation().bound(of.database.writes);
        let writes = graph.sum(&of.tables.writes);
        out.push(Metered::new(id, "writes/s", writes, limit));
    }
}
