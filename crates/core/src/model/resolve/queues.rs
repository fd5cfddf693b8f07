//! `[queues.NAME]`: which keys a broker takes, and the API that workers share.

use crate::document::reader::At;
use crate::document::tables::{self, Api};
use crate::document::values::{Broker, Count};
use crate::document::{Entry, Optional, Table as _, UNKNOWN};
use crate::meter::Family;
use crate::model::builder::{bound, span_of, value_of};
use crate::model::lines::{Per, Population};
use crate::model::resolve::check::Check;
use crate::model::resolve::databases::{budget_needs_price, price};
use crate::model::resolve::population;
use crate::model::things::{Queue, Value, Workers};
use crate::source::Span;
use crate::units::Size;

/// What a partition of a kafka topic carries where nothing is declared, in bytes per second.
/// The source article: "a partition handles a few MB per second comfortably".
const PARTITION_THROUGHPUT: f64 = 3e6;

pub(crate) fn queue(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<tables::Queue>,
) -> Option<Queue> {
    let queue = &entry.body.value;
    broker(check, at, queue);
    depth_is_bounded(check, at, queue);
    kept(check, at, queue);
    partitions_carry(check, at, queue);
    let price_is_broken = queue.is_broken("price");
    budget_needs_price(check, at, &queue.budget, (&queue.price, price_is_broken));
    let compact = compact(check, at, queue);
    let mut workers = workers(check, at, &queue.workers);
    if queue.is_broken("workers") {
        workers = Some(Workers {
            is_unread: true,
            ..Workers::default()
        });
    }
    let builder = check.builder;
    let size = |size: &Size| size.bytes;
    let count = |count: &Count| count.0;
    let throughput = queue.partition_throughput.as_ref();
    Some(Queue {
        id: builder.numbers[Family::Queue].id(at.name())?,
        // What could not be read is at least nothing.
        broker: value_of(&queue.broker).unwrap_or(Broker::Rabbitmq),
        message_size: builder
            .declared(at, "message_size", &queue.message_size, size)
            .unwrap_or(Value::Unknown),
        retention: value_of(&queue.retention)
            .map(|retention| retention.seconds)
            .or(queue.is_broken("retention").then_some(0.0)),
        retention_bytes: value_of(&queue.retention_bytes)
            .map(|bytes| bytes.0)
            .or(queue.is_broken("retention_bytes").then_some(0.0)),
        compact,
        partitions: bound(&queue.partitions, count),
        partition_throughput: throughput.map_or(PARTITION_THROUGHPUT, |throughput| {
            let month = builder.calendar.days_per_month;
            throughput.value.bytes_per_second(month)
        }),
        throughput: bound(&queue.throughput, |throughput| {
            throughput.bytes_per_second(builder.calendar.days_per_month)
        }),
        replay: value_of(&queue.replay).map_or(0.0, |ratio| ratio.0),
        replication: value_of(&queue.replication).map_or(1.0, |count| count.0),
        storage: bound(&queue.storage, size),
        price: price(&queue.price, price_is_broken),
        budget: bound(&queue.budget, |money| money.to_f64()),
        max_depth: bound(&queue.max_depth, count),
        depth: builder.declared(at, "depth", &queue.depth, count),
        drain: value_of(&queue.drain).map(|drain| drain.seconds),
        workers,
    })
}

/// Checks that a broker in memory has a depth: there it is the point.
fn depth_is_bounded(check: &mut Check<'_>, at: &At<'_>, queue: &tables::Queue) {
    let (Some(broker), Some(depth)) = (&queue.broker, &queue.max_depth) else {
        return;
    };
    if depth.value.most().is_none() && matches!(broker.value, Broker::Rabbitmq | Broker::Redis) {
        let message = "`max_depth` cannot be `none`: the broker keeps what waits in memory";
        let help = "write the most messages that may wait, such as `1_000_000`";
        let note = (broker.span, "the broker is declared here");
        check.clash(&at.key("max_depth"), depth.span, message, help, note);
    }
}

/// Checks that a partition carries something.
fn partitions_carry(check: &mut Check<'_>, at: &At<'_>, queue: &tables::Queue) {
    if let Some(carried) = &queue.partition_throughput
        && carried.value.size.bytes == 0.0
    {
        let message = "`partition_throughput` is 0";
        let help = "write what one partition carries, such as `\"3MB/s\"`";
        check.invalid(&at.key("partition_throughput"), carried.span, message, help);
    }
}

fn workers(
    check: &mut Check<'_>,
    at: &At<'_>,
    workers: &Optional<tables::Workers>,
) -> Option<Workers> {
    let workers = &workers.as_ref()?.value;
    let at = at.key("workers");
    if let Some(api) = &workers.api {
        check.find::<Api>(&at.key("api"), api.span, &api.value.0);
    }
    let month = check.builder.calendar.days_per_month;
    let broken = ["max", "rate", UNKNOWN].map(|key| workers.is_broken(key));
    Some(Workers {
        count: value_of(&workers.count).map(|count| count.0),
        max: value_of(&workers.max).map(|max| max.0),
        rate: check
            .builder
            .declared(&at, "rate", &workers.rate, |rate| rate.per_second(month)),
        is_unread: broken.contains(&true),
    })
}

/// Checks what says how long messages are kept.
fn kept(check: &mut Check<'_>, at: &At<'_>, queue: &tables::Queue) {
    // Of other brokers is said that they have neither.
    if value_of(&queue.broker).is_some_and(|broker| broker != Broker::Kafka) {
        return;
    }
    if let Some(compact) = &queue.compact {
        let others = [
            ("retention", span_of(&queue.retention)),
            ("retention_bytes", span_of(&queue.retention_bytes)),
        ];
        for (key, span) in others {
            let Some(span) = span else { continue };
            let message = format!("a compacted topic has no `{key}`");
            let help = "remove it where the topic keeps the last message of each key, else remove `compact`";
            let note = (compact.span, "it is compacted here");
            check.clash(&at.key(key), span, message, help, note);
        }
    }
    if let (Some(bytes), None) = (&queue.retention_bytes, &queue.partitions)
        && !queue.is_broken("partitions")
    {
        let message = format!("{} has `retention_bytes` and no `partitions`", at.words());
        let help = "add `partitions`; `retention_bytes` is per partition";
        check.missing(at, "partitions", bytes.span, message, help);
    }
}

/// Keys for each of a population.
fn compact(
    check: &mut Check<'_>,
    at: &At<'_>,
    queue: &tables::Queue,
) -> Option<Box<(Value, Population)>> {
    let Some(compact) = &queue.compact else {
        // What could not be read keeps at least nothing.
        let nothing = || {
            let population = check.builder.population_of_all(Per::Project);
            Box::new((Value::Unknown, population))
        };
        return queue.is_broken("compact").then(nothing);
    };
    let (at, span) = (at.key("compact"), compact.span);
    let compact = &compact.value;
    let broken = compact.is_broken("per");
    let per = population::per(check, &at, compact.per.as_deref(), span, broken);
    let builder = check.builder;
    let keys = builder.declared(&at, "keys", &compact.keys, |count| count.0);
    let keys = keys.filter(|_| !broken).unwrap_or(Value::Unknown);
    let population = builder.population_of_all(per.unwrap_or(Per::Tenant));
    Some(Box::new((keys, population)))
}

fn broker(check: &mut Check<'_>, at: &At<'_>, queue: &tables::Queue) {
    let Some(broker) = &queue.broker else { return };
    let kafka: &[Broker] = &[Broker::Kafka];
    let log: &[Broker] = &[Broker::Kafka, Broker::Sqs, Broker::SqsFifo];
    let redis: &[Broker] = &[Broker::Redis];
    let throughput = span_of(&queue.partition_throughput);
    let keys: [(&str, Option<Span>, &[Broker]); 7] = [
        ("retention", span_of(&queue.retention), log),
        ("retention_bytes", span_of(&queue.retention_bytes), kafka),
        ("compact", span_of(&queue.compact), kafka),
        ("partitions", span_of(&queue.partitions), kafka),
        ("partition_throughput", throughput, kafka),
        ("replication", span_of(&queue.replication), kafka),
        ("eviction", span_of(&queue.eviction), redis),
    ];
    for (key, span, brokers) in keys {
        let Some(span) = span.filter(|_| !brokers.contains(&broker.value)) else {
            continue;
        };
        let takers: Vec<&str> = brokers.iter().map(|broker| broker.as_str()).collect();
        let word = broker.value.as_str();
        let message = format!("the broker `{word}` has no `{key}`");
        let help = format!("remove it: only {} queues have it", takers.join(", "));
        let note = (broker.span, "the broker is declared here");
        check.clash(&at.key(key), span, message, help, note);
    }
}
