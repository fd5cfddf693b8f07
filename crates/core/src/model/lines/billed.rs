//! What one event is billed: in whole steps, and at least so much.

use crate::model::things::Value;
use crate::quantity::{Graph, Quantity};
use crate::varying::Varying;

/// How an amount is billed.
pub(super) struct Billing {
    /// Of an event, whatever its amount is.
    pub(super) base: Quantity,
    /// Of each unit of the amount, or of each started step.
    pub(super) each: Quantity,
    /// How many units a step holds, where whole steps are billed.
    pub(super) step: Option<f64>,
    /// The least of an event.
    pub(super) least: f64,
}

impl Billing {
    /// `max(least, base + each · n)` for `n` units or whole steps; its mean, where the amount
    /// differs from event to event. The amount is `times` what is declared.
    pub(super) fn of(&self, amount: &Value, times: f64, graph: &mut Graph) -> Quantity {
        if self.each.as_certain() == Some(0.0) {
            let billed = graph.max(self.base, Quantity::certain(self.least));
            return billed.mark_unknown(self.each.is_unknown());
        }
        let times = match self.step {
            Some(step) => times / step,
            None => times,
        };
        let many = match amount {
            // Of nothing there is no step.
            Value::Each(varying) if times > 0.0 => {
                return self.mean(varying.times(times), graph);
            }
            amount => amount.quantity(graph).times(times),
        };
        let many = match self.step {
            Some(_) => graph.whole_steps(many),
            None => many,
        };
        let billed = self.with(many, graph);
        graph.max(billed, Quantity::certain(self.least))
    }

    fn with(&self, many: Quantity, graph: &mut Graph) -> Quantity {
        let variable = graph.mul(self.each, many);
        graph.add(self.base, variable)
    }

    /// `E[max(m, a + b·n)] = m + b · E[max(n − (m − a)/b, 0)]`
    fn mean(&self, of: Varying, graph: &mut Graph) -> Quantity {
        let in_steps = self.step.is_some();
        let least = Quantity::certain(self.least);
        let missing = graph.sub(least, self.base);
        let t = graph.div(missing, self.each);
        // One step is the least that there is.
        let always = if in_steps { 1.0 } else { 0.0 };
        if self.least == 0.0 || t.as_certain().is_some_and(|t| t <= always) {
            let mean = graph.mean_excess(of, Quantity::ZERO, in_steps);
            return self.with(mean, graph).mark_unknown(t.is_unknown());
        }
        let excess = graph.mean_excess(of, t, in_steps);
        let more = graph.mul(self.each, excess);
        graph.add(least, more)
    }
}
