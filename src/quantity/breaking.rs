//! How far tenants can multiply before a demand passes its limit.

use super::graph::{Degree, Graph};
use super::percentiles::{Rank, Rows, select};
use super::program::{CHUNK, CHUNKS, Output};
use super::solve::{LEAST, MOST, largest_fitting};
use super::tape::Tape;
use super::{DRAWS, Quantity, quotient};

/// A search among draws begins where the first of them, this many chunks, say that it ends.
const PILOT: usize = 8;

/// How a breaking point is found.
#[derive(Clone, Copy)]
enum Way {
    Known(Option<f64>),
    /// From draws of demand over limit, or of its line.
    Draws(Output),
    Search,
}

impl Graph {
    /// The largest multiplier at which the `confidence` percentile of `demand / limit` is at most 1.
    ///
    /// Nothing where a multiplier of 10⁶ does not break it; 0 where one that goes to 0 (10⁻⁹ where
    /// it is searched for) already does. A demand of 0 fits any limit; anything else breaks one of
    /// 0. The demand must not fall as the multiplier grows, nor the limit grow.
    ///
    /// Where the demand is certain and `a + b·K` it is `(limit − a)/b`; where it is in proportion
    /// to `K`, one over the utilization's percentile; where it is a line for every draw, it lies
    /// between the breaking points of two draws, and is solved for there. Otherwise it is searched
    /// for, to a relative 10⁻¹⁰ where certain, else 10⁻⁷.
    pub fn breaking_point(
        &self,
        demand: Quantity,
        limit: Quantity,
        confidence: f64,
    ) -> Option<f64> {
        self.breaking_points(&[(demand, limit)], confidence, 1)
            .pop()
            .flatten()
    }

    /// The breaking points of many demands and their limits, in their order.
    pub fn breaking_points(
        &self,
        pairs: &[(Quantity, Quantity)],
        confidence: f64,
        threads: usize,
    ) -> Vec<Option<f64>> {
        let ways: Vec<Way> = pairs
            .iter()
            .map(|&(demand, limit)| self.way(demand, limit))
            .collect();
        let outputs: Vec<Output> = ways
            .iter()
            .filter_map(|way| match way {
                Way::Draws(output) => Some(*output),
                _ => None,
            })
            .collect();
        let mut from_draws = self
            .rows(&outputs, threads, |rows, output, row, draws| {
                self.from_draws(rows, output, row, draws, confidence)
            })
            .into_iter();
        ways.into_iter()
            .zip(pairs)
            .map(|(way, &(demand, limit))| match way {
                Way::Known(point) => point,
                Way::Draws(_) => from_draws.next().flatten(),
                Way::Search => self.search_draws(demand, limit, confidence, threads),
            })
            .collect()
    }

    fn way(&self, demand: Quantity, limit: Quantity) -> Way {
        let (of_demand, of_limit) = (self.facts(demand), self.facts(limit));
        if limit.as_certain() == Some(f64::INFINITY) {
            return Way::Known(None);
        }
        let uncertain = of_demand.uncertain || of_limit.uncertain;
        match (of_demand.degree.max(of_limit.degree), of_limit.degree) {
            (Degree::Free, _) if uncertain => Way::Draws(Output::Quotient(demand, limit, 1.0)),
            (Degree::Free | Degree::Affine, Degree::Free) if !uncertain => {
                Way::Known(self.on_line(demand, limit))
            }
            (Degree::Affine, Degree::Free) if self.is_multiple_of_k(demand.node) => {
                Way::Draws(Output::Quotient(demand, limit, 1.0))
            }
            (Degree::Affine, Degree::Free) => Way::Draws(Output::Line(demand, limit)),
            _ if uncertain => Way::Search,
            _ => Way::Known(self.search(demand, limit)),
        }
    }

    /// Of a certain demand `a + b·K`.
    fn on_line(&self, demand: Quantity, limit: Quantity) -> Option<f64> {
        let limit = self.point(limit);
        let start = self.value(demand, |node| self.nodes[node as usize].base);
        let growth = self.point(demand) - start;
        if start > limit || start == f64::INFINITY {
            return Some(0.0);
        }
        bounded(if growth > 0.0 {
            (limit - start) / growth
        } else {
            f64::INFINITY
        })
    }

    /// Of a certain demand or limit that is no line.
    fn search(&self, demand: Quantity, limit: Quantity) -> Option<f64> {
        let mut tape = Tape::new(self, &[demand, limit]);
        largest_fitting(1.0, 1e-10, |k| {
            let mut values = tape.at(k);
            let (demand, limit) = (values.next().unwrap_or(0.0), values.next().unwrap_or(0.0));
            quotient(demand, limit)
        })
    }

    /// Of an uncertain one that is no line.
    fn search_draws(
        &self,
        demand: Quantity,
        limit: Quantity,
        confidence: f64,
        threads: usize,
    ) -> Option<f64> {
        let utilization = |k: f64, chunks: usize| {
            let rows = self.draw(&[Output::Quotient(demand, limit, k)], chunks, threads);
            let mut draws = Vec::with_capacity(chunks * CHUNK);
            rows.copy(0, &mut draws);
            select(&mut draws, &[confidence]).pop().unwrap_or(0.0)
        };
        let pilot = largest_fitting(1.0, 1e-3, |k| utilization(k, PILOT));
        let start = pilot.unwrap_or(MOST).max(LEAST);
        largest_fitting(start, 1e-7, |k| utilization(k, CHUNKS))
    }

    fn from_draws(
        &self,
        rows: &Rows,
        output: Output,
        row: usize,
        draws: &mut Vec<f64>,
        confidence: f64,
    ) -> Option<f64> {
        rows.copy(row, draws);
        match output {
            Output::Line(..) => {
                let mut growth = Vec::with_capacity(DRAWS);
                rows.copy(row + 1, &mut growth);
                on_lines(draws, &growth, confidence)
            }
            Output::Value(demand, _) | Output::Quotient(demand, ..) => {
                let utilization = select(draws, &[confidence]).pop().unwrap_or(0.0);
                match self.facts(demand).degree {
                    Degree::Free if utilization > 1.0 => Some(0.0),
                    Degree::Free => None,
                    _ => bounded(quotient(1.0, utilization)),
                }
            }
        }
    }
}

/// Where each draw's utilization is `start + growth·K`.
///
/// Draw `i` fits up to `K_i = (1 − start_i)/growth_i`. Of ordered utilizations the one at a rank
/// fits up to the `K_i` of that rank from above, so the percentile, which lies between two ranks,
/// passes 1 between two neighbouring `K_i`. There the same draws fit, whatever `K`: the percentile
/// lies between the largest of those and the smallest of the others.
fn on_lines(start: &[f64], growth: &[f64], confidence: f64) -> Option<f64> {
    let own: Vec<f64> = start
        .iter()
        .zip(growth)
        .map(|(&a, &b)| draw_on_line(a, b))
        .collect();
    let rank = Rank::new(confidence, own.len());
    let mut ordered = own.clone();
    let place = own.len() - 1 - rank.rank;
    let (below, &mut high, _) = ordered.select_nth_unstable_by(place, f64::total_cmp);
    let low = below.iter().copied().max_by(f64::total_cmp).unwrap_or(high);
    if rank.weight == 0.0 || low == high {
        return bounded(high);
    }
    let percentile = |k: f64| {
        let (mut fitting, mut broken) = (0.0f64, f64::INFINITY);
        for ((&a, &b), &own) in start.iter().zip(growth).zip(&own) {
            let at = a + super::times(k, b);
            let fits = own >= high;
            fitting = if fits && at > fitting { at } else { fitting };
            broken = if !fits && at < broken { at } else { broken };
        }
        rank.between(fitting, broken)
    };
    let guess = low + (1.0 - rank.weight) * (high.min(MOST) - low);
    let inside = |k: f64| {
        if k <= low {
            0.0
        } else if k >= high {
            f64::INFINITY
        } else {
            percentile(k)
        }
    };
    largest_fitting(guess.clamp(LEAST, MOST), 1e-10, inside)
}

/// The largest multiplier at which one draw fits.
fn draw_on_line(start: f64, growth: f64) -> f64 {
    if start > 1.0 {
        0.0
    } else if growth > 0.0 {
        (1.0 - start) / growth
    } else {
        f64::INFINITY
    }
}

/// Nothing for multipliers past which nobody asks.
fn bounded(k: f64) -> Option<f64> {
    (k < MOST).then_some(k)
}
