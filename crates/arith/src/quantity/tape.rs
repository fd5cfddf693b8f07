//! The value of a few expressions for one multiplier after another, every variable at its median.

use super::Quantity;
use super::graph::{Degree, Graph, MULTIPLIER, NodeId, Op, evaluate};
use crate::collections::HashSet;

/// The nodes below some quantities that depend on the multiplier, and the values of all nodes.
pub(super) struct Tape<'a, const N: usize> {
    graph: &'a Graph,
    roots: [Quantity; N],
    /// Operands first.
    dependent: Vec<NodeId>,
    values: Vec<f64>,
}

impl<'a, const N: usize> Tape<'a, N> {
    pub(super) fn new(graph: &'a Graph, roots: [Quantity; N]) -> Self {
        let mut seen = HashSet::default();
        let mut waiting: Vec<NodeId> = roots.iter().map(|root| root.node).collect();
        while let Some(id) = waiting.pop() {
            let Some(node) = graph.node(id) else { continue };
            if node.facts.degree != Degree::Free && seen.insert(id) {
                waiting.extend(graph.operands(node).iter().map(|term| term.node));
            }
        }
        let mut dependent: Vec<NodeId> = seen.into_iter().collect();
        // Operands are older than what is made of them.
        dependent.sort_unstable();
        let values = graph.nodes.iter().map(|node| node.point).collect();
        Tape {
            graph,
            roots,
            dependent,
            values,
        }
    }

    /// The values of the roots for a multiplier of `k`.
    pub(super) fn at(&mut self, k: f64) -> [f64; N] {
        for &id in &self.dependent {
            let node = &self.graph.nodes[id as usize];
            let constant = match node.op {
                Op::Multiplier => k,
                _ => node.constant,
            };
            let value = |node: NodeId| self.values[node as usize];
            let value = evaluate(
                &self.graph.curves,
                node.op,
                constant,
                self.graph.operands(node),
                value,
            );
            self.values[id as usize] = value;
        }
        let value = |node: NodeId| self.values[node as usize];
        self.roots.map(|root| root.term().value(value))
    }
}

impl Graph {
    /// Its value with every variable at its median and a multiplier of `k`.
    pub fn point_at(&self, quantity: Quantity, k: f64) -> f64 {
        let node = self.node(quantity.node);
        let free = node.is_none_or(|node| node.facts.degree == Degree::Free);
        if free || k == 1.0 {
            return self.point(quantity);
        }
        if quantity.node == MULTIPLIER {
            return quantity.term().value(|_| k);
        }
        let [value] = Tape::new(self, [quantity]).at(k);
        value
    }
}
