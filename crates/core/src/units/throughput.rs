//! Throughputs: `4MB/s`.

use std::fmt;

use super::number::shown;
use super::period::Period;
use super::rate::prefix;
use super::size::Size;

/// An amount of data over a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Throughput {
    /// The data in each period.
    pub size: Size,
    /// The period.
    pub period: Period,
}

impl Throughput {
    /// Reads a size over a period.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let Some((size, period)) = text.split_once('/') else {
            return Err(format!(
                "{} is not a throughput: write a size over a period, as in `4MB/s`",
                shown(text)
            ));
        };
        Ok(Self {
            size: Size::parse_before(size, &text[size.len()..])?,
            period: Period::parse(prefix(&text[..=size.len()]), period)?,
        })
    }

    /// Bytes a second, a month having `days_per_month` days.
    pub fn bytes_per_second(&self, days_per_month: f64) -> f64 {
        self.size.bytes / self.period.seconds(days_per_month)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.size, self.period)
    }
}
