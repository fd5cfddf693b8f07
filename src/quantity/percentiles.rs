//! Percentiles of quantities.

use std::collections::HashMap;

use super::graph::{Graph, NodeId};
use super::parallel;
use super::program::{CHUNK, CHUNKS, Output, Program};
use super::{DRAWS, Quantity, times};

/// How many rows of draws are held at a time: 48 MiB of them.
const ROWS: usize = 96;

/// All draws of the rows of one program.
pub(super) struct Rows {
    chunks: Vec<Vec<f64>>,
}

impl Rows {
    /// Copies the draws of one row.
    pub(super) fn copy(&self, row: usize, draws: &mut Vec<f64>) {
        draws.clear();
        for chunk in &self.chunks {
            draws.extend_from_slice(&chunk[row * CHUNK..(row + 1) * CHUNK]);
        }
    }
}

/// Where a percentile lies among ordered draws: `(1 − weight)` of the one at `rank`, counted from
/// 0, and `weight` of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rank {
    pub(super) rank: usize,
    pub(super) weight: f64,
}

impl Rank {
    /// Hazen's rule, `h = n·p + ½` counted from 1.
    pub(super) fn new(probability: f64, count: usize) -> Self {
        let last = count.saturating_sub(1);
        let place = probability * count as f64 - 0.5;
        if place.is_nan() || place <= 0.0 {
            return Rank {
                rank: 0,
                weight: 0.0,
            };
        }
        if place >= last as f64 {
            return Rank {
                rank: last,
                weight: 0.0,
            };
        }
        let rank = place.floor();
        Rank {
            rank: rank as usize,
            weight: place - rank,
        }
    }

    /// Between two neighbours. A neighbour of no weight does not count, even if infinite.
    pub(super) fn between(self, at: f64, next: f64) -> f64 {
        if self.weight == 0.0 || at == next {
            at
        } else {
            at * (1.0 - self.weight) + next * self.weight
        }
    }
}

/// Percentiles of draws, which it puts out of order.
pub(super) fn select(draws: &mut [f64], probabilities: &[f64]) -> Vec<f64> {
    let count = draws.len();
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let mut values = vec![0.0; probabilities.len()];
    // All before `from` are in place: later percentiles are looked for behind.
    let mut from = 0;
    for i in order {
        let rank = Rank::new(probabilities[i], count);
        let Some(rest) = draws.get_mut(from..).filter(|rest| !rest.is_empty()) else {
            continue;
        };
        let (_, &mut at, above) = rest.select_nth_unstable_by(rank.rank - from, f64::total_cmp);
        let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(at);
        values[i] = rank.between(at, next);
        from = rank.rank;
    }
    values
}

impl Graph {
    /// Percentiles with a multiplier of 1, one row for each quantity, in the order of
    /// `probabilities`. Those of what depends on no variable repeat its point.
    ///
    /// Quantities that are multiples of one node are evaluated once. Memory stays below 64 MiB
    /// beside the graph; the result does not depend on `threads`.
    pub fn percentiles(
        &self,
        quantities: &[Quantity],
        probabilities: &[f64],
        threads: usize,
    ) -> Vec<Vec<f64>> {
        self.percentiles_at(quantities, probabilities, 1.0, threads)
    }

    /// The same for a multiplier of `k`.
    pub fn percentiles_at(
        &self,
        quantities: &[Quantity],
        probabilities: &[f64],
        k: f64,
        threads: usize,
    ) -> Vec<Vec<f64>> {
        let mut outputs = Vec::new();
        let mut places: HashMap<(NodeId, bool), usize> = HashMap::new();
        for quantity in quantities
            .iter()
            .filter(|quantity| self.is_uncertain(**quantity))
        {
            let scale = 1f64.copysign(quantity.scale);
            places
                .entry((quantity.node, scale < 0.0))
                .or_insert_with(|| {
                    outputs.push(Output::Value(Quantity { scale, ..*quantity }, k));
                    outputs.len() - 1
                });
        }
        let rows = self.rows(&outputs, threads, |rows, _, row, draws| {
            rows.copy(row, draws);
            select(draws, probabilities)
        });
        let of = |quantity: &Quantity| match places.get(&(quantity.node, quantity.scale < 0.0)) {
            Some(&row) if self.is_uncertain(*quantity) => rows[row]
                .iter()
                .map(|value| times(*value, quantity.scale.abs()))
                .collect(),
            _ => vec![self.point_at(*quantity, k); probabilities.len()],
        };
        quantities.iter().map(of).collect()
    }

    /// What `finish` makes of the draws of each output, given its first row and a buffer.
    pub(super) fn rows<T: Send>(
        &self,
        outputs: &[Output],
        threads: usize,
        finish: impl Fn(&Rows, Output, usize, &mut Vec<f64>) -> T + Sync,
    ) -> Vec<T> {
        let mut results = Vec::with_capacity(outputs.len());
        let mut outputs = outputs;
        while !outputs.is_empty() {
            let mut firsts = Vec::with_capacity(ROWS);
            let mut rows = 0;
            for output in outputs {
                if rows + output.rows() > ROWS {
                    break;
                }
                firsts.push(rows);
                rows += output.rows();
            }
            let (batch, rest) = outputs.split_at(firsts.len());
            let rows = self.draw(batch, CHUNKS, threads);
            let finish = |draws: &mut _, i: usize| finish(&rows, batch[i], firsts[i], draws);
            let scratch = || Vec::with_capacity(DRAWS);
            results.extend(parallel::map(batch.len(), threads, scratch, finish));
            outputs = rest;
        }
        results
    }

    /// The draws of some outputs, of the first chunks.
    pub(super) fn draw(&self, outputs: &[Output], chunks: usize, threads: usize) -> Rows {
        let program = Program::new(self, outputs);
        let run = |scratch: &mut _, chunk| program.run(scratch, chunk);
        Rows {
            chunks: parallel::map(chunks, threads, || program.scratch(), run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate_by_hazens_rule() {
        let mut draws = [40.0, 10.0, 30.0, 20.0];
        let values = select(&mut draws, &[1.0, 0.5, 0.0, 0.125, 0.25, 0.9]);
        assert_eq!(values, [40.0, 25.0, 10.0, 10.0, 15.0, 40.0]);
    }

    #[test]
    fn infinite_draws_count_only_where_they_have_weight() {
        let mut draws = [1.0, f64::INFINITY, 2.0, f64::INFINITY];
        assert_eq!(
            select(&mut draws, &[0.375, 0.4, 0.9]),
            [2.0, f64::INFINITY, f64::INFINITY]
        );
    }
}
