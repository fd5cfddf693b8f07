//! `writes`: of rows to tables.

use super::events::{Amount, Asked, Events};
use super::{KindOfLine, Line, Uses};
use crate::document::reader::{At, quotable};
use crate::document::tables::{Table, Write};
use crate::document::values::TableKind;
use crate::meter::Family;
use crate::model::resolve::check::Check;
use crate::quantity::{Graph, Quantity};
use crate::source::Span;

impl KindOfLine for Write {
    const FAMILY: Family = Family::Table;

    const TOLD_BY: &'static [(Amount, &'static str)] = &[(Amount::Rows, "rows")];

    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) -> Option<Uses> {
        let written = self.table.as_ref()?;
        let name = &written.value.0;
        let path = at.key("table");
        let table = check.find::<Table>(&path, written.span, name)?;
        let kind = table.kind.as_ref()?;
        if kind.value == TableKind::Rollup {
            let help = match &table.from {
                Some(from) => format!("write to its source, `{}`", quotable(&from.value.0)),
                None => "write to its source".to_owned(),
            };
            let message = format!("`{name}` is a rollup: nothing writes to it but its source");
            let note = (kind.span, "it is a rollup");
            check.clash(&path, written.span, message, help, note);
            return None;
        }
        let builder = check.builder;
        let rows = builder.optional(at, "rows", &self.rows, 1.0, |count| count.0);
        Some(Uses::new(
            builder.numbers[Self::FAMILY].reference(name)?,
            rows,
        ))
    }

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked {
        let rows_each = line.uses.count.quantity(graph);
        let per_member = graph.mul(events.per_member, rows_each);
        let rows = graph.mul(events.population, per_member);
        let peak = events.in_window(rows_each, 1.0, graph);
        let mut asked = Asked::new(Quantity::ZERO, peak, &[(Amount::Rows, rows)], 2);
        asked.add(Amount::Rows, rows);
        asked.add(Amount::PeakRows, peak);
        asked.rows_per_member = Some(per_member);
        asked
    }
}
