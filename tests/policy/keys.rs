//! Every key of the format, with what makes it looser: a change that does is reported.

use std::collections::{BTreeMap, BTreeSet};

use caplint::finding::Severity;
use caplint::pages::capacity_schema;

use super::{change, subjects};

/// What a change to a key can loosen.
#[derive(Clone, Copy)]
enum Key {
    /// Nothing: it says what is there, or what is asked for. That is judged itself.
    Fact,
    /// Nothing: it says who, why or when.
    Note,
    /// It says what was measured. What less is said of counts all the same (`measured`).
    Measured,
    /// Its own keys are in this list.
    Holds,
    /// It judges. Where a part of [`BASE`] is replaced, `policy-loosened` says so.
    Judges(&'static str, &'static str),
    /// It limits. Where a part of [`BASE`] is replaced, `limit-removed` says so.
    Limits(&'static str, &'static str),
    /// It limits, and a default stands in for it.
    Raises(&'static str, &'static str),
}

use Key::{Fact, Holds, Judges, Limits, Measured, Note, Raises};

/// The keys that all demand lines have.
const LINE: [(&str, Key); 12] = [
    ("id", Note),
    ("rate", Fact),
    ("per", Fact),
    ("tenants", Fact),
    ("after", Fact),
    ("fanout", Fact),
    ("peak", Fact),
    ("peak_day", Fact),
    ("spread", Fact),
    ("measured", Note),
    (
        "allow",
        Judges(
            "allow = [\"cache-missing\"]",
            "allow = [\"cache-missing\", \"burst-undeclared\"]",
        ),
    ),
    ("reason", Note),
];

/// All other keys, by table.
const TABLES: &[(&str, &[(&str, Key)])] = &[
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

/// Where shares of a kind of meter can stand in [`BASE`].
const KINDS: &str = "# kinds";

/// A budget of [`BASE`].
const DATA: &str = "[budgets.data]\nof = [\"databases.*\", \"queues.k\"]\nbudget = 5000 # data\n";

/// A project with one of everything that can be loosened.
const BASE: &str = r#"
[project]
name = "t"
currency = "EUR"
days_per_month = 31
horizon = "2y"
peak = 2
peak_day = 1.5
specs = ["a.md", "b.md"]

[usage]
files = ["u/*.csv", "v/*.csv"]

[tenants]
free = 1000

[apis.a]
rate_limit = ["1000/min", "40k/h"]
plan = { credits = 600_000, price = 10, balance = 5 }
packs = [{ name = "p", credits = 1000, price = 5, max = 3 }]
budget = 1000 # api
lead_time = "1d"
[apis.a.endpoints]
"/e/" = { credits = 1, duration = "1s", cacheable = false }
[[apis.a.limits]]
id = "own"
rate = "9000/s"
per = "tenant"
[[apis.a.limits]]
id = "slots"
concurrent = 77

[databases.d]
engine = "postgres"
storage = "100GB"
writes = "500/s"
reads = "501/s"
price = { per = "1GB", month = 0.25 }
budget = 3000 # database

[tables.s]
kind = "state"
row_size = "1KB"
rows = 100
max_size = "10GB"
allow = ["table-without-rollup"]
reason = "few rows"

[queues.k]
broker = "kafka"
message_size = "1KB"
max_message = "10KB"
retention = "1d"
partitions = 5
partition_throughput = "1MB/s"
replay = 5
replication = 1
storage = "1GB"
throughput = "90MB/s"
price = { per = "1GB", month = 0.25 }
budget = 4000 # queue
max_depth = 1_000_000
drain = "1h"
workers = { count = 1, max = 10, rate = "100/s" }

[budgets.data]
of = ["databases.*", "queues.k"]
budget = 5000 # data

[models.m]
price = 0.001
budget = 2000 # model
tenant_quota = { free = "300/month" }
capacity = "2M/min"
duration = "2s"
[[models.m.limits]]
id = "own"
rate = "8000/s"
per = "tenant"
[[models.m.limits]]
id = "slots"
concurrent = 66

[features.f]
[[features.f.calls]]
endpoint = "/e/"
rate = "5/day"
allow = ["cache-missing"]
reason = "fresh"
[[features.f.messages]]
queue = "k"
rate = "5/day"
[[features.f.inference]]
model = "m"
rate = "5/day"
units = 1

[scenarios.2x]
tenants = 2
payload = 2
require = "fit"
[scenarios.event]
tenants = 1.1
on = 2026-12-24
lasts = "4d"
buffer = "25%"

[policy]
confidence = "p80"
runway = "90d"
partition_above = "100GB"
max_partitions = 1000
[policy.limits]
today = { tight = "75%", breaks = "100%" }
scenario = { tight = "90%", breaks = "100%" }
# kinds
[policy.burn]
soft = { share = "75%", by_day = 20 }
hard = "90%"
[policy.change]
credits = "20%"
rate = "21%"
concurrency = "21%"
spend = "21%"
storage = "21%"
writes = "21%"
reads = "21%"
throughput = "21%"
retained = "21%"
workers = "21%"
depth = "21%"
drain = "21%"
feature = { percent = "40%", above = 1_000 }
[policy.calibration]
max_age = "31d"
launch_max_age = "7d"
drift = "12%"

[rules]
over-limit = "error"

[[waivers]]
rule = "peak-assumed"
subject = "apis.a"
reason = "r"
until = 2027-01-01
ceiling = 5
"#;

/// All entries of the list.
fn entries() -> Vec<(&'static str, &'static str, Key)> {
    let lines = ["Call", "Read", "Write", "Message", "Inference"].into_iter();
    let lines = lines.flat_map(|table| LINE.map(|(key, loosens)| (table, key, loosens)));
    let others = TABLES
        .iter()
        .flat_map(|(table, keys)| keys.iter().map(move |(key, it)| (*table, *key, *it)));
    lines.chain(others).collect()
}

#[test]
fn every_key_of_the_format_is_in_the_list() {
    let schema = capacity_schema();
    let names = |table: &serde_json::Value| -> BTreeSet<String> {
        let properties = table["properties"].as_object().into_iter().flatten();
        properties.map(|(key, _)| key.clone()).collect()
    };
    let definitions = schema["definitions"].as_object().unwrap();
    let mut format: BTreeMap<String, BTreeSet<String>> = definitions
        .iter()
        .map(|(table, definition)| (table.clone(), names(definition)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    format.insert("Root".to_owned(), names(&schema));
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, key, _) in entries() {
        let is_new = listed
            .entry(table.to_owned())
            .or_default()
            .insert(key.to_owned());
        assert!(is_new, "{table}.{key} is listed twice");
    }
    assert_eq!(
        listed, format,
        "say in this list what makes each key looser"
    );
}

#[test]
fn whatever_makes_a_key_looser_is_reported() {
    let nothing = change(BASE, BASE);
    assert!(subjects(&nothing, "policy-loosened").is_empty());
    let errors = |report: &caplint::report::Report| {
        let findings = report.projects.iter().flat_map(|it| &it.findings);
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        errors.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(errors(&nothing), Vec::<String>::new(), "the base is sound");
    for (table, key, loosens) in entries() {
        let (rule, from, to) = match loosens {
            Fact | Note | Holds | Measured => continue,
            Judges(from, to) => ("policy-loosened", from, to),
            Limits(from, to) => ("limit-removed", from, to),
            Raises(from, to) => ("limit-raised", from, to),
        };
        assert_eq!(BASE.matches(from).count(), 1, "{table}.{key}: {from}");
        let report = change(BASE, &BASE.replace(from, to));
        let found = subjects(&report, rule);
        assert!(
            !found.is_empty(),
            "{table}.{key}: {rule} says nothing of {to:?}"
        );
        // The other way round nothing is loosened.
        let back = change(&BASE.replace(from, to), BASE);
        let found = subjects(&back, rule);
        let replaced = matches!(
            (table, key),
            ("Project", "currency")
                | ("Waiver", "rule" | "subject")
                | ("Root", "scenarios")
                | ("Scenario", "on")
        );
        assert!(found.is_empty() || replaced, "{table}.{key}: {found:?}");
    }
}
