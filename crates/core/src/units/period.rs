//! Periods of rates: `day`, `min`, `15m`.

use std::borrow::Cow;
use std::fmt;

use super::duration::{Duration, UNITS};
use super::number::shown;
use crate::suggest::closest;

/// A period's text is its name in meters' ids, so it stays short.
const LONGEST: usize = 32;

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
    /// Reads a period's name in any usual spelling, or a duration with its number. What is
    /// suggested instead has `prefix` before it, such as `200/`.
    /// Fails for a bare `m`, a bare year, no length, and what is neither name nor duration.
    pub fn parse(prefix: &str, text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "m" {
            return Err(format!(
                "a bare `m` could be minute or month: write `{prefix}min` or `{prefix}month`"
            ));
        }
        let unit = UNITS.iter().find(|unit| unit.spellings.contains(&text));
        match unit {
            Some(unit) if let Some(name) = unit.period => Ok(Self {
                length: match name {
                    "month" => Length::Months(1.0),
                    _ => Length::Seconds(unit.milliseconds as f64 / 1_000.0),
                },
                name: name.into(),
            }),
            Some(unit) if unit.milliseconds == 1 => {
                Err(format!("`{text}` is not a period: write `{prefix}1ms`"))
            }
            Some(_) => Err(format!("`{text}` is not a period: write `{prefix}365d`")),
            None if text.is_empty() => {
                Err(format!("the period is missing: write {}", accepted(prefix)))
            }
            None if !text.starts_with(|c: char| c.is_ascii_digit()) => Err(unknown(prefix, text)),
            None => Self::of_duration(prefix, text),
        }
    }

    /// The same, but for a year of 365 days, which may be one.
    pub(super) fn parse_or_year(prefix: &str, text: &str) -> Result<Self, String> {
        match text.trim() {
            "y" | "year" | "years" => Ok(Self {
                length: Length::Seconds(365.0 * super::DAY),
                name: "year".into(),
            }),
            text => Self::parse(prefix, text),
        }
    }

    fn of_duration(prefix: &str, text: &str) -> Result<Self, String> {
        let read = Duration::parse(text).map_err(|problem| {
            // What is accepted is more than durations here.
            let general = [": write a duration", ": write it as "];
            let mut general = general.iter().filter_map(|words| problem.split_once(words));
            match general.next() {
                Some((problem, _)) => format!("{problem}: write {}", accepted(prefix)),
                None => problem.replacen(": write `", &format!(": write `{prefix}"), 1),
            }
        });
        let Duration { seconds } = read?;
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
        let (text, accepted) = (shown(text), accepted(prefix));
        Err(format!("the period {text} {problem}: write {accepted}"))
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

fn accepted(prefix: &str) -> String {
    let names = ["s", "min", "h", "day", "week", "month"];
    let names = names.map(|name| format!("`{prefix}{name}`")).join(", ");
    format!("{names} or a duration such as `{prefix}15m`")
}

fn unknown(prefix: &str, text: &str) -> String {
    let periods = UNITS.iter().filter(|unit| unit.period.is_some());
    let spellings = periods.flat_map(|unit| unit.spellings).copied();
    let meant = match closest(text, spellings.filter(|spelling| *spelling != "m")) {
        Some(meant) => format!("`{prefix}{}`", meant.word),
        None => accepted(prefix),
    };
    format!("{} is not a period: write {meant}", shown(text))
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
