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
    let ranges = ranges(probabilities, first);
    ranges.iter().map(Range::room).sum()
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

/// The draws between two values, and how many others were seen. Those at an end are counted, not
/// kept: many may be equal, where something is capped.
#[derive(Clone, Debug, Default)]
struct Bracket {
    low: f64,
    high: f64,
    below: usize,
    at_low: usize,
    between: usize,
    at_high: usize,
    /// Those between `low` and `high`, if there is room.
    kept: Vec<f64>,
    room: usize,
    /// The place among the kept before which none is larger than any behind.
    parted: usize,
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
        let both = |range: &Range| [rank(range.from), rank(range.to)];
        let ends = select(first, ranges.iter().flat_map(both));
        let bracket = |(range, ends): (&Range, &[f64])| {
            let open_below = range.from <= 0.0;
            let open_above = range.to >= 1.0;
            let low = if open_below {
                f64::NEG_INFINITY
            } else {
                ends[0]
            };
            Bracket {
                low,
                high: if open_above { f64::INFINITY } else { ends[1] },
                room: range.room(),
                ..Bracket::default()
            }
        };
        let brackets = ranges.iter().zip(ends.chunks_exact(2)).map(bracket);
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

    pub(super) fn see(&mut self, draws: &[f64]) {
        for bracket in &mut self.brackets {
            bracket.see(draws);
        }
    }

    pub(super) fn merge(&mut self, other: &Brackets) {
        for (bracket, other) in self.brackets.iter_mut().zip(&other.brackets) {
            bracket.below += other.below;
            bracket.at_low += other.at_low;
            bracket.between += other.between;
            bracket.at_high += other.at_high;
            if bracket.kept.len() + other.kept.len() <= bracket.room {
                bracket.kept.extend_from_slice(&other.kept);
            }
        }
    }

    /// The percentiles of all draws, if they lie in the brackets. The probabilities must ascend.
    pub(super) fn percentiles(&mut self, probabilities: &[f64]) -> Option<Vec<f64>> {
        let percentile = |&p: &f64| {
            let rank = Rank::new(p, DRAWS);
            let at = self.at(rank.rank)?;
            let next = match rank.weight {
                0.0 => at,
                _ => self.at(rank.rank + 1)?,
            };
            Some(rank.between(at, next))
        };
        probabilities.iter().map(percentile).collect()
    }

    fn at(&mut self, rank: usize) -> Option<f64> {
        let mut brackets = self.brackets.iter_mut();
        brackets.find(|bracket| rank < bracket.end())?.at(rank)
    }
}

impl Bracket {
    /// How many draws are not above.
    fn end(&self) -> usize {
        self.below + self.at_low + self.between + self.at_high
    }

    fn see(&mut self, draws: &[f64]) {
        let (low, high) = (self.low, self.high);
        self.below += count(draws, |draw| draw < low);
        self.at_low += count(draws, |draw| draw == low);
        if low == high {
            return;
        }
        self.at_high += count(draws, |draw| draw == high);
        const BLOCK: usize = 512;
        for draws in draws.chunks(BLOCK) {
            let mut kept = [0.0; BLOCK];
            let mut len = 0;
            for &draw in draws {
                kept[len % BLOCK] = draw;
                len += usize::from((draw > low) & (draw < high));
            }
            self.between += len;
            if self.kept.len() + len <= self.room {
                self.kept.extend_from_slice(&kept[..len]);
            }
        }
    }

    /// The draw at a rank that is not above, if it is not below.
    fn at(&mut self, rank: usize) -> Option<f64> {
        let rank = rank.checked_sub(self.below)?;
        let Some(place) = rank.checked_sub(self.at_low) else {
            return Some(self.low);
        };
        if place >= self.between {
            return Some(self.high);
        }
        if self.kept.len() != self.between {
            return None;
        }
        // Ranks mostly ascend: what lies before the last is not looked at again.
        let parted = if place < self.parted { 0 } else { self.parted };
        self.parted = place;
        let rest = self.kept.get_mut(parted..)?;
        let (_, &mut at, _) = rest.select_nth_unstable_by(place - parted, f64::total_cmp);
        Some(at)
    }
}

fn count(draws: &[f64], test: impl Fn(f64) -> bool) -> usize {
    draws.iter().map(|&draw| usize::from(test(draw))).sum()
}
