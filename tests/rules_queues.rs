//! The rules about queues: figures, boundaries, and when they are silent.

use crate::support::findings::{of_rule, only, silent, words};

const SENDER: &str = "[features.sync]\nspec = \"spec.md\"\nowner = \"ingest\"\n\
     [[features.sync.messages]]\nid = \"job\"\nqueue = \"jobs\"\n";

/// A queue to which 86,400 tenants send a message a day each: one a second.
fn queue(broker: &str, keys: &str) -> String {
    format!(
        "[tenants]\npro = {{ now = 86_400, 30d = 86_400 }}\n\
         [queues.jobs]\nbroker = \"{broker}\"\nmessage_size = \"2KB\"\n{keys}\n\
         {SENDER}rate = \"1/day\"\n"
    )
}

fn workers(keys: &str) -> String {
    queue("sqs", &format!("drain = \"5m\"\nworkers = {{ {keys} }}"))
}

/// Pools of workers that call an API, each with `max`, `rate` and `calls_per_job`.
fn pools(limit: &str, pools: &[(&str, &str, &str)]) -> String {
    let mut text = format!(
        "[apis.tiklive]\nrate_limit = {limit}\n[apis.tiklive.endpoints]\n\"/posts/\" = {{}}\n"
    );
    for (index, (max, rate, calls)) in pools.iter().enumerate() {
        text.push_str(&format!(
            "[queues.q{index}]\nbroker = \"sqs\"\nmessage_size = \"2KB\"\ndrain = \"5m\"\n\
             workers = {{ max = {max}, rate = \"{rate}\", api = \"tiklive\"{calls} }}\n"
        ));
    }
    text
}

const CEILING: &str = "worker-ceiling-over-rate-limit";

#[test]
fn workers_pass_a_rate_limit_with_the_arithmetic_in_one_line() {
    let text = pools("\"200/min\"", &[("10", "1/s", "")]);
    let finding = only(&text, CEILING);
    assert_eq!(
        finding.message,
        "workers can call `tiklive` more often than it allows: 10 workers × 1/s × 1 call = \
         600/min of 200/min"
    );
    assert_eq!(finding.figure, Some(3.0));
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "set `max = 3` for the workers of `q0`, or raise `apis.tiklive.rate_limit` to \
             `\"600/min\"`"
        )
    );
    assert_eq!(words(&text, &finding), "10");
    assert_eq!(finding.related.len(), 1, "the rate limit");
}

#[test]
fn workers_may_fill_a_rate_limit() {
    silent(&pools("\"200/min\"", &[("10", "20/min", "")]), CEILING);
    silent(&pools("\"1/s\"", &[("3", "20/min", "")]), CEILING);
}

#[test]
fn all_pools_of_an_api_count_together() {
    let two = [("2", "1/s", ", calls_per_job = 2"), ("1", "1/s", "")];
    silent(&pools("\"5/s\"", &two), CEILING);
    let finding = only(&pools("[\"4/s\", \"1M/day\"]", &two), CEILING);
    assert!(
        finding
            .message
            .ends_with("2 workers × 1/s × 2 calls + 1 worker × 1/s × 1 call = 5/s of 4/s"),
        "{}",
        finding.message
    );
    assert!(
        finding
            .help
            .is_some_and(|help| help.starts_with("set `max = 1` for"))
    );
}

#[test]
fn windows_of_an_hour_and_more_are_a_matter_of_demand() {
    silent(&pools("\"1/h\"", &[("10", "1/s", "")]), CEILING);
    assert_eq!(
        of_rule(&pools("\"1/59m\"", &[("10", "1/s", "")]), CEILING).len(),
        1
    );
}

#[test]
fn a_queue_is_unstable_when_arrivals_reach_the_ceiling() {
    let text = workers("max = 1, rate = \"1/s\"");
    let finding = only(&text, "queue-unstable");
    assert_eq!(
        finding.message,
        "`queues.jobs` never drains: 1/s arrive on average, 1 worker × 1/s = 1/s"
    );
    assert_eq!(finding.figure, Some(1.0));
    assert_eq!(
        finding.help.as_deref(),
        Some("set `max = 2`; then `queues.jobs.drain` does not fit scenario `10x`")
    );
    silent(&workers("max = 2, rate = \"1/s\""), "queue-unstable");
    // Nobody knows what they can do.
    silent(&workers("max = 1, rate = \"unknown\""), "queue-unstable");
    silent(&workers("rate = \"1/s\""), "queue-unstable");
}

#[test]
fn uncertain_arrivals_are_judged_at_the_policys_confidence() {
    let text = workers("max = 11, rate = \"0.1/s\"").replace(
        "rate = \"1/day\"",
        "rate = { p50 = \"1/day\", p90 = \"2/day\" }",
    );
    let finding = only(&text, "queue-unstable");
    assert!(
        finding.message.contains("higher at the policy"),
        "{}",
        finding.message
    );
    silent(
        &(text + "[policy]\nconfidence = \"p50\"\n"),
        "queue-unstable",
    );
}

#[test]
fn a_missing_ceiling_is_computed() {
    let finding = only(&workers("rate = \"0.1/s\""), "workers-without-ceiling");
    assert_eq!(
        finding.help.as_deref(),
        Some(
            "add `max = 11` to `workers`, enough for today's peak; then \
             `queues.jobs.drain` does not fit scenario `10x`"
        )
    );
    silent(
        &workers("rate = \"1/s\", max = \"ten\""),
        "workers-without-ceiling",
    );
    silent(&queue("sqs", ""), "workers-without-ceiling");
}

#[test]
fn workers_are_added_above_the_depth_that_they_drain_in_time() {
    let text = workers("count = 10, max = 40, rate = \"1/s\", scale_on = \"cpu\"");
    let finding = only(&text, "workers-scale-on-cpu");
    assert_eq!(
        finding.help.as_deref(),
        Some("set `scale_on = \"queue-depth\"`, and add workers above 3,000 waiting messages")
    );
    assert_eq!(words(&text, &finding), "\"cpu\"");
}

#[test]
fn replay_is_asked_of_kafka_and_nought_is_an_answer() {
    let kafka = |keys: &str| {
        queue(
            "kafka",
            &format!("retention = \"7d\"\npartitions = 9\n{keys}"),
        )
    };
    assert_eq!(of_rule(&kafka(""), "replay-missing").len(), 1);
    for replay in ["0", "5", "10"] {
        let text = kafka(&format!("replay = {replay}"));
        silent(&text, "replay-missing");
        silent(&text, "replay-too-small");
    }
    let finding = only(&kafka("replay = 4.9"), "replay-too-small");
    assert_eq!(finding.figure, Some(4.9));
    silent(&kafka("replay = \"often\""), "replay-missing");
    silent(&queue("sqs", ""), "replay-missing");
    // 1/s · 2 KB · 7 d.
    let finding = only(&kafka(""), "replication-undeclared");
    assert!(
        finding.message.ends_with("1.21 GB, or 3.629 GB with three"),
        "{}",
        finding.message
    );
}

#[test]
fn consumers_are_compared_with_the_partitions_of_today() {
    let with = |partitions: &str| {
        queue(
            "kafka",
            &format!("partitions = {partitions}\nworkers = {{ max = 12, rate = \"1/s\" }}"),
        )
    };
    silent(&with("12"), "consumers-over-partitions");
    let finding = only(&with("{ now = 8, max = 12 }"), "consumers-over-partitions");
    assert!(
        finding
            .message
            .starts_with("`queues.jobs` has 12 workers but 8 partitions; 4 stay idle"),
        "{}",
        finding.message
    );
    assert_eq!(finding.figure, Some(1.5));
}

#[test]
fn only_what_is_kept_in_memory_needs_a_depth() {
    for broker in ["rabbitmq", "redis"] {
        assert_eq!(of_rule(&queue(broker, ""), "queue-unbounded").len(), 1);
        silent(&queue(broker, "max_depth = 10"), "queue-unbounded");
    }
    for broker in ["kafka", "sqs", "sqs-fifo"] {
        silent(&queue(broker, ""), "queue-unbounded");
    }
}

#[test]
fn sqs_keeps_messages_for_fourteen_days() {
    for broker in ["sqs", "sqs-fifo"] {
        silent(
            &queue(broker, "retention = \"14d\""),
            "broker-retention-limit",
        );
        let finding = only(
            &queue(broker, "retention = \"15d\""),
            "broker-retention-limit",
        );
        assert_eq!(finding.figure, Some(15.0));
    }
    silent(
        &queue("kafka", "retention = \"30d\""),
        "broker-retention-limit",
    );
}

#[test]
fn retention_may_equal_the_drain_target() {
    silent(
        &queue("sqs", "retention = \"1h\"\ndrain = \"1h\""),
        "retention-below-drain",
    );
    let shorter = queue("sqs", "retention = \"59min\"\ndrain = \"1h\"");
    assert_eq!(of_rule(&shorter, "retention-below-drain").len(), 1);
}

#[test]
fn a_message_may_be_as_large_as_its_broker_accepts() {
    const RULE: &str = "broker-message-limit";
    let of = |broker: &str, size: &str, keys: &str| queue(broker, keys).replace("\"2KB\"", size);
    silent(&of("sqs", "\"1MiB\"", ""), RULE);
    silent(&of("kafka", "\"1MB\"", ""), RULE);
    silent(&of("redis", "\"100MB\"", ""), RULE);
    silent(&of("kafka", "\"8MB\"", "max_message = \"8MB\""), RULE);
    assert_eq!(
        only(&of("kafka", "1000001", ""), RULE).figure,
        Some(1_000_001.0)
    );
    let own = of("redis", "\"2MB\"", "max_message = \"1MB\"");
    assert_eq!(
        only(&own, RULE).related.len(),
        1,
        "where the limit is declared"
    );
    // At the 80th percentile a lognormal of p50 0.7 MB and p90 1.4 MB has 1.1 MB.
    let estimate = of("kafka", "{ p50 = \"0.7MB\", p90 = \"1.4MB\" }", "");
    let figure = only(&estimate, RULE).figure;
    assert!(
        figure.is_some_and(|bytes| (1.10e6..1.11e6).contains(&bytes)),
        "{figure:?}"
    );
}

#[test]
fn a_lines_own_size_is_judged_too() {
    let text = queue("sqs", "") + "size = \"2MB\"\n";
    let finding = only(&text, "broker-message-limit");
    assert_eq!(finding.subject, "features.sync.messages.job");
    assert_eq!(words(&text, &finding), "\"2MB\"");
}

#[test]
fn tiers_share_a_queue_that_breaks_in_the_largest_scenario() {
    const RULE: &str = "queue-shared-by-tiers";
    let with = |tenants: &str, scenarios: &str, level: &str| {
        workers("max = 5, rate = \"1/s\"").replace(
            "[queues.jobs]",
            &format!(
                "free = {{ now = 864, 30d = 864 }}\n[rules]\n{level}\n{scenarios}\n[queues.jobs]"
            ),
        ) + tenants
    };
    let on = "queue-shared-by-tiers = \"error\"";
    let small = "[scenarios.2x]\ntenants = 2\n";
    let finding = only(&with("", "", on), RULE);
    assert!(
        finding
            .message
            .starts_with("`queues.jobs` breaks in `100x`, and `free`, `pro` share it"),
        "{}",
        finding.message
    );
    silent(&with("", "", ""), RULE);
    silent(&with("", small, on), RULE);
    silent(&with("tenants = [\"pro\"]\n", "", on), RULE);
}
