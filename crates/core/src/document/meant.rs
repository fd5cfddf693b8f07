//! Values that are written as people write them elsewhere: a decimal comma, a currency sign, a
//! date with its day first, a path with backslashes.

use crate::units::Date;

/// The longest text that is looked at.
const LONGEST: usize = 60;

/// What to write instead of a text that could not be read, where that can be told.
pub(crate) fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    date(text).or_else(|| money(text)).or_else(|| comma(text))
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
fn date(text: &str) -> Option<String> {
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
        is_year.then(|| format!("`{date}`"))
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
    let is_toml = dates
        .first()
        .is_some_and(|date| date.trim_matches('`') == text);
    if dates.is_empty() || is_toml {
        return None;
    }
    Some(format!(
        "write a date with its year first, without quotes: {}",
        dates.join(" or ")
    ))
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
fn comma(text: &str) -> Option<String> {
    let is_number = |character: char| character.is_ascii_digit() || ",._".contains(character);
    let end = text.find(|character| !is_number(character));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim();
    let is_unit = |character: char| character.is_alphanumeric() || "/%".contains(character);
    if !unit.chars().all(is_unit) {
        return None;
    }
    let numbers = plain(number)?;
    Some(match numbers.as_slice() {
        [one] if !number.contains('.') && one.contains('.') => {
            let written = either(std::slice::from_ref(one), unit);
            format!("write {written}, with a point instead of the comma")
        }
        _ => format!("write {}", either(&numbers, unit)),
    })
}

fn either(numbers: &[String], unit: &str) -> String {
    let quote = if unit.is_empty() { "" } else { "\"" };
    let written = numbers.iter();
    let written = written.map(|number| format!("`{quote}{number}{unit}{quote}`"));
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
