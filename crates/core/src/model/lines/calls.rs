//! `calls`: to endpoints of metered APIs.

use super::billed::Billing;
use super::events::{Amount, Asked, Events, retried};
use super::{KindOfLine, Line, Uses};
use crate::document::reader::At;
use crate::document::tables::Call;
use crate::meter::Family;
use crate::model::Counts;
use crate::model::names::{Id, Reference};
use crate::model::resolve::check::Check;
use crate::model::resolve::endpoints;
use crate::model::things::Endpoint;
use crate::quantity::{Graph, Quantity};
use crate::source::Span;

impl KindOfLine for Call {
    const FAMILY: Family = Family::Api;

    const TOLD_BY: &'static [(Amount, &'static str)] =
        &[(Amount::Credits, "credits"), (Amount::Billed, "calls")];

    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) -> Option<Uses> {
        let written = self.endpoint.as_ref()?;
        let path = at.key("endpoint");
        let found = endpoints::find(check, &path, written.span, &written.value.0);
        let builder = check.builder;
        let (api, endpoint) = found?;
        let items = builder.optional(at, "items", &self.items, 1.0, |count| count.0);
        Some(Uses {
            // The model numbers it.
            endpoint: Some(Reference {
                name: endpoint.into(),
                id: Id::default(),
            }),
            ..Uses::new(builder.numbers[Self::FAMILY].reference(api)?, items)
        })
    }

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked {
        let Some(api) = events.model.api(&line.uses.thing) else {
            return Asked::nothing();
        };
        let miss = events.miss_ratio(line.cache.as_deref(), graph);
        let billed_each = retried(miss, &api.retry_ratio, graph);
        let reached = graph.mul(events.occurrences, miss);
        let billed = graph.mul(events.occurrences, billed_each);
        let endpoint = line.uses.endpoint.as_ref();
        let called = endpoint.and_then(|endpoint| api.endpoint(endpoint));
        let cost = called.map_or(Quantity::ZERO, |it| it.credits_of_call(line, graph));
        let peak = events.in_window(billed_each, 1.0, graph);
        let credits = graph.mul(billed, cost);
        let shown = [
            (Amount::Requested, events.occurrences),
            (Amount::Reached, reached),
            (Amount::Billed, billed),
            (Amount::Credits, credits),
        ];
        let mut asked = Asked::new(miss, peak, &shown, 2 + api.limits.len());
        asked.add(Amount::Credits, credits);
        if let Some(place) = api.unlimited_rate() {
            asked.add(Amount::window(place), peak);
        }
        for place in called.map_or(&[][..], |endpoint| &endpoint.counted) {
            let place = usize::from(*place);
            let Some(limit) = api.limits.get(place) else {
                continue;
            };
            let each = match limit.counts {
                Counts::Credits => graph.mul(billed_each, cost),
                Counts::Events | Counts::Units(_) => billed_each,
            };
            let duration = called.and_then(|endpoint| endpoint.duration.as_ref());
            events.count(&mut asked, (place, limit), each, duration, graph);
        }
        asked
    }
}

impl Endpoint {
    /// The credits that one call of a line costs.
    pub(crate) fn credits_of_call(&self, line: &Line, graph: &mut Graph) -> Quantity {
        let billing = Billing {
            base: self.credits.quantity(graph),
            each: self.of_each(graph),
            step: self.step.as_ref().map(|step| step.items),
            least: self.min_credits,
        };
        billing.of(&line.uses.count, 1.0, graph)
    }
}
