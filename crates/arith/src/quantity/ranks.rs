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

/// What is at some ranks, which must ascend, among draws, which it puts out of order. Draws that
/// are missing count as 0.
pub(super) fn select(draws: &mut [f64], ranks: impl Iterator<Item = Rank>) -> Vec<f64> {
    // All before `from` are in place: later ranks are looked for behind.
    let mut from = 0;
    ranks
        .map(|rank| {
            let Some(rest) = draws.get_mut(from..) else {
                return 0.0;
            };
            if rank.rank - from >= rest.len() {
                return 0.0;
            }
            let (_, &mut at, above) = rest.select_nth_unstable_by(rank.rank - from, f64::total_cmp);
            from = rank.rank;
            let next = if rank.weight > 0.0 {
                least(above).unwrap_or(at)
            } else {
                at
            };
            rank.between(at, next)
        })
        .collect()
}

fn least(values: &[f64]) -> Option<f64> {
    values
        .iter()
        .copied()
        .reduce(|a, b| if b < a { b } else { a })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentiles(draws: &mut [f64], probabilities: &[f64]) -> Vec<f64> {
        let count = draws.len();
        select(draws, probabilities.iter().map(|&p| Rank::new(p, count)))
    }

    #[test]
    fn percentiles_interpolate_by_hazens_rule() {
        let values = percentiles(
            &mut [40.0, 10.0, 30.0, 20.0],
            &[0.0, 0.125, 0.25, 0.5, 0.9, 1.0],
        );
        assert_eq!(values, [10.0, 10.0, 15.0, 25.0, 40.0, 40.0]);
    }

    #[test]
    fn infinite_draws_count_only_where_they_have_weight() {
        let infinite = f64::INFINITY;
        let mut draws = [1.0, infinite, 2.0, infinite];
        assert_eq!(
            percentiles(&mut draws, &[0.375, 0.4, 0.9]),
            [2.0, infinite, infinite]
        );
    }

    #[test]
    fn the_same_rank_twice_and_equal_draws() {
        assert_eq!(percentiles(&mut [5.0; 7], &[0.2, 0.2, 0.9]), [5.0; 3]);
    }
}
