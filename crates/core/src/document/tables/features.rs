//! `[features.NAME]` and its demand lines.

use std::sync::Arc;

use crate::document::Lines;
use crate::document::estimate::{Estimate, Estimated, Knowledge, PerEvent};
use crate::document::forms::{CacheChoice, PerName};
use crate::document::map::Named;
use crate::document::table::Table;
use crate::document::values::{Count, LineId, Name, Peak, PeakDay, Portion, Scope, Text, Texts};
use crate::source::{Span, Spanned};
use crate::units::{Date, Duration, Rate, Size};

crate::table! {
    /// A feature, and the demand that it makes.
    Feature {
        /// The file that specifies it, from this file's folder.
        spec: Text,
        /// The responsible team.
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
        /// Rows read from tables.
        reads: Lines<Read>,
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

/// The kinds of demand lines, each with the list of a feature that its lines stand in. What
/// matches on them is derived from this list: `$with` is a macro that takes it.
macro_rules! line_kinds {
    ($with:ident) => {
        $with! {
            Call calls,
            Read reads,
            Write writes,
            Message messages,
            Inference inference,
        }
    };
}
pub(crate) use line_kinds;

/// Defines a demand line: the keys that all have, and those of its list, of which the first names
/// what it uses.
macro_rules! line {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $(#[doc = $uses_doc:literal])* $uses:ident: $uses_type:ty,
            $($(#[doc = $key_doc:literal])* $key:ident: $type:ty,)*
        }
        estimates [$($estimate:ident),*]
        $(cached by $cache:ident)?
    ) => {
        crate::table! {
            $(#[doc = $doc])*
            $name {
                /// Its id, unique among the calls, messages and inference of the feature, and in each other list. Default: the name of what it uses.
                id: LineId,
                $(#[doc = $uses_doc])* @required $uses: $uses_type,
                $($(#[doc = $key_doc])* $key: $type,)*
                /// How often, per `per`: `N/period` steadily, `every D` in batches.
                rate: Estimate<Rate>,
                /// What the rate is counted per: `tenant`, `project`, or an entity. Default: `tenant`.
                per: Text,
                /// Only these of the feature's tiers.
                tenants: Texts,
                /// Instead of `rate`: the id of a call, message or inference line of this feature that it follows.
                after: LineId,
                /// With `after`: how many times for each of those. Default: 1.
                fanout: PerEvent<Count>,
                /// Steady demand: peak over average. Default: the project's.
                peak: Peak,
                /// Steady demand: the busiest day over the average day. Default: the project's.
                peak_day: PeakDay,
                /// Batch demand: how long one batch takes to arrive; steady demand: how long one occurrence takes, with all that follows it.
                spread: Duration,
                /// The date on which the rate was last measured; absent: an estimate.
                measured: Date,
                /// Rules about declarations that do not apply to this line.
                allow: Texts,
                /// Why they do not apply.
                reason: Text,
            }
            together [rate, after, fanout, per, tenants, peak, peak_day, spread], [allow, reason]
        }

        impl DemandLine for $name {
            fn keys(&self) -> LineKeys<'_> {
                LineKeys {
                    id: self.id.as_deref(),
                    uses: self.$uses.as_ref().map(|uses| (uses.value.0.as_str(), uses.span)),
                    rate: self.rate.as_deref(),
                    per: self.per.as_deref(),
                    tenants: self.tenants.as_deref(),
                    after: self.after.as_deref(),
                    fanout: self.fanout.as_deref(),
                    peak: self.peak.as_deref(),
                    peak_day: self.peak_day.as_deref(),
                    spread: self.spread.as_deref(),
                    measured: self.measured.as_deref(),
                    allow: self.allow.as_deref(),
                    reason: self.reason.as_deref(),
                    cache: None$(.or(self.$cache.as_deref()))?,
                    unknown: None$(.or_else(|| unknown(self.$estimate.as_deref())))*,
                    broken: &self.broken,
                }
            }
        }
    };
}

pub(crate) trait DemandLine {
    fn keys(&self) -> LineKeys<'_>;
}

/// What lines of all lists have in common.
#[derive(Clone, Copy)]
pub(crate) struct LineKeys<'a> {
    pub(crate) id: Option<&'a Spanned<LineId>>,
    /// The name of what it uses.
    pub(crate) uses: Option<(&'a str, Span)>,
    pub(crate) rate: Option<&'a Spanned<Estimate<Rate>>>,
    pub(crate) per: Option<&'a Spanned<Text>>,
    pub(crate) tenants: Option<&'a Spanned<Texts>>,
    pub(crate) after: Option<&'a Spanned<LineId>>,
    pub(crate) fanout: Option<&'a Spanned<PerEvent<Count>>>,
    pub(crate) peak: Option<&'a Spanned<Peak>>,
    pub(crate) peak_day: Option<&'a Spanned<PeakDay>>,
    pub(crate) spread: Option<&'a Spanned<Duration>>,
    pub(crate) measured: Option<&'a Spanned<Date>>,
    pub(crate) allow: Option<&'a Spanned<Texts>>,
    pub(crate) reason: Option<&'a Spanned<Text>>,
    /// Of lists without caches always absent.
    pub(crate) cache: Option<&'a Spanned<CacheChoice>>,
    /// The first of its list's own estimates that is `"unknown"`.
    pub(crate) unknown: Option<Span>,
    pub(crate) broken: &'a [&'static str],
}

/// Where a value is said to be unknown.
pub(crate) fn unknown<E: Estimated>(estimate: Option<&Spanned<E>>) -> Option<Span> {
    estimate
        .filter(|estimate| matches!(estimate.value.known(), Knowledge::Unknown))
        .map(|estimate| estimate.span)
}

line! {
    /// Calls to an endpoint.
    Call {
        /// The endpoint: `api:/path/`, or `/path/` where only one API declares it.
        endpoint: Text,
        /// Items per call, for what the endpoint charges per item. Default: 1.
        items: PerEvent<Count>,
        /// The cache before it, or `false` where it was decided against.
        cache: CacheChoice,
    }
    estimates [items]
    cached by cache
}

line! {
    /// Rows read from a table.
    Read {
        /// The table.
        table: Name,
        /// Rows or items per event. Default: 1.
        rows: PerEvent<Count>,
        /// The cache before it, or `false` where it was decided against.
        cache: CacheChoice,
    }
    estimates [rows]
    cached by cache
}

line! {
    /// Rows written to a table.
    Write {
        /// The table.
        table: Name,
        /// Rows per event. Default: 1.
        rows: PerEvent<Count>,
    }
    estimates [rows]
}

line! {
    /// Messages sent to a queue.
    Message {
        /// The queue.
        queue: Name,
        /// Messages per event. Default: 1.
        count: PerEvent<Count>,
        /// The size of one. Default: the queue's.
        size: PerEvent<Size>,
    }
    estimates [count, size]
}

line! {
    /// Runs of a model.
    Inference {
        /// The model.
        model: Name,
        /// Units per run: an estimate where the model has one unit, else one for each of its units.
        units: PerName<PerEvent<Count>>,
        /// The cache before it, or `false` where it was decided against.
        cache: CacheChoice,
    }
    estimates []
    cached by cache
}

macro_rules! define_kinds {
    ($($kind:ident $list:ident,)*) => {
        /// Which kind of demand a line is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum LineKind {
            $($kind,)*
        }

        impl LineKind {
            pub(crate) const ALL: [Self; [$(stringify!($kind)),*].len()] = [$(Self::$kind),*];

            /// The key of the list that its lines stand in.
            pub(crate) fn list(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($list),)*
                }
            }
        }

        /// A line of any list, as it is written.
        #[derive(Clone, Copy)]
        pub(crate) enum AnyLine<'a> {
            $($kind(&'a Spanned<$kind>),)*
        }

        impl<'a> AnyLine<'a> {
            pub(crate) fn kind(self) -> LineKind {
                match self {
                    $(Self::$kind(_) => LineKind::$kind,)*
                }
            }

            pub(crate) fn keys(self) -> LineKeys<'a> {
                match self {
                    $(Self::$kind(line) => line.value.keys(),)*
                }
            }

            pub(crate) fn span(self) -> Span {
                match self {
                    $(Self::$kind(line) => line.span,)*
                }
            }
        }

        impl Feature {
            /// Its demand lines with their ids, list by list.
            pub(crate) fn lines(&self) -> impl Iterator<Item = (&Arc<str>, AnyLine<'_>)> {
                let none = std::iter::empty();
                $(
                    let lines = self.$list.iter();
                    let none = none.chain(lines.map(|(id, line)| (id, AnyLine::$kind(line))));
                )*
                none
            }

            /// The line of a list that has an id.
            pub(crate) fn line(&self, kind: LineKind, id: &str) -> Option<AnyLine<'_>> {
                match kind {
                    $(LineKind::$kind => self.$list.get(id).map(AnyLine::$kind),)*
                }
            }

            /// An id of a list, as the list holds it.
            pub(crate) fn id_of(&self, kind: LineKind, id: &str) -> Option<&str> {
                match kind {
                    $(LineKind::$kind => self.$list.id(id),)*
                }
            }

            /// Whether lines may be missing that could not be read.
            pub(crate) fn lacks_lines(&self) -> bool {
                self.broken_lists().next().is_some()
            }

            /// The lists of which lines may be missing that could not be read.
            pub(crate) fn broken_lists(&self) -> impl Iterator<Item = LineKind> {
                let lists = [$((
                    LineKind::$kind,
                    self.is_broken(stringify!($list)) || self.$list.is_broken(),
                )),*];
                lists.into_iter().filter_map(|(kind, broken)| broken.then_some(kind))
            }
        }
    };
}
line_kinds!(define_kinds);

impl LineKind {
    /// Whether other lines can follow its lines.
    pub(crate) fn is_followed(self) -> bool {
        !matches!(self, Self::Read | Self::Write)
    }

    /// The kind whose lines stand in a list.
    pub(crate) fn of_list(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.list() == key)
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
        /// How many distinct objects are asked for: by each tenant or entity, or with `shared` by all. Default: 1, of each tenant.
        keys: Estimate<Count>,
    }
    together [scope, keys]
}
