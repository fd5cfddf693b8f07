//! What a queue has to carry and to wait for.

use super::Metering;
use crate::forecast::demand::Sinks;
use crate::forecast::situation::Situation;
use crate::meter::Family;
use crate::model::Queue;
use crate::model::lines::events::Amount;
use crate::quantity::{Graph, Quantity, RunningSum};

/// Of a queue, per second but for the backlog.
pub(super) struct Load {
    /// Messages on average.
    pub(super) mean: Quantity,
    /// Those of steady lines.
    pub(super) steady: Quantity,
    pub(super) bytes: Quantity,
    pub(super) peak_bytes: Quantity,
    /// Messages that workers must keep up with.
    pub(super) work: Quantity,
    /// Messages that all workers do at most, where that is declared.
    pub(super) capacity: Option<Quantity>,
    /// Messages that wait.
    pub(super) backlog: Quantity,
}

impl Load {
    pub(super) fn new(metering: &Metering<'_>, queue: &Queue, graph: &mut Graph) -> Self {
        let [sinks, today] = metering.asked_of(Family::Queue, queue.id);
        let mean = sinks.sum(Amount::MeanMessages, graph);
        let steady = sinks.sum(Amount::SteadyMessages, graph);
        let is_unread = queue.workers.as_ref().is_some_and(|it| it.is_unread);
        let capacity = queue.workers.as_ref().and_then(|workers| {
            if is_unread {
                return Some(Quantity::unknown());
            }
            let max = workers.max?;
            let rate = workers.rate.as_ref()?.quantity(graph);
            Some(rate.times(max))
        });
        let backlog = match &queue.depth {
            Some(depth) => {
                let depth = depth.quantity(graph);
                let times = growth(metering.situation(), today, mean, graph);
                graph.mul(depth, times)
            }
            // Workers that nobody knows may leave nothing behind.
            None if is_unread => Quantity::unknown(),
            None => derived_backlog(sinks, steady, capacity, graph),
        };
        Self {
            mean,
            steady,
            bytes: sinks.sum(Amount::MeanBytes, graph),
            peak_bytes: sinks.sum(Amount::PeakBytes, graph),
            work: sinks.sum(Amount::Work, graph),
            capacity,
            backlog,
        }
    }
}

/// `Σ max(0, X − spread · max(0, C − λs))` over the queue's batches.
fn derived_backlog(
    sinks: &Sinks,
    steady: Quantity,
    capacity: Option<Quantity>,
    graph: &mut Graph,
) -> Quantity {
    let capacity = capacity.unwrap_or(Quantity::ZERO);
    let spare = graph.sub(capacity, steady);
    let spare = graph.positive(spare);
    let mut backlog = RunningSum::default();
    for (size, spread) in sinks.batches.values() {
        let left = if *spread == 0.0 {
            *size
        } else {
            graph.sub(*size, spare.times(*spread))
        };
        backlog.add(graph.positive(left));
    }
    graph.sum(&backlog)
}

/// The ratio of mean messages in this situation and today, 1 where there are none today.
fn growth(situation: Situation<'_>, today: &Sinks, now: Quantity, graph: &mut Graph) -> Quantity {
    if matches!(situation, Situation::Today) {
        return Quantity::ONE;
    }
    let before = today.sum(Amount::MeanMessages, graph);
    if before.as_certain() == Some(0.0) {
        return Quantity::ONE.mark_unknown(now.is_unknown() || before.is_unknown());
    }
    graph.div(now, before)
}
