//! Values that are written as people write them elsewhere: a decimal comma, a currency sign, a
//! date with its day first, a path with backslashes.

use crate::advice::Advice;
use crate::units::Date;

/// The longest text that is looked at.
const LONGEST: usize = 60;

/// What to write instead of a text that could not be read, where that can be told.
pub(crate) fn meant(text: &str) -> Option<Advice> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let date = date(text);
    date.or_else(|| money(text).map(Advice::from))
        .or_else(|| comma(text))
}

/// What is wrong with a value, and what to write: what the problem itself ends in, else what is
/// expected. Where that is one text that can be read, nothing else is meant.
pub(crate) fn split<'p>(
    problem: &'p str,
    expected: &str,
    reads: impl Fn(&str) -> bool,
) -> (&'p str, Advice) {
    let (problem, advice) = match problem.rsplit_once(": write ") {
        Some(split) => split,
        None => (problem, expected),
    };
    let help = format!("write {advice}");
    match the_one(advice).filter(|text| reads(text)) {
        Some(text) => (problem, Advice::value(help, format!("\"{text}\""))),
        None => (problem, help.into()),
    }
}

/// The text between backticks that an advice consists of, a remark in parentheses aside.
fn the_one(advice: &str) -> Option<&str> {
    let (text, rest) = advice.strip_prefix('`')?.split_once('`')?;
    let is_plain = !text.contains(['"', '\\']) && !text.contains(char::is_control);
    (is_plain && (rest.is_empty() || rest.starts_with(" ("))).then_some(text)
}

/// A path with `/` between its names, where one was written with backslashes. Those of which the
/// parser has made control characters are backslashes again.
pub(crate) fn with_slashes(path: &str) -> Option<String> {
    let mut slashed = String::with_capacity(path.len());
    let mut found = false;
    for character in path.chars() {
        let escaped = match character {
            '\\' => "/",
            '\t' => "/t",
            '\n' => "/n",
            '\r' => "/r",
            '\u{8}' => "/b",
            '\u{c}' => "/f",
            '\u{1b}' => "/e",
            _ => {
                slashed.push(character);
                continue;
            }
        };
        found = true;
        slashed.push_str(escaped);
    }
    let clean = found && !slashed.chars().any(char::is_control);
    clean.then(|| slashed.replace("//", "/"))
}

/// Three numbers of which one is a year, in any order but that of TOML.
fn date(text: &str) -> Option<Advice> {
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let [first, middle, last] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str| match part.len() {
        1 | 2 | 4 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<u16>().ok(),
        _ => None,
    };
    let of = |year: &str, month: &str, day: &str| {
        let is_year = year.len() == 4 && month.len() < 4 && day.len() < 4;
        let (month, day) = (u8::try_from(number(month)?), u8::try_from(number(day)?));
        let date = Date::new(number(year)?, month.ok()?, day.ok()?)?;
        is_year.then(|| date.to_string())
    };
    let mut dates: Vec<String> = [
        of(first, middle, last),
        of(last, first, middle),
        of(last, middle, first),
    ]
    .into_iter()
    .flatten()
    .collect();
    dates.dedup();
    let first = dates.first().filter(|date| *date != text)?;
    let words = format!(
        "write a date with its year first, without quotes: `{}`",
        dates.join("` or `")
    );
    Some(match dates.len() {
        1 => Advice::value(words, first),
        _ => words.into(),
    })
}

/// An amount with its currency.
fn money(text: &str) -> Option<String> {
    const SIGNS: [char; 6] = ['$', '€', '£', '¥', '₹', '₩'];
    let bare = text.trim_matches(|character: char| {
        SIGNS.contains(&character) || character.is_ascii_uppercase() || character == ' '
    });
    let has_sign = text.contains(SIGNS);
    let code = text.matches(|character: char| character.is_ascii_uppercase());
    let code = code.count();
    let is_size = text.ends_with("IB");
    if bare.len() == text.len() || is_size || !(has_sign || code == 3) {
        return None;
    }
    let amounts = plain(bare).or_else(|| {
        let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_');
        let is_number = bare.starts_with(|first: char| first.is_ascii_digit());
        (is_number && bare.bytes().all(digits)).then(|| vec![bare.to_owned()])
    })?;
    Some(format!(
        "write {} without the currency, which is `project.currency`",
        either(&amounts, "")
    ))
}

/// A number with commas, and the unit behind it.
fn comma(text: &str) -> Option<Advice> {
    let is_number = |character: char| character.is_ascii_digit() || ",._".contains(character);
    let end = text.find(|character| !is_number(character));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim();
    let is_unit = |character: char| character.is_alphanumeric() || "/%".contains(character);
    if !unit.chars().all(is_unit) {
        return None;
    }
    let numbers = plain(number)?;
    let [one] = numbers.as_slice() else {
        return Some(format!("write {}", either(&numbers, unit)).into());
    };
    let value = written(one, unit);
    let words = match !number.contains('.') && one.contains('.') {
        true => format!("write `{value}`, with a point instead of the comma"),
        false => format!("write `{value}`"),
    };
    Some(Advice::value(words, value))
}

/// A number with its unit, as TOML writes it.
fn written(number: &str, unit: &str) -> String {
    let quote = if unit.is_empty() { "" } else { "\"" };
    format!("{quote}{number}{unit}{quote}")
}

fn either(numbers: &[String], unit: &str) -> String {
    let numbers = numbers.iter();
    let written = numbers.map(|number| format!("`{}`", written(number, unit)));
    written.collect::<Vec<_>>().join(" or ")
}

/// A number with commas as TOML writes it: both ways where the comma may be a decimal point or
/// stand between thousands.
fn plain(number: &str) -> Option<Vec<String>> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match (number.rfind(','), number.rfind('.')) {
        (Some(comma), Some(point)) => number.split_at(comma.max(point)),
        (Some(comma), None) if number.matches(',').count() == 1 => number.split_at(comma),
        (Some(_), None) => (number, ""),
        (None, _) => return None,
    };
    let fraction = fraction.get(1..).unwrap_or_default();
    let groups: Vec<&str> = whole.split([',', '.']).collect();
    let (first, rest) = groups.split_first()?;
    let thousands = rest.iter().all(|group| group.len() == 3);
    if !groups.iter().all(|group| digits(group)) || !thousands || first.is_empty() {
        return None;
    }
    if fraction.is_empty() {
        return (!rest.is_empty()).then(|| vec![groups.join("_")]);
    }
    if !digits(fraction) {
        return None;
    }
    let decimal = format!("{}.{fraction}", groups.join("_"));
    let may_be_thousands = rest.is_empty() && fraction.len() == 3 && *first != "0";
    Some(match may_be_thousands {
        true => vec![format!("{first}_{fraction}"), decimal],
        false => vec![decimal],
    })
}
