//! What a step computes, for a chunk of draws at a time. Loops that a compiler can vectorize.

use super::Operand;
use crate::quantity::graph::{
    NONE, Op, at_least, batch_hit, drain, max, min, quotient_or_one, steady_hit,
};
use crate::quantity::varying::{Varying, whole};
use crate::quantity::{reciprocal, times};

pub(super) fn sum(
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
    let numbers = operands.iter().filter(|it| it.register == NONE);
    let number: f64 = numbers.map(|operand| operand.scale).sum();
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
        nan_to_0(out);
    }
}

pub(super) fn product(scale: f64, factors: &[Operand], registers: &[Vec<f64>], out: &mut [f64]) {
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
            nan_to_0(out);
        }
    }
}

pub(super) fn function(op: Op, operands: &[Vec<f64>; 4], out: &mut [f64]) {
    let [a, b, c, d] = operands;
    match op {
        Op::Reciprocal => each(out, a, reciprocal),
        Op::QuotientOrOne => each_of_two(out, a, b, quotient_or_one),
        Op::Min => each_of_two(out, a, b, min),
        Op::Max => each_of_two(out, a, b, max),
        Op::SteadyHit => each(out, a, steady_hit),
        Op::SteadyMiss => each(out, a, |x| 1.0 / (1.0 + x)),
        Op::BatchHit => each(out, a, batch_hit),
        Op::AtLeast => each_of_two(out, a, b, at_least),
        Op::Drain => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = drain(a[i], b[i], c[i], d[i]);
            }
        }
        Op::Whole => each(out, a, whole),
        Op::Excess | Op::WholeExcess => {
            for (i, out) in out.iter_mut().enumerate() {
                let of = Varying::from_parts([b[i], c[i], d[i]]);
                *out = match op {
                    Op::Excess => of.excess(a[i]),
                    _ => of.whole_excess(a[i]),
                };
            }
        }
        Op::Multiplier | Op::Variable | Op::Sum | Op::Product | Op::Curve => {}
    }
}

/// `a − b`, with `∞ − ∞ = 0`.
pub(super) fn difference(a: f64, b: f64) -> f64 {
    let difference = a - b;
    if difference.is_nan() { 0.0 } else { difference }
}

fn nan_to_0(values: &mut [f64]) {
    for value in values {
        *value = if value.is_nan() { 0.0 } else { *value };
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

/// `a = f(a, b)`, each.
#[inline(always)]
pub(super) fn combine(a: &mut [f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, *b);
    }
}
