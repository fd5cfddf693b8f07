//! `[project]` and `[entities.NAME]`.

use crate::document::estimate::Estimate;
use crate::document::forms::PerName;
use crate::document::map::Named;
use crate::document::projection::Projection;
use crate::document::values::{Count, Days, Flag, Peak, PeakDay, Positive, Text, Texts};
use crate::units::Date;

crate::table! {
    /// What the project is called, its currency and its calendar.
    Project {
        /// Its name; by default its path in the repository, `root` at the top.
        name: Text,
        /// The ISO 4217 code of all money. Default: `USD`.
        currency: Text,
        /// How many days a month has. Default: 30.
        days_per_month: Positive,
        /// How far storage is projected. Default: `1y`.
        horizon: Days,
        /// Peak-to-average factor of steady demand that declares none. Default: 1.
        peak: Peak,
        /// How much the busiest day carries over the average day, of steady demand that declares nothing. Default: 1.
        peak_day: PeakDay,
        /// The date on which tenants were last counted.
        tenants_counted: Date,
        /// The team responsible for what has no owner of its own.
        owner: Text,
        /// The paths of values that are guesses nobody has looked at yet.
        assumed: Texts,
        /// Globs of files that are feature specs: each must be some feature's `spec`.
        specs: Texts,
        /// The versions of caplint that the project needs, as a semver range.
        require: Text,
    }
}

crate::table! {
    /// Something that is counted apart from tenants. It has exactly one of `per_tenant` and `count`.
    Entity {
        /// How many each tenant has, or one number a tier.
        per_tenant: PerName<Estimate<Count>>,
        /// How many there are, today and on days to come.
        count: Projection,
        /// Whether a scenario's growth of tenants leaves `count` as it is. Default: false.
        fixed: Flag,
    }
    together [per_tenant, count, fixed]
}

impl Named for Entity {}
