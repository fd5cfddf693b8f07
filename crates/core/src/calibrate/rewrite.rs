//! The text of a value that was measured, written as the value before it was.

use std::ops::Range;

use crate::document::tree::{TomlValue, Written, parse_sound};

/// What a value counts, and so how it is written where nobody knew it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    PerDay,
    Count,
    Share,
    Bytes,
}

/// How exactly a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digits {
    /// For people, who trust no fourth digit of a measurement.
    Three,
    All,
}

/// What the key of a value becomes in front of it, so that TOML reads it.
const KEY: &str = "v = ";

/// A value as it is written, and the same times a factor: of an estimate every quantile, of a rate
/// its number. Nothing where it has no number of its own, such as a batch.
pub(crate) fn scaled(text: &str, factor: f64, (unit, digits): (Unit, Digits)) -> Option<String> {
    let line = format!("{KEY}{text}");
    let parsed = parse_sound(&line)?;
    let mut numbers = Vec::new();
    numbers_of(&line, parsed.get("v")?, &mut numbers)?;
    let mut written = String::with_capacity(text.len() + 8);
    let mut done = KEY.len();
    for (range, is_bare) in numbers {
        written.push_str(line.get(done..range.start)?);
        let old = line.get(range.clone())?;
        let new = crate::units::parse_count(old).ok()? * factor;
        let new = Some(new).filter(|new| new.is_finite())?;
        written.push_str(&match (unit, is_bare) {
            (Unit::Share, true) => share(new, digits),
            _ => number(new, digits, old.contains('_')),
        });
        done = range.end;
    }
    written.push_str(line.get(done..)?);
    Some(written)
}

/// A value that nobody knew.
pub(crate) fn fresh(value: f64, unit: Unit, digits: Digits) -> String {
    let number = |value| number(value, digits, false);
    match (unit, digits) {
        (Unit::PerDay, _) => format!("\"{}/day\"", number(value)),
        (Unit::Bytes, Digits::Three) => {
            let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB")];
            let mut units = units.into_iter();
            let (size, unit) = units.find(|(size, _)| value >= *size).unwrap_or((1.0, "B"));
            format!("\"{}{unit}\"", number(value / size))
        }
        (Unit::Bytes, Digits::All) => format!("\"{}B\"", number(value)),
        (Unit::Share, _) => share(value, digits),
        (Unit::Count, _) => number(value),
    }
}

/// A share as a number. One of more than all is written in percent: of a bare number nobody could
/// tell whether that was meant.
fn share(value: f64, digits: Digits) -> String {
    match value > 1.0 {
        true => format!("\"{}%\"", number(100.0 * value, digits, false)),
        false => number(value, digits, false),
    }
}

/// Where the numbers of a value stand, in their order, and whether they are TOML's own.
fn numbers_of(line: &str, value: &Written<'_>, out: &mut Vec<(Range<usize>, bool)>) -> Option<()> {
    let span = value.span();
    match value.get_ref() {
        TomlValue::Integer(_) | TomlValue::Float(_) => out.push((span, true)),
        TomlValue::String(_) => {
            let written = line.get(span.clone())?;
            let before = written.len() - written.trim_start_matches(['"', '\'', ' ']).len();
            let is_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '_' | '.');
            let length = written[before..].find(|letter| !is_number(letter))?;
            let start = span.start + before;
            (length > 0).then(|| out.push((start..start + length, false)))?;
        }
        TomlValue::Table(table) => {
            for (_, value) in table {
                numbers_of(line, value, out)?;
            }
        }
        _ => return None,
    }
    Some(())
}

/// A number as TOML has it. Thousands are parted where they were.
fn number(value: f64, digits: Digits, parted: bool) -> String {
    /// Whole numbers from here on are no integers of TOML.
    const MOST: f64 = 9e18;
    let value = match digits {
        Digits::Three => format!("{value:.2e}").parse().unwrap_or(value),
        Digits::All => value,
    };
    let text = value.to_string();
    if value >= MOST {
        return format!("{text}.0");
    }
    match parted {
        true => crate::words::number::parted(&text, '_'),
        false => text,
    }
}
