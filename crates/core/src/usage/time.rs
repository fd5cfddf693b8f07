//! Days, and times of them, as usage is written: all in UTC.

use crate::units::Date;
use crate::words::text::quotable;

/// The seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A day in UTC, and the second of it, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    pub(super) day: Date,
    pub(super) second: Option<u32>,
}

impl When {
    /// Reads a day, or a day with a time, as RFC 3339 and exports write it. Without an offset it
    /// is UTC.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || {
            let text = quotable(text);
            format!("`{text}` is not a date such as `2026-11-22` or `2026-11-22T10:00:00Z`")
        };
        let (day, rest) = text.split_at_checked(10).ok_or_else(malformed)?;
        let day = Date::parse(day)?;
        if rest.is_empty() {
            return Ok(Self { day, second: None });
        }
        let seconds = time(rest).ok_or_else(malformed)?;
        let at = day.days_since(Date::EPOCH) * DAY + seconds;
        Self::of_seconds(at).ok_or_else(malformed)
    }

    /// Seconds of Unix time.
    pub(super) fn of_seconds(at: i64) -> Option<Self> {
        Some(Self {
            day: Date::EPOCH.plus_days(at.div_euclid(DAY))?,
            second: u32::try_from(at.rem_euclid(DAY)).ok(),
        })
    }

    /// As RFC 3339 writes it.
    pub(super) fn written(self) -> String {
        let at = self.second.unwrap_or(0);
        let (hour, minute, second) = (at / 3_600, at % 3_600 / 60, at % 60);
        format!("{}T{hour:02}:{minute:02}:{second:02}Z", self.day)
    }

    pub(super) fn seconds(self) -> i64 {
        self.day.days_since(Date::EPOCH) * DAY + i64::from(self.second.unwrap_or(0))
    }
}

/// The seconds of `T10:00:00.5+02:00` after midnight in UTC.
fn time(text: &str) -> Option<i64> {
    let text = text.strip_prefix(['T', 't', ' '])?;
    let end = text.find(|it: char| !matches!(it, '0'..='9' | ':' | '.'));
    let (clock, offset) = text.split_at(end.unwrap_or(text.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute) = (pair(parts.next()?, 23)?, pair(parts.next()?, 59)?);
    // A leap second is the minute's last.
    let second = parts.next().map_or(Some(0), |it| pair(it, 60))?.min(59);
    if parts.next().is_some() {
        return None;
    }
    Some(hour * 3_600 + minute * 60 + second - self::offset(offset.trim_start())?)
}

fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text {
        "" | "Z" | "z" | "UTC" => return Some(0),
        _ => match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+')?),
        },
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { "00" } else { minutes };
    Some(sign * (pair(hours, 23)? * 3_600 + pair(minutes, 59)? * 60))
}

fn pair(text: &str, most: i64) -> Option<i64> {
    let formed = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
    let number = text.parse().ok().filter(|_| formed)?;
    (number <= most).then_some(number)
}
