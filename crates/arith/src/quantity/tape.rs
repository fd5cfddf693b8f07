//! Values of a few expressions for one set of values at a time, as often as a search needs.

use super::Quantity;
use super::graph::{Degree, Graph, MULTIPLIER, NONE, NodeId, Op, Term, evaluate};
use crate::collections::HashMap;

/// The part of a graph that some quantities depend on through the multiplier, every variable at
/// its median, in an order in which it can be computed.
pub(super) struct Tape {
    steps: Vec<Step>,
    /// Operands whose nodes are places in `steps`.
    operands: Vec<Term>,
    roots: Vec<Term>,
    values: Vec<f64>,
}

struct Step {
    op: Op,
    constant: f64,
    first: usize,
    len: usize,
}

impl Tape {
    pub(super) fn new(graph: &Graph, roots: &[Quantity]) -> Self {
        let order = dependent_nodes(graph, roots);
        let places: HashMap<NodeId, NodeId> = order
            .iter()
            .enumerate()
            .map(|(place, &node)| (node, place as NodeId))
            .collect();
        let localize = |term: &Term| match places.get(&term.node) {
            Some(&node) => Term {
                scale: term.scale,
                node,
            },
            None => {
                let value = term.value(|node| graph.nodes[node as usize].point);
                Term {
                    scale: value,
                    node: NONE,
                }
            }
        };
        let mut operands = Vec::new();
        let mut steps = Vec::with_capacity(order.len());
        for &node in &order {
            let node = &graph.nodes[node as usize];
            let first = operands.len();
            operands.extend(graph.operands(node).iter().map(localize));
            let len = operands.len() - first;
            steps.push(Step {
                op: node.op,
                constant: node.constant,
                first,
                len,
            });
        }
        let roots = roots.iter().map(|root| localize(&root.term())).collect();
        let values = vec![0.0; steps.len()];
        Tape {
            steps,
            operands,
            roots,
            values,
        }
    }

    /// The values of the roots for a multiplier of `k`.
    pub(super) fn at(&mut self, k: f64) -> impl Iterator<Item = f64> {
        for (i, step) in self.steps.iter().enumerate() {
            let operands = &self.operands[step.first..step.first + step.len];
            let constant = if step.op == Op::Multiplier {
                k
            } else {
                step.constant
            };
            self.values[i] = evaluate(step.op, constant, operands, |node| {
                self.values[node as usize]
            });
        }
        self.roots
            .iter()
            .map(|root| root.value(|node| self.values[node as usize]))
    }
}

/// The nodes below some quantities that depend on the multiplier, operands first.
fn dependent_nodes(graph: &Graph, roots: &[Quantity]) -> Vec<NodeId> {
    let mut seen = std::collections::HashSet::new();
    let mut order = Vec::new();
    let mut waiting: Vec<NodeId> = roots.iter().map(|root| root.node).collect();
    while let Some(id) = waiting.pop() {
        let Some(node) = graph.node(id) else { continue };
        if node.facts.degree == Degree::Free || !seen.insert(id) {
            continue;
        }
        order.push(id);
        waiting.extend(graph.operands(node).iter().map(|term| term.node));
    }
    order.sort_unstable();
    order
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
