//! Expressions evaluated over draws, some hundred at a time.

mod compile;
mod kernels;

use super::draws::Variable;
use super::graph::{Graph, NONE, NodeId, Op};
use super::percentiles::Rows;
use super::{DRAWS, Quantity, times};
use crate::collections::HashMap;
use kernels::{function, output, product, sum};

/// How many draws are evaluated at a time: the values of a few hundred expressions then stay in
/// the cache.
pub(super) const CHUNK: usize = 512;

/// Some of the draws, in chunks. The last is filled up by repeating one of them.
pub(super) struct Draws {
    indices: Vec<u16>,
    len: usize,
}

impl Draws {
    /// Those of the first chunks.
    pub(super) fn first(chunks: usize) -> Self {
        Draws::range(0, chunks * CHUNK)
    }

    /// All but those of the first chunks.
    pub(super) fn after(chunks: usize) -> Self {
        Draws::range(chunks * CHUNK, DRAWS)
    }

    pub(super) fn all() -> Self {
        Draws::range(0, DRAWS)
    }

    pub(super) fn of(indices: &[u16]) -> Self {
        let filler = indices.first().copied().unwrap_or(0);
        let mut padded = indices.to_vec();
        padded.resize(indices.len().next_multiple_of(CHUNK), filler);
        Draws {
            indices: padded,
            len: indices.len(),
        }
    }

    fn range(from: usize, to: usize) -> Self {
        Draws::of(&(from..to).map(|i| i as u16).collect::<Vec<_>>())
    }

    /// How many there are, not counting repeated ones.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn chunks(&self) -> usize {
        self.indices.len() / CHUNK
    }

    pub(super) fn chunk(&self, chunk: usize) -> &[u16] {
        &self.indices[chunk * CHUNK..(chunk + 1) * CHUNK]
    }
}

/// How many terms of a sum are added at a time: their values wait in registers until then.
const GROUP: usize = 4;

/// A value of a step, or none: a number.
type Register = u32;

/// A number, or a number times a register.
#[derive(Clone, Copy, Debug)]
struct Operand {
    scale: f64,
    register: Register,
}

/// What is wanted of the draws, each for a row (or two) of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Output {
    /// A quantity, for a multiplier.
    Value(Quantity, f64),
    /// Demand over limit, for a multiplier.
    Quotient(Quantity, Quantity, f64),
    /// Demand over limit, for two multipliers.
    Ends(Quantity, Quantity, f64, f64),
    /// Demand over limit with a multiplier of 0, and how much larger it is with one of 1.
    Line(Quantity, Quantity),
}

impl Output {
    pub(super) fn rows(self) -> usize {
        if matches!(self, Output::Line(..) | Output::Ends(..)) {
            2
        } else {
            1
        }
    }
}

enum Step {
    Variable(usize),
    /// A row of the inputs.
    Input(usize),
    /// Adds up to [`GROUP`] operands to the constant, or to what is there.
    Sum {
        start: Option<f64>,
        last: bool,
    },
    Product(f64),
    Function(Op),
    Output {
        row: usize,
        kind: Kind,
    },
}

#[derive(Clone, Copy)]
enum Kind {
    Value,
    Quotient,
    Ends,
    Line,
}

struct Instruction {
    step: Step,
    out: Register,
    first: usize,
    len: usize,
}

/// Nodes whose draws are at hand, and their rows.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) places: &'a HashMap<NodeId, usize>,
    pub(super) rows: &'a Rows,
}

/// Steps that compute some quantities over draws.
pub(super) struct Program<'a> {
    variables: &'a [Variable],
    inputs: Option<Inputs<'a>>,
    instructions: Vec<Instruction>,
    operands: Vec<Operand>,
    registers: usize,
    pub(super) rows: usize,
}

/// The buffers that a thread evaluates in.
pub(super) struct Scratch {
    registers: Vec<Vec<f64>>,
    operands: [Vec<f64>; 4],
}

impl<'a> Program<'a> {
    pub(super) fn new(graph: &'a Graph, outputs: &[Output]) -> Self {
        Program::compile(graph, outputs, None)
    }

    /// One that takes some nodes' draws from `inputs`.
    pub(super) fn with(graph: &'a Graph, outputs: &[Output], inputs: Inputs<'a>) -> Self {
        Program::compile(graph, outputs, Some(inputs))
    }

    pub(super) fn scratch(&self) -> Scratch {
        let buffer = || vec![0.0; CHUNK];
        Scratch {
            registers: (0..self.registers).map(|_| buffer()).collect(),
            operands: [buffer(), buffer(), buffer(), buffer()],
        }
    }

    /// Gives `sink` every row's values for one chunk of some draws. Inputs must be of the same ones.
    pub(super) fn run(
        &self,
        scratch: &mut Scratch,
        draws: &Draws,
        chunk: usize,
        mut sink: impl FnMut(usize, &[f64]),
    ) {
        for instruction in &self.instructions {
            self.step(instruction, scratch, (draws, chunk), &mut sink);
        }
    }

    fn step(
        &self,
        at: &Instruction,
        scratch: &mut Scratch,
        (draws, chunk): (&Draws, usize),
        sink: &mut impl FnMut(usize, &[f64]),
    ) {
        let operands = &self.operands[at.first..at.first + at.len];
        let Scratch {
            registers,
            operands: loaded,
        } = scratch;
        if let Step::Output { .. } | Step::Function(_) = at.step {
            for (operand, buffer) in operands.iter().zip(loaded.iter_mut()) {
                operand.load(registers, buffer);
            }
        }
        if let Step::Output { row, kind } = at.step {
            return output(row, kind, loaded, sink);
        }
        let mut out = std::mem::take(&mut registers[at.out as usize]);
        match at.step {
            Step::Variable(variable) => {
                self.variables[variable].draw(draws.chunk(chunk), &mut out);
            }
            Step::Input(row) => {
                if let Some(inputs) = self.inputs {
                    out.copy_from_slice(inputs.rows.chunk(row, chunk));
                }
            }
            Step::Sum { start, last } => sum(start, last, operands, registers, &mut out),
            Step::Product(scale) => product(scale, operands, registers, &mut out),
            Step::Function(op) => function(op, loaded, &mut out),
            Step::Output { .. } => {}
        }
        registers[at.out as usize] = out;
    }

    /// Gives registers whose values are no longer needed to later steps.
    fn reuse_registers(&mut self) {
        let mut last_use = vec![0; self.registers];
        for (i, instruction) in self.instructions.iter().enumerate() {
            for operand in &self.operands[instruction.first..instruction.first + instruction.len] {
                if operand.register != NONE {
                    last_use[operand.register as usize] = i;
                }
            }
        }
        let mut places = vec![NONE; self.registers];
        let mut free = Vec::new();
        let mut used = 0;
        for (i, instruction) in self.instructions.iter_mut().enumerate() {
            if instruction.out != NONE {
                let place = &mut places[instruction.out as usize];
                if *place == NONE {
                    *place = free.pop().unwrap_or_else(|| {
                        used += 1;
                        used - 1
                    });
                }
                instruction.out = *place;
            }
            for operand in
                &mut self.operands[instruction.first..instruction.first + instruction.len]
            {
                let Some(&place) = places.get(operand.register as usize) else {
                    continue;
                };
                if last_use[operand.register as usize] == i {
                    last_use[operand.register as usize] = usize::MAX;
                    free.push(place);
                }
                operand.register = place;
            }
        }
        self.registers = used as usize;
    }
}

impl Operand {
    fn number(scale: f64) -> Self {
        Operand {
            scale,
            register: NONE,
        }
    }

    fn load(self, registers: &[Vec<f64>], buffer: &mut [f64]) {
        match registers.get(self.register as usize) {
            None => buffer.fill(self.scale),
            Some(values) if self.scale == 1.0 => buffer.copy_from_slice(values),
            Some(values) => {
                for (buffer, value) in buffer.iter_mut().zip(values) {
                    *buffer = times(self.scale, *value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::{Degree, Term, evaluate};
    use super::super::{Quantiles, Sum};
    use super::*;

    /// Every kind of expression, some infinite for some draws, some of the multiplier.
    fn some_of_each(graph: &mut Graph) -> Vec<Quantity> {
        let k = graph.multiplier();
        let mut all = vec![k];
        for i in 0..6 {
            let p50 = 0.3 * f64::from(i + 1);
            let quantiles = Quantiles {
                p10: p50 / 2.0,
                p50,
                p90: p50 * 1.7,
            };
            all.push(graph.variable(&format!("v{i}"), quantiles, i == 1));
        }
        let mut state = 7u64;
        for _ in 0..400 {
            let mut pick = |n: usize| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 33) as usize % n
            };
            let a = all[pick(all.len())].times([1.0, 2.5, 0.01][pick(3)]);
            let (b, c) = (all[pick(all.len())], all[pick(all.len())]);
            let mut sum = Sum::default();
            (0..pick(7)).for_each(|_| sum.add(all[pick(all.len())]));
            let number = Quantity::certain([0.0, 1.0, 30.0][pick(3)]);
            let next = match pick(14) {
                0 => graph.mul(a, b),
                1 => graph.div(a, b),
                2 => graph.min(a, b),
                3 => graph.max(a, number),
                4 => graph.steady_hit_ratio(a),
                5 => graph.steady_miss_ratio(a),
                6 => graph.batch_hit_ratio(a),
                7 => graph.drain(a, b, c, number),
                8 => graph.sub(a, b),
                9 => {
                    let rest = graph.sub(a, number);
                    graph.positive(rest)
                }
                10 => graph.div_or_one(a, b),
                11 => graph.min(a, number),
                _ => graph.sum(&sum),
            };
            all.push(next);
        }
        all
    }

    /// What chunks compute is what the definition of each operation says, draw for draw, for
    /// whatever multiplier, and whatever else is computed.
    #[test]
    fn chunks_agree_with_single_values() {
        let mut graph = Graph::new();
        let all = some_of_each(&mut graph);
        assert!(graph.nodes.len() > 300, "{}", graph.nodes.len());
        let draws = Draws::of(&[5, 77, 1_234, 40_000, 65_535]);
        for k in [0.0, 1.0, 3.5] {
            let outputs: Vec<Output> = all.iter().map(|&q| Output::Value(q, k)).collect();
            let rows = Program::new(&graph, &outputs).rows(&draws, 2);
            let mut of_row = Vec::new();
            for draw in 0..draws.len() {
                let values = single_values(&graph, draws.chunk(0)[draw], k);
                for (row, quantity) in all.iter().enumerate() {
                    rows.copy(row, &mut of_row);
                    let expected = quantity.term().value(|node| values[node as usize]);
                    let found = of_row[draw];
                    let scale = expected.abs().max(1.0);
                    let same = found == expected || (found - expected).abs() <= 1e-9 * scale;
                    assert!(same, "row {row} draw {draw} k {k}: {found}, not {expected}");
                }
            }
        }
    }

    fn single_values(graph: &Graph, draw: u16, k: f64) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::new();
        for node in &graph.nodes {
            let mut at = [0.0];
            match node.op {
                Op::Multiplier => at[0] = k,
                Op::Variable => graph.variables[node.first as usize].draw(&[draw], &mut at),
                op => {
                    let operands = graph.operands(node);
                    at[0] = evaluate(op, node.constant, operands, |node| values[node as usize]);
                }
            }
            values.push(at[0]);
        }
        values
    }

    /// A program alone gives the bits that it gives among others.
    #[test]
    fn other_outputs_change_nothing() {
        let mut graph = Graph::new();
        let all = some_of_each(&mut graph);
        let draws = Draws::first(1);
        let outputs: Vec<Output> = all.iter().map(|&q| Output::Value(q, 1.0)).collect();
        let together = Program::new(&graph, &outputs).rows(&draws, 1);
        for (row, output) in outputs.iter().enumerate().step_by(7) {
            let alone = Program::new(&graph, &[*output]).rows(&draws, 1);
            assert_eq!(alone.chunk(0, 0), together.chunk(row, 0));
        }
    }

    /// What is held for a search gives what evaluating everything gives.
    #[test]
    fn inputs_stand_for_what_they_hold() {
        let mut graph = Graph::new();
        let all = some_of_each(&mut graph);
        let draws = Draws::of(&[9, 8, 7]);
        let held = all.iter().filter(|q| {
            let facts = graph.facts(**q);
            facts.uncertain && facts.degree == Degree::Free
        });
        let held: Vec<NodeId> = held.map(|q| q.node).step_by(3).collect();
        let values = |node: &NodeId| {
            Output::Value(
                Term {
                    scale: 1.0,
                    node: *node,
                }
                .quantity(),
                1.0,
            )
        };
        let rows =
            Program::new(&graph, &held.iter().map(values).collect::<Vec<_>>()).rows(&draws, 1);
        let places = held
            .iter()
            .enumerate()
            .map(|(row, &node)| (node, row))
            .collect();
        let inputs = Inputs {
            places: &places,
            rows: &rows,
        };
        let outputs: Vec<Output> = all.iter().map(|&q| Output::Value(q, 2.0)).collect();
        let anew = Program::new(&graph, &outputs).rows(&draws, 1);
        let from_held = Program::with(&graph, &outputs, inputs).rows(&draws, 1);
        for row in 0..outputs.len() {
            assert_eq!(anew.chunk(row, 0), from_held.chunk(row, 0));
        }
    }

    #[test]
    fn deep_chains_compile_into_few_registers() {
        let mut graph = Graph::new();
        let quantiles = Quantiles {
            p10: 0.5,
            p50: 1.0,
            p90: 2.0,
        };
        let mut chain = graph.variable("a", quantiles, false);
        for _ in 0..30_000 {
            let more = graph.add(chain.times(0.5), Quantity::ONE);
            chain = graph.steady_hit_ratio(more);
        }
        let program = Program::new(&graph, &[Output::Value(chain, 1.0)]);
        assert!(program.instructions.len() > 60_000);
        assert!(program.registers <= 3, "{}", program.registers);
    }
}
