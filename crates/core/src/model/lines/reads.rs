//! `reads`: of rows from tables.

use super::events::{Amount, Asked, Events};
use super::{KindOfLine, Line, Uses};
use crate::document::reader::At;
use crate::document::tables::{Read, Table};
use crate::meter::Family;
use crate::model::resolve::check::Check;
use crate::quantity::{Graph, Quantity};
use crate::source::Span;

impl KindOfLine for Read {
    const FAMILY: Family = Family::Table;

    const TOLD_BY: &'static [(Amount, &'static str)] = &[(Amount::RowsRead, "rows")];

    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) -> Option<Uses> {
        let read = self.table.as_ref()?;
        let name = &read.value.0;
        check.find::<Table>(&at.key("table"), read.span, name)?;
        let builder = check.builder;
        let rows = builder.optional(at, "rows", &self.rows, 1.0, |count| count.0);
        let table = builder.numbers[Self::FAMILY].reference(name)?;
        Some(Uses::new(table, rows))
    }

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked {
        let miss = events.miss_ratio(line.cache.as_deref(), graph);
        let rows = line.uses.count.quantity(graph);
        let rows_each = graph.mul(miss, rows);
        let peak = events.in_window(rows_each, 1.0, graph);
        let shown = [
            (Amount::Requested, events.occurrences),
            (Amount::Reached, graph.mul(events.occurrences, miss)),
            (Amount::RowsRead, graph.mul(events.occurrences, rows_each)),
        ];
        let mut asked = Asked::new(Quantity::ZERO, peak, &shown, 1);
        asked.add(Amount::PeakReads, peak);
        asked
    }
}
