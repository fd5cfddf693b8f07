//! What makes keys of what judges looser, and of what was measured.

use super::Key::{Fact, Holds, Judges, Measured, Note};
use super::Table;
use super::base::KINDS;

/// Keys of what judges, and of what was measured, by table.
pub(super) const JUDGING: &[Table] = &[
    (
        "Scenario",
        &[
            ("tenants", Judges("tenants = 2", "tenants = 1.5")),
            ("require", Judges("require = \"fit\"", "require = \"warn\"")),
            (
                "rates",
                Judges("payload = 2", "payload = 2\nrates = { f = 0.5 }"),
            ),
            ("payload", Judges("payload = 2", "payload = 1")),
            (
                "set",
                Judges(
                    "payload = 2",
                    "payload = 2\nset = { \"apis.a.plan.credits\" = 1e12 }",
                ),
            ),
            ("on", Judges("payload = 2", "payload = 2\non = 2026-12-24")),
            ("lasts", Judges("lasts = \"4d\"", "lasts = \"1d\"")),
            ("buffer", Judges("buffer = \"25%\"", "")),
        ],
    ),
    (
        "Policy",
        &[
            (
                "confidence",
                Judges("confidence = \"p80\"", "confidence = \"p50\""),
            ),
            ("runway", Judges("runway = \"90d\"", "runway = \"30d\"")),
            (
                "partition_above",
                Judges("partition_above = \"100GB\"", "partition_above = \"200GB\""),
            ),
            (
                "max_partitions",
                Judges("max_partitions = 1000", "max_partitions = 2000"),
            ),
            ("limits", Holds),
            ("burn", Holds),
            ("change", Holds),
            ("calibration", Holds),
        ],
    ),
    (
        "LimitPolicy",
        &[
            (
                "today",
                Judges(
                    "today = { tight = \"75%\", breaks = \"100%\" }",
                    "today = { tight = \"75%\", breaks = \"101%\" }",
                ),
            ),
            (
                "scenario",
                Judges(
                    "scenario = { tight = \"90%\", breaks = \"100%\" }",
                    "scenario = { tight = \"91%\", breaks = \"100%\" }",
                ),
            ),
            ("credits", Judges(KINDS, "credits.today.breaks = 2")),
            ("rate", Judges(KINDS, "rate.today.breaks = 2")),
            ("concurrency", Judges(KINDS, "concurrency.today.breaks = 2")),
            ("spend", Judges(KINDS, "spend.today.breaks = 2")),
            ("storage", Judges(KINDS, "storage.today.breaks = 2")),
            ("writes", Judges(KINDS, "writes.today.breaks = 2")),
            ("reads", Judges(KINDS, "reads.today.breaks = 2")),
            ("throughput", Judges(KINDS, "throughput.today.breaks = 2")),
            ("retained", Judges(KINDS, "retained.today.breaks = 2")),
            ("workers", Judges(KINDS, "workers.today.breaks = 2")),
            ("depth", Judges(KINDS, "depth.today.breaks = 2")),
            ("drain", Judges(KINDS, "drain.today.breaks = 2")),
        ],
    ),
    (
        "SharesOf",
        &[
            ("today", Judges(KINDS, "rate.today.tight = 0.8")),
            ("scenario", Judges(KINDS, "rate.scenario.breaks = 2")),
        ],
    ),
    (
        "Shares",
        &[
            ("tight", Judges(KINDS, "writes.scenario.tight = 0.95")),
            ("breaks", Judges(KINDS, "writes.scenario.breaks = 1.1")),
        ],
    ),
    (
        "Burn",
        &[
            ("soft", Holds),
            ("hard", Judges("hard = \"90%\"", "hard = \"95%\"")),
        ],
    ),
    (
        "SoftAlert",
        &[
            ("share", Judges("share = \"75%\"", "share = \"80%\"")),
            ("by_day", Judges("by_day = 20", "by_day = 25")),
        ],
    ),
    (
        "ChangePolicy",
        &[
            ("credits", Judges("credits = \"20%\"", "credits = \"30%\"")),
            ("rate", Judges("rate = \"21%\"", "")),
            ("concurrency", Judges("concurrency = \"21%\"", "")),
            ("spend", Judges("spend = \"21%\"", "")),
            ("storage", Judges("storage = \"21%\"", "")),
            ("writes", Judges("writes = \"21%\"", "")),
            ("reads", Judges("reads = \"21%\"", "")),
            ("throughput", Judges("throughput = \"21%\"", "")),
            ("retained", Judges("retained = \"21%\"", "")),
            ("workers", Judges("workers = \"21%\"", "")),
            ("depth", Judges("depth = \"21%\"", "")),
            ("drain", Judges("drain = \"21%\"", "")),
            (
                "feature",
                Judges("feature = { percent = \"40%\", above = 1_000 }", ""),
            ),
        ],
    ),
    (
        "ThresholdTable",
        &[
            ("percent", Judges("percent = \"40%\"", "percent = \"41%\"")),
            ("above", Judges("above = 1_000", "above = 1_001")),
        ],
    ),
    (
        "CalibrationPolicy",
        &[
            ("max_age", Judges("max_age = \"31d\"", "max_age = \"32d\"")),
            (
                "launch_max_age",
                Judges("launch_max_age = \"7d\"", "launch_max_age = \"8d\""),
            ),
            ("tolerance", Fact),
            ("drift", Judges("drift = \"12%\"", "drift = \"15%\"")),
        ],
    ),
    (
        "Waiver",
        &[
            (
                "rule",
                Judges("rule = \"peak-assumed\"", "rule = \"over-limit\""),
            ),
            (
                "subject",
                Judges("subject = \"apis.a\"", "subject = \"apis.*\""),
            ),
            ("reason", Note),
            ("owner", Note),
            ("until", Judges("until = 2027-01-01", "until = 2028-01-01")),
            ("ceiling", Judges("ceiling = 5", "ceiling = 6")),
        ],
    ),
    ("Risk", &[("downtime_cost_per_hour", Fact)]),
    (
        "Metric",
        &[("counter", Fact), ("gauge", Fact), ("tenant", Note)],
    ),
    ("Usage", &[("map", Holds), ("files", Measured)]),
    ("UsageMap", &[("where", Measured), ("to", Holds)]),
    (
        "UsageTarget",
        &[
            ("subject", Measured),
            ("unit", Measured),
            ("scale", Measured),
            ("tenant", Measured),
        ],
    ),
];
