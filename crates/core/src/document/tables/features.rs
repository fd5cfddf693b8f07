//! `[features.NAME]` and its demand lines.

use crate::document::Lines;
use crate::document::estimate::Estimate;
use crate::document::forms::{CacheChoice, PerName};
use crate::document::map::Named;
use crate::document::values::{Count, LineId, Name, Peak, Portion, Scope, Text, Texts};
use crate::units::{Date, Duration, Rate, Size};

crate::table! {
    /// A feature, and the demand that it makes.
    Feature {
        /// The file that specifies it, from this file's folder.
        spec: Text,
        /// Who answers for it.
        owner: Text,
        /// The tiers that have it. Default: all.
        tenants: Texts,
        /// The share of those tenants that use it, or one share a tier. Default: 1.
        adoption: PerName<Estimate<Portion>>,
        /// Instead of `adoption`: how many tenants use it today.
        active: Estimate<Count>,
        /// The day on which it is launched.
        launch: Date,
        /// Calls to metered APIs.
        calls: Lines<Call>,
        /// Rows written to tables.
        writes: Lines<Write>,
        /// Messages sent to queues.
        messages: Lines<Message>,
        /// Runs of models.
        inference: Lines<Inference>,
    }
    together [adoption, active]
}

impl Named for Feature {}

/// Defines a demand line: the keys that all have, and those of its list.
macro_rules! line {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $($(#[doc = $key_doc:literal])* $(@$required:ident)? $key:ident: $type:ty,)*
        }
    ) => {
        crate::table! {
            $(#[doc = $doc])*
            $name {
                /// Its id, unique in the feature over all four lists. Default: the name of what it uses.
                id: LineId,
                $($(#[doc = $key_doc])* $(@$required)? $key: $type,)*
                /// How often, per `per`: `N/period` steadily, `every D` in batches.
                rate: Estimate<Rate>,
                /// What the rate is counted per: `tenant`, `project`, or an entity. Default: `tenant`.
                per: Text,
                /// Only these of the feature's tiers.
                tenants: Texts,
                /// Instead of `rate`: the id of a call, message or inference line of this feature that it follows.
                after: LineId,
                /// With `after`: how many times for each of those. Default: 1.
                fanout: Estimate<Count>,
                /// Steady demand: peak over average. Default: the project's.
                peak: Peak,
                /// Batch demand: how long one batch takes to arrive.
                spread: Duration,
                /// The date on which the rate was last measured; absent: an estimate.
                measured: Date,
                /// Rules about declarations that do not apply to this line.
                allow: Texts,
                /// Why they do not apply.
                reason: Text,
            }
            together [rate, after, fanout, per, tenants, peak, spread], [allow, reason]
        }
    };
}

line! {
    /// Calls to an endpoint.
    Call {
        /// The endpoint: `api:/path/`, or `/path/` where only one API declares it.
        @required endpoint: Text,
        /// Items per call, for what the endpoint charges per item. Default: 1.
        items: Estimate<Count>,
        /// The cache before it, or `false` where it was decided against.
        cache: CacheChoice,
    }
}

line! {
    /// Rows written to a table.
    Write {
        /// The table.
        @required table: Name,
        /// Rows per event. Default: 1.
        rows: Estimate<Count>,
    }
}

line! {
    /// Messages sent to a queue.
    Message {
        /// The queue.
        @required queue: Name,
        /// Messages per event. Default: 1.
        count: Estimate<Count>,
        /// The size of one. Default: the queue's.
        size: Estimate<Size>,
    }
}

line! {
    /// Runs of a model.
    Inference {
        /// The model.
        @required model: Name,
        /// Units per run: an estimate where the model has one unit, else one for each of its units.
        units: PerName<Estimate<Count>>,
        /// The cache before it, or `false` where it was decided against.
        cache: CacheChoice,
    }
}

crate::table! {
    /// A cache before an endpoint or a model.
    Cache {
        /// How long an answer is kept.
        ttl: Duration,
        /// The share of requests that it serves. Default: derived from `ttl`.
        hit_ratio: Estimate<Portion>,
        /// `tenant`: each tenant or entity asks for its own objects; `shared`: all ask for the same. Default: `tenant`.
        scope: Scope,
        /// With `shared`: how many distinct objects are asked for.
        keys: Estimate<Count>,
    }
    together [scope, keys]
}
