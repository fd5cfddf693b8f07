//! The values of the format: how each of the unit types is written in TOML.

mod form;
mod words;

use crate::document::tree::TomlValue;

use crate::advice::Advice;
use crate::document::declared::Declared;
use crate::document::meant::split;
use crate::document::reader::{At, Reader, Written, is_name, quotable, spanned, type_name};
use crate::source::Spanned;
use crate::units::{Date, Duration, Money, Period, Rate, Ratio, Size, Throughput};

pub(crate) use form::{PeakDay, Url};
pub use words::Require;
pub(crate) use words::{
    Broker, Confidence, Counts, Engine, Expire, Level, ScaleOn, Scope, TableKind,
};

/// A TOML number as `f64`, or why it is not one that caplint can take.
fn number(value: &TomlValue<'_>) -> Option<Result<f64, &'static str>> {
    let parsed = match value {
        TomlValue::Integer(integer) if integer.radix == 10 => integer.digits.parse().ok(),
        TomlValue::Integer(integer) => i128::from_str_radix(&integer.digits, integer.radix)
            .ok()
            .map(|integer| integer as f64),
        TomlValue::Float(float) => float.parse::<f64>().ok(),
        _ => return None,
    };
    Some(match parsed {
        Some(number) if number.is_nan() || number.is_infinite() => Err("is not a finite number"),
        Some(number) if number < 0.0 => Err("is negative"),
        Some(number) => Ok(number + 0.0),
        None => Err("is not a number that caplint can hold"),
    })
}

/// Says that a value is no number; of one in quotes, that the quotes are too much.
fn wrong_number<T>(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    expected: &str,
) -> Option<T> {
    if let TomlValue::String(text) = value.get_ref()
        && crate::units::parse_count(text).is_ok()
    {
        let number = text.trim();
        let expected = Advice::value(format!("it without quotes: `{number}`"), number);
        return reader.wrong_type(at, value, expected);
    }
    reader.wrong_type(at, value, expected)
}

fn read_number(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    least: f64,
    expected: &str,
) -> Option<f64> {
    let problem = match number(value.get_ref()) {
        None => return wrong_number(reader, at, value, expected),
        Some(Ok(number)) if number >= least => return Some(number),
        Some(Ok(_)) => format!("{} is below {least}", at.words()),
        Some(Err(problem)) => format!("{} {problem}", at.words()),
    };
    reader.refuse(at, value, problem, format!("write {expected}"))
}

/// Reads a string that has a form of its own.
fn read_text<T>(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    expected: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let TomlValue::String(text) = value.get_ref() else {
        return reader.wrong_type(at, value, expected);
    };
    match parse(text) {
        Ok(parsed) => Some(parsed),
        Err(problem) => {
            let (problem, help) = split(&problem, expected, |text| parse(text).is_ok());
            reader.refuse(at, value, problem, help)
        }
    }
}

/// A finite number that is 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(crate) struct Count(pub(crate) f64);

impl Declared for Count {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a number of 0 or more, such as `4800`";
        read_number(reader, at, value, 0.0, expected).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Peak(pub(crate) f64);

impl Declared for Peak {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "peak over average, 1 or more, such as `3`";
        read_number(reader, at, value, 1.0, expected).map(Self)
    }
}

/// How many times as much as an average member the largest one uses.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Largest(pub(crate) f64);

impl Declared for Largest {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected =
            "how many times the average the largest member uses, 1 or more, such as `10`";
        read_number(reader, at, value, 1.0, expected).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Positive(pub(crate) f64);

impl Declared for Positive {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a number above 0";
        let number = read_number(reader, at, value, 0.0, expected)?;
        if number > 0.0 {
            return Some(Self(number));
        }
        let message = format!("`{}` is 0", at.name());
        reader.refuse(at, value, message, "write a number above 0")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl Declared for Text {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        read_text(reader, at, value, "a string in quotes", |text| {
            Ok(Self(text.to_owned()))
        })
    }
}

/// The name of something declared elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) String);

impl Declared for Name {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        read_text(reader, at, value, "a name in quotes", |text| {
            if is_name(text) {
                return Ok(Self(text.to_owned()));
            }
            let text = quotable(text);
            Err(format!(
                "`{text}` is not a name: write letters, digits, `_`, `.` and `-`, first a letter or digit"
            ))
        })
    }
}

/// The id of a demand line: any text but the empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineId(pub(crate) String);

impl Declared for LineId {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        read_text(reader, at, value, "the id of a line, in quotes", |text| {
            if text.is_empty() {
                Err(format!("`{}` is empty", at.name()))
            } else if text.len() > crate::limits::MAX_NAME_BYTES {
                Err(format!("`{}` is longer than a name may be", at.name()))
            } else {
                Ok(Self(text.to_owned()))
            }
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl Declared for Flag {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Boolean(flag) => Some(Self(*flag)),
            _ => reader.wrong_type(at, value, "`true` or `false`"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Texts(pub(crate) Vec<Spanned<String>>);

impl Declared for Texts {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Array(array) = value.get_ref() else {
            return reader.wrong_type(at, value, "a list of strings, such as `[\"one\", \"two\"]`");
        };
        let mut texts = Vec::with_capacity(array.len());
        for value in array {
            match value.get_ref() {
                TomlValue::String(text) => texts.push(spanned(reader, text.to_string(), value)),
                other => {
                    let holder = at.words();
                    let message =
                        format!("{holder} contains {}, but takes strings", type_name(other));
                    reader.refuse::<()>(at, value, message, "write each as a string in quotes");
                }
            }
        }
        // Of some of them nothing can be told.
        (texts.len() == array.len()).then_some(Self(texts))
    }
}

/// A share, such as `0.75` or `"75%"`, of 0 or more.
impl Declared for Ratio {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a ratio of 0 or more, such as `0.75` or `\"75%\"`";
        if matches!(value.get_ref(), TomlValue::String(_)) {
            return read_text(reader, at, value, expected, Self::parse);
        }
        read_number(reader, at, value, 0.0, expected).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Portion(pub(crate) f64);

impl Declared for Portion {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let Ratio(ratio) = Ratio::read(reader, at, value)?;
        if ratio <= 1.0 {
            return Some(Self(ratio));
        }
        let message = format!("`{}` is above 1", at.name());
        let help = "write a share of at most 1, such as `0.75` or `\"75%\"`";
        reader.refuse(at, value, message, help)
    }
}

/// A duration above 0.
impl Declared for Duration {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a duration such as `\"15m\"`, `\"1d12h\"` or `\"90d\"`";
        read_text(reader, at, value, expected, parse_duration)
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    match Duration::parse(text) {
        Ok(duration) if duration.seconds <= 0.0 => {
            let text = quotable(text);
            Err(format!("`{text}` is zero: write a duration above 0"))
        }
        other => other,
    }
}

/// Reads a duration where a few words are accepted too, which `expected` names.
fn read_duration(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    expected: &str,
) -> Option<Duration> {
    read_text(reader, at, value, expected, |text| {
        parse_duration(text).map_err(|problem| expecting(problem, expected))
    })
}

/// What is wrong with a duration, with what is accepted in place of any duration.
fn expecting(problem: String, expected: &str) -> String {
    let general = [": write it as ", ": write a duration"];
    let mut general = general.iter().filter_map(|words| problem.split_once(words));
    match general.next() {
        Some((problem, _)) => format!("{problem}: write {expected}"),
        None => problem,
    }
}

/// A duration of days or more.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Days(pub(crate) Duration);

impl std::ops::Deref for Days {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl Declared for Days {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a duration such as `\"90d\"`, `\"6mo\"` or `\"1y\"`";
        read_days(reader, at, value, expected)
    }
}

/// Reads a duration of days or more; `expected` names other words that are accepted too.
fn read_days(
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
    expected: &str,
) -> Option<Days> {
    read_text(reader, at, value, expected, |text| {
        let duration = parse_duration(text).map_err(|problem| expecting(problem, expected));
        duration.and_then(|_| Duration::parse_long(text.trim()).map(Days))
    })
}

/// A ratio of which a bare number above `MOST` is more likely a percentage without its `%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(crate) struct SmallRatio<const MOST: u32>(pub(crate) f64);

impl<const MOST: u32> Declared for SmallRatio<MOST> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let Ratio(ratio) = Ratio::read(reader, at, value)?;
        let is_bare = !matches!(value.get_ref(), TomlValue::String(_));
        if !is_bare || ratio <= f64::from(MOST) {
            return Some(Self(ratio));
        }
        let (small, large) = (Ratio(ratio / 100.0), Ratio(ratio));
        let message = format!(
            "{} is `{}`, which is {large}",
            at.words(),
            reader.text(value)
        );
        let help = format!("write `\"{small}\"` if that is meant, else `\"{large}\"`");
        reader.refuse(at, value, message, help)
    }
}

impl Declared for Size {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a size such as `\"60KB\"`, `\"2GiB\"` or a number of bytes";
        if matches!(value.get_ref(), TomlValue::String(_)) {
            return read_text(reader, at, value, expected, Self::parse);
        }
        read_number(reader, at, value, 0.0, expected).map(|bytes| Self { bytes })
    }
}

impl Declared for Rate {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a rate such as `\"4/day\"`, `\"200/min\"` or `\"every 15m\"`";
        read_text(reader, at, value, expected, Self::parse)
    }
}

/// A rate that is not a batch: limits, quotas, capacities.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flow {
    pub(crate) count: f64,
    pub(crate) period: Period,
}

impl Declared for Flow {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a number over a period, such as `\"200/min\"`";
        read_text(reader, at, value, expected, |text| {
            let rate = Rate::parse(text)?;
            if rate.batch {
                return Err(format!("`{}` cannot be a batch", at.name()));
            }
            Ok(Self {
                count: rate.count,
                period: rate.period,
            })
        })
    }
}

impl Declared for Throughput {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a size over a period, such as `\"4MB/s\"`";
        read_text(reader, at, value, expected, Self::parse)
    }
}

impl Declared for Money {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "an amount of money, such as `1499.50`";
        let text = match value.get_ref() {
            TomlValue::Integer(integer) if integer.radix == 10 => &integer.digits,
            TomlValue::Float(float) => float,
            _ => return wrong_number(reader, at, value, expected),
        };
        match Self::parse(text) {
            Ok(money) => Some(money),
            Err(problem) => {
                let (problem, help) = split(&problem, expected, |_| false);
                reader.refuse(at, value, problem, help)
            }
        }
    }
}

impl Declared for Date {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        if let TomlValue::Datetime(datetime) = value.get_ref()
            && let (Some(date), None, None) = (datetime.date, datetime.time, datetime.offset)
            && let Ok(date) = Self::from_toml(date)
        {
            return Some(date);
        }
        match value.get_ref() {
            TomlValue::Datetime(datetime) if datetime.date.is_some() => {
                let message = format!("{} has a time of day", at.words());
                let help = "write the date alone, such as `2026-11-22`";
                reader.refuse(at, value, message, help)
            }
            TomlValue::String(text) if Self::parse(text).is_ok() => {
                let date = text.trim();
                let expected = Advice::value(format!("it without quotes: `{date}`"), date);
                reader.wrong_type(at, value, expected)
            }
            _ => reader.wrong_type(at, value, "a date without quotes, such as `2026-11-22`"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Retention {
    Forever,
    For(Duration),
}

impl Declared for Retention {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::String(text) if text == "forever" => Some(Self::Forever),
            _ => {
                let expected = "a duration such as `\"90d\"`, or `\"forever\"`";
                read_days(reader, at, value, expected).map(|days| Self::For(days.0))
            }
        }
    }
}

/// The span of time that one partition holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PartitionLength(pub(crate) Duration);

impl Declared for PartitionLength {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let word = match value.get_ref() {
            TomlValue::String(word) => word,
            _ => "",
        };
        let days = match word {
            "day" => 1.0,
            "week" => 7.0,
            "month" => 30.0,
            "year" => 365.0,
            _ => {
                let expected = "`\"day\"`, `\"week\"`, `\"month\"`, `\"year\"`, or a duration such as `\"7d\"`";
                return read_days(reader, at, value, expected).map(|days| Self(days.0));
            }
        };
        let seconds = days * 86_400.0;
        Some(Self(Duration { seconds }))
    }
}

/// How stale a product may show what an endpoint returns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cacheable {
    /// Not at all: freshness is the value.
    No,
    For(Duration),
}

impl Declared for Cacheable {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Boolean(false) => Some(Self::No),
            TomlValue::Boolean(true) => {
                let message = "`cacheable = true` has no duration";
                let help =
                    "write the longest that an answer may be stale, such as `\"15m\"`, or `false`";
                reader.refuse(at, value, message, help)
            }
            _ => {
                let expected = "a duration such as `\"15m\"`, or `false`";
                read_duration(reader, at, value, expected).map(Self::For)
            }
        }
    }
}
