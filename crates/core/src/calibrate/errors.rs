//! How far a forecast was off: ratio, bias, WAPE and coverage.
//!
//! Errors are those of weeks and not of days: a model that does not claim to know weekdays is not
//! wrong because of them.

use std::collections::BTreeMap;

use crate::units::Date;

/// How many days a block has: a week, wherever it begins.
const BLOCK: usize = 7;

/// How many blocks it takes to say how often a percentile held.
const BLOCKS_FOR_COVERAGE: usize = 8;

/// The shortest window with so many.
pub(crate) const DAYS_FOR_COVERAGE: i64 = (BLOCK * BLOCKS_FOR_COVERAGE) as i64;

/// What was measured of one thing, by day: those that count.
pub(crate) type Days = BTreeMap<Date, f64>;

/// How far a forecast was off. Nothing where it can't be said: nothing was measured or forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Errors {
    /// `ΣA / ΣF`
    pub(crate) ratio: Option<f64>,
    /// `Σ(F − A) / ΣA`
    pub(crate) bias: Option<f64>,
    /// `Σ|F − A| / ΣA`
    pub(crate) wape: Option<f64>,
    /// The share of blocks with no more than the 80th percentile of their forecast.
    pub(crate) coverage: Option<f64>,
    /// How many blocks there are.
    pub(crate) blocks: usize,
    /// How many blocks are left out because a day is missing in them.
    pub(crate) gaps: usize,
}

impl Errors {
    /// Of whole blocks that end with the window `from..to`, with the same forecast and the same
    /// 80th percentile of it on each day.
    pub(crate) fn of(
        days: &Days,
        (from, to): (Date, Date),
        per_day: f64,
        p80_per_day: Option<f64>,
    ) -> Self {
        let (actual, gaps) = blocks(days, from, to);
        let block = BLOCK as f64;
        let forecast = per_day * block;
        // More corrections than there was to correct are nothing.
        let sum = actual.iter().sum::<f64>().max(0.0);
        let expected = forecast * actual.len() as f64;
        let absolute: f64 = actual.iter().map(|actual| (forecast - actual).abs()).sum();
        let covered = |p80: f64| {
            let most = p80 * block * (1.0 + crate::quantity::ROUNDING);
            let within = actual.iter().filter(|actual| **actual <= most);
            within.count() as f64 / actual.len() as f64
        };
        let enough = actual.len() >= BLOCKS_FOR_COVERAGE;
        Self {
            ratio: share(sum, expected),
            bias: share(expected - sum, sum),
            wape: share(absolute, sum),
            coverage: p80_per_day.filter(|_| enough).map(covered),
            blocks: actual.len(),
            gaps,
        }
    }
}

impl Errors {
    /// The same of a forecast that differs from day to day, on the days that were measured.
    pub(crate) fn between(days: &Days, forecast: &Days, (from, to): (Date, Date)) -> Self {
        let (actual, gaps) = blocks(days, from, to);
        let (expected, _) = blocks(forecast, from, to);
        let sum: f64 = actual.iter().sum();
        let whole: f64 = expected.iter().sum();
        let both = actual.iter().zip(&expected);
        let absolute: f64 = both
            .map(|(actual, expected)| (expected - actual).abs())
            .sum();
        Self {
            ratio: share(sum, whole),
            bias: share(whole - sum, sum),
            wape: share(absolute, sum),
            coverage: None,
            blocks: actual.len(),
            gaps,
        }
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    let share = part / whole;
    (whole > 0.0 && share.is_finite()).then_some(share)
}

/// The sums of whole blocks, the last first, and how many blocks of the days that were measured
/// lack one.
fn blocks(days: &Days, from: Date, to: Date) -> (Vec<f64>, usize) {
    let (mut sums, mut gaps) = (Vec::new(), 0);
    let mut end = to;
    while let Some(start) = end.plus_days(-(BLOCK as i64)).filter(|it| *it >= from) {
        let block: Vec<f64> = days.range(start..end).map(|(_, amount)| *amount).collect();
        match block.len() {
            BLOCK => sums.push(block.iter().sum()),
            0 => {}
            _ => gaps += 1,
        }
        end = start;
    }
    (sums, gaps)
}

/// The smallest sample with at least this share of all samples at or below it.
pub(crate) fn percentile(mut samples: Vec<f64>, share: f64) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    let rank = (share * samples.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    samples.get(rank - 1).copied()
}
