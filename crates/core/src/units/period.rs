//! Periods of rates: `day`, `min`, `15m`.

use std::borrow::Cow;
use std::fmt;

use super::duration::Duration;
use super::number::shown;

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

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Span {
    /// So many seconds, more than 0.
    Fixed {
        /// The seconds.
        seconds: f64,
    },
    /// So many of the project's months, of `days_per_month` days each.
    Months(f64),
}

/// A period of a rate, with the name that its window goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    span: Span,
    name: Cow<'static, str>,
}

impl Period {
    /// Reads a period's name in any usual spelling, or a duration with its number.
    ///
    /// # Errors
    /// For a bare `m`, a bare year, a period of no length, and what is neither name nor duration.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        for (name, spellings, seconds) in NAMES {
            if text == name || spellings.contains(&text) {
                let span = seconds.map_or(Span::Months(1.0), |seconds| Span::Fixed { seconds });
                return Ok(Self {
                    span,
                    name: name.into(),
                });
            }
        }
        match text {
            "" => return Err(format!("the period is missing: write {ACCEPTED}")),
            "m" => {
                return Err(
                    "a bare `m` could be minute or month: write `min` or `month`".to_owned(),
                );
            }
            "y" | "year" | "years" => {
                return Err(format!("{} is not a period: write `365d`", shown(text)));
            }
            _ => {}
        }
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(unknown(text));
        }
        let duration = Duration::parse(text)?;
        if duration.seconds <= 0.0 {
            return Err(format!(
                "the period {} has no length: write {ACCEPTED}",
                shown(text)
            ));
        }
        if text.len() > LONGEST {
            return Err(format!(
                "the period {} is too long: write {ACCEPTED}",
                shown(text)
            ));
        }
        Ok(Self {
            span: Span::Fixed {
                seconds: duration.seconds,
            },
            name: text.to_owned().into(),
        })
    }

    /// What a window of this length is called: usual spellings made one, a duration as written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long it is, before the project's month is known.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its seconds, a month having `days_per_month` days.
    #[must_use]
    pub fn seconds(&self, days_per_month: f64) -> f64 {
        match self.span {
            Span::Fixed { seconds } => seconds,
            Span::Months(months) => months * days_per_month * super::DAY,
        }
    }

    /// Whether two periods are of one length in every project.
    #[must_use]
    pub fn same_length(&self, other: &Self) -> bool {
        self.span == other.span
    }
}

fn unknown(text: &str) -> String {
    let spellings = NAMES
        .iter()
        .flat_map(|(name, more, _)| std::iter::once(name).chain(*more));
    match crate::suggest::closest(text, spellings.copied()) {
        Some(meant) => format!("{} is not a period: write `{meant}`", shown(text)),
        None => format!("{} is not a period: write {ACCEPTED}", shown(text)),
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
