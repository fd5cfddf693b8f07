//! `[queues.NAME]`: which keys a broker takes, and the API that workers share.

use crate::document::reader::At;
use crate::document::tables::Queue;
use crate::document::values::Broker;
use crate::model::resolve::check::{Check, Kind, invalid};
use crate::source::Span;

/// Checks the queues.
pub(super) fn check(check: &mut Check<'_>) {
    const API: Kind = Kind {
        what: "API",
        table: "apis",
    };
    let root = check.root;
    let top = At::top();
    let queues = top.key("queues");
    for (name, entry) in root.queues.entries() {
        let at = queues.key(name);
        let queue = &entry.body.value;
        broker(check, &at, queue);
        if let Some(workers) = &queue.workers
            && let Some(api) = &workers.value.api
        {
            let at = at.key("workers");
            check.find(&at.key("api"), api.span, API, &root.apis, &api.value.0);
        }
    }
}

/// Checks the keys that only some brokers have.
fn broker(check: &mut Check<'_>, at: &At<'_>, queue: &Queue) {
    let Some(broker) = &queue.broker else { return };
    let kafka: &[Broker] = &[Broker::Kafka];
    let log: &[Broker] = &[Broker::Kafka, Broker::Sqs, Broker::SqsFifo];
    let redis: &[Broker] = &[Broker::Redis];
    let keys: [(&str, Option<Span>, &[Broker]); 5] = [
        (
            "retention",
            queue.retention.as_ref().map(|value| value.span),
            log,
        ),
        (
            "partitions",
            queue.partitions.as_ref().map(|value| value.span),
            kafka,
        ),
        (
            "partition_throughput",
            queue.partition_throughput.as_ref().map(|value| value.span),
            kafka,
        ),
        (
            "replication",
            queue.replication.as_ref().map(|value| value.span),
            kafka,
        ),
        (
            "eviction",
            queue.eviction.as_ref().map(|value| value.span),
            redis,
        ),
    ];
    for (key, span, brokers) in keys {
        let Some(span) = span.filter(|_| !brokers.contains(&broker.value)) else {
            continue;
        };
        let takers: Vec<&str> = brokers.iter().map(|broker| broker.as_str()).collect();
        check.report(
            invalid(
                &at.key(key),
                span,
                format!(
                    "`{key}` means nothing to the broker `{}`",
                    broker.value.as_str()
                ),
                format!("remove it: only {} queues have it", takers.join(", ")),
            )
            .also(broker.span, "the broker is declared here"),
        );
    }
}
