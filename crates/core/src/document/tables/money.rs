//! `[costs.NAME]` and `[budgets.NAME]`: money that no meter counts, and money together.

use crate::document::limit::Limit;
use crate::document::map::Named;
use crate::document::values::Texts;
use crate::units::Money;

crate::table! {
    /// A fixed cost.
    Cost {
        /// What it costs per month.
        @required price: Money,
    }
}

impl Named for Cost {}

crate::table! {
    /// A budget for several things together. That of everything is called `total`.
    Budget {
        /// Paths of what it is for, such as `databases.*`; `total` has none.
        of: Texts,
        /// Money per month.
        @required budget: Limit<Money>,
    }
}

impl Named for Budget {}
