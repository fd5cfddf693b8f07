//! `[queues.NAME]`.

use crate::document::estimate::{Estimate, PerEvent};
use crate::document::forms::SomeBytes;
use crate::document::limit::Limit;
use crate::document::map::Named;
use crate::document::tables::BytesPrice;
use crate::document::values::{Broker, Count, Days, Flag, Name, ScaleOn, Text};
use crate::units::{Duration, Money, Rate, Ratio, Size, Throughput};

crate::table! {
    /// A queue, what it can carry, and the workers that drain it.
    Queue {
        /// What carries its messages: `kafka`, `sqs`, `sqs-fifo`, `rabbitmq` or `redis`.
        @required broker: Broker,
        /// The responsible team.
        owner: Text,
        /// One message.
        @required message_size: PerEvent<Size>,
        /// The largest message that the broker accepts. Default: 1 MiB for sqs, 1 MB for kafka.
        max_message: SomeBytes,
        /// How long messages are kept: kafka and sqs.
        retention: Days,
        /// Kafka: the most bytes that a partition keeps; what is older goes. Needs `partitions`.
        retention_bytes: SomeBytes,
        /// Kafka: the topic keeps the last message of each key only.
        compact: Compact,
        /// Partitions of a kafka topic.
        partitions: Limit<Count, false>,
        /// What one partition carries. Default: `3MB/s`.
        partition_throughput: Throughput,
        /// What all of it takes together, such as the cluster, beside `partitions`.
        throughput: Limit<Throughput>,
        /// Replay throughput as a multiple of the mean write rate. Default: 0.
        replay: Ratio,
        /// Kafka: copies of each message. Default: 1.
        replication: Count,
        /// Disk, or memory, for what is kept.
        storage: Limit<Size>,
        /// What the bytes that it keeps cost per month.
        price: BytesPrice,
        /// Money per month.
        budget: Limit<Money>,
        /// The most messages that may wait.
        max_depth: Limit<Count>,
        /// The deepest backlog now. Default: derived from batches.
        depth: Estimate<Count>,
        /// How soon the deepest backlog must be gone.
        drain: Duration,
        /// Redis: `maxmemory-policy`.
        eviction: Text,
        /// Whether it can be changed later without much cost. Default: true.
        reversible: Flag,
        /// The decision record for growth past this design.
        decision: Text,
        /// Who drains it.
        workers: Workers,
    }
    together [retention, retention_bytes, compact, partitions], [price, budget]
}

impl Named for Queue {}

crate::table! {
    /// A compacted topic.
    Compact {
        /// How many keys there are, per `per`.
        @required keys: Estimate<Count>,
        /// What they are counted per: `tenant`, `project`, or an entity. Default: `tenant`.
        per: Text,
    }
}

crate::table! {
    /// The workers of a queue.
    Workers {
        /// How many there are.
        count: Count,
        /// The hard ceiling.
        max: Count,
        /// Jobs that one worker does.
        rate: Estimate<Rate>,
        /// What they are scaled on.
        scale_on: ScaleOn,
        /// The API whose rate limit they share.
        api: Name,
        /// Calls to that API per job. Default: 1.
        calls_per_job: Count,
    }
}
