//! What people call a meter: `tiklive` credits per month, `main` disk, in 1 year.

use super::Meter;
use crate::meter::{Family, MeterKind};
use crate::words::{number, text};

/// A meter's name in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name of what has it, harmless.
    pub thing: String,
    /// What is counted, and over which time: `credits per month`.
    pub what: String,
}

/// The name of a meter from its id and unit, and of storage the day that its demand is of.
pub fn named(id: &str, unit: &str, day: Option<u32>) -> Named {
    let keys = keys(id);
    let thing = keys.get(1).map_or(id, String::as_str);
    let what = match &keys[..] {
        [family, _, kind, rest @ ..] => {
            let (family, kind) = (Family::of_key(family), MeterKind::of_key(kind));
            let what = what(family, kind, unit, day);
            match rest.last() {
                // A limit's own name; of one without a name the window's.
                Some(name) if !unit.ends_with(name.as_str()) => {
                    format!("{what}, `{}`", text::name(name, 40))
                }
                _ => what,
            }
        }
        _ => String::new(),
    };
    Named {
        // Sentences mark names with backticks.
        thing: text::name(thing, 60).replace('`', "'"),
        what,
    }
}

impl Named {
    /// What is counted, as a narrow column has it: `calls/min, peak`.
    #[must_use]
    pub fn brief(&self) -> String {
        let short = [
            (" per second", "/s"),
            (" per minute", "/min"),
            (" per ", "/"),
            (", at peak", ", peak"),
        ];
        let what = self.what.clone();
        short
            .iter()
            .fold(what, |what, (long, short)| what.replace(long, short))
    }

    /// Without what a sentence need not say again: the window, the peak, the day.
    #[must_use]
    pub fn short(&self) -> Self {
        let ends = [", in ", ", at peak", " per ", ", `"];
        let end = ends.iter().filter_map(|end| self.what.find(end)).min();
        Self {
            thing: self.thing.clone(),
            what: self.what[..end.unwrap_or(self.what.len())].to_owned(),
        }
    }
}

impl Meter {
    /// What people call it.
    #[must_use]
    pub fn named(&self) -> Named {
        named(&self.id, &self.unit, self.day)
    }
}

fn what(family: Option<Family>, kind: Option<MeterKind>, unit: &str, day: Option<u32>) -> String {
    let on = day.map_or(String::new(), |day| format!(", in {}", days(day)));
    match kind {
        Some(MeterKind::Rate) => match window(unit) {
            Some((what, window)) => {
                let at_peak = matches!(window, "second" | "minute" | "hour");
                let peak = if at_peak { ", at peak" } else { "" };
                format!("{what} per {window}{peak}")
            }
            None => unit.to_owned(),
        },
        Some(MeterKind::Storage) if family == Some(Family::Table) => format!("rows on disk{on}"),
        Some(MeterKind::Storage) => format!("disk{on}"),
        Some(MeterKind::Concurrency) => format!("{unit} at the same time"),
        Some(MeterKind::Reads) => "rows read per second, at peak".to_owned(),
        Some(MeterKind::Writes) => "writes per second, at peak".to_owned(),
        Some(MeterKind::Throughput) => "throughput, at peak".to_owned(),
        Some(MeterKind::Retained) => "messages kept on disk".to_owned(),
        Some(MeterKind::Workers) => "jobs per second, at peak".to_owned(),
        Some(MeterKind::Depth) => "messages waiting".to_owned(),
        Some(MeterKind::Drain) => "time to empty the queue".to_owned(),
        Some(MeterKind::Spend) => format!("spend per month{on}"),
        Some(MeterKind::Credits) => "credits per month".to_owned(),
        None => unit.to_owned(),
    }
}

/// `calls/min` as `calls` and `minute`.
fn window(unit: &str) -> Option<(&str, &str)> {
    let (what, window) = unit.rsplit_once('/')?;
    let long = match window {
        "s" | "sec" => "second",
        "min" => "minute",
        "h" => "hour",
        other => other,
    };
    Some((what, long))
}

/// `1 year`, `90 days`.
pub fn days(count: u32) -> String {
    match count {
        365 => "1 year".to_owned(),
        count if count > 365 && count.is_multiple_of(365) => {
            number::plural((count / 365) as usize, "year")
        }
        count => number::plural(count as usize, "day"),
    }
}

/// The keys of an id, without quotes.
fn keys(id: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in id.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            '.' if !quoted => {
                keys.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(key) = keys.last_mut() {
            key.push(character);
        }
    }
    keys
}
