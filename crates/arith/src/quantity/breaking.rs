//! How far tenants can multiply before a demand passes its limit.

use super::graph::{Degree, Graph};
use super::percentiles::Wanted;
use super::program::Output;
use super::ranks::Rank;
use super::solve::{FULL, LEAST, MOST, largest_fitting, narrow};
use super::tape::Tape;
use super::{Quantity, quotient, times};

/// A demand, its limit, and with which confidence it is to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limited {
    /// What is asked for. It must not fall as the multiplier grows, whatever the draw.
    pub demand: Quantity,
    /// What there is. It must not grow with the multiplier.
    pub limit: Quantity,
    /// The percentile of demand over limit that is to be at most 1, from 0 to 1.
    pub confidence: f64,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    Known(Option<f64>),
    /// From a percentile of the demand: the limit is certain, and the demand certain with a
    /// multiplier of 0 and in proportion to it above that.
    Demand,
    /// From the percentile of demand over limit that is requested there: the demand is in
    /// proportion to the multiplier.
    Utilization(usize),
    /// From lines, others for each draw.
    Lines,
    Search,
}

impl Graph {
    /// How a breaking point is found; what percentiles that needs is added to `wanted`.
    pub(super) fn way(&self, limited: Limited, wanted: &mut Wanted) -> Way {
        let Limited {
            demand,
            limit,
            confidence,
        } = limited;
        let (of_demand, of_limit) = (self.facts(demand), self.facts(limit));
        let degree = of_demand.degree.max(of_limit.degree);
        let is_line = degree < Degree::Other && of_limit.degree == Degree::Free;
        if limit.as_certain() == Some(f64::INFINITY) {
            Way::Known(None)
        } else if !of_demand.uncertain && !of_limit.uncertain {
            Way::Known(if is_line {
                line(self.base(demand), self.point(demand), self.point(limit))
            } else {
                self.search(demand, limit)
            })
        } else if !is_line {
            Way::Search
        } else if !of_limit.uncertain && (degree == Degree::Free || !of_demand.uncertain_base) {
            wanted.want(self, demand, &[confidence]);
            Way::Demand
        } else if degree == Degree::Free || self.is_multiple_of_k(demand.node) {
            Way::Utilization(wanted.push(Output::Quotient(demand, limit, 1.0), confidence))
        } else {
            Way::Lines
        }
    }

    /// The breaking points, given the answers to what was wanted.
    pub(super) fn follow(
        &self,
        ways: &[Way],
        all: &[Limited],
        wanted: &Wanted,
        answers: &[Vec<f64>],
        threads: usize,
    ) -> Vec<Option<f64>> {
        let of = |wanted: Way| {
            let chosen = ways.iter().zip(all).filter(|(way, _)| **way == wanted);
            chosen.map(|(_, &limited)| limited).collect::<Vec<_>>()
        };
        let mut lines = self.solve_lines(&of(Way::Lines), threads).into_iter();
        let mut searched = self.search_draws(&of(Way::Search), threads).into_iter();
        let next = |found: &mut std::vec::IntoIter<Option<f64>>| match found.next() {
            Some(point) => point,
            None => unreachable!("every way is followed"),
        };
        let point = |(way, limited): (&Way, &Limited)| {
            let (demand, limit) = (limited.demand, self.point(limited.limit));
            let free = self.facts(demand).degree == Degree::Free;
            match *way {
                Way::Known(point) => point,
                Way::Demand => {
                    let at_1 = wanted.percentile(self, answers, demand, limited.confidence);
                    let at_0 = if free { at_1 } else { self.base(demand) };
                    line(at_0, at_1, limit)
                }
                Way::Utilization(request) => {
                    let at_1 = answers[request][0];
                    let at_0 = if free { at_1 } else { 0.0 };
                    line(at_0, at_1, 1.0)
                }
                Way::Lines => next(&mut lines),
                Way::Search => next(&mut searched),
            }
        };
        ways.iter().zip(all).map(point).collect()
    }

    fn solve_lines(&self, all: &[Limited], threads: usize) -> Vec<Option<f64>> {
        let lines = |&Limited { demand, limit, .. }: &Limited| {
            [
                Output::Quotient(demand, limit, 0.0),
                Output::Growth(demand, limit),
            ]
        };
        let outputs: Vec<_> = all.iter().map(lines).collect();
        self.in_full(&outputs, threads, |i, [start, growth]| {
            on_lines(start, growth, all[i].confidence)
        })
    }

    /// Its value with a multiplier of 0, where it is a line.
    fn base(&self, demand: Quantity) -> f64 {
        self.value(demand, |node| self.nodes[node as usize].base)
    }

    /// Of a certain demand or limit that is no line. Where workers limit what a shared cache
    /// lets pass, a demand can fall again as the multiplier grows: the search goes down from
    /// [`MOST`], so that what it finds is the largest that fits.
    fn search(&self, demand: Quantity, limit: Quantity) -> Option<f64> {
        let mut tape = Tape::new(self, [demand, limit]);
        let mut utilization = |k| {
            let [demand, limit] = tape.at(k);
            quotient(demand, limit)
        };
        if utilization(MOST) <= FULL {
            return None;
        }
        let mut high = MOST;
        while high > LEAST {
            let low = high / 10.0;
            if utilization(low) <= FULL {
                return Some(narrow(low, high, 1e-10, utilization));
            }
            high = low;
        }
        Some(0.0)
    }
}

/// Where the demand is a line through its values with multipliers of 0 and 1.
fn line(at_0: f64, at_1: f64, limit: f64) -> Option<f64> {
    let growth = at_1 - at_0;
    if at_0 > limit * FULL || at_0 == f64::INFINITY {
        Some(0.0)
    } else if growth > 0.0 {
        bounded(((limit - at_0) / growth).max(0.0))
    } else {
        None
    }
}

/// Where each draw's utilization is `start + growth·K`.
///
/// Draw `i` fits up to `K_i = (1 − start_i)/growth_i`. Of ordered utilizations the one at a rank
/// fits up to the `K_i` of that rank from above, so the percentile, which lies between two ranks,
/// passes 1 between two neighbouring `K_i`. There the same draws fit, whatever `K`: the percentile
/// lies between the largest of those and the smallest of the others.
fn on_lines(start: &[f64], growth: &[f64], confidence: f64) -> Option<f64> {
    let lines = start.iter().zip(growth);
    let own: Vec<f64> = lines.map(|(&a, &b)| draw_on_line(a, b)).collect();
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
            let at = a + times(k, b);
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
    if start > FULL {
        0.0
    } else if growth > 0.0 {
        ((1.0 - start) / growth).max(0.0)
    } else {
        f64::INFINITY
    }
}

/// Nothing for multipliers past which nobody asks.
fn bounded(k: f64) -> Option<f64> {
    (k < MOST).then_some(k)
}
