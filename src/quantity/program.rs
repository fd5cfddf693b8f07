//! Expressions evaluated over draws, some hundred at a time.

use std::collections::HashMap;

use super::draws::Variable;
use super::graph::{
    Degree, Graph, NONE, NodeId, Op, Term, batch_hit, drain, evaluate, max, min, quotient_or_one,
    steady_hit,
};
use super::{DRAWS, Quantity, quotient, reciprocal, times};

/// How many draws are evaluated at a time: the values of a few hundred expressions then stay in
/// the cache.
pub(super) const CHUNK: usize = 512;
pub(super) const CHUNKS: usize = DRAWS / CHUNK;

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
    /// Demand over limit with a multiplier of 0, and how much it grows by with one of 1.
    Line(Quantity, Quantity),
}

impl Output {
    pub(super) fn rows(self) -> usize {
        if matches!(self, Output::Line(..)) {
            2
        } else {
            1
        }
    }
}

enum Step {
    Variable(usize),
    /// Adds up to [`GROUP`] operands to the constant, or to what is there.
    Sum {
        start: Option<f64>,
        last: bool,
    },
    Product(f64),
    Function(Op),
    Value(usize),
    Quotient(usize),
    Line(usize),
}

struct Instruction {
    step: Step,
    out: Register,
    first: usize,
    len: usize,
}

/// Steps that compute some quantities over draws.
pub(super) struct Program<'a> {
    variables: &'a [Variable],
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
        let program = Program {
            variables: &graph.variables,
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

    /// Every row's values for the draws of one chunk, row after row.
    pub(super) fn run(&self, scratch: &mut Scratch, chunk: usize) -> Vec<f64> {
        let mut rows = vec![0.0; self.rows * CHUNK];
        for instruction in &self.instructions {
            self.step(instruction, scratch, chunk, &mut rows);
        }
        rows
    }

    fn step(&self, at: &Instruction, scratch: &mut Scratch, chunk: usize, rows: &mut [f64]) {
        let operands = &self.operands[at.first..at.first + at.len];
        let Scratch {
            registers,
            operands: loaded,
        } = scratch;
        if let Step::Value(row) | Step::Quotient(row) | Step::Line(row) = at.step {
            let rows = &mut rows[row * CHUNK..];
            for (operand, buffer) in operands.iter().zip(loaded.iter_mut()) {
                operand.load(registers, buffer);
            }
            return output(&at.step, loaded, rows);
        }
        let mut out = std::mem::take(&mut registers[at.out as usize]);
        match at.step {
            Step::Variable(variable) => {
                self.variables[variable].draw(chunk * CHUNK, &mut out);
            }
            Step::Sum { start, last } => sum(start, last, operands, registers, &mut out),
            Step::Product(scale) => product(scale, operands, registers, &mut out),
            Step::Function(op) => {
                for (operand, buffer) in operands.iter().zip(loaded.iter_mut()) {
                    operand.load(registers, buffer);
                }
                function(op, loaded, &mut out);
            }
            Step::Value(_) | Step::Quotient(_) | Step::Line(_) => {}
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
        match output {
            Output::Value(quantity, k) => {
                let value = self.quantity(quantity, k);
                self.emit(Step::Value(row), NONE, &[value]);
            }
            Output::Quotient(demand, limit, k) => {
                let operands = [self.quantity(demand, k), self.quantity(limit, k)];
                self.emit(Step::Quotient(row), NONE, &operands);
            }
            Output::Line(demand, limit) => {
                let operands = [
                    self.quantity(demand, 0.0),
                    self.quantity(demand, 1.0),
                    self.quantity(limit, 1.0),
                ];
                self.emit(Step::Line(row), NONE, &operands);
            }
        }
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
        match node.op {
            Op::Multiplier => self.define(id, k, Operand::number(k)),
            Op::Variable => {
                let out = self.register();
                self.emit(Step::Variable(node.first as usize), out, &[]);
                self.define(
                    id,
                    k,
                    Operand {
                        scale: 1.0,
                        register: out,
                    },
                );
            }
            _ => self.waiting.push(Frame {
                node: id,
                next: 0,
                done: Vec::new(),
                out: NONE,
            }),
        }
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
    out.fill(scale);
    for factor in factors {
        let Some(values) = registers.get(factor.register as usize) else {
            continue;
        };
        for (out, value) in out.iter_mut().zip(values) {
            *out *= value;
        }
    }
    out.iter_mut()
        .for_each(|out| *out = if out.is_nan() { 0.0 } else { *out });
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

fn output(step: &Step, operands: &[Vec<f64>; 4], rows: &mut [f64]) {
    let [a, b, c, _] = operands;
    match step {
        Step::Quotient(_) => each_of_two(&mut rows[..CHUNK], a, b, quotient),
        Step::Line(_) => {
            let (start, growth) = rows.split_at_mut(CHUNK);
            each_of_two(start, a, c, quotient);
            for (i, growth) in growth[..CHUNK].iter_mut().enumerate() {
                let more = b[i] - a[i];
                *growth = if more.is_nan() {
                    0.0
                } else {
                    quotient(more, c[i])
                };
            }
        }
        _ => rows[..CHUNK].copy_from_slice(a),
    }
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
