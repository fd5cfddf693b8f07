//! From a graph to a program: operands first, just before they are needed.

use super::{GROUP, Inputs, Instruction, Operand, Output, Program, Register, Step};
use crate::collections::HashMap;
use crate::quantity::graph::{Degree, Graph, NONE, NodeId, Op, Term, evaluate};
use crate::quantity::{Quantity, times};

impl<'a> Program<'a> {
    pub(in crate::quantity) fn new(graph: &'a Graph, outputs: &[Output]) -> Self {
        Program::with(graph, outputs, None)
    }

    /// One that takes some nodes' draws from `inputs`.
    pub(in crate::quantity) fn with(
        graph: &'a Graph,
        outputs: &[Output],
        inputs: Option<Inputs<'a>>,
    ) -> Self {
        let program = Program {
            variables: &graph.variables,
            shapes: &graph.shapes,
            curves: &graph.curves,
            inputs,
            instructions: Vec::new(),
            operands: Vec::new(),
            registers: 0,
            rows: outputs.len(),
        };
        let mut compiler = Compiler {
            graph,
            program,
            values: HashMap::default(),
            waiting: Vec::new(),
        };
        for &output in outputs {
            compiler.output(output);
        }
        let mut program = compiler.program;
        program.reuse_registers();
        program
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
        let operands = match output {
            Output::Value(quantity) => vec![self.quantity(quantity, 1.0)],
            Output::Quotient(demand, limit, k) => {
                vec![self.quantity(demand, k), self.quantity(limit, k)]
            }
            Output::Growth(demand, limit) => {
                let at_0 = self.quantity(demand, 0.0);
                vec![self.quantity(demand, 1.0), self.quantity(limit, 1.0), at_0]
            }
        };
        self.emit(Step::Output(output), NONE, &operands);
    }

    fn quantity(&mut self, quantity: Quantity, k: f64) -> Operand {
        let term = self.graph.peeled(quantity.term(), k);
        self.compile(term.node, k);
        match self.operand(term, k) {
            Some(operand) => operand,
            None => unreachable!("its node is compiled"),
        }
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
        if self.operand(Term::of(node), k).is_some() {
            return;
        }
        self.enter(node, k);
        while let Some(mut frame) = self.waiting.pop() {
            let node = &self.graph.nodes[frame.node as usize];
            let Some(&term) = self.graph.operands(node).get(frame.next) else {
                self.leave(frame, k);
                continue;
            };
            let term = self.graph.peeled(term, k);
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
        let inputs = self.program.inputs;
        let input = inputs.and_then(|inputs| inputs.places.get(&id));
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
        self.define(id, k, Operand::register(out));
    }

    fn leave(&mut self, mut frame: Frame, k: f64) {
        let node = &self.graph.nodes[frame.node as usize];
        if !node.facts.uncertain {
            let number = |done: &Operand| Term::number(done.scale);
            let terms: Vec<Term> = frame.done.iter().map(number).collect();
            let value = evaluate(&self.graph.curves, node.op, node.constant, &terms, |_| 0.0);
            return self.define(frame.node, k, Operand::number(value));
        }
        let operand = match node.op {
            Op::Sum => {
                self.add_up(&mut frame, true);
                Operand::register(frame.out)
            }
            Op::Product => self.product(&frame.done),
            op => {
                let out = self.register();
                let step = match op {
                    Op::Curve => Step::Curve(node.constant as usize),
                    op => Step::Function(op),
                };
                self.emit(step, out, &frame.done);
                Operand::register(out)
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
                uncertain.push(Operand::register(factor.register));
            }
        }
        match uncertain.as_slice() {
            _ if scale == 0.0 => Operand::number(0.0),
            [] => Operand::number(scale),
            [one] if scale.is_finite() => Operand { scale, ..*one },
            _ => {
                let out = self.register();
                self.emit(Step::Product(scale), out, &uncertain);
                Operand::register(out)
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
