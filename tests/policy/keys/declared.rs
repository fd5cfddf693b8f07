//! What makes keys of what is declared looser.

use super::Key::{Fact, Holds, Judges, Limits, Note, Raises};
use super::Table;
use super::base::DATA;

/// Keys of what is declared, by table.
pub(super) const DECLARED: &[Table] = &[
    (
        "Root",
        &[
            ("project", Holds),
            ("tenants", Fact),
            ("entities", Holds),
            ("apis", Holds),
            ("features", Holds),
            ("databases", Holds),
            ("tables", Holds),
            ("queues", Holds),
            ("models", Holds),
            ("costs", Holds),
            ("budgets", Limits(DATA, "")),
            (
                "scenarios",
                Judges(
                    "[scenarios.2x]\ntenants = 2\n",
                    "[scenarios.3x]\ntenants = 1\n",
                ),
            ),
            ("metrics", Fact),
            ("usage", Holds),
            ("policy", Holds),
            (
                "rules",
                Judges("over-limit = \"error\"", "over-limit = \"warning\""),
            ),
            (
                "waivers",
                Judges(
                    "[[waivers]]",
                    "[[waivers]]\nrule = \"near-limit\"\nsubject = \"*\"\nreason = \"r\"\n[[waivers]]",
                ),
            ),
            ("risk", Holds),
        ],
    ),
    (
        "Project",
        &[
            ("name", Note),
            (
                "currency",
                Judges("currency = \"EUR\"", "currency = \"JPY\""),
            ),
            ("days_per_month", Judges("days_per_month = 31", "")),
            ("horizon", Judges("horizon = \"2y\"", "horizon = \"30d\"")),
            ("peak", Judges("peak = 2\n", "peak = 1\n")),
            ("peak_day", Judges("peak_day = 1.5\n", "peak_day = 1.4\n")),
            ("tenants_counted", Note),
            ("owner", Note),
            ("assumed", Note),
            (
                "specs",
                Judges("specs = [\"a.md\", \"b.md\"]", "specs = [\"a.md\"]"),
            ),
            ("require", Note),
        ],
    ),
    (
        "Entity",
        &[("per_tenant", Fact), ("count", Fact), ("fixed", Fact)],
    ),
    (
        "Api",
        &[
            (
                "rate_limit",
                Limits(
                    "rate_limit = [\"1000/min\", \"40k/h\"]",
                    "rate_limit = \"1000/min\"",
                ),
            ),
            ("limits", Holds),
            ("status_url", Note),
            ("owner", Note),
            ("retry_ratio", Fact),
            (
                "plan",
                Limits("plan = { credits = 600_000, price = 10, balance = 5 }", ""),
            ),
            (
                "overage",
                Limits("lead_time = \"1d\"", "overage = { price = 0, per = 1 }"),
            ),
            (
                "packs",
                Limits(
                    "max = 3 }]",
                    "max = 3 }, { name = \"q\", credits = 1, price = 0 }]",
                ),
            ),
            ("budget", Limits("budget = 1000 # api", "")),
            ("lead_time", Fact),
            ("endpoints", Holds),
        ],
    ),
    (
        "ApiLimit",
        &[
            ("id", Note),
            ("rate", Limits("rate = \"9000/s\"", "rate = \"none\"")),
            (
                "concurrent",
                Limits("concurrent = 77", "concurrent = \"none\""),
            ),
            ("counts", Fact),
            ("endpoints", Fact),
            ("exclusive", Fact),
            ("per", Fact),
            ("largest", Fact),
        ],
    ),
    (
        "ModelLimit",
        &[
            ("id", Note),
            ("rate", Limits("rate = \"8000/s\"", "rate = \"none\"")),
            (
                "concurrent",
                Limits("concurrent = 66", "concurrent = \"none\""),
            ),
            ("counts", Fact),
            ("per", Fact),
            ("largest", Fact),
        ],
    ),
    (
        "Plan",
        &[
            ("credits", Limits("credits = 600_000, ", "")),
            ("price", Fact),
            ("balance", Fact),
        ],
    ),
    ("FlatOverage", &[("price", Fact), ("per", Fact)]),
    (
        "OverageStep",
        &[("up_to", Fact), ("price", Fact), ("per", Fact)],
    ),
    ("UnitStep", &[("up_to", Fact), ("price", Fact)]),
    (
        "Pack",
        &[
            ("name", Note),
            (
                "credits",
                Raises("credits = 1000, price = 5", "credits = 9000, price = 5"),
            ),
            ("price", Fact),
            ("max", Limits(", max = 3 }", " }")),
            ("expires", Fact),
        ],
    ),
    (
        "Endpoint",
        &[
            ("credits", Fact),
            ("credits_per_item", Fact),
            ("step", Fact),
            ("credits_per_step", Fact),
            ("min_credits", Fact),
            ("duration", Fact),
            ("cacheable", Fact),
            ("measured", Note),
        ],
    ),
    (
        "Feature",
        &[
            ("spec", Fact),
            ("owner", Note),
            ("tenants", Fact),
            ("adoption", Fact),
            ("active", Fact),
            ("launch", Note),
            ("calls", Holds),
            ("reads", Holds),
            ("writes", Holds),
            ("messages", Holds),
            ("inference", Holds),
        ],
    ),
    (
        "Call",
        &[("endpoint", Fact), ("items", Fact), ("cache", Fact)],
    ),
    ("Read", &[("table", Fact), ("rows", Fact), ("cache", Fact)]),
    ("Write", &[("table", Fact), ("rows", Fact)]),
    (
        "Message",
        &[("queue", Fact), ("count", Fact), ("size", Fact)],
    ),
    (
        "Inference",
        &[("model", Fact), ("units", Fact), ("cache", Fact)],
    ),
    (
        "Cache",
        &[
            ("ttl", Fact),
            ("hit_ratio", Fact),
            ("scope", Fact),
            ("keys", Fact),
        ],
    ),
    (
        "Database",
        &[
            ("engine", Fact),
            ("owner", Note),
            ("storage", Limits("storage = \"100GB\"", "")),
            ("writes", Limits("writes = \"500/s\"", "")),
            ("reads", Limits("reads = \"501/s\"", "")),
            ("price", Fact),
            ("budget", Limits("budget = 3000 # database", "")),
            ("overhead", Fact),
            ("reversible", Fact),
            ("decision", Note),
        ],
    ),
    (
        "Table",
        &[
            ("database", Fact),
            ("kind", Fact),
            ("row_size", Fact),
            ("indexes", Fact),
            ("retention", Fact),
            ("partition", Fact),
            ("expire", Fact),
            ("compress", Fact),
            ("refresh", Fact),
            ("relation", Note),
            ("from", Fact),
            ("ratio", Fact),
            ("existing", Fact),
            ("rows", Fact),
            ("per", Fact),
            ("max_size", Limits("max_size = \"10GB\"", "")),
            (
                "allow",
                Judges(
                    "allow = [\"table-without-rollup\"]",
                    "allow = [\"table-without-rollup\", \"table-without-retention\"]",
                ),
            ),
            ("reason", Note),
        ],
    ),
    ("StoragePrice", &[("per", Fact), ("month", Fact)]),
    ("Compress", &[("after", Fact), ("ratio", Fact)]),
    (
        "Queue",
        &[
            ("broker", Fact),
            ("owner", Note),
            ("message_size", Fact),
            ("max_message", Limits("max_message = \"10KB\"", "")),
            ("retention", Fact),
            ("retention_bytes", Fact),
            ("compact", Fact),
            ("throughput", Limits("throughput = \"90MB/s\"", "")),
            ("price", Fact),
            ("budget", Limits("budget = 4000 # queue", "")),
            ("partitions", Limits("partitions = 5\n", "")),
            (
                "partition_throughput",
                Limits("partition_throughput = \"1MB/s\"", ""),
            ),
            ("replay", Fact),
            ("replication", Fact),
            ("storage", Limits("storage = \"1GB\"", "")),
            ("max_depth", Limits("max_depth = 1_000_000", "")),
            ("depth", Fact),
            ("drain", Limits("drain = \"1h\"", "")),
            ("eviction", Fact),
            ("reversible", Fact),
            ("decision", Note),
            ("workers", Holds),
        ],
    ),
    (
        "Workers",
        &[
            ("count", Fact),
            ("max", Limits("max = 10, ", "")),
            ("rate", Fact),
            ("scale_on", Fact),
            ("api", Fact),
            ("calls_per_job", Fact),
        ],
    ),
    ("Compact", &[("keys", Fact), ("per", Fact)]),
    ("Cost", &[("price", Fact)]),
    (
        "Budget",
        &[
            (
                "of",
                Limits(
                    "of = [\"databases.*\", \"queues.k\"]",
                    "of = [\"databases.*\"]",
                ),
            ),
            (
                "budget",
                Raises("budget = 5000 # data", "budget = 6000 # data"),
            ),
        ],
    ),
    (
        "Model",
        &[
            ("unit", Note),
            ("owner", Note),
            ("price", Fact),
            ("limits", Holds),
            ("duration", Fact),
            ("price_as_of", Note),
            ("step", Fact),
            ("min_units", Fact),
            ("retry_ratio", Fact),
            ("budget", Limits("budget = 2000 # model", "")),
            (
                "tenant_quota",
                Limits("tenant_quota = { free = \"300/month\" }", ""),
            ),
            ("capacity", Limits("capacity = \"2M/min\"", "")),
        ],
    ),
];
