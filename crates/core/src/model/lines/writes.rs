//! `writes`: of rows to tables.

use super::events::{Amount, Asked, Events};
use super::{KindOfLine, Line, Uses};
use crate::document::reader::{At, values_quote};
use crate::document::tables::{Table, Write};
use crate::document::values::{Name, TableKind};
use crate::meter::Family;
use crate::model::build::Builder;
use crate::model::resolve::check::{Check, invalid};
use crate::quantity::{Graph, Quantity};
use crate::source::{Span, Spanned};

impl KindOfLine for Write {
    const FAMILY: Family = Family::Table;

    const IS_FOLLOWED: bool = false;

    const TOLD_BY: &'static [(Amount, &'static str)] = &[(Amount::Rows, "rows")];

    fn uses(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Uses> {
        let table = &self.table.as_ref()?.value.0;
        let declared = builder.root.tables.get(table)?;
        if declared.kind.as_ref()?.value == TableKind::Rollup {
            return None;
        }
        let rows = builder.optional(path, "rows", &self.rows, 1.0, |count| count.0);
        Some(Uses::new(
            builder.numbers[Self::FAMILY].reference(table)?,
            rows,
        ))
    }

    fn check<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) {
        let Some(Spanned {
            value: Name(name),
            span,
        }) = self.table.as_deref()
        else {
            return;
        };
        let at = at.key("table");
        let Some(table) = check.find::<Table>(&at, *span, name) else {
            return;
        };
        let Some(kind) = table
            .kind
            .as_ref()
            .filter(|kind| kind.value == TableKind::Rollup)
        else {
            return;
        };
        let help = match &table.from {
            Some(from) => format!("write to its source, `{}`", values_quote(&from.value.0)),
            None => "write to its source".to_owned(),
        };
        check.report(
            invalid(
                &at,
                *span,
                format!("`{name}` is a rollup: nothing writes to it but its source"),
                help,
            )
            .also(kind.span, "it is a rollup"),
        );
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
