//! The value of a few expressions for one multiplier after another, every variable at its median.

use super::Quantity;
use super::graph::{Degree, Graph, MULTIPLIER, NodeId, Op, evaluate};
use crate::collections::HashSet;

/// The nodes below some quantities that depend on the multiplier, and the values of all nodes.
pub(super) struct Tape<'a> {
    graph: &'a Graph,
    roots: &'a [Quantity],
    /// Operands first.
    dependent: Vec<NodeId>,
    values: Vec<f64>,
}

impl<'a> Tape<'a> {
    pub(super) fn new(graph: &'a Graph, roots: &'a [Quantity]) -> Self {
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
    pub(super) fn at(&mut self, k: f64) -> impl Iterator<Item = f64> {
        for &id in &self.dependent {
            let node = &self.graph.nodes[id as usize];
            let constant = match node.op {
                Op::Multiplier => k,
                _ => node.constant,
            };
            let value = |node: NodeId| self.values[node as usize];
            let value = evaluate(node.op, constant, self.graph.operands(node), value);
            self.values[id as usize] = value;
        }
        let value = |node: NodeId| self.values[node as usize];
        self.roots.iter().map(move |root| root.term().value(value))
    }
}

impl Graph {
    /// Its value with every variable at its median and a multiplier of `k`.
    pub fn point_at(&self, quantity: Quantity, k: f64) -> f64 {
        let free = self
            .node(quantity.node)
            .is_none_or(|node| node.facts.degree == Degree::Free);
        if free || k == 1.0 {
            return self.point(quantity);
        }
        if quantity.node == MULTIPLIER {
            return quantity.term().value(|_| k);
        }
        Tape::new(self, &[quantity]).at(k).next().unwrap_or(0.0)
    }
}
