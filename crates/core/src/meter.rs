//! What meters are called: what each counts, and of what.

use std::sync::Arc;

use crate::document::dotted;

/// The kinds of meters, each with the third part of its ids, which is also its key in the policy.
/// What matches on them is derived from this list: `$with` is a macro that takes it.
macro_rules! meter_kinds {
    ($with:ident) => {
        $with! {
            /// Credits of an API, per month.
            Credits credits,
            /// Calls or units in a window.
            Rate rate,
            /// Calls or runs at the same time.
            Concurrency concurrency,
            /// Money per month.
            Spend spend,
            /// Bytes on disk at the horizon.
            Storage storage,
            /// Row and index writes per second.
            Writes writes,
            /// Rows read per second.
            Reads reads,
            /// Bytes per second through a queue.
            Throughput throughput,
            /// Bytes that a queue keeps.
            Retained retained,
            /// Jobs per second.
            Workers workers,
            /// Messages that wait.
            Depth depth,
            /// Seconds until nothing waits.
            Drain drain,
        }
    };
}
pub(crate) use meter_kinds;

macro_rules! define_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident $key:ident,)*) => {
        /// What a meter counts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum MeterKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl MeterKind {
            pub(crate) const ALL: [Self; [$(stringify!($key)),*].len()] = [$(Self::$kind),*];

            /// The third part of a meter's id.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($key),)*
                }
            }
        }
    };
}
meter_kinds!(define_kinds);

impl MeterKind {
    /// The kind that the third part of an id names.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == key)
    }
}

/// The name of the budget of everything.
pub(crate) const TOTAL: &str = "total";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    Api,
    Budget,
    Cost,
    Database,
    Model,
    Queue,
    Table,
}

impl Family {
    pub(crate) const COUNT: usize = Self::ALL.len();

    pub(crate) const ALL: [Self; 7] = [
        Self::Api,
        Self::Budget,
        Self::Cost,
        Self::Database,
        Self::Model,
        Self::Queue,
        Self::Table,
    ];

    /// The table of the format that declares it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Api => "apis",
            Self::Budget => "budgets",
            Self::Cost => "costs",
            Self::Database => "databases",
            Self::Model => "models",
            Self::Queue => "queues",
            Self::Table => "tables",
        }
    }

    /// The family that a table of the format declares.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == key)
    }
}

/// Which meter. Copies share one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MeterId(Arc<MeterKey>);

#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct MeterKey {
    pub(crate) owner: Family,
    pub(crate) name: String,
    pub(crate) kind: MeterKind,
    /// The unit and the window of a rate.
    pub(crate) rest: Vec<String>,
    text: Arc<str>,
}

impl std::ops::Deref for MeterId {
    type Target = MeterKey;

    fn deref(&self) -> &MeterKey {
        &self.0
    }
}

impl MeterId {
    pub(crate) fn new(owner: Family, name: &str, kind: MeterKind, rest: Vec<String>) -> Self {
        let keys = [owner.as_str(), name, kind.as_str()].into_iter();
        let text = dotted(keys.chain(rest.iter().map(String::as_str)));
        Self(Arc::new(MeterKey {
            owner,
            name: name.to_owned(),
            kind,
            rest,
            text: text.into(),
        }))
    }

    /// The id as it is written: `apis.tiklive.credits`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, shared.
    pub(crate) fn text(&self) -> Arc<str> {
        self.text.clone()
    }
}

impl std::fmt::Display for MeterId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}
