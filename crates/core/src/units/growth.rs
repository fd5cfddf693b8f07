//! Growth: `10%/month`.

use std::fmt;

use super::number::{Quantity, malformed, shown};
use super::period::Period;
use super::rate::prefix;
use super::ratio::Ratio;

const ACCEPTED: &str = "`10%/month`, `2%/week` or `-5%/year`";

/// How much more there is after each period, compound.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// What comes on top in a period, as a share of what is there: at least -1.
    pub ratio: f64,
    period: Period,
}

impl Growth {
    /// Reads a ratio, which may be negative, per period of a rate or per year.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let Some((ratio, period)) = text.split_once('/') else {
            return Err(format!(
                "{} has no period: write growth as {ACCEPTED}",
                shown(text)
            ));
        };
        let unsigned = ratio.strip_prefix(['-', '+']).unwrap_or(ratio).trim();
        let sign = if ratio.starts_with('-') { -1.0 } else { 1.0 };
        let is_percent = unsigned.ends_with('%');
        let Ratio(size) = match is_percent {
            true => Ratio::parse(unsigned)?,
            false => {
                let number = Quantity::split(unsigned, "growth", ACCEPTED)?;
                if !number.rest.is_empty() {
                    return Err(malformed(text, "growth", ACCEPTED));
                }
                Ratio(number.times_ten_to(0)?)
            }
        };
        let minus = if sign < 0.0 { "-" } else { "" };
        if !is_percent && size > 1.0 {
            let (small, large) = (Ratio(size / 100.0), Ratio(size));
            let meant = format!(
                "{} is {minus}{large}: write `{minus}{small}/{period}` if that is meant",
                shown(text)
            );
            // More than all there is can't go away.
            return Err(match minus.is_empty() {
                true => format!("{meant}, else `{large}/{period}`"),
                false => meant,
            });
        }
        if sign < 0.0 && size > 1.0 {
            return Err(format!(
                "{} takes away more than there is: write at least `-100%/{period}`",
                shown(text)
            ));
        }
        Ok(Self {
            ratio: sign * size,
            period: Period::parse_or_year(prefix(&text[..=ratio.len()]), period)?,
        })
    }

    /// The logarithm of what there is after a day over what there was before: the number of days
    /// times it is that of `(1 + g)^(t/p)`. Of all that goes away negative infinity.
    pub fn log_per_day(&self, days_per_month: f64) -> f64 {
        libm::log1p(self.ratio) * super::DAY / self.period.seconds(days_per_month)
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minus = if self.ratio < 0.0 { "-" } else { "" };
        write!(f, "{minus}{}/{}", Ratio(self.ratio.abs()), self.period)
    }
}
