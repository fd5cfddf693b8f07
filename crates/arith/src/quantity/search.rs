//! Breaking points that have to be searched for among draws.
//!
//! A percentile passes 1 where some draw's utilization does, and where that is, few draws matter:
//! most are broken before, or fit after. A first few draws tell about where it is; all draws are
//! looked at once, at either end of what these leave open; what remains is searched among the draws
//! that are neither broken at its lower end nor well below 1 at its upper one.

use super::DRAWS;
use super::breaking::Limited;
use super::graph::{Degree, Graph, NodeId, Term};
use super::percentiles::PILOT;
use super::program::{Draws, Inputs, Output, Program, Rows};
use super::ranks::{Rank, select_one};
use super::solve::{FULL, LEAST, MOST, largest_fitting, narrow};
use crate::collections::{HashMap, HashSet};
use crate::parallel;

/// How many searches look at all draws together.
const BATCH: usize = 128;
/// How many values of one search are held, at most: 32 MiB of them.
const HELD: usize = 4 << 20;
/// How many standard errors of their ranks the first draws may be wrong by.
const ERRORS: f64 = 4.0;
/// How exactly the first draws are asked.
const ROUGH: f64 = 1e-3;
/// Draws within this of 1 still matter at the ends of what is searched.
const MARGIN: f64 = 1e-3;
/// To what the search goes.
const FINE: f64 = 1e-7;

/// What all draws say of multipliers from `low` to `high`.
#[derive(Clone, Default)]
struct Window {
    low: f64,
    high: f64,
    fit_low: usize,
    fit_high: usize,
    /// How many are well below 1 throughout.
    below: usize,
    draws: Vec<u16>,
}

impl Graph {
    /// The breaking points of demands and limits that are no lines.
    pub(super) fn search_draws(&self, all: &[Limited], threads: usize) -> Vec<Option<f64>> {
        let mut points = Vec::with_capacity(all.len());
        for batch in all.chunks(BATCH) {
            let guess = |(): &mut (), i: usize| self.guess(batch[i]);
            let windows = parallel::map(batch.len(), threads, || (), guess);
            let windows = self.see_all_draws(batch, windows, threads);
            let search = |(): &mut (), i: usize| self.search_window(batch[i], &windows[i]);
            let found = parallel::map(batch.len(), threads, || (), search);
            for (found, &limited) in found.into_iter().zip(batch) {
                points.push(found.unwrap_or_else(|| self.search_all(limited, threads)));
            }
        }
        points
    }

    /// Between which multipliers the first draws say that it is.
    fn guess(&self, limited: Limited) -> Window {
        let confidence = limited.confidence;
        let draws = Draws::first(PILOT);
        let count = draws.len() as f64;
        let error = (confidence * (1.0 - confidence) / count).max(0.0).sqrt();
        let reach = ERRORS * error + 2.0 / count;
        let mut search = Search::new(self, limited, draws, 1);
        let low = largest_fitting(1.0, ROUGH, |k| search.percentile(k, confidence + reach));
        let low = low.unwrap_or(MOST).max(LEAST);
        let high = largest_fitting(low, ROUGH, |k| search.percentile(k, confidence - reach));
        let high = (high.unwrap_or(MOST) * (1.0 + 2.0 * ROUGH)).clamp(low, MOST);
        Window {
            low,
            high,
            ..Window::default()
        }
    }

    fn see_all_draws(
        &self,
        all: &[Limited],
        mut windows: Vec<Window>,
        threads: usize,
    ) -> Vec<Window> {
        let ends = |(&Limited { demand, limit, .. }, window): (&Limited, &Window)| {
            [window.low, window.high].map(|k| Output::Quotient(demand, limit, k))
        };
        let outputs: Vec<Output> = all.iter().zip(&windows).flat_map(ends).collect();
        let program = Program::new(self, &outputs);
        let draws = Draws::all();
        let state = || (program.scratch(), windows.clone(), Vec::new());
        let seen = parallel::fold(draws.chunks(), threads, state, |state, chunk| {
            let (scratch, windows, at_low) = state;
            program.run(scratch, &draws, chunk, |row, values| {
                if row % 2 == 0 {
                    at_low.clear();
                    at_low.extend_from_slice(values);
                } else {
                    windows[row / 2].see(draws.chunk(chunk), at_low, values);
                }
            });
        });
        for (_, seen, _) in seen {
            for (window, seen) in windows.iter_mut().zip(seen) {
                window.fit_low += seen.fit_low;
                window.fit_high += seen.fit_high;
                window.below += seen.below;
                window.draws.extend(seen.draws);
            }
        }
        for window in &mut windows {
            window.draws.sort_unstable();
        }
        windows
    }

    /// Searches a window, if the breaking point is in there.
    fn search_window(&self, limited: Limited, window: &Window) -> Option<Option<f64>> {
        let rank = Rank::new(limited.confidence, DRAWS);
        let ranks = [rank.rank, rank.rank + usize::from(rank.weight > 0.0)];
        let fits = |count: usize| count > ranks[1];
        let breaks = |count: usize| count <= ranks[0];
        if window.low <= LEAST && breaks(window.fit_low) {
            return Some(Some(0.0));
        }
        if window.high >= MOST && fits(window.fit_high) {
            return Some(None);
        }
        if !fits(window.fit_low) || !breaks(window.fit_high) || window.low >= window.high {
            return None;
        }
        let mut search = Search::new(self, limited, Draws::of(window.draws.clone()), 1);
        let utilization = |k: f64| search.at_rank(k, rank, window.below);
        Some(Some(narrow(window.low, window.high, FINE, utilization)))
    }

    /// Searches among all draws, however far away it is.
    fn search_all(&self, limited: Limited, threads: usize) -> Option<f64> {
        let mut search = Search::new(self, limited, Draws::all(), threads);
        largest_fitting(1.0, FINE, |k| search.percentile(k, limited.confidence))
    }

    /// The uncertain expressions next to those that depend on the multiplier.
    fn held_for(&self, limited: Limited) -> Vec<NodeId> {
        let mut seen = HashSet::default();
        let mut held = Vec::new();
        let mut waiting = vec![limited.limit.node, limited.demand.node];
        while let Some(id) = waiting.pop() {
            let Some(node) = self.node(id) else { continue };
            if !seen.insert(id) {
                continue;
            }
            if let Some((rest, _)) = self.peel(id) {
                waiting.push(rest);
            } else if node.facts.degree != Degree::Free {
                waiting.extend(self.operands(node).iter().map(|term| term.node));
            } else if node.facts.uncertain {
                held.push(id);
            }
        }
        held
    }
}

impl Window {
    /// Takes note of some draws and their utilizations at either end.
    fn see(&mut self, draws: &[u16], at_low: &[f64], at_high: &[f64]) {
        for ((&draw, &at_low), &at_high) in draws.iter().zip(at_low).zip(at_high) {
            self.fit_low += usize::from(at_low <= FULL);
            self.fit_high += usize::from(at_high <= FULL);
            if at_high <= 1.0 - MARGIN {
                self.below += 1;
            } else if at_low < 1.0 + MARGIN {
                self.draws.push(draw);
            }
        }
    }
}

/// A search among some draws. What does not depend on the multiplier is evaluated once and held, if
/// it is not too much: drawn anew for every multiplier, a search takes a third longer.
struct Search<'a> {
    graph: &'a Graph,
    limited: Limited,
    draws: Draws,
    threads: usize,
    held: Option<(HashMap<NodeId, usize>, Rows)>,
    values: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph, limited: Limited, draws: Draws, threads: usize) -> Self {
        let nodes = graph.held_for(limited);
        let held = (nodes.len() * draws.len() <= HELD).then(|| {
            let value = |&node: &NodeId| Output::Value(Term::of(node).quantity());
            let outputs: Vec<Output> = nodes.iter().map(value).collect();
            let rows = Program::new(graph, &outputs).rows(&draws, threads);
            (nodes.into_iter().zip(0..).collect(), rows)
        });
        Search {
            graph,
            limited,
            draws,
            threads,
            held,
            values: Vec::new(),
        }
    }

    fn evaluate(&mut self, k: f64) {
        let output = Output::Quotient(self.limited.demand, self.limited.limit, k);
        let held = self.held.as_ref();
        let inputs = held.map(|(places, rows)| Inputs { places, rows });
        Program::with(self.graph, &[output], inputs)
            .rows(&self.draws, self.threads)
            .copy(0, &mut self.values);
    }

    fn percentile(&mut self, k: f64, probability: f64) -> f64 {
        self.evaluate(k);
        let rank = Rank::new(probability, self.values.len());
        select_one(&mut self.values, rank.rank, rank)
    }

    /// What is at a rank of all draws, of which as many as `below` are below these and those that
    /// are missing then above.
    fn at_rank(&mut self, k: f64, rank: Rank, below: usize) -> f64 {
        self.evaluate(k);
        let mut at = |place: usize| match place.checked_sub(below) {
            None => 1.0 - MARGIN,
            Some(place) if place >= self.values.len() => f64::INFINITY,
            Some(place) => select_one(
                &mut self.values,
                place,
                Rank {
                    weight: 0.0,
                    ..rank
                },
            ),
        };
        let first = at(rank.rank);
        if rank.weight == 0.0 {
            first
        } else {
            rank.between(first, at(rank.rank + 1))
        }
    }
}
