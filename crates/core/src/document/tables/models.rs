//! `[models.NAME]`.

use crate::document::estimate::{Estimate, PerEvent};
use crate::document::forms::{PerName, Price};
use crate::document::limit::Limit;
use crate::document::lines::Lines;
use crate::document::map::Named;
use crate::document::tables::ModelLimit;
use crate::document::values::{Flow, SmallRatio, Text};
use crate::units::{Date, Duration, Money};

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
        /// How long a run takes.
        duration: PerEvent<Duration>,
        /// Money per month.
        budget: Limit<Money, false>,
        /// What the application lets one tenant use, by tier or for `all`, and by unit.
        tenant_quota: PerName<PerName<Flow>>,
        /// What the provider or the GPUs can process, by unit; `requests` is always a unit.
        capacity: PerName<Limit<Flow>>,
        /// Every other limit: on some units, for each tenant, or on runs at the same time.
        limits: Lines<ModelLimit>,
    }
    together [unit, price]
}

impl Named for Model {}
