//! Durations: `15m`, `1d12h`, `90d`.

use std::fmt;

use super::number::{Quantity, finite, malformed, respelt, shown, whole};

const WHAT: &str = "a duration";
const ACCEPTED: &str = "`15m`, `1d12h`, `90d` or `1y` (units `s m h d w mo y`)";

/// Units from smaller to larger, in seconds: a month is 30 days, a year 365.
const UNITS: [(&str, u64); 7] = [
    ("s", 1),
    ("m", 60),
    ("h", 3_600),
    ("d", 86_400),
    ("w", 604_800),
    ("mo", 2_592_000),
    ("y", 31_536_000),
];

/// A length of time. A month is 30 days and a year 365, whatever the project's month is.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Duration {
    /// Its seconds: finite and at least 0.
    pub seconds: f64,
}

impl Duration {
    /// Its length in days of 86,400 s.
    pub fn days(self) -> f64 {
        self.seconds / super::DAY
    }

    /// Reads a duration of days or more, in which a bare `m` may be meant as months.
    pub fn parse_long(text: &str) -> Result<Self, String> {
        let duration = Self::parse(text)?;
        let months = respelt_bare_m(text, "mo");
        if months == text {
            return Ok(duration);
        }
        let minutes = respelt_bare_m(text, "min");
        Err(format!(
            "{} could be minutes or months: write {} or {}",
            shown(text),
            shown(&minutes),
            shown(&months)
        ))
    }

    /// Reads parts from larger to smaller units, none twice: `1d12h`. A zero duration reads.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let mut rest = text;
        let mut above = UNITS.len();
        let mut seconds = 0.0;
        loop {
            let part = Quantity::split(rest, WHAT, ACCEPTED);
            let part = part.map_err(|error| match rest.len() == text.len() {
                true => error,
                false => malformed(text, WHAT, ACCEPTED),
            })?;
            let end = part.rest.find(|c: char| !c.is_ascii_alphabetic());
            let (unit, after) = part.rest.split_at(end.unwrap_or(part.rest.len()));
            let index = unit_index(text, unit, after)?;
            if index >= above {
                return Err(format!(
                    "{} has its units out of order: write them from larger to smaller, each once, as in `1d12h`",
                    shown(text)
                ));
            }
            above = index;
            seconds = finite(seconds + part.times(UNITS[index].1)?)?;
            rest = after;
            if rest.is_empty() {
                return Ok(Self { seconds });
            }
        }
    }
}

/// A duration with another unit in place of each bare `m`.
fn respelt_bare_m(text: &str, unit: &str) -> String {
    let mut respelt = String::with_capacity(text.len() + unit.len());
    let mut letters = text.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let next_is_letter = letters.peek().is_some_and(char::is_ascii_alphabetic);
        match letter == 'm' && !before.is_ascii_alphabetic() && !next_is_letter {
            true => respelt.push_str(unit),
            false => respelt.push(letter),
        }
        before = letter;
    }
    respelt
}

/// Where in [`UNITS`] a unit stands.
fn unit_index(text: &str, unit: &str, after: &str) -> Result<usize, String> {
    let name = if unit == "min" { "m" } else { unit };
    if let Some(index) = UNITS.iter().position(|(known, _)| *known == name) {
        return Ok(index);
    }
    if unit.is_empty() && after.is_empty() {
        let text = shown(text);
        return Err(format!(
            "{text} has no unit: write a duration such as {ACCEPTED}"
        ));
    }
    let meant = match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "mo" | "mos" | "month" | "months" => "mo",
        "y" | "yr" | "yrs" | "year" | "years" => "y",
        "ms" => {
            return Err(format!(
                "{} is in milliseconds, which are not accepted: write seconds, as in `0.5s`",
                shown(text)
            ));
        }
        _ => return Err(malformed(text, WHAT, ACCEPTED)),
    };
    let respelt = respelt(text, "unit", unit, meant);
    Err(format!("{respelt} (units `s m h d w mo y`)"))
}

impl fmt::Display for Duration {
    /// Whole years, else days, hours, minutes and seconds, else fractional seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seconds) = whole(self.seconds) else {
            return write!(f, "{}s", self.seconds);
        };
        if seconds == 0 {
            return f.write_str("0s");
        }
        if seconds % 31_536_000 == 0 {
            return write!(f, "{}y", seconds / 31_536_000);
        }
        let mut left = seconds;
        for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            if left >= length {
                write!(f, "{}{unit}", left / length)?;
                left %= length;
            }
        }
        Ok(())
    }
}
