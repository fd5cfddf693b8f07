//! Percentiles of draws that are at hand.

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
        // `max` takes the number where the other is none.
        let place = place.max(0.0).min(last as f64);
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

/// What is at some ranks, which must ascend, among draws, which it puts out of order.
pub(super) fn select(draws: &mut [f64], ranks: impl Iterator<Item = Rank>) -> Vec<f64> {
    // All before `from` are in place: later ranks are looked for behind.
    let mut from = 0;
    ranks
        .map(|rank| {
            let found = select_one(&mut draws[from..], rank.rank - from, rank);
            from = rank.rank;
            found
        })
        .collect()
}

/// What is at a rank, which has a place among draws, which it puts out of order.
pub(super) fn select_one(draws: &mut [f64], place: usize, rank: Rank) -> f64 {
    let (_, &mut at, above) = draws.select_nth_unstable_by(place, f64::total_cmp);
    if rank.weight == 0.0 {
        return at;
    }
    let least = above.iter().copied();
    let least = least.reduce(|a, b| if b < a { b } else { a });
    rank.between(at, least.unwrap_or(at))
}
