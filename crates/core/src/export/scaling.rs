//! How queues' workers scale.

use std::collections::BTreeSet;

use crate::document::TomlPath;
use crate::document::values::Broker;
use crate::export::Reported;
use crate::export::promql::total;
use crate::metrics::{Metrics, Query};
use crate::words::number;

/// The least that a worker is added for, and the step in which parts of a message are told: KEDA
/// and Kubernetes keep thousandths.
const LEAST: f64 = 0.001;

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

/// How the queues of a project scale.
#[derive(Debug, Default)]
pub struct Scaling {
    /// The queues whose workers scale, sorted by name.
    pub scaled: Vec<Scaled>,
    /// Why others do not.
    pub missing: BTreeSet<String>,
    /// Whose workers drain less than their scaler can tell, so that too few are added.
    pub rounded: BTreeSet<String>,
}

/// How the queues of a project scale, with Prometheus at `url`.
pub fn scaling(of: Reported<'_>, url: &str) -> Scaling {
    let metrics = Metrics::new(of.project);
    let mut scaling = Scaling::default();
    for (name, entry) in of.project.declarations.root.queues.entries() {
        let model = of.project.model.queues.get(name);
        let (Some(queue), Some(declared)) = (model, entry.body.value.workers.as_deref()) else {
            continue;
        };
        let path = TomlPath::new(&["queues", name]);
        let workers = queue.workers.clone().unwrap_or_default();
        let (Some(most), Some(each)) = (workers.max, queue.drained_by_one()) else {
            let needed = "needs `workers.max`, `workers.rate` and `drain`, none of them unknown";
            scaling.missing.insert(format!("`{path}`: {needed}"));
            continue;
        };
        let depth = match metrics.get(&path, "depth").map(|it| &it.query) {
            Some(Query::Gauge(gauge)) => Some(total(gauge)),
            _ => None,
        };
        // Workers can't share a message; where each drains less than one, messages share workers.
        let takes_parts = depth.is_some() || queue.broker == Broker::Rabbitmq;
        let target = match each {
            1.0.. => each.floor(),
            _ if takes_parts => ((each / LEAST).floor() * LEAST).max(LEAST),
            _ => 1.0,
        };
        let scaler = match depth {
            Some(query) => (
                "prometheus",
                vec![
                    ("serverAddress", url.to_owned()),
                    ("query", query),
                    ("threshold", written(target)),
                ],
            ),
            None => of_broker(queue.broker, name, written(target)),
        };
        if target > each {
            let each = number::count(each);
            let (kind, least) = (scaler.0, written(target));
            scaling.rounded.insert(format!(
                "`{path}`: a worker processes {each} messages within `drain`, and {kind} scales by no fewer than {least}, so there will be too few workers: raise `drain`{}",
                if takes_parts { "" } else { ", or map the depth in `[metrics]`" }
            ));
        }
        scaling.scaled.push(Scaled {
            queue: name.to_owned(),
            most,
            least: workers.count.filter(|count| *count <= most),
            scaler,
            place: of.place(declared.span),
        });
    }
    scaling.scaled.sort_by(|a, b| a.queue.cmp(&b.queue));
    scaling
}

/// A target, to the thousandth.
fn written(target: f64) -> String {
    match target.fract() == 0.0 {
        true => target.to_string(),
        false => format!("{target:.3}"),
    }
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
