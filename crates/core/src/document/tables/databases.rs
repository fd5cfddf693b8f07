//! `[databases.NAME]` and `[tables.NAME]`.

use crate::document::declared::Declared;
use crate::document::edit::{Edit, Way};
use crate::document::estimate::{Estimate, PerEvent};
use crate::document::forms::SomeBytes;
use crate::document::limit::Limit;
use crate::document::map::Named;
use crate::document::reader::{At, Reader, Written};
use crate::document::values::{
    Count, Days, Engine, Expire, Flag, Flow, Name, PartitionLength, Retention, SmallRatio,
    TableKind, Text, Texts,
};
use crate::units::{Money, Ratio, Size};

crate::table! {
    /// A database and its limits.
    Database {
        /// What it is, such as `postgres` or `timescaledb`.
        engine: Engine,
        /// The responsible team.
        owner: Text,
        /// Its disk.
        storage: Limit<Size>,
        /// Row and index writes that it can take.
        writes: Limit<Flow>,
        /// Rows that it can read.
        reads: Limit<Flow>,
        /// What its bytes cost per month.
        price: BytesPrice,
        /// Money per month.
        budget: Limit<Money>,
        /// Disk on top of the tables, as a ratio of them. Default: 0.
        overhead: SmallRatio<10>,
        /// Whether it can be changed later without much cost. Default: false.
        reversible: Flag,
        /// The decision record for growth past this design.
        decision: Text,
    }
    together [price, budget]
}

impl Named for Database {}

crate::table! {
    /// What bytes that are kept cost.
    StoragePrice {
        /// How many bytes the price is for.
        @required per: SomeBytes,
        /// What they cost per month.
        @required month: Money,
    }
}

/// The same, as one value: it is compared and copied whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BytesPrice(pub(crate) StoragePrice);

impl Declared for BytesPrice {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        StoragePrice::read(reader, at, value).map(Self)
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        // Only a text replaces a part.
        other.is_none() && self.0.edit(None, way, edit)
    }
}

crate::table! {
    /// A table, how long it keeps rows, and its rollups.
    Table {
        /// The database that holds it. Default: the only one.
        database: Name,
        /// `snapshot` and `event` tables grow with time, `state` tables with tenants only; a `rollup` summarizes another table.
        @required kind: TableKind,
        /// One row on disk, with its indexes.
        @required row_size: PerEvent<Size>,
        /// Index entries written per row. Default: 0.
        indexes: Count,
        /// How long rows are kept, or `forever`, which needs `reason`.
        retention: Retention,
        /// The span of one partition.
        partition: PartitionLength,
        /// How rows past retention go. Default: `drop` where partitioned, else `delete`.
        expire: Expire,
        /// Rows older than `after` take `ratio` of their size.
        compress: Compress,
        /// Of a rollup: how far back a refresh recomputes it.
        refresh: Days,
        /// Its `schema.name` in the database, for measuring. Default: its name.
        relation: Text,
        /// Of a rollup: its source, which may be a rollup too.
        from: Name,
        /// Of a rollup: rows out per row in.
        ratio: Estimate<Ratio>,
        /// On disk today. Default: 0.
        existing: Size,
        /// Of a state table: rows per `per`.
        rows: Estimate<Count>,
        /// Of a state table: what its rows are counted per. Default: `tenant`.
        per: Text,
        /// The most that this table alone may take.
        max_size: Limit<Size>,
        /// Rules about declarations that do not apply to this table.
        allow: Texts,
        /// Why they do not apply, or why rows are kept forever.
        reason: Text,
    }
    together [kind, from, ratio, rows, per], [partition, expire]
}

impl Named for Table {}

crate::table! {
    /// Compression of old rows.
    Compress {
        /// The age from which rows are compressed.
        @required after: Days,
        /// What a compressed row takes, as a share of its size.
        @required ratio: Ratio,
    }
}
