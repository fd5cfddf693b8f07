//! What draws are made for: percentiles, and what breaking points are found from.

use super::brackets::{Brackets, most_kept};
use super::breaking::{Limited, Way};
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
    /// One row for each quantity, in the order of the probabilities.
    pub percentiles: Vec<Vec<f64>>,
    /// For each demand the largest multiplier at which it fits its limit.
    ///
    /// Nothing where a multiplier of 10⁶ does not break it; 0 where one that goes to 0 (10⁻¹² where
    /// it is searched for) already does. A demand of 0 fits any limit; anything else breaks one of
    /// 0.
    pub breaking_points: Vec<Option<f64>>,
}

/// What is wanted of the draws of one output.
#[derive(Clone, Debug)]
pub(super) struct Request {
    output: Output,
    /// Ascending.
    probabilities: Vec<f64>,
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
        self.outlook(quantities, probabilities, &[], threads)
            .percentiles
    }

    /// [Percentiles](Graph::percentiles) and breaking points, from the same draws.
    ///
    /// Where the demand is certain and `a + b·K` it breaks at `(limit − a)/b`; where it is in
    /// proportion to `K`, at one over the utilization's percentile; where it is a line for every
    /// draw, between the breaking points of two draws, and is solved for there. Otherwise the
    /// breaking point is searched for, to a relative 10⁻¹⁰ where certain, else 10⁻⁷.
    pub fn outlook(
        &self,
        quantities: &[Quantity],
        probabilities: &[f64],
        limited: &[Limited],
        threads: usize,
    ) -> Outlook {
        let mut wanted = Wanted::default();
        for &quantity in quantities {
            wanted.want(self, quantity, probabilities);
        }
        let way = |&limited: &Limited| self.way(limited, &mut wanted);
        let ways: Vec<Way> = limited.iter().map(way).collect();
        let answers = self.answer(&wanted.requests, threads);
        let percentiles = |&quantity: &Quantity| {
            let each = probabilities.iter();
            each.map(|&p| wanted.percentile(self, &answers, quantity, p))
                .collect()
        };
        Outlook {
            percentiles: quantities.iter().map(percentiles).collect(),
            breaking_points: self.follow(&ways, limited, &wanted, &answers, threads),
        }
    }

    /// The percentiles that are requested, in their order.
    fn answer(&self, requests: &[Request], threads: usize) -> Vec<Vec<f64>> {
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
        let missing = |&i: &usize| answers[i].is_none();
        let missing: Vec<usize> = (0..requests.len()).filter(missing).collect();
        let outputs: Vec<_> = missing.iter().map(|&i| [requests[i].output]).collect();
        let found = self.in_full(&outputs, threads, |i, [draws]| {
            let probabilities = requests[missing[i]].probabilities.iter();
            select(draws, probabilities.map(|&p| Rank::new(p, DRAWS)))
        });
        let mut found = found.into_iter();
        let mut found_in_full = || match found.next() {
            Some(answer) => answer,
            None => unreachable!("what is missing was evaluated in full"),
        };
        let answers = answers.into_iter();
        answers
            .map(|answer| answer.unwrap_or_else(&mut found_in_full))
            .collect()
    }

    /// What the brackets that the first draws suggest tell, and nothing where they misled.
    ///
    /// Holding all draws instead takes a quarter longer where 200 rates of a monorepo are
    /// uncertain, and half longer with 2,000 variables: fewer quantities are then evaluated at a
    /// time, and what they have in common is drawn anew.
    fn answer_batch(&self, batch: &[Request], threads: usize) -> Vec<Option<Vec<f64>>> {
        let outputs: Vec<Output> = batch.iter().map(|request| request.output).collect();
        let program = Program::new(self, &outputs);
        let pilot = program.rows(&Draws::first(PILOT), threads);
        let after = Draws::after(PILOT);
        let empty = parallel::map(batch.len(), threads, Vec::new, |draws, row| {
            pilot.copy(row, draws);
            Brackets::new(&batch[row].probabilities, draws)
        });
        let state = || {
            let mut brackets = empty.clone();
            for seen in &mut brackets {
                seen.reserve(threads);
            }
            (program.scratch(), brackets)
        };
        let seen = parallel::fold(after.chunks(), threads, state, |state, chunk| {
            let (scratch, brackets) = state;
            program.run(scratch, &after, chunk, |row, draws| {
                brackets[row].see(draws);
            });
        });
        parallel::map(batch.len(), threads, Vec::new, |draws, row| {
            let mut brackets = empty[row].clone();
            for (_, seen) in &seen {
                brackets.merge(&seen[row]);
            }
            pilot.copy(row, draws);
            brackets.see(draws);
            brackets.percentiles(&batch[row].probabilities)
        })
    }

    /// What `finish` makes of all draws of each quantity, with its place. What depends on no
    /// variable has one draw, its point. The draws are in no order that means anything.
    pub fn over_draws<T: Send>(
        &self,
        quantities: &[Quantity],
        threads: usize,
        finish: impl Fn(usize, &[f64]) -> T + Sync,
    ) -> Vec<T> {
        let is_drawn = |&i: &usize| self.is_uncertain(quantities[i]);
        let drawn: Vec<usize> = (0..quantities.len()).filter(is_drawn).collect();
        let outputs: Vec<_> = drawn
            .iter()
            .map(|&i| [Output::Value(quantities[i])])
            .collect();
        let made = self.in_full(&outputs, threads, |i, [draws]| finish(drawn[i], draws));
        let mut made = drawn.iter().copied().zip(made).peekable();
        let all = quantities.iter().enumerate();
        all.map(|(i, quantity)| match made.next_if(|(of, _)| *of == i) {
            Some((_, made)) => made,
            None => finish(i, &[self.point(*quantity)]),
        })
        .collect()
    }

    /// What `finish` makes of all draws of each group of outputs, which has the place it is given.
    pub(super) fn in_full<T: Send, const N: usize>(
        &self,
        outputs: &[[Output; N]],
        threads: usize,
        finish: impl Fn(usize, &mut [Vec<f64>; N]) -> T + Sync,
    ) -> Vec<T> {
        let mut results = Vec::with_capacity(outputs.len());
        for batch in outputs.chunks(HELD / DRAWS / N) {
            let first = results.len();
            let rows = Program::new(self, batch.as_flattened()).rows(&Draws::all(), threads);
            let buffers = || std::array::from_fn(|_| Vec::new());
            let finish = |draws: &mut [Vec<f64>; N], i: usize| {
                for (row, draws) in draws.iter_mut().enumerate() {
                    rows.copy(i * N + row, draws);
                }
                finish(first + i, draws)
            };
            results.extend(parallel::map(batch.len(), threads, buffers, finish));
        }
        results
    }
}

/// Requests for percentiles of quantities, one for all multiples of a node.
#[derive(Default)]
pub(super) struct Wanted {
    requests: Vec<Request>,
    /// By the node, and whether the sign is turned.
    places: HashMap<(NodeId, bool), usize>,
}

impl Wanted {
    pub(super) fn want(&mut self, graph: &Graph, quantity: Quantity, probabilities: &[f64]) {
        if !graph.is_uncertain(quantity) {
            return;
        }
        let mut term = graph.peeled(quantity.term(), 1.0);
        let key = (term.node, term.scale < 0.0);
        let place = *self.places.entry(key).or_insert_with(|| {
            term.scale = 1f64.copysign(term.scale);
            self.requests.push(Request {
                output: Output::Value(term.quantity()),
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

    /// One of the percentiles that were wanted, from the answers to the requests.
    pub(super) fn percentile(
        &self,
        graph: &Graph,
        answers: &[Vec<f64>],
        quantity: Quantity,
        probability: f64,
    ) -> f64 {
        let peeled = graph.peeled(quantity.term(), 1.0);
        let key = (peeled.node, peeled.scale < 0.0);
        let Some(&place) = self.places.get(&key) else {
            return graph.point(quantity);
        };
        let wanted = &self.requests[place].probabilities;
        let i = wanted.partition_point(|wanted| *wanted < probability);
        times(answers[place][i], peeled.scale.abs())
    }
}
