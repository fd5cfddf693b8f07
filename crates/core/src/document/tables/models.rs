//! `[models.NAME]`.

use crate::document::declared::Declared;
use crate::document::estimate::{Estimate, PerEvent};
use crate::document::forms::{PerName, Price};
use crate::document::graduated::{PriceStep, Steps, are_steps};
use crate::document::limit::Limit;
use crate::document::lines::Lines;
use crate::document::map::Named;
use crate::document::reader::{At, Reader, Written};
use crate::document::tables::ModelLimit;
use crate::document::values::{Count, Flow, Positive, SmallRatio, Text};
use crate::source::Spanned;
use crate::units::{Date, Duration, Money};

crate::table! {
    /// A model that is paid by what it processes, or runs on one's own hardware.
    Model {
        /// The name of its one unit, such as `audio-minute`. Default: `units`.
        unit: Text,
        /// The responsible team.
        owner: Text,
        /// Money per unit, or `{ per = 1_000_000, input = 3.00, output = 15.00 }`.
        price: Price,
        /// The date on which the price was looked up.
        price_as_of: Date,
        /// A run's units are billed in whole steps of this many; by unit, or for all of them.
        step: PerName<Positive>,
        /// The least units that a run is billed; by unit, or for all of them.
        min_units: PerName<Count>,
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

/// What a unit costs: the same for every one, or by how many are used in a month.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UnitPrice {
    Flat(Money),
    Graduated(Steps<UnitStep>),
}

crate::table! {
    /// The price of some of a month's units.
    UnitStep {
        /// Where the step ends, in units per month; absent in the last.
        up_to: Positive,
        /// Money per unit.
        @required price: Money,
    }
}

impl Declared for UnitPrice {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        if are_steps(value) {
            return Steps::read(reader, at, value).map(Self::Graduated);
        }
        Money::read(reader, at, value).map(Self::Flat)
    }
}

impl PriceStep for UnitStep {
    fn up_to(&self) -> Option<&Spanned<Positive>> {
        self.up_to.as_deref()
    }

    fn is_read(&self) -> bool {
        self.price.is_some() && self.broken.is_empty()
    }
}
