//! Expressions evaluated over draws, some hundred at a time.

mod compile;
mod kernels;

use std::sync::Arc;

use super::curves::Tabled;
use super::draws::Variable;
use super::graph::{NONE, NodeId, Op};
use super::shapes::Shapes;
use super::{DRAWS, Quantity, quotient, times};
use crate::collections::HashMap;
use crate::parallel;
use kernels::{combine, difference, function, product, sum};

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

    pub(super) fn of(mut indices: Vec<u16>) -> Self {
        let len = indices.len();
        let filler = indices.first().copied().unwrap_or(0);
        indices.resize(len.next_multiple_of(CHUNK), filler);
        Draws { indices, len }
    }

    fn range(from: usize, to: usize) -> Self {
        Draws::of((from..to).map(|i| i as u16).collect())
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

/// What is wanted of the draws, each for a row of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Output {
    Value(Quantity),
    /// Demand over limit, for a multiplier.
    Quotient(Quantity, Quantity, f64),
    /// How much larger demand over limit is with a multiplier of 1 than with one of 0.
    Growth(Quantity, Quantity),
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
    Curve(usize),
    /// The next row.
    Output(Output),
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
    shapes: &'a Shapes,
    curves: &'a [Arc<Tabled>],
    inputs: Option<Inputs<'a>>,
    instructions: Vec<Instruction>,
    operands: Vec<Operand>,
    registers: usize,
    rows: usize,
}

pub(super) struct Scratch {
    registers: Vec<Vec<f64>>,
    operands: [Vec<f64>; 4],
}

/// Draws of the rows of one program, some chunks of each.
pub(super) struct Rows {
    chunks: Vec<Vec<f64>>,
    /// How many draws of a row count.
    len: usize,
}

impl Rows {
    pub(super) fn copy(&self, row: usize, draws: &mut Vec<f64>) {
        draws.clear();
        for chunk in 0..self.chunks.len() {
            draws.extend_from_slice(self.chunk(row, chunk));
        }
        draws.truncate(self.len);
    }

    fn chunk(&self, row: usize, chunk: usize) -> &[f64] {
        &self.chunks[chunk][row * CHUNK..(row + 1) * CHUNK]
    }
}

impl Program<'_> {
    pub(super) fn scratch(&self) -> Scratch {
        let buffer = || vec![0.0; CHUNK];
        Scratch {
            registers: (0..self.registers).map(|_| buffer()).collect(),
            operands: [buffer(), buffer(), buffer(), buffer()],
        }
    }

    /// All its rows of some draws.
    pub(super) fn rows(&self, draws: &Draws, threads: usize) -> Rows {
        let run = |scratch: &mut _, chunk: usize| {
            let mut all = Vec::with_capacity(self.rows * CHUNK);
            self.run(scratch, draws, chunk, |_, values| {
                all.extend_from_slice(values);
            });
            all
        };
        let chunks = parallel::map(draws.chunks(), threads, || self.scratch(), run);
        Rows {
            chunks,
            len: draws.len(),
        }
    }

    /// Gives `sink` one row's values after the other for one chunk of some draws. Inputs must be of
    /// the same ones.
    pub(super) fn run(
        &self,
        scratch: &mut Scratch,
        draws: &Draws,
        chunk: usize,
        mut sink: impl FnMut(usize, &[f64]),
    ) {
        let Scratch {
            registers,
            operands: loaded,
        } = scratch;
        let mut row = 0;
        for at in &self.instructions {
            let operands = &self.operands[at.first..at.first + at.len];
            if let Step::Output(_) | Step::Function(_) | Step::Curve(_) = at.step {
                for (operand, buffer) in operands.iter().zip(loaded.iter_mut()) {
                    operand.load(registers, buffer);
                }
            }
            if let Step::Output(output) = at.step {
                sink(row, output.finish(loaded));
                row += 1;
                continue;
            }
            let mut out = std::mem::take(&mut registers[at.out as usize]);
            match at.step {
                Step::Variable(variable) => {
                    self.variables[variable].draw(self.shapes, draws.chunk(chunk), &mut out);
                }
                Step::Input(row) => {
                    if let Some(inputs) = self.inputs {
                        out.copy_from_slice(inputs.rows.chunk(row, chunk));
                    }
                }
                Step::Sum { start, last } => sum(start, last, operands, registers, &mut out),
                Step::Product(scale) => product(scale, operands, registers, &mut out),
                Step::Curve(curve) => self.curves[curve].draws(&loaded[0], &mut out),
                Step::Function(op) => function(op, loaded, &mut out),
                Step::Output(_) => {}
            }
            registers[at.out as usize] = out;
        }
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

impl Output {
    /// The row, from loaded operands: demand (or value), limit, demand with a multiplier of 0.
    fn finish(self, [a, limit, at_0, _]: &mut [Vec<f64>; 4]) -> &[f64] {
        if let Output::Growth(..) = self {
            combine(a, at_0, difference);
        }
        if !matches!(self, Output::Value(_)) {
            combine(a, limit, quotient);
        }
        a
    }
}

impl Operand {
    fn number(scale: f64) -> Self {
        Operand {
            scale,
            register: NONE,
        }
    }

    fn register(register: Register) -> Self {
        Operand {
            scale: 1.0,
            register,
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
