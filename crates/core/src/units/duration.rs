//! Durations: `250ms`, `15m`, `1d12h`, `90d`.

use std::fmt;

use super::number::{Quantity, finite, malformed, respelt, shown, whole};

const WHAT: &str = "a duration";
const ACCEPTED: &str = "`15min`, `1d12h`, `90d` or `1y` (units `ms s min h d w mo y`)";

/// A unit of time.
pub(super) struct Unit {
    /// How it may be written.
    pub(super) spellings: &'static [&'static str],
    pub(super) milliseconds: u64,
    /// What a period of one is called; nothing where it has to have its number.
    pub(super) period: Option<&'static str>,
}

const fn unit(
    spellings: &'static [&'static str],
    milliseconds: u64,
    period: Option<&'static str>,
) -> Unit {
    Unit {
        spellings,
        milliseconds,
        period,
    }
}

/// Units from smaller to larger. A month is 30 days, a year 365.
pub(super) static UNITS: [Unit; 8] = [
    unit(&["ms"], 1, None),
    unit(&["s", "sec", "secs", "second", "seconds"], 1_000, Some("s")),
    unit(
        &["m", "min", "mins", "minute", "minutes"],
        60_000,
        Some("min"),
    ),
    unit(&["h", "hour", "hours"], 3_600_000, Some("h")),
    unit(&["d", "day", "days"], 86_400_000, Some("day")),
    unit(&["w", "week", "weeks"], 604_800_000, Some("week")),
    unit(
        &["mo", "mos", "month", "months"],
        2_592_000_000,
        Some("month"),
    ),
    unit(&["y", "year", "years"], 31_536_000_000, None),
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
        let text = text.trim();
        let minutes = respelt_bare_m(text, "min");
        if minutes == text {
            return Ok(duration);
        }
        let months = respelt_bare_m(text, "mo");
        let months = match Self::parse(&months) {
            Ok(_) => format!(" or {}", shown(&months)),
            Err(_) => String::new(),
        };
        Err(format!(
            "{} could be minutes or months: write {}{months}",
            shown(text),
            shown(&minutes),
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
            let (name, after) = part.rest.split_at(end.unwrap_or(part.rest.len()));
            let is_spelling = |unit: &Unit| unit.spellings.contains(&name);
            let Some(index) = UNITS.iter().position(is_spelling) else {
                return Err(not_a_unit(text, name, after));
            };
            if index >= above {
                return Err(format!(
                    "{} has its units out of order: write them from larger to smaller, each once, as in `1d12h`",
                    shown(text)
                ));
            }
            above = index;
            seconds = finite(seconds + UNITS[index].seconds(&part)?)?;
            rest = after;
            if rest.is_empty() {
                return Ok(Self { seconds });
            }
        }
    }
}

impl Unit {
    /// So many of it, in seconds.
    fn seconds(&self, number: &Quantity<'_>) -> Result<f64, String> {
        match self.milliseconds / 1_000 {
            0 => number.times_ten_to(-3),
            seconds => number.times(seconds),
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

/// What is wrong with a duration of which `name` is no unit, and `after` comes after it.
fn not_a_unit(text: &str, name: &str, after: &str) -> String {
    if name.is_empty() {
        let closed: String = text.split_whitespace().collect();
        if closed != text && Duration::parse(&closed).is_ok() {
            return format!("{} has a space: write {}", shown(text), shown(&closed));
        }
        return match after.is_empty() {
            true => format!(
                "{} has no unit: write a duration such as {ACCEPTED}",
                shown(text)
            ),
            false => malformed(text, WHAT, ACCEPTED),
        };
    }
    let lower = name.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "m" => {
            let (minutes, months) = (text.replacen(name, "min", 1), text.replacen(name, "mo", 1));
            return format!(
                "{} could be minutes or months: write {} or {}",
                shown(text),
                shown(&minutes),
                shown(&months)
            );
        }
        "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "hr" | "hrs" => "h",
        "wk" | "wks" => "w",
        "yr" | "yrs" => "y",
        lower => {
            let spellings = UNITS.iter().flat_map(|unit| unit.spellings);
            match spellings.copied().find(|spelling| *spelling == lower) {
                Some(spelling) => spelling,
                None => return malformed(text, WHAT, ACCEPTED),
            }
        }
    };
    let respelt = respelt(text, "unit", name, meant);
    format!("{respelt} (units `ms s min h d w mo y`)")
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
        // Minutes as they are accepted in every place.
        for (unit, length) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
            if left >= length {
                write!(f, "{}{unit}", left / length)?;
                left %= length;
            }
        }
        Ok(())
    }
}
