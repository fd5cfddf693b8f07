//! Rates: `4/day`, `20M/day`, `every 15m`.

use std::fmt;

use super::number::{Quantity, finite, malformed, respelt, shown, whole};
use super::period::Period;

const ACCEPTED: &str = "`4/day`, `200/min`, `20M/day`, `1/15m` or `every 15m`";

/// Suffixes of a rate's number with their power of ten.
const SUFFIXES: [(&str, i64, u64); 3] = [
    ("k", 3, 1_000),
    ("M", 6, 1_000_000),
    ("G", 9, 1_000_000_000),
];

/// How often something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// How many times in each period: finite and at least 0; 1 for a batch.
    pub count: f64,
    /// The period.
    pub period: Period,
    /// Whether all of a period's occurrences come at once (`every 15m`) rather than steadily.
    pub batch: bool,
}

impl Rate {
    /// Reads `N/period` or `every period`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        Self::read(text).map_err(|problem| match meant(text) {
            Some(meant) => format!("{} is not a rate: write `{meant}`", shown(text)),
            None => problem,
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("every")
            && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        {
            let period = Period::parse("every ", rest)?;
            return Ok(Self {
                count: 1.0,
                period,
                batch: true,
            });
        }
        let number = Quantity::split(text, "a rate", ACCEPTED)?;
        let Some((suffix, period)) = number.rest.split_once('/') else {
            return Err(without_period(text, number.rest));
        };
        let suffix = suffix.trim();
        let count = if suffix.is_empty() {
            number.times_ten_to(0)?
        } else if let Some((_, power, _)) = SUFFIXES.iter().find(|(name, ..)| *name == suffix) {
            number.times_ten_to(*power)?
        } else {
            return Err(refuse_suffix(text, suffix));
        };
        let written = text.split_inclusive('/').next().unwrap_or_default();
        let period = Period::parse(prefix(written), period)?;
        Ok(Self {
            count,
            period,
            batch: false,
        })
    }

    /// Occurrences a day, a month having `days_per_month` days.
    pub fn per_day(&self, days_per_month: f64) -> f64 {
        self.count * super::DAY / self.period.seconds(days_per_month)
    }

    /// Occurrences a second, a month having `days_per_month` days.
    pub fn per_second(&self, days_per_month: f64) -> f64 {
        self.count / self.period.seconds(days_per_month)
    }

    /// The same rate, multiplied.
    pub fn times(&self, factor: f64) -> Result<Self, String> {
        Ok(Self {
            count: finite(self.count * factor)?,
            ..self.clone()
        })
    }
}

/// The rate that a text means which says it in other words: `hourly`, `4 per day`, `15m`.
fn meant(text: &str) -> Option<String> {
    let meant = match text {
        "hourly" => "1/h".to_owned(),
        "daily" => "1/day".to_owned(),
        "weekly" => "1/week".to_owned(),
        "monthly" => "1/month".to_owned(),
        _ => match (text.split_once(" per "), text.strip_prefix("every")) {
            (Some((count, period)), _) => format!("{}/{}", count.trim(), period.trim()),
            (_, Some(period)) => format!("every {}", period.trim().replace(' ', "")),
            _ => format!("every {text}"),
        },
    };
    let is_short = meant.len() <= 24;
    (is_short && Rate::read(&meant).is_ok()).then_some(meant)
}

/// What stands before a period that is suggested; nothing where it is long.
pub(super) fn prefix(written: &str) -> &str {
    match written.len() <= 24 {
        true => written,
        false => "",
    }
}

fn without_period(text: &str, rest: &str) -> String {
    match rest.trim() {
        "" => format!("{} has no period: write a rate as {ACCEPTED}", shown(text)),
        _ => malformed(text, "a rate", ACCEPTED),
    }
}

fn refuse_suffix(text: &str, suffix: &str) -> String {
    let meant = match suffix {
        "K" => "k",
        "m" | "mln" | "million" => "M",
        "g" | "B" | "b" | "bn" | "billion" => "G",
        _ => return malformed(text, "a rate", ACCEPTED),
    };
    let respelt = respelt(text, "suffix", suffix, meant);
    format!("{respelt} (`k` = thousand, `M` = million, `G` = billion)")
}

/// A count with the largest suffix that leaves it whole.
fn short_count(count: f64) -> String {
    let Some(number) = whole(count).filter(|number| *number >= 10_000) else {
        return count.to_string();
    };
    let suffix = SUFFIXES
        .iter()
        .rev()
        .find(|(.., factor)| number % factor == 0);
    match suffix {
        Some((name, _, factor)) => format!("{}{name}", number / factor),
        None => number.to_string(),
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.batch {
            write!(f, "every {}", self.period)
        } else {
            write!(f, "{}/{}", short_count(self.count), self.period)
        }
    }
}
