//! Values that are one of a few words.

use crate::document::tree::TomlValue;

use crate::document::declared::Declared;
use crate::document::reader::{At, Reader, Written, list, quotable};
use crate::document::values::Text;
use crate::suggest::{closest, did_you_mean, did_you_mean_or};

/// Defines a value that is one of a few words.
macro_rules! words {
    ($(#[doc = $doc:literal])* $visible:vis $name:ident { $($(#[doc = $word_doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visible enum $name {
            $($(#[doc = $word_doc])* $variant,)*
        }

        impl $name {
            pub(crate) const WORDS: &'static [&'static str] = &[$($word),*];

            #[must_use]
            #[allow(dead_code, reason = "not every word is written back")]
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl crate::document::describe::Described for $name {
            fn describe(definitions: &mut crate::document::describe::Definitions) -> serde_json::Value {
                definitions.define(stringify!($name), |_| crate::document::describe::words(
                    concat!($($doc, "\n",)*),
                    Self::WORDS,
                    &[$(concat!($($word_doc, "\n",)*)),*],
                ))
            }
        }

        impl Declared for $name {
            fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
                match value.get_ref() {
                    $(TomlValue::String(text) if text == $word => Some(Self::$variant),)*
                    _ => unknown_word(reader, at, value, Self::WORDS),
                }
            }
        }
    };
}

fn unknown_word<T>(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    words: &[&str],
) -> Option<T> {
    let TomlValue::String(text) = value.get_ref() else {
        return reader.wrong_type(at, value, list(words).replace(" and ", " or "));
    };
    let help = did_you_mean_or(text, words.iter().copied(), || {
        format!("it is one of {}", list(words))
    });
    let message = format!("{} cannot be `{}`", at.words(), quotable(text));
    reader.refuse(at, value, message, help)
}

words! {
    /// What a table holds.
    pub(crate) TableKind {
        /// The state of things, again and again.
        Snapshot = "snapshot",
        /// What happened.
        Event = "event",
        /// A summary of another table.
        Rollup = "rollup",
        /// One row a thing, updated in place.
        State = "state",
    }
}

/// What a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Engine(pub(crate) String);

impl Engine {
    /// PostgreSQL, and what stores rows as it does.
    const POSTGRES: [&'static str; 5] = [
        "postgres",
        "postgresql",
        "aurora-postgresql",
        "timescale",
        "timescaledb",
    ];

    const MYSQL: [&'static str; 2] = ["mysql", "mariadb"];

    /// Others, so that their names are no misspelling of those.
    const OTHERS: [&'static str; 56] = [
        "alloydb",
        "athena",
        "aurora",
        "aurora-mysql",
        "azure-sql",
        "bigquery",
        "bigtable",
        "cassandra",
        "chroma",
        "clickhouse",
        "cockroachdb",
        "cosmosdb",
        "couchbase",
        "couchdb",
        "databricks",
        "db2",
        "documentdb",
        "doris",
        "druid",
        "duckdb",
        "dynamodb",
        "elasticsearch",
        "firestore",
        "gcs",
        "greenplum",
        "hbase",
        "influxdb",
        "lancedb",
        "memcached",
        "milvus",
        "minio",
        "mongodb",
        "mssql",
        "neo4j",
        "neon",
        "opensearch",
        "oracle",
        "pgvector",
        "pinecone",
        "pinot",
        "planetscale",
        "qdrant",
        "questdb",
        "r2",
        "redis",
        "redshift",
        "s3",
        "scylladb",
        "singlestore",
        "snowflake",
        "spanner",
        "sqlite",
        "sqlserver",
        "tidb",
        "weaviate",
        "yugabytedb",
    ];

    pub(crate) fn is_postgres(&self) -> bool {
        Self::POSTGRES.contains(&self.name().as_str())
    }

    /// Whether it stores rows, each with its index entries, on one machine.
    pub(crate) fn has_rows(&self) -> bool {
        self.is_postgres() || Self::MYSQL.contains(&self.name().as_str())
    }

    fn name(&self) -> String {
        self.0.trim().to_ascii_lowercase()
    }
}

impl Declared for Engine {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let Text(text) = Text::read(reader, at, value)?;
        let engine = Self(text);
        let name = engine.name();
        let known = Self::POSTGRES.iter().chain(&Self::MYSQL);
        let known = known.chain(&Self::OTHERS).copied();
        match closest(&name, known) {
            Some(meant) if meant.word != name && !Self::OTHERS.contains(&meant.word) => {
                let message = format!("there is no engine `{}`", quotable(&engine.0));
                reader.refuse(at, value, message, did_you_mean(meant))
            }
            _ => Some(engine),
        }
    }
}

words! {
    /// How rows past retention go.
    pub(crate) Expire {
        /// Their partition is dropped.
        Drop = "drop",
        /// Their partition is detached, and keeps its disk.
        Detach = "detach",
        /// Row by row.
        Delete = "delete",
    }
}

words! {
    /// What carries a queue's messages.
    pub(crate) Broker {
        /// Apache Kafka, and what speaks its protocol.
        Kafka = "kafka",
        /// Amazon SQS standard queues.
        Sqs = "sqs",
        /// Amazon SQS FIFO queues.
        SqsFifo = "sqs-fifo",
        /// RabbitMQ.
        Rabbitmq = "rabbitmq",
        /// Redis lists and streams.
        Redis = "redis",
    }
}

words! {
    /// What a call counts as against a limit.
    pub(crate) Counts {
        /// One, whatever it costs.
        Calls = "calls",
        /// The credits that it costs.
        Credits = "credits",
    }
}

words! {
    /// Who shares what a cache holds.
    pub(crate) Scope {
        /// Each tenant or entity asks for its own objects.
        Tenant = "tenant",
        /// All ask for the same objects.
        Shared = "shared",
    }
}

words! {
    /// What workers are scaled on.
    pub(crate) ScaleOn {
        /// How much waits.
        QueueDepth = "queue-depth",
        /// How busy their processors are.
        Cpu = "cpu",
    }
}

words! {
    /// What a misfit in a scenario is.
    pub Require {
        /// An error.
        Fit = "fit",
        /// A warning.
        Warn = "warn",
        /// Only shown.
        Report = "report",
    }
}

impl Require {
    /// Whether it asks for more than another.
    pub(crate) fn is_stricter_than(self, other: Self) -> bool {
        // The words are declared from the strictest down.
        (self as u8) < (other as u8)
    }
}

words! {
    /// The percentile that limits are judged at.
    pub(crate) Confidence {
        /// The median.
        P50 = "p50",
        /// The 80th percentile.
        P80 = "p80",
        /// The 90th percentile.
        P90 = "p90",
        /// The 95th percentile.
        P95 = "p95",
    }
}

words! {
    /// How much a rule's findings matter.
    pub(crate) Level {
        /// The rule is silent.
        Off = "off",
        /// Worth knowing.
        Info = "info",
        /// Worth mending.
        Warning = "warning",
        /// Fails.
        Error = "error",
    }
}
