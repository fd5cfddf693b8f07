//! What a line's events count against limits on what they use.

use super::events::{Amount, Arrival, Asked, Events};
use crate::model::things::{UsageLimit, Value};
use crate::quantity::{Graph, Quantity};

/// What a line counts against a limit that each member has to itself.
#[derive(Clone, Debug)]
pub(crate) struct OfMember {
    /// The limit's place.
    pub(crate) limit: u16,
    /// The number of the population that the line is counted per.
    pub(crate) population: usize,
    /// In the limit's window, for each of the population.
    pub(crate) each: Quantity,
    /// The most in the window, where workers limit it.
    pub(crate) most: Option<Quantity>,
    /// Of one event.
    pub(crate) once: Quantity,
    /// Seconds of the window.
    pub(crate) window: Quantity,
}

impl Events<'_> {
    /// Counts what counts as `each` an event against a limit. What runs at the same time is what
    /// comes within one `duration`.
    pub(super) fn count(
        &self,
        asked: &mut Asked,
        (place, limit): (usize, &UsageLimit),
        each: Quantity,
        duration: Option<&Value>,
        graph: &mut Graph,
    ) {
        if limit.is_unread() {
            return;
        }
        let window = match limit.seconds() {
            Some(seconds) => Quantity::certain(seconds),
            None => duration.map_or(Quantity::unknown(), |it| it.quantity(graph)),
        };
        let Some(members) = limit.members() else {
            let most = self.in_span(each, window, graph);
            return asked.add(Amount::window(place), most);
        };
        let whom = self.whom.filter(|it| members.take(&it.per, self.model));
        let Some(whom) = whom else { return };
        let each_in_window = self.of_member(each, window, graph);
        asked.members.push(OfMember {
            limit: Amount::place(place),
            population: whom.id,
            each: each_in_window,
            most: self.ceiling.map(|ceiling| {
                let let_through = graph.mul(ceiling, window);
                graph.mul(let_through, each)
            }),
            once: each,
            window,
        });
    }

    /// What one of the population asks for in a window: of a batch that does not say over how
    /// long it comes, the whole batch.
    fn of_member(&self, each: Quantity, window: Quantity, graph: &mut Graph) -> Quantity {
        let per_day = graph.mul(self.per_member, each);
        match self.arrival {
            Arrival::Batch {
                period,
                spread: None,
            } => {
                let share = graph.div(window, period);
                let share = graph.max(Quantity::ONE, share);
                self.of_batch(per_day, period, share, graph)
            }
            Arrival::Batch { .. } | Arrival::Steady { .. } => self.arriving(per_day, window, graph),
        }
    }
}
