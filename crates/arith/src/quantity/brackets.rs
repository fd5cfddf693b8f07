//! Percentiles of draws that come a few at a time, without keeping them all.
//!
//! The first draws tell between which values a percentile will lie; of the others only those in
//! there are kept, and those below counted. Where that turns out to have been too narrow, or too
//! much has to be kept, nothing is returned and the draws must be looked at in full.

use super::DRAWS;
use super::ranks::{Rank, select};

/// Percentiles whose brackets leave less than this share of the draws between them share one.
const GAP: f64 = 0.1;
/// How many standard errors of the first draws' ranks a bracket extends to either side.
const ERRORS: f64 = 5.0;

/// The share of all draws from one rank to another, as a range of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    from: f64,
    to: f64,
}

/// The ranges that percentiles will lie in, if `first` draws tell.
fn ranges(probabilities: &[f64], first: usize) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::new();
    for &p in probabilities {
        let error = (p * (1.0 - p) / first as f64).max(0.0).sqrt();
        let reach = ERRORS * error + 2.0 / first as f64;
        let range = Range {
            from: p - reach,
            to: p + reach,
        };
        match ranges.last_mut() {
            Some(last) if range.from - last.to < GAP => last.to = last.to.max(range.to),
            _ => ranges.push(range),
        }
    }
    ranges
}

/// How many draws will be kept at most for percentiles, which must ascend.
pub(super) fn most_kept(probabilities: &[f64], first: usize) -> usize {
    ranges(probabilities, first)
        .iter()
        .map(|range| range.room())
        .sum()
}

impl Range {
    /// Twice what is expected.
    fn room(&self) -> usize {
        let share = (2.0 * (self.to.min(1.0) - self.from.max(0.0))).clamp(0.0, 1.0);
        (share * DRAWS as f64) as usize
    }
}

/// What is seen of one row of draws by one thread.
#[derive(Clone, Debug)]
pub(super) struct Brackets {
    brackets: Vec<Bracket>,
}

#[derive(Clone, Debug)]
struct Bracket {
    low: f64,
    high: f64,
    counts: Counts,
    /// Those between `low` and `high`.
    kept: Vec<f64>,
    room: usize,
}

/// How many draws were seen. Those at an end of a bracket are counted, not kept: many may be
/// equal, where something is capped.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    below: usize,
    at_low: usize,
    between: usize,
    at_high: usize,
}

impl Brackets {
    /// For percentiles, which must ascend, judged by the first draws, which are put out of order
    /// and not counted.
    pub(super) fn new(probabilities: &[f64], first: &mut [f64]) -> Self {
        let count = first.len();
        let ranges = ranges(probabilities, count);
        let rank = |p: f64| Rank {
            rank: ((p * count as f64) as usize).min(count - 1),
            weight: 0.0,
        };
        let ends = select(
            first,
            ranges
                .iter()
                .flat_map(|range| [rank(range.from), rank(range.to)]),
        );
        let brackets = ranges
            .iter()
            .zip(ends.chunks_exact(2))
            .map(|(range, ends)| Bracket {
                low: if range.from <= 0.0 {
                    f64::NEG_INFINITY
                } else {
                    ends[0]
                },
                high: if range.to >= 1.0 {
                    f64::INFINITY
                } else {
                    ends[1]
                },
                counts: Counts::default(),
                kept: Vec::new(),
                room: range.room(),
            });
        Brackets {
            brackets: brackets.collect(),
        }
    }

    /// Makes room for what is expected to be kept of one of so many parts of all draws.
    pub(super) fn reserve(&mut self, parts: usize) {
        for bracket in &mut self.brackets {
            bracket.kept.reserve_exact(bracket.room / 2 / parts.max(1));
        }
    }

    /// Takes note of more draws.
    pub(super) fn see(&mut self, draws: &[f64]) {
        for bracket in &mut self.brackets {
            bracket.see(draws);
        }
    }

    /// Adds what another thread saw.
    pub(super) fn merge(&mut self, other: Brackets) {
        for (bracket, other) in self.brackets.iter_mut().zip(other.brackets) {
            bracket.counts.below += other.counts.below;
            bracket.counts.at_low += other.counts.at_low;
            bracket.counts.between += other.counts.between;
            bracket.counts.at_high += other.counts.at_high;
            if bracket.kept.len() + other.kept.len() <= bracket.room {
                bracket.kept.extend(other.kept);
            }
        }
    }

    /// The percentiles of all draws, if they lie in the brackets.
    pub(super) fn percentiles(&mut self, probabilities: &[f64]) -> Option<Vec<f64>> {
        let ranks: Vec<Rank> = probabilities.iter().map(|&p| Rank::new(p, DRAWS)).collect();
        let mut wanted = Vec::with_capacity(2 * ranks.len());
        for Rank { rank, weight } in &ranks {
            wanted.extend([*rank, *rank + usize::from(*weight > 0.0)]);
        }
        wanted.sort_unstable();
        let mut values = Vec::with_capacity(wanted.len());
        for bracket in &mut self.brackets {
            let rest = &wanted[values.len()..];
            let mine = rest
                .iter()
                .take_while(|&&rank| rank < bracket.counts.end())
                .count();
            values.extend(bracket.at(&rest[..mine])?);
        }
        let at = |rank: usize| values.get(wanted.binary_search(&rank).ok()?).copied();
        ranks
            .iter()
            .map(|rank| {
                let next = rank.rank + usize::from(rank.weight > 0.0);
                Some(rank.between(at(rank.rank)?, at(next)?))
            })
            .collect()
    }
}

impl Counts {
    /// How many draws are not above.
    fn end(&self) -> usize {
        self.below + self.at_low + self.between + self.at_high
    }
}

impl Bracket {
    fn see(&mut self, draws: &[f64]) {
        let (low, high) = (self.low, self.high);
        self.counts.below += count(draws, |draw| draw < low);
        self.counts.at_low += count(draws, |draw| draw == low);
        if low == high {
            return;
        }
        self.counts.at_high += count(draws, |draw| draw == high);
        const BLOCK: usize = 512;
        for draws in draws.chunks(BLOCK) {
            let mut kept = [0.0; BLOCK];
            let mut len = 0;
            for &draw in draws {
                kept[len % BLOCK] = draw;
                len += usize::from((draw > low) & (draw < high));
            }
            self.counts.between += len;
            if self.kept.len() + len <= self.room {
                self.kept.extend_from_slice(&kept[..len]);
            }
        }
    }

    /// The draws at some ranks, which ascend and are not above, if none of them is below.
    fn at(&mut self, ranks: &[usize]) -> Option<Vec<f64>> {
        let Counts {
            below,
            at_low,
            between,
            ..
        } = self.counts;
        let first_kept = below + at_low;
        let first_high = first_kept + between;
        if ranks.first().is_some_and(|&rank| rank < below) {
            return None;
        }
        let low = ranks.iter().filter(|&&rank| rank < first_kept).count();
        let in_kept = ranks
            .iter()
            .filter(|&&rank| first_kept <= rank && rank < first_high);
        let in_kept: Vec<Rank> = in_kept
            .map(|&rank| Rank {
                rank: rank - first_kept,
                weight: 0.0,
            })
            .collect();
        if !in_kept.is_empty() && self.kept.len() != between {
            return None;
        }
        let mut values = vec![self.low; low];
        values.extend(select(&mut self.kept, in_kept.into_iter()));
        values.resize(ranks.len(), self.high);
        Some(values)
    }
}

fn count(draws: &[f64], test: impl Fn(f64) -> bool) -> usize {
    draws.iter().map(|&draw| usize::from(test(draw))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

    /// The draws of a permutation, made into something else.
    fn draws(f: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..DRAWS).map(|i| f(i * 40_503 % DRAWS)).collect()
    }

    fn in_full(mut draws: Vec<f64>) -> Vec<f64> {
        select(&mut draws, P.iter().map(|&p| Rank::new(p, DRAWS)))
    }

    fn in_brackets(draws: &[f64], first: usize) -> Option<Vec<f64>> {
        let mut brackets = Brackets::new(&P, &mut draws[..first].to_vec());
        let (mine, others) = draws.split_at(DRAWS / 3);
        let mut other = brackets.clone();
        mine.chunks(512).for_each(|draws| brackets.see(draws));
        others.chunks(512).for_each(|draws| other.see(draws));
        brackets.merge(other);
        brackets.percentiles(&P)
    }

    #[test]
    fn equals_looking_at_all() {
        let shapes: [&dyn Fn(usize) -> f64; 6] = [
            &|i| i as f64,
            &|i| -(i as f64),
            &|i| (i as f64).min(50_000.0),
            &|i| if i > 60_000 { f64::INFINITY } else { 1.0 },
            &|i| (i / 16_384) as f64,
            &|i| (i as f64 - 32_767.0).max(0.0),
        ];
        for shape in shapes {
            let draws = draws(shape);
            assert_eq!(in_brackets(&draws, 4_096), Some(in_full(draws)));
        }
    }

    #[test]
    fn says_so_when_the_first_draws_misled() {
        let mut ascending = draws(|i| i as f64);
        ascending.sort_by(f64::total_cmp);
        assert_eq!(in_brackets(&ascending, 4_096), None);
        ascending.reverse();
        assert_eq!(in_brackets(&ascending, 4_096), None);
    }

    #[test]
    fn keeps_no_more_than_it_has_room_for() {
        // The first draws see no plateau, and then there is nothing else.
        let mut draws = draws(|i| i as f64);
        draws[4_096..].fill(32_768.0);
        assert_eq!(in_brackets(&draws, 4_096), None);
        assert!(most_kept(&P, 4_096) < DRAWS * 6 / 10);
    }
}
