//! Queues as the rules about them see them.

use crate::collections::HashMap;
use crate::document::tables::{Queue, Workers};
use crate::document::values::Broker;
use crate::forecast::Flow;
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::Amount;
use crate::quantity::Quantity;
use crate::rules::Context;
use crate::rules::support::{Thing, things};
use crate::source::Spanned;
use crate::units::{DAY, Rate};
use crate::words::number;

pub(super) type DeclaredQueue<'c, 'a> = Thing<'c, 'a, Queue>;

pub(super) fn queues<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = DeclaredQueue<'c, 'a>> {
    let root = &context.project.declarations.root;
    things(context, "queues", &root.queues)
}

impl<'a> DeclaredQueue<'_, 'a> {
    pub(super) fn broker(&self) -> Option<Broker> {
        Some(self.declared.broker.as_ref()?.value)
    }

    pub(super) fn workers(&self) -> Option<&'a Spanned<Workers>> {
        self.declared.workers.as_deref()
    }

    /// How many workers keep up with today's peak and clear the deepest backlog in time:
    /// more than `a = λ/μ`, and at least `(λ + B/drain)/μ`; nothing where it can't be told.
    pub(super) fn enough_workers(&self) -> Option<f64> {
        let rate = self.workers()?.value.rate.as_ref()?.value.median()?;
        let each = rate.per_second(self.context.project.model.calendar.days_per_month);
        let load = self.demand(MeterKind::Workers)?;
        let backlog = self.demand(MeterKind::Depth)?;
        let drain = self.declared.drain.as_ref();
        let clearing = drain.map_or(0.0, |drain| backlog / drain.value.seconds);
        let stable = (load / each).floor() + 1.0;
        let quick = ((load + clearing) / each - 1e-9).ceil();
        let enough = stable.max(quick);
        enough.is_finite().then_some(enough)
    }
}

/// A worker's rate as it is written, at its median: `20/min`.
pub(super) fn per_worker(rate: &Rate) -> String {
    format!("{}/{}", number::count(rate.count), rate.period.name())
}

/// Of each queue the messages per second that arrive on average, with estimates at their medians.
pub(super) fn arrivals<'a>(context: &Context<'a>) -> HashMap<&'a str, f64> {
    per_queue(context, |flow| {
        Some(flow.amount(Amount::Messages)?.times(1.0 / DAY))
    })
}

/// The same at the peak.
pub(super) fn peaks<'a>(context: &Context<'a>) -> HashMap<&'a str, f64> {
    per_queue(context, |flow| Some(flow.asked.peak))
}

fn per_queue<'a>(
    context: &Context<'a>,
    of_line: impl Fn(&Flow) -> Option<Quantity>,
) -> HashMap<&'a str, f64> {
    let outlook = context.outlook;
    let mut of_queues: HashMap<&str, f64> = HashMap::default();
    let flows = outlook.forecast.flows.values().flatten();
    for flow in flows.filter(|flow| flow.kind.family() == Family::Queue) {
        if let Some(messages) = of_line(flow) {
            let queue = context.project.model.numbers[Family::Queue].name(flow.thing);
            *of_queues.entry(queue).or_default() += outlook.graph.point(messages);
        }
    }
    of_queues
}
