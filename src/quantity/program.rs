//! Expressions evaluated over draws, some hundred at a time.

use std::collections::HashMap;

use super::draws::Variable;
use super::graph::{
    Degree, Graph, NONE, NodeId, Op, Term, batch_hit, drain, evaluate, max, min, quotient_or_one,
    steady_hit,
};
use super::percentiles::Rows;
use super::{DRAWS, Quantity, quotient, reciprocal, times};

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

    fn compile(graph: &'a Graph, outputs: &[Output], inputs: Option<Inputs<'a>>) -> Self {
        let program = Program {
            variables: &graph.variables,
            inputs,
            instructions: Vec::new(),
            operands: Vec::new(),
            registers: 0,
            rows: 0,
        };
        let mut compiler = Compiler {
            graph,
            program,
            values: HashMap::new(),
            waiting: Vec::new(),
        };
        for &output in outputs {
            compiler.output(output);
        }
        let mut program = compiler.program;
        program.reuse_registers();
        program
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

struct Compiler<'a> {
    graph: &'a Graph,
    program: Program<'a>,
    /// The values of nodes for the bits of a multiplier, which are 0 for what does not depend on it.
    values: HashMap<(NodeId, u64), Operand>,
    waiting: Vec<Frame>,
}

/// A node of which operands are still to be compiled.
struct Frame {
    node: NodeId,
    next: usize,
    /// Those that are compiled; of a sum, those that are not added yet.
    done: Vec<Operand>,
    /// Of a sum: where it adds up.
    out: Register,
}

impl Compiler<'_> {
    fn output(&mut self, output: Output) {
        let row = self.program.rows;
        self.program.rows += output.rows();
        let (kind, operands) = match output {
            Output::Value(quantity, k) => (Kind::Value, vec![self.quantity(quantity, k)]),
            Output::Quotient(demand, limit, k) => (
                Kind::Quotient,
                vec![self.quantity(demand, k), self.quantity(limit, k)],
            ),
            Output::Ends(demand, limit, low, high) => {
                let low = [self.quantity(demand, low), self.quantity(limit, low)];
                let high = [self.quantity(demand, high), self.quantity(limit, high)];
                (Kind::Ends, [low, high].concat())
            }
            Output::Line(demand, limit) => {
                let demands = [self.quantity(demand, 0.0), self.quantity(demand, 1.0)];
                (
                    Kind::Line,
                    vec![demands[0], demands[1], self.quantity(limit, 1.0)],
                )
            }
        };
        self.emit(Step::Output { row, kind }, NONE, &operands);
    }

    fn quantity(&mut self, quantity: Quantity, k: f64) -> Operand {
        self.compile(quantity.node, k);
        self.operand(quantity.term(), k)
            .unwrap_or(Operand::number(0.0))
    }

    /// The operand of a term, if its node is compiled.
    fn operand(&self, term: Term, k: f64) -> Option<Operand> {
        let Some(node) = self.graph.node(term.node) else {
            return Some(Operand::number(term.scale));
        };
        let free = node.facts.degree == Degree::Free;
        if !node.facts.uncertain && (free || k == 1.0) {
            return Some(Operand::number(times(term.scale, node.point)));
        }
        let k = if free { 0 } else { k.to_bits() };
        let value = self.values.get(&(term.node, k))?;
        let scale = times(term.scale, value.scale);
        let register = if scale == 0.0 { NONE } else { value.register };
        Some(Operand { scale, register })
    }

    /// Compiles a node and what it needs, operands first, just before they are needed. Without
    /// recursion: a model may be a deep chain.
    fn compile(&mut self, node: NodeId, k: f64) {
        if self.operand(Term { scale: 1.0, node }, k).is_some() {
            return;
        }
        self.enter(node, k);
        while let Some(mut frame) = self.waiting.pop() {
            let node = &self.graph.nodes[frame.node as usize];
            let Some(&term) = self.graph.operands(node).get(frame.next) else {
                self.leave(frame, k);
                continue;
            };
            match self.operand(term, k) {
                Some(operand) => {
                    frame.next += 1;
                    frame.done.push(operand);
                    self.add_up(&mut frame, false);
                    self.waiting.push(frame);
                }
                None => {
                    self.waiting.push(frame);
                    self.enter(term.node, k);
                }
            }
        }
    }

    fn enter(&mut self, id: NodeId, k: f64) {
        let node = &self.graph.nodes[id as usize];
        let input = self
            .program
            .inputs
            .and_then(|inputs| inputs.places.get(&id));
        if let Some(&row) = input {
            return self.source(id, Step::Input(row), k);
        }
        match node.op {
            Op::Multiplier => self.define(id, k, Operand::number(k)),
            Op::Variable => self.source(id, Step::Variable(node.first as usize), k),
            _ => self.waiting.push(Frame {
                node: id,
                next: 0,
                done: Vec::new(),
                out: NONE,
            }),
        }
    }

    fn source(&mut self, id: NodeId, step: Step, k: f64) {
        let out = self.register();
        self.emit(step, out, &[]);
        self.define(
            id,
            k,
            Operand {
                scale: 1.0,
                register: out,
            },
        );
    }

    fn leave(&mut self, mut frame: Frame, k: f64) {
        let node = &self.graph.nodes[frame.node as usize];
        if !node.facts.uncertain {
            let terms: Vec<Term> = frame
                .done
                .iter()
                .map(|done| Term {
                    scale: done.scale,
                    node: NONE,
                })
                .collect();
            let value = evaluate(node.op, node.constant, &terms, |_| 0.0);
            return self.define(frame.node, k, Operand::number(value));
        }
        let operand = match node.op {
            Op::Sum => {
                self.add_up(&mut frame, true);
                Operand {
                    scale: 1.0,
                    register: frame.out,
                }
            }
            Op::Product => self.product(&frame.done),
            op => {
                let out = self.register();
                self.emit(Step::Function(op), out, &frame.done);
                Operand {
                    scale: 1.0,
                    register: out,
                }
            }
        };
        self.define(frame.node, k, operand);
    }

    /// Adds operands of a sum to what is there once there are enough of them.
    fn add_up(&mut self, frame: &mut Frame, last: bool) {
        let node = &self.graph.nodes[frame.node as usize];
        if node.op != Op::Sum || !node.facts.uncertain || (frame.done.len() < GROUP && !last) {
            return;
        }
        let start = (frame.out == NONE).then_some(node.constant);
        if start.is_some() {
            frame.out = self.register();
        }
        self.emit(Step::Sum { start, last }, frame.out, &frame.done);
        frame.done.clear();
    }

    fn product(&mut self, factors: &[Operand]) -> Operand {
        let mut scale = 1.0;
        let mut uncertain = Vec::with_capacity(factors.len());
        for factor in factors {
            scale = times(scale, factor.scale);
            if factor.register != NONE {
                uncertain.push(Operand {
                    scale: 1.0,
                    ..*factor
                });
            }
        }
        match uncertain.as_slice() {
            _ if scale == 0.0 => Operand::number(0.0),
            [] => Operand::number(scale),
            [one] if scale.is_finite() => Operand { scale, ..*one },
            _ => {
                let out = self.register();
                self.emit(Step::Product(scale), out, &uncertain);
                Operand {
                    scale: 1.0,
                    register: out,
                }
            }
        }
    }

    fn define(&mut self, node: NodeId, k: f64, operand: Operand) {
        let free = self.graph.nodes[node as usize].facts.degree == Degree::Free;
        self.values
            .insert((node, if free { 0 } else { k.to_bits() }), operand);
    }

    fn register(&mut self) -> Register {
        self.program.registers += 1;
        self.program.registers as Register - 1
    }

    fn emit(&mut self, step: Step, out: Register, operands: &[Operand]) {
        let first = self.program.operands.len();
        self.program.operands.extend_from_slice(operands);
        self.program.instructions.push(Instruction {
            step,
            out,
            first,
            len: operands.len(),
        });
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

fn sum(
    start: Option<f64>,
    last: bool,
    operands: &[Operand],
    registers: &[Vec<f64>],
    out: &mut [f64],
) {
    if let Some(constant) = start {
        out.fill(constant);
    }
    let parts: Vec<(f64, &[f64])> = operands
        .iter()
        .filter_map(|operand| {
            let values = registers.get(operand.register as usize)?;
            Some((operand.scale, values.as_slice()))
        })
        .collect();
    let number: f64 = operands
        .iter()
        .filter(|operand| operand.register == NONE)
        .map(|operand| operand.scale)
        .sum();
    match parts.as_slice() {
        [a, b, c, d] => {
            for ((((out, a1), b1), c1), d1) in out.iter_mut().zip(a.1).zip(b.1).zip(c.1).zip(d.1) {
                *out += (a.0 * a1 + b.0 * b1) + (c.0 * c1 + d.0 * d1);
            }
        }
        parts => {
            for (scale, values) in parts {
                for (out, value) in out.iter_mut().zip(*values) {
                    *out += scale * value;
                }
            }
        }
    }
    if number != 0.0 {
        out.iter_mut().for_each(|out| *out += number);
    }
    if last {
        out.iter_mut()
            .for_each(|out| *out = if out.is_nan() { 0.0 } else { *out });
    }
}

fn product(scale: f64, factors: &[Operand], registers: &[Vec<f64>], out: &mut [f64]) {
    let values = |factor: &Operand| registers.get(factor.register as usize).map(Vec::as_slice);
    match factors {
        [a, b] => {
            if let (Some(a), Some(b)) = (values(a), values(b)) {
                each_of_two(out, a, b, |a, b| times(scale * a, b));
            }
        }
        factors => {
            out.fill(scale);
            for values in factors.iter().filter_map(values) {
                for (out, value) in out.iter_mut().zip(values) {
                    *out *= value;
                }
            }
            out.iter_mut()
                .for_each(|out| *out = if out.is_nan() { 0.0 } else { *out });
        }
    }
}

fn function(op: Op, operands: &[Vec<f64>; 4], out: &mut [f64]) {
    let [a, b, c, d] = operands;
    match op {
        Op::Reciprocal => each(out, a, reciprocal),
        Op::QuotientOrOne => each_of_two(out, a, b, quotient_or_one),
        Op::Min => each_of_two(out, a, b, min),
        Op::Max => each_of_two(out, a, b, max),
        Op::SteadyHit => each(out, a, steady_hit),
        Op::SteadyMiss => each(out, a, |x| 1.0 / (1.0 + x)),
        Op::BatchHit => each(out, a, batch_hit),
        Op::Drain => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = drain(a[i], b[i], c[i], d[i]);
            }
        }
        Op::Multiplier | Op::Variable | Op::Sum | Op::Product => {}
    }
}

/// Gives `sink` what is wanted of loaded operands, which it overwrites.
fn output(
    row: usize,
    kind: Kind,
    operands: &mut [Vec<f64>; 4],
    sink: &mut impl FnMut(usize, &[f64]),
) {
    let [a, b, c, d] = operands;
    match kind {
        Kind::Value => sink(row, a),
        Kind::Quotient => {
            each_of_two(c, a, b, quotient);
            sink(row, c);
        }
        Kind::Ends => {
            a.iter_mut().zip(b).for_each(|(a, b)| *a = quotient(*a, *b));
            sink(row, a);
            each_of_two(a, c, d, quotient);
            sink(row + 1, a);
        }
        Kind::Line => {
            each_of_two(d, b, a, difference);
            each_of_two(b, a, c, quotient);
            sink(row, b);
            each_of_two(b, d, c, quotient);
            sink(row + 1, b);
        }
    }
}

fn difference(a: f64, b: f64) -> f64 {
    let difference = a - b;
    if difference.is_nan() { 0.0 } else { difference }
}

#[inline(always)]
fn each(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*a);
    }
}

#[inline(always)]
fn each_of_two(out: &mut [f64], a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = f(*a, *b);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Quantiles;
    use super::super::Sum;
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
        for _ in 0..100_000 {
            let more = graph.add(chain.times(0.5), Quantity::ONE);
            chain = graph.steady_hit_ratio(more);
        }
        let program = Program::new(&graph, &[Output::Value(chain, 1.0)]);
        assert!(program.instructions.len() > 200_000);
        assert!(program.registers <= 3, "{}", program.registers);
    }
}
