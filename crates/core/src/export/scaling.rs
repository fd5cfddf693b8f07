//! How queues' workers scale.

use std::collections::BTreeSet;

use crate::document::TomlPath;
use crate::document::values::Broker;
use crate::export::Reported;
use crate::export::promql::total;
use crate::metrics::{Metrics, Query};

/// The least part of a message that a worker is added for, in steps of which parts are written.
const LEAST: f64 = 1.0 / 8192.0;

/// How the workers of one queue scale.
#[derive(Debug)]
pub struct Scaled {
    /// The queue's name.
    pub queue: String,
    /// The most workers.
    pub most: f64,
    /// Workers that always run, where that is declared.
    pub least: Option<f64>,
    /// What a worker is added for: KEDA's scaler and its parameters.
    pub scaler: (&'static str, Vec<(&'static str, String)>),
    /// File and line.
    pub place: String,
}

/// The queues of a project whose workers scale, sorted by name, and why others do not.
/// Prometheus is at `url`.
pub fn scaled(of: Reported<'_>, url: &str) -> (Vec<Scaled>, BTreeSet<String>) {
    let metrics = Metrics::new(of.project);
    let (mut scaled, mut missing) = (Vec::new(), BTreeSet::new());
    for (name, entry) in of.project.declarations.root.queues.entries() {
        let model = of.project.model.queues.get(name);
        let (Some(queue), Some(declared)) = (model, entry.body.value.workers.as_deref()) else {
            continue;
        };
        let path = TomlPath::new(&["queues", name]);
        let workers = queue.workers.clone().unwrap_or_default();
        let (Some(most), Some(each)) = (workers.max, queue.drained_by_one()) else {
            let needed = "needs `workers.max`, `workers.rate` and `drain`, none of them unknown";
            missing.insert(format!("`{path}`: {needed}"));
            continue;
        };
        let depth = match metrics.get(&path, "depth").map(|it| &it.query) {
            Some(Query::Gauge(gauge)) => Some(total(gauge)),
            _ => None,
        };
        // Workers can't share a message; where each drains less than one, messages share workers.
        let takes_parts = depth.is_some() || queue.broker == Broker::Rabbitmq;
        let target = match each {
            1.0.. => each.floor().to_string(),
            _ if takes_parts && each >= LEAST => ((each / LEAST).floor() * LEAST).to_string(),
            _ => "1".to_owned(),
        };
        scaled.push(Scaled {
            queue: name.to_owned(),
            most,
            least: workers.count.filter(|count| *count <= most),
            scaler: match depth {
                Some(query) => (
                    "prometheus",
                    vec![
                        ("serverAddress", url.to_owned()),
                        ("query", query),
                        ("threshold", target),
                    ],
                ),
                None => of_broker(queue.broker, name, target),
            },
            place: of.place(declared.span),
        });
    }
    scaled.sort_by(|a, b| a.queue.cmp(&b.queue));
    (scaled, missing)
}

/// What the broker itself says of a queue's depth.
fn of_broker(
    broker: Broker,
    queue: &str,
    target: String,
) -> (&'static str, Vec<(&'static str, String)>) {
    let queue = queue.to_owned();
    match broker {
        Broker::Kafka => ("kafka", vec![("topic", queue), ("lagThreshold", target)]),
        // A queue of SQS is known by its address.
        Broker::Sqs | Broker::SqsFifo => ("aws-sqs-queue", vec![("queueLength", target)]),
        Broker::Rabbitmq => (
            "rabbitmq",
            vec![
                ("queueName", queue),
                ("mode", "QueueLength".to_owned()),
                ("value", target),
            ],
        ),
        Broker::Redis => ("redis", vec![("listName", queue), ("listLength", target)]),
    }
}
