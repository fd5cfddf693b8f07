//! `[apis.NAME]`.

use crate::document::declared::{Declared, Lines, Map, Named};
use crate::document::estimate::{Estimate, Limit, RateLimits};
use crate::document::values::{Cacheable, Count, Positive, Text};
use crate::units::{Date, Duration, Money, Ratio};

crate::table! {
    /// A metered API: what its calls cost, and what it allows.
    Api {
        /// Calls that the provider allows in each window: one limit, or a list with one a window.
        rate_limit: RateLimits,
        /// Billed retries per call. Default: 0.
        retry_ratio: Estimate<Ratio>,
        /// What is held now, per month.
        plan: Plan,
        /// What credits past the plan cost, billed as they are used.
        overage: Overage,
        /// What can be bought ahead.
        packs: Packs,
        /// Money per month.
        budget: Limit<Money>,
        /// From deciding to buy credits to having them.
        lead_time: Duration,
        /// Its endpoints, by path.
        endpoints: Map<Endpoint>,
    }
}

impl Named for Api {}

crate::table! {
    /// The credits that are held, per month.
    Plan {
        /// Credits per month.
        credits: Limit<Count>,
        /// What they cost per month.
        price: Money,
        /// Unused credits on hand.
        balance: Count,
    }
}

crate::table! {
    /// The price of credits past the plan.
    Overage {
        /// What `per` credits cost.
        @required price: Money,
        /// How many credits the price is for.
        @required per: Positive,
    }
}

crate::table! {
    /// Credits that can be bought ahead.
    Pack {
        /// Its name.
        @required name: Text,
        /// How many credits it holds.
        @required credits: Count,
        /// What it costs.
        @required price: Money,
        /// How many can be stacked; absent: any number.
        max: Count,
    }
}

/// The packs of an API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packs(pub Vec<crate::source::Spanned<Pack>>);

impl Declared for Packs {
    fn read(
        reader: &mut crate::document::reader::Reader,
        at: &crate::document::reader::At<'_>,
        value: &crate::document::reader::Written<'_>,
    ) -> Option<Self> {
        Lines::<Pack>::read(reader, at, value).map(|packs| Self(packs.lines))
    }
}

crate::table! {
    /// One endpoint of an API, and what a call to it costs.
    Endpoint {
        /// Credits per call.
        credits: Estimate<Count>,
        /// Credits per item of a call.
        credits_per_item: Estimate<Count>,
        /// The least that a call costs, in credits.
        min_credits: Count,
        /// `false` where freshness is the value, or the most staleness that a product may show.
        cacheable: Cacheable,
        /// The date on which the cost was last measured.
        measured: Date,
    }
}

impl Named for Endpoint {
    const ANY_NAME: bool = true;
}
