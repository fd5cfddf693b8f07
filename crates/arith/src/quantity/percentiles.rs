//! What draws are made for: percentiles, and what breaking points are found from.

use std::sync::{Mutex, PoisonError};

use super::brackets::{Brackets, most_kept};
use super::breaking::Limited;
use super::graph::{Graph, NodeId};
use super::program::{CHUNK, Draws, Output, Program};
use super::ranks::{Rank, select};
use super::{DRAWS, Quantity, times};
use crate::collections::HashMap;
use crate::parallel;

/// The chunks of draws by which brackets are chosen.
pub(super) const PILOT: usize = 8;
/// How many draws are held at a time: 56 MiB of them.
const HELD: usize = 7 << 20;

/// Percentiles and breaking points, see [`Graph::outlook`].
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// As [`Graph::percentiles`] returns them.
    pub percentiles: Vec<Vec<f64>>,
    /// As [`Graph::breaking_points`] returns them.
    pub breaking_points: Vec<Option<f64>>,
}

/// What is wanted of the draws of one output.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) output: Output,
    /// Ascending.
    pub(super) probabilities: Vec<f64>,
}

/// Draws of the rows of one program, some chunks of each.
pub(super) struct Rows {
    chunks: Vec<Vec<f64>>,
    /// How many draws of a row count.
    len: usize,
}

impl Rows {
    /// Copies the draws of one row.
    pub(super) fn copy(&self, row: usize, draws: &mut Vec<f64>) {
        draws.clear();
        for chunk in 0..self.chunks.len() {
            draws.extend_from_slice(self.chunk(row, chunk));
        }
        draws.truncate(self.len);
    }

    /// The draws of one row in one chunk.
    pub(super) fn chunk(&self, row: usize, chunk: usize) -> &[f64] {
        &self.chunks[chunk][row * CHUNK..(row + 1) * CHUNK]
    }
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
        let mut wanted = Wanted::default();
        for &quantity in quantities {
            wanted.want(self, quantity, k, probabilities);
        }
        let answers = self.answer(&wanted.requests, threads);
        wanted.percentiles(self, &answers, quantities, probabilities, k)
    }

    /// Percentiles with a multiplier of 1 and breaking points, from the same draws: less work than
    /// asking for one after the other.
    pub fn outlook(
        &self,
        quantities: &[Quantity],
        probabilities: &[f64],
        limited: &[Limited],
        threads: usize,
    ) -> Outlook {
        let mut wanted = Wanted::default();
        for &quantity in quantities {
            wanted.want(self, quantity, 1.0, probabilities);
        }
        let ways = self.ways(limited, &mut wanted);
        let answers = self.answer(&wanted.requests, threads);
        Outlook {
            percentiles: wanted.percentiles(self, &answers, quantities, probabilities, 1.0),
            breaking_points: self.follow(&ways, limited, &wanted, &answers, threads),
        }
    }

    /// The percentiles that are requested, in their order.
    pub(super) fn answer(&self, requests: &[Request], threads: usize) -> Vec<Vec<f64>> {
        let mut answers = Vec::with_capacity(requests.len());
        let mut rest = requests;
        while !rest.is_empty() {
            let mut held = 0;
            let fits = rest.iter().take_while(|request| {
                let pilot = PILOT * CHUNK;
                held += pilot + most_kept(&request.probabilities, pilot);
                held <= HELD
            });
            let (batch, others) = rest.split_at(fits.count().max(1));
            answers.extend(self.answer_batch(batch, threads));
            rest = others;
        }
        self.answer_in_full(requests, &mut answers, threads);
        answers.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// What the brackets that the first draws suggest tell, and nothing where they misled.
    fn answer_batch(&self, batch: &[Request], threads: usize) -> Vec<Option<Vec<f64>>> {
        let outputs: Vec<Output> = batch.iter().map(|request| request.output).collect();
        let program = Program::new(self, &outputs);
        let pilot = program.rows(&Draws::first(PILOT), threads);
        let after = Draws::after(PILOT);
        let brackets = parallel::map(batch.len(), threads, Vec::new, |draws, row| {
            pilot.copy(row, draws);
            Brackets::new(&batch[row].probabilities, draws)
        });
        let others = parallel::fold(
            after.chunks(),
            threads,
            || {
                let mut brackets = brackets.clone();
                for seen in &mut brackets {
                    seen.reserve(threads);
                }
                (program.scratch(), brackets)
            },
            |(scratch, brackets), chunk| {
                program.run(scratch, &after, chunk, |row, draws| {
                    brackets[row].see(draws)
                });
            },
        );
        // What each thread saw of a row, put together by whichever thread gets to the row.
        let mut seen: Vec<Vec<Brackets>> = brackets.into_iter().map(|seen| vec![seen]).collect();
        for (_, others) in others {
            for (seen, other) in seen.iter_mut().zip(others) {
                seen.push(other);
            }
        }
        let seen: Vec<Mutex<Vec<Brackets>>> = seen.into_iter().map(Mutex::new).collect();
        parallel::map(batch.len(), threads, Vec::new, |draws, row| {
            let mut seen = seen[row].lock().unwrap_or_else(PoisonError::into_inner);
            let mut seen = std::mem::take(&mut *seen).into_iter().rev();
            let mut brackets = seen.next()?;
            for other in seen {
                brackets.merge(other);
            }
            pilot.copy(row, draws);
            brackets.see(draws);
            brackets.percentiles(&batch[row].probabilities)
        })
    }

    /// Fills in what the brackets could not tell.
    fn answer_in_full(
        &self,
        requests: &[Request],
        answers: &mut [Option<Vec<f64>>],
        threads: usize,
    ) {
        let missing: Vec<usize> = (0..requests.len())
            .filter(|&i| answers[i].is_none())
            .collect();
        let outputs: Vec<Output> = missing.iter().map(|&i| requests[i].output).collect();
        let found = self.in_full(&outputs, threads, |rows, output, draws| {
            rows.copy(output.row, draws);
            let probabilities = &requests[missing[output.index]].probabilities;
            select(draws, probabilities.iter().map(|&p| Rank::new(p, DRAWS)))
        });
        for (i, found) in missing.into_iter().zip(found) {
            answers[i] = Some(found);
        }
    }

    /// What `finish` makes of all draws of each output, given a buffer.
    pub(super) fn in_full<T: Send>(
        &self,
        outputs: &[Output],
        threads: usize,
        finish: impl Fn(&Rows, Place, &mut Vec<f64>) -> T + Sync,
    ) -> Vec<T> {
        let mut results = Vec::with_capacity(outputs.len());
        let mut first = 0;
        while first < outputs.len() {
            let mut rows = 0;
            let mut places = Vec::new();
            for (i, output) in outputs.iter().enumerate().skip(first) {
                if (rows + output.rows()) * DRAWS > HELD {
                    break;
                }
                places.push(Place {
                    index: i,
                    row: rows,
                });
                rows += output.rows();
            }
            let batch = &outputs[first..first + places.len()];
            let rows = Program::new(self, batch).rows(&Draws::all(), threads);
            let finish = |draws: &mut _, i: usize| finish(&rows, places[i], draws);
            results.extend(parallel::map(batch.len(), threads, Vec::new, finish));
            first += batch.len();
        }
        results
    }
}

/// An output's place among all that are wanted, and its first row in the program.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) row: usize,
}

impl Program<'_> {
    /// All its rows of some draws.
    pub(super) fn rows(&self, draws: &Draws, threads: usize) -> Rows {
        let run = |scratch: &mut _, chunk: usize| {
            let mut all = vec![0.0; self.rows * CHUNK];
            self.run(scratch, draws, chunk, |row, values| {
                all[row * CHUNK..(row + 1) * CHUNK].copy_from_slice(values);
            });
            all
        };
        let chunks = parallel::map(draws.chunks(), threads, || self.scratch(), run);
        Rows {
            chunks,
            len: draws.len(),
        }
    }
}

/// Requests for percentiles of quantities, one for all multiples of a node.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) requests: Vec<Request>,
    /// By the node, the bits of the multiplier, and whether the sign is turned.
    places: HashMap<(NodeId, u64, bool), usize>,
}

impl Wanted {
    pub(super) fn want(
        &mut self,
        graph: &Graph,
        quantity: Quantity,
        k: f64,
        probabilities: &[f64],
    ) {
        if !graph.is_uncertain(quantity) {
            return;
        }
        let quantity = graph.peeled(quantity.term(), k).quantity();
        let key = (quantity.node, k.to_bits(), quantity.scale < 0.0);
        let place = *self.places.entry(key).or_insert_with(|| {
            let quantity = Quantity {
                scale: 1f64.copysign(quantity.scale),
                ..quantity
            };
            let output = Output::Value(quantity, k);
            self.requests.push(Request {
                output,
                probabilities: Vec::new(),
            });
            self.requests.len() - 1
        });
        let wanted = &mut self.requests[place].probabilities;
        wanted.extend_from_slice(probabilities);
        wanted.sort_by(f64::total_cmp);
        wanted.dedup();
    }

    /// A request of its own.
    pub(super) fn push(&mut self, output: Output, probability: f64) -> usize {
        self.requests.push(Request {
            output,
            probabilities: vec![probability],
        });
        self.requests.len() - 1
    }

    fn percentiles(
        &self,
        graph: &Graph,
        answers: &[Vec<f64>],
        quantities: &[Quantity],
        probabilities: &[f64],
        k: f64,
    ) -> Vec<Vec<f64>> {
        let of = |&quantity: &Quantity| {
            let each = probabilities.iter();
            each.map(|&p| self.percentile(graph, answers, quantity, k, p))
                .collect()
        };
        quantities.iter().map(of).collect()
    }

    /// One of the percentiles that were wanted, from the answers to the requests.
    pub(super) fn percentile(
        &self,
        graph: &Graph,
        answers: &[Vec<f64>],
        quantity: Quantity,
        k: f64,
        probability: f64,
    ) -> f64 {
        let peeled = graph.peeled(quantity.term(), k);
        let key = (peeled.node, k.to_bits(), peeled.scale < 0.0);
        let percentile = self.places.get(&key).and_then(|&place| {
            let wanted = &self.requests[place].probabilities;
            let i = wanted
                .binary_search_by(|p| p.total_cmp(&probability))
                .ok()?;
            answers[place].get(i)
        });
        match percentile {
            Some(&value) => times(value, peeled.scale.abs()),
            None => graph.point_at(quantity, k),
        }
    }
}
