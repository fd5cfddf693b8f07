//! Keys of queues, databases and tables that do not go together.

use super::{INVALID, MISSING, REFERENCE, refused};

#[test]
fn of_queues_and_databases() {
    let queue =
        |broker: &str| format!("[queues.q]\nbroker = \"{broker}\"\nmessage_size = \"1KB\"\nHERE\n");
    refused(
        &queue("kafka"),
        &[
            (
                "compact = { keys = 1, per = \"project\" }\nretention = \"1d\"",
                INVALID,
                "queues.q.retention",
                &["remove `compact`"],
            ),
            (
                "compact = { keys = 1, per = \"project\" }\nretention_bytes = \"1GB\"\npartitions = 1",
                INVALID,
                "queues.q.retention_bytes",
                &["remove `compact`"],
            ),
            (
                "compact = { per = \"project\" }",
                MISSING,
                "queues.q.compact.keys",
                &["add `keys`"],
            ),
            (
                "compact = { keys = 1, per = \"projet\" }",
                REFERENCE,
                "queues.q.compact.per",
                &["did you mean `project`?"],
            ),
            (
                "retention_bytes = \"1GB\"",
                MISSING,
                "queues.q.partitions",
                &["add `partitions`"],
            ),
            (
                "retention_bytes = 0\npartitions = 1",
                INVALID,
                "queues.q.retention_bytes",
                &["is 0", "above 0"],
            ),
            (
                "max_message = 0",
                INVALID,
                "queues.q.max_message",
                &["above 0"],
            ),
            (
                "partitions = 1\npartition_throughput = \"0MB/s\"",
                INVALID,
                "queues.q.partition_throughput",
                &["`\"3MB/s\"`"],
            ),
            (
                "partitions = \"none\"",
                INVALID,
                "queues.q.partitions",
                &["write how much there is"],
            ),
            (
                "budget = 5",
                MISSING,
                "queues.q.price",
                &["`price = { per ="],
            ),
            (
                "price = { month = 1 }",
                MISSING,
                "queues.q.price.per",
                &["add `per`"],
            ),
            (
                "price = { per = 0, month = 1 }",
                INVALID,
                "queues.q.price.per",
                &["above 0"],
            ),
        ],
    );
    let kafka = &["only kafka queues have it"][..];
    refused(
        &queue("sqs"),
        &[
            (
                "retention_bytes = \"1GB\"",
                INVALID,
                "queues.q.retention_bytes",
                kafka,
            ),
            (
                "compact = { keys = 1, per = \"project\" }",
                INVALID,
                "queues.q.compact",
                kafka,
            ),
            ("partitions = 1", INVALID, "queues.q.partitions", kafka),
            ("replication = 3", INVALID, "queues.q.replication", kafka),
        ],
    );
    refused(
        &queue("rabbitmq"),
        &[(
            "max_depth = \"none\"",
            INVALID,
            "queues.q.max_depth",
            &["such as `1_000_000`"],
        )],
    );
    refused(
        "[databases.d]\nHERE\n",
        &[
            (
                "budget = 5",
                MISSING,
                "databases.d.price",
                &["`price = { per ="],
            ),
            (
                "price = { per = \"1GB\" }",
                MISSING,
                "databases.d.price.month",
                &["add `month`"],
            ),
            (
                "storage = { now = \"1TB\", max = \"1GB\" }",
                INVALID,
                "databases.d.storage",
                &["below its `now`"],
            ),
        ],
    );
    refused(
        "[databases.d]\n[tables.t]\nkind = \"event\"\nrow_size = \"1KB\"\nHERE\n",
        &[
            (
                "rows = 5",
                INVALID,
                "tables.t.rows",
                &["an event table", "`kind = \"state\"`"],
            ),
            (
                "per = \"project\"",
                INVALID,
                "tables.t.per",
                &["`kind = \"state\"`"],
            ),
            (
                "refresh = \"1d\"",
                INVALID,
                "tables.t.refresh",
                &["`kind = \"rollup\"`"],
            ),
        ],
    );
}
