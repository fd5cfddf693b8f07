//! How far tenants can multiply before a demand passes its limit.

use super::graph::{Degree, Graph};
use super::percentiles::{Rows, Wanted};
use super::program::Output;
use super::ranks::Rank;
use super::solve::{LEAST, MOST, largest_fitting, narrow};
use super::tape::Tape;
use super::{DRAWS, Quantity, quotient, times};

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

/// How a breaking point is found.
#[derive(Clone, Copy)]
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
    /// The largest multiplier at which the `confidence` percentile of `demand / limit` is at most 1.
    ///
    /// Nothing where a multiplier of 10⁶ does not break it; 0 where one that goes to 0 (10⁻¹² where
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
        let limited = Limited {
            demand,
            limit,
            confidence,
        };
        self.solve(&[limited], 1).pop().flatten()
    }

    /// The breaking points of many demands and their limits, in their order.
    pub fn breaking_points(
        &self,
        pairs: &[(Quantity, Quantity)],
        confidence: f64,
        threads: usize,
    ) -> Vec<Option<f64>> {
        let limited = |&(demand, limit): &(Quantity, Quantity)| Limited {
            demand,
            limit,
            confidence,
        };
        self.solve(&pairs.iter().map(limited).collect::<Vec<_>>(), threads)
    }

    fn solve(&self, all: &[Limited], threads: usize) -> Vec<Option<f64>> {
        let mut wanted = Wanted::default();
        let ways = self.ways(all, &mut wanted);
        let answers = self.answer(&wanted.requests, threads);
        self.follow(&ways, all, &wanted, &answers, threads)
    }

    /// How each breaking point is found; what percentiles that needs is added to `wanted`.
    pub(super) fn ways(&self, all: &[Limited], wanted: &mut Wanted) -> Vec<Way> {
        let way = |&Limited {
                       demand,
                       limit,
                       confidence,
                   }: &Limited| {
            let (of_demand, of_limit) = (self.facts(demand), self.facts(limit));
            let degree = of_demand.degree.max(of_limit.degree);
            let line = degree < Degree::Other && of_limit.degree == Degree::Free;
            if limit.as_certain() == Some(f64::INFINITY) {
                Way::Known(None)
            } else if !of_demand.uncertain && !of_limit.uncertain {
                let known = if line {
                    self.on_line(demand, limit)
                } else {
                    self.search(demand, limit)
                };
                Way::Known(known)
            } else if !line {
                Way::Search
            } else if !of_limit.uncertain && (degree == Degree::Free || !of_demand.uncertain_base) {
                wanted.want(self, demand, 1.0, &[confidence]);
                Way::Demand
            } else if degree == Degree::Free || self.is_multiple_of_k(demand.node) {
                Way::Utilization(wanted.push(Output::Quotient(demand, limit, 1.0), confidence))
            } else {
                Way::Lines
            }
        };
        all.iter().map(way).collect()
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
        let of = |wanted: fn(&Way) -> bool| {
            let chosen = ways.iter().zip(all).filter(move |(way, _)| wanted(way));
            chosen.map(|(_, &limited)| limited).collect::<Vec<_>>()
        };
        let lines = of(|way| matches!(way, Way::Lines));
        let mut lines = self.solve_lines(&lines, threads).into_iter();
        let searched = of(|way| matches!(way, Way::Search));
        let mut searched = self.search_draws(&searched, threads).into_iter();
        let point = |(
            way,
            &Limited {
                demand,
                limit,
                confidence,
            },
        ): (&Way, &Limited)| match *way {
            Way::Known(point) => point,
            Way::Demand => {
                let at_1 = wanted.percentile(self, answers, demand, 1.0, confidence);
                match self.facts(demand).degree {
                    Degree::Free => free(quotient(at_1, self.point(limit))),
                    _ => line(self.base(demand), at_1, self.point(limit)),
                }
            }
            Way::Utilization(request) => {
                let at_1 = answers[request].first().copied().unwrap_or(0.0);
                match self.facts(demand).degree {
                    Degree::Free => free(at_1),
                    _ => line(0.0, at_1, 1.0),
                }
            }
            Way::Lines => lines.next().flatten(),
            Way::Search => searched.next().flatten(),
        };
        ways.iter().zip(all).map(point).collect()
    }

    fn solve_lines(&self, all: &[Limited], threads: usize) -> Vec<Option<f64>> {
        let output = |limited: &Limited| Output::Line(limited.demand, limited.limit);
        let outputs: Vec<Output> = all.iter().map(output).collect();
        self.in_full(&outputs, threads, |rows: &Rows, place, start| {
            let mut growth = Vec::with_capacity(DRAWS);
            rows.copy(place.row, start);
            rows.copy(place.row + 1, &mut growth);
            on_lines(start, &growth, all[place.index].confidence)
        })
    }

    /// Its value with a multiplier of 0, where it is a line.
    fn base(&self, demand: Quantity) -> f64 {
        self.value(demand, |node| self.nodes[node as usize].base)
    }

    /// Of a certain demand `a + b·K`.
    fn on_line(&self, demand: Quantity, limit: Quantity) -> Option<f64> {
        line(self.base(demand), self.point(demand), self.point(limit))
    }

    /// Of a certain demand or limit that is no line. Where workers limit what a shared cache
    /// lets pass, a demand can fall again as the multiplier grows: the search goes down from
    /// [`MOST`], so that what it finds is the largest that fits.
    fn search(&self, demand: Quantity, limit: Quantity) -> Option<f64> {
        let mut tape = Tape::new(self, &[demand, limit]);
        let mut utilization = |k| {
            let mut values = tape.at(k);
            let (demand, limit) = (values.next().unwrap_or(0.0), values.next().unwrap_or(0.0));
            quotient(demand, limit)
        };
        if utilization(MOST) <= 1.0 {
            return None;
        }
        let mut high = MOST;
        while high > LEAST {
            let low = high / 10.0;
            if utilization(low) <= 1.0 {
                return Some(narrow(low, high, 1e-10, utilization));
            }
            high = low;
        }
        Some(0.0)
    }
}

/// Where the demand does not depend on the multiplier.
fn free(utilization: f64) -> Option<f64> {
    (utilization > 1.0).then_some(0.0)
}

/// Where the demand is a line through its values with multipliers of 0 and 1.
fn line(at_0: f64, at_1: f64, limit: f64) -> Option<f64> {
    let growth = at_1 - at_0;
    if at_0 > limit || at_0 == f64::INFINITY {
        Some(0.0)
    } else if growth > 0.0 {
        bounded((limit - at_0) / growth)
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
