//! `[databases.NAME]`.

use crate::document::reader::At;
use crate::document::values::Flow;
use crate::document::{Entry, tables};
use crate::model::builder::{bound, value_of};
use crate::model::resolve::check::Check;
use crate::model::things::Database;

pub(crate) fn database(
    check: &mut Check<'_>,
    _: &At<'_>,
    entry: &Entry<tables::Database>,
) -> Option<Database> {
    let database = &entry.body.value;
    let month = check.builder.calendar.days_per_month;
    let per_second = |flow: &Flow| flow.count / flow.period.seconds(month);
    Some(Database {
        storage: bound(&database.storage, |size| size.bytes),
        writes: bound(&database.writes, per_second),
        overhead: value_of(&database.overhead).map_or(0.0, |ratio| ratio.0),
    })
}
