//! The figures and the arithmetic that findings about limits say.

use crate::support::lint::{findings, only, pointed};
use caplint::finding::Severity;

/// The article's four features.
const ARTICLE: &str = r#"
[tenants]
free = 3600
pro = 1200

[apis.tiklive]
rate_limit = RATE
plan = { credits = CREDITS, price = 1499.00 }

[apis.tiklive.endpoints]
"/userinfo-by-username/" = { credits = 1 }
"/user-posts/" = { credits = 1 }
"/post-detail/" = { credits = 1 }
"/post-comments/" = { credits = 1 }

[[features.profile-sync.calls]]
endpoint = "/userinfo-by-username/"
rate = "1/day"

[[features.video-discovery.calls]]
endpoint = "/user-posts/"
rate = "4/day"

[features.watermark-removal]
tenants = ["pro"]

[[features.watermark-removal.calls]]
id = "detail"
endpoint = "/post-detail/"
rate = "DETAIL/day"

[features.comment-ingest]
tenants = ["pro"]
active = 800

[[features.comment-ingest.calls]]
endpoint = "/post-comments/"
rate = "12/day"
"#;

fn article(detail: u32, credits: &str, rate: &str) -> String {
    ARTICLE
        .replace("DETAIL", &detail.to_string())
        .replace("CREDITS", credits)
        .replace("RATE", rate)
}

#[test]
fn over_limit_says_the_days_of_the_alerts_and_what_would_do() {
    let toml = article(45, "2_500_000", "\"5000/min\"");
    let finding = only("over-limit", &toml);
    assert_eq!(
        finding.message,
        "`apis.tiklive.credits` exceeds its limit: 2,628,000 of 2,500,000 credits/month, 105.1%"
    );
    let related: Vec<&str> = finding.related.iter().map(|it| &*it.message).collect();
    assert_eq!(
        related,
        [
            "75% alert on day 21.4, 90% alert on day 25.7, used up on day 28.5",
            "the largest user (61.6%): 45/day × 1,200 tenants × 30 days a month = 1,620,000 of 2,628,000",
            "a larger plan has another price",
        ]
    );
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "raise `apis.tiklive.plan.credits` to `2_920_000`, or lower \
             `features.watermark-removal.calls.detail.rate` to `34.5/day` (enough to stay at 90% of \
             the limit; today: `2_630_000` or `41.4/day`)"
        )
    );
    assert_eq!(pointed(&finding, &toml), "2_500_000");
    assert!((finding.figure.unwrap() - 1.0512).abs() < 1e-12);
    // What it says would do does, and does not end close to the limit.
    for (now, then) in [("45/day", "34.5/day"), ("2_500_000", "2920000")] {
        let fixed = toml.replace(now, then);
        assert_eq!(findings("over-limit", &fixed).len(), 0);
        assert_eq!(findings("near-limit", &fixed).len(), 0);
    }
}

#[test]
fn a_scenario_says_what_binds_until_when_and_what_restores_the_fit() {
    let toml = article(30, "25_000_000", "\"200/min\"");
    let finding = only("scenario-over-limit", &toml);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.subject, "scenarios.10x");
    assert_eq!(
        finding.message,
        "`apis.tiklive.rate.min` does not fit scenario `10x`: 483.33 of 200 calls/min, 241.7%; it holds up to 4.13× today's tenants"
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("raise `apis.tiklive.rate_limit` to `\"484/min\"`")
    );
    assert_eq!(pointed(&finding, &toml), "\"200/min\"");
    let raised = article(30, "25_000_000", "{ now = \"200/min\", max = \"484/min\" }");
    assert_eq!(findings("scenario-over-limit", &raised).len(), 0);
}

#[test]
fn the_smallest_breaking_point_binds_and_the_others_are_related() {
    // Credits break at 1.2×, calls at 4.14×.
    let toml = article(30, "2_500_000", "\"200/min\"");
    let finding = only("scenario-over-limit", &toml);
    assert!(
        finding.message.contains("apis.tiklive.credits"),
        "{}",
        finding.message
    );
    assert!(
        finding
            .message
            .ends_with("it holds up to 1.19× today's tenants; 1 other limit breaks too")
    );
    assert!(
        finding.related[0]
            .message
            .starts_with("`apis.tiklive.rate.min` breaks too")
    );
    let help = finding.help.unwrap();
    assert_eq!(
        help,
        "raise `apis.tiklive.plan.credits` to `20_900_000`, and raise `apis.tiklive.rate_limit` to \
         `\"484/min\"`"
    );
}

#[test]
fn near_limit_says_when_the_hard_alert_fires() {
    let toml = article(30, "2_200_000", "\"5000/min\"");
    let finding = only("near-limit", &toml);
    assert!(
        finding
            .message
            .ends_with("94.9%; the hard alert (90%) fires on day 28.4"),
        "{}",
        finding.message
    );
    assert_eq!(
        findings("near-limit", &article(30, "2_320_001", "\"5000/min\"")).len(),
        0
    );
}

#[test]
fn what_breaks_on_a_day_to_come_is_not_near_too() {
    let toml = article(30, "2_200_000", "\"5000/min\"")
        .replace("pro = 1200", "pro = { now = 1200, 45d = 1500 }");
    assert_eq!(findings("near-limit", &toml).len(), 0);
    let finding = only("limit-ahead", &toml);
    assert!(
        finding.message.contains("will exceed its limit by day 30"),
        "{}",
        finding.message
    );
    let off = format!("{toml}\n[rules]\nlimit-ahead = \"off\"\n");
    assert_eq!(findings("near-limit", &off).len(), 1);
}

const DISK: &str = r#"
[tenants]
pro = 1000

[databases.main]
storage = "100GB"

[tables.log]
kind = "event"
row_size = "1KB"
retention = "2y"
existing = "EXISTING"

[features.f]

[[features.f.writes]]
table = "log"
rate = "RATE/day"

[scenarios.none]
require = "report"
"#;

fn disk(existing: &str, rate: u32) -> String {
    DISK.replace("EXISTING", existing)
        .replace("RATE", &rate.to_string())
}

#[test]
fn storage_is_judged_by_what_is_on_disk() {
    let finding = only("over-limit", &disk("95GB", 1));
    assert!(
        finding.message.contains("95 GB stored of 100 GB, 95%"),
        "{}",
        finding.message
    );
    assert_eq!(finding.figure, Some(0.95));
    assert_eq!(findings("limit-ahead", &disk("95GB", 1000)).len(), 0);
    let finding = only("near-limit", &disk("80GB", 0));
    assert_eq!(finding.figure, Some(0.8));
    assert_eq!(findings("over-limit", &disk("0B", 1000)).len(), 0);
    // With the database's overhead.
    let more = "storage = \"100GB\"\noverhead = \"50%\"";
    let toml = disk("64GB", 1).replace("storage = \"100GB\"", more);
    assert_eq!(only("over-limit", &toml).figure, Some(0.96));
}

#[test]
fn storage_that_fills_within_the_runway_is_an_error() {
    // A gigabyte a day is above 90 GB on day 91.
    let later = only("limit-ahead", &disk("0B", 1000));
    assert!(
        later.message.contains("fills on day 91"),
        "{}",
        later.message
    );
    assert_eq!(later.severity, Severity::Warning);
    let sooner = only("limit-ahead", &disk("0B", 1200));
    assert!(
        sooner.message.contains("fills on day 76"),
        "{}",
        sooner.message
    );
    assert_eq!(sooner.severity, Severity::Error);
    assert_eq!(findings("limit-ahead", &disk("0B", 200)).len(), 0);
}

#[test]
fn a_late_drain_says_how_many_workers_make_it() {
    let toml = r#"
[tenants]
pro = 1

[queues.q]
broker = "sqs"
message_size = "1KB"
depth = 6000
drain = "5m"
workers = { count = 5, max = 10, rate = "1/s", scale_on = "queue-depth" }

[features.f]

[[features.f.messages]]
queue = "q"
rate = "86_400/day"

[scenarios.none]
require = "report"
"#;
    let finding = only("over-limit", toml);
    assert!(
        finding.message.contains("11m 7s of 5m, 222.2%"),
        "{}",
        finding.message
    );
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "raise `queues.q.workers.max` to `28` (enough to stay at 75% of the limit; today: `21`)"
        )
    );
    let more = toml.replace("max = 10", "max = 21");
    assert_eq!(findings("over-limit", &more).len(), 0);
    let fewer = toml.replace("max = 10", "max = 20");
    assert_eq!(findings("over-limit", &fewer).len(), 1);
}

#[test]
fn a_burst_says_over_how_long_it_has_to_come() {
    let toml = r#"
[tenants]
pro = 1000

[apis.geo]
rate_limit = { now = "200/min", max = "9000/min" }
endpoints = { "/changed" = {} }

[features.sync]

[[features.sync.calls]]
endpoint = "/changed"
rate = "every 1d"
"#;
    let finding = only("burst-undeclared", toml);
    assert_eq!(finding.subject, "features.sync.calls.\"/changed\"");
    assert!(
        finding.message.contains("sends 1,000 calls at once"),
        "{}",
        finding.message
    );
    // Within 5 minutes they would take all of the limit.
    assert_eq!(
        finding.help.as_deref(),
        Some("add `spread = \"7min\"`, or longer")
    );
    let spread = format!("{toml}spread = \"7min\"\n");
    assert_eq!(findings("near-limit", &spread).len(), 0);
    assert_eq!(findings("burst-undeclared", &spread).len(), 0);
    assert_eq!(findings("over-limit", &spread).len(), 0);
    let small = toml.replace("1000", "200");
    assert_eq!(findings("burst-undeclared", &small).len(), 0);
    // What does not even fit over the whole period is said by the meter.
    let huge = toml.replace("1000", "1_000_000");
    assert_eq!(findings("burst-undeclared", &huge).len(), 0);
    assert_eq!(findings("over-limit", &huge).len(), 1);
}

#[test]
fn an_unknown_is_pointed_to_where_it_stands() {
    let toml = article(30, "25_000_000", "\"5000/min\"").replace("\"12/day\"", "\"unknown\"");
    let found = findings("lower-bound", &toml);
    let subjects: Vec<&str> = found.iter().map(|finding| &*finding.subject).collect();
    assert_eq!(subjects, ["apis.tiklive.credits", "apis.tiklive.rate.min"]);
    assert_eq!(pointed(&found[0], &toml), "\"unknown\"");
    assert!(
        found[0]
            .message
            .contains("at least 1,800,000 of 25M credits/month"),
        "{}",
        found[0].message
    );
}

#[test]
fn missing_limits_are_said_of_what_is_used_alone() {
    let toml = r#"
[tenants]
pro = 1

[apis.a]
endpoints = { "/x" = { credits = 1 } }
[apis.unused]
endpoints = { "/y" = { credits = 1 } }

[databases.d]
[tables.t]
kind = "state"
row_size = 100
rows = 1

[queues.q]
broker = "kafka"
message_size = 100
[queues.bounded]
broker = "sqs"
message_size = 100
max_depth = 10

[[features.f.calls]]
endpoint = "/x"
rate = "1/day"
[[features.f.messages]]
queue = "q"
rate = "1/day"
[[features.f.messages]]
queue = "bounded"
rate = "1/day"
"#;
    let mut subjects: Vec<String> = findings("limit-missing", toml)
        .into_iter()
        .map(|finding| finding.subject)
        .collect();
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "apis.a.plan",
            "apis.a.rate_limit",
            "databases.d.storage",
            "queues.q"
        ]
    );
}

#[test]
fn peaks_are_assumed_only_where_no_line_has_one() {
    let toml = article(30, "25_000_000", "[\"5000/min\", \"10M/day\"]");
    assert_eq!(
        only("peak-assumed", &toml).subject,
        "apis.tiklive.rate_limit"
    );
    let one = toml.replace("rate = \"4/day\"", "rate = \"4/day\"\npeak = 2");
    assert_eq!(findings("peak-assumed", &one).len(), 0);
    let project = format!("[project]\npeak = 2\n{toml}");
    assert_eq!(findings("peak-assumed", &project).len(), 0);
    // A day's limit is met by the day's mean.
    let daily = article(30, "25_000_000", "\"10M/day\"");
    assert_eq!(findings("peak-assumed", &daily).len(), 0);
}

#[test]
fn a_slower_rate_reckons_with_the_cache_that_answers_less_of_it() {
    // README's project: 30/day × 15 min: 0.3125 asked for while one is kept, so 1 / 1.3125 passes.
    let toml = r#"
[tenants]
all = 4800
[apis.weather]
rate_limit = "200/min"
endpoints."/forecast/" = { cacheable = "15m" }
[[features.daily-briefing.calls]]
endpoint = "/forecast/"
rate = "RATE"
peak = 3
cache = { ttl = "15m" }
"#;
    let help = only("over-limit", &toml.replace("RATE", "30/day"))
        .help
        .unwrap();
    assert!(
        help.contains(r#"`features.daily-briefing.calls."/forecast/".rate` to `17.7/day`"#),
        "{help}"
    );
    assert_eq!(
        findings("near-limit", &toml.replace("RATE", "17.7/day")).len(),
        0
    );
    assert_eq!(
        findings("near-limit", &toml.replace("RATE", "17.8/day")).len(),
        1
    );
}
