//! `[models.NAME]`.

use crate::document::estimate::Estimate;
use crate::document::forms::{PerName, Price};
use crate::document::limit::Limit;
use crate::document::map::Named;
use crate::document::values::{Flow, SmallRatio, Text};
use crate::units::{Date, Money};

crate::table! {
    /// A model that is paid by what it processes, or runs on one's own hardware.
    Model {
        /// The name of its one unit, such as `audio-minute`. Default: `units`.
        unit: Text,
        /// Who answers for it.
        owner: Text,
        /// Money per unit, or `{ per = 1_000_000, input = 3.00, output = 15.00 }`.
        price: Price,
        /// The date on which the price was looked up.
        price_as_of: Date,
        /// Billed retries per run. Default: 0.
        retry_ratio: Estimate<SmallRatio<1>>,
        /// Money per month.
        budget: Limit<Money, false>,
        /// What the application lets one tenant use, by tier or for `all`, and by unit.
        tenant_quota: PerName<PerName<Flow>>,
        /// What the provider or the GPUs can process, by unit; `requests` is always a unit.
        capacity: PerName<Limit<Flow>>,
    }
    together [unit, price]
}

impl Named for Model {}
