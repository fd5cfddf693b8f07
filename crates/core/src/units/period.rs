//! Periods of rates: `day`, `min`, `15m`.

use std::borrow::Cow;
use std::fmt;

use super::duration::Duration;
use super::number::shown;
use crate::suggest::closest;

const ACCEPTED: &str = "`s`, `min`, `h`, `day`, `week`, `month` or a duration such as `15m`";

/// A period's text is its name in meters' ids, so it stays short.
const LONGEST: usize = 32;

/// Names of periods: the canonical one, other spellings, and the length in seconds (a month has
/// the project's).
const NAMES: [(&str, &[&str], Option<f64>); 6] = [
    ("s", &["sec", "secs", "second", "seconds"], Some(1.0)),
    ("min", &["mins", "minute", "minutes"], Some(60.0)),
    ("h", &["hour", "hours"], Some(3_600.0)),
    ("day", &["d", "days"], Some(86_400.0)),
    ("week", &["w", "weeks"], Some(604_800.0)),
    ("month", &["mo", "mos", "months"], None),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    Seconds(f64),
    /// Months of the project, of `days_per_month` days each.
    Months(f64),
}

/// A period of a rate, with the name that its window goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    length: Length,
    name: Cow<'static, str>,
}

impl Period {
    /// Reads a period's name in any usual spelling, or a duration with its number.
    /// Fails for a bare `m`, a bare year, no length, and what is neither name nor duration.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        for (name, spellings, seconds) in NAMES {
            if text == name || spellings.contains(&text) {
                let length = seconds.map_or(Length::Months(1.0), Length::Seconds);
                return Ok(Self {
                    length,
                    name: name.into(),
                });
            }
        }
        match text {
            "" => Err(format!("the period is missing: write {ACCEPTED}")),
            "m" => Err("a bare `m` could be minute or month: write `min` or `month`".to_owned()),
            "y" | "year" | "years" => Err(format!("`{text}` is not a period: write `365d`")),
            _ if !text.starts_with(|c: char| c.is_ascii_digit()) => Err(unknown(text)),
            _ => Self::of_duration(text),
        }
    }

    fn of_duration(text: &str) -> Result<Self, String> {
        let Duration { seconds } = Duration::parse(text)?;
        let problem = match seconds <= 0.0 {
            true => "has no length",
            false if text.len() > LONGEST => "is too long",
            false => {
                return Ok(Self {
                    length: Length::Seconds(seconds),
                    name: text.to_owned().into(),
                });
            }
        };
        let text = shown(text);
        Err(format!("the period {text} {problem}: write {ACCEPTED}"))
    }

    /// What a window of this length is called: usual spellings made one, a duration as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its seconds, a month having `days_per_month` days.
    pub fn seconds(&self, days_per_month: f64) -> f64 {
        match self.length {
            Length::Seconds(seconds) => seconds,
            Length::Months(months) => months * days_per_month * super::DAY,
        }
    }

    /// Whether two periods are of one length in every project.
    pub fn same_length(&self, other: &Self) -> bool {
        self.length == other.length
    }
}

fn unknown(text: &str) -> String {
    let names = NAMES.iter();
    let spellings = names.flat_map(|(name, more, _)| std::iter::once(name).chain(*more));
    let meant = closest(text, spellings.copied()).map(|meant| format!("`{meant}`"));
    let meant = meant.as_deref().unwrap_or(ACCEPTED);
    format!("{} is not a period: write {meant}", shown(text))
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
