//! `[databases.NAME]`.

use crate::document::reader::At;
use crate::document::values::Flow;
use crate::document::{Entry, Limit, Optional, Table as _, tables};
use crate::model::builder::{bound, value_of};
use crate::model::resolve::check::Check;
use crate::model::things::Database;
use crate::source::Spanned;
use crate::units::Money;

pub(crate) fn database(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<tables::Database>,
) -> Option<Database> {
    let database = &entry.body.value;
    let price_is_broken = database.is_broken("price");
    budget_needs_price(
        check,
        at,
        &database.budget,
        (&database.price, price_is_broken),
    );
    let month = check.builder.calendar.days_per_month;
    let per_second = |flow: &Flow| flow.count / flow.period.seconds(month);
    Some(Database {
        storage: bound(&database.storage, |size| size.bytes),
        writes: bound(&database.writes, per_second),
        reads: bound(&database.reads, per_second),
        price: price(&database.price, price_is_broken),
        budget: bound(&database.budget, |money| money.to_f64()),
        overhead: value_of(&database.overhead).map_or(0.0, |ratio| ratio.0),
    })
}

/// Money per byte and month; of one that could not be read wholly at least nothing.
pub(super) fn price(price: &Optional<tables::BytesPrice>, is_broken: bool) -> Option<f64> {
    let Some(Spanned { value: price, .. }) = price.as_deref() else {
        return is_broken.then_some(0.0);
    };
    let price = &price.0;
    let month = value_of(&price.month).map_or(0.0, |money| money.to_f64());
    Some(value_of(&price.per).map_or(0.0, |per| month / per.0))
}

/// A budget for what has no price would never be passed.
pub(super) fn budget_needs_price(
    check: &mut Check<'_>,
    at: &At<'_>,
    budget: &Optional<Limit<Money>>,
    price: (&Optional<tables::BytesPrice>, bool),
) {
    let (price, is_broken) = price;
    if let (Some(budget), None, false) = (budget, price, is_broken) {
        let message = format!("{} has a `budget` and no `price`", at.words());
        let help = "add what its bytes cost, such as `price = { per = \"1TB\", month = 23.00 }`";
        check.missing(at, "price", budget.span, message, help);
    }
}
