//! The project that each key is loosened in.

/// Where shares of a kind of meter can stand in [`BASE`].
pub(super) const KINDS: &str = "# kinds";

/// A budget of [`BASE`].
pub(super) const DATA: &str =
    "[budgets.data]\nof = [\"databases.*\", \"queues.k\"]\nbudget = 5000 # data\n";

/// A project with one of everything that can be loosened.
pub(super) const BASE: &str = r#"
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
