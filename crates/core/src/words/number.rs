//! How numbers are written: one policy for every format that people read.
//!
//! People check these figures by hand, so counts below ten million are written in full
//! (`2,088,000`); above, and for bytes, four significant digits with a decimal prefix
//! (`20.88M`, `35.04 GB`, 1000-based). Arithmetic here is division by powers of ten only.

/// A quantity in a meter's unit, without the unit where that is not part of the number:
/// `1.46 GB`, `4 MB/s`, `5m 20s`, `1,499.50 USD`, `2,088,000`. Nothing is infinite: `∞`.
pub fn quantity(value: Option<f64>, unit: &str, currency: &str) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return "∞".to_owned();
    };
    match Unit::of(unit) {
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::Seconds => duration(value),
        Unit::Money => money(value, currency),
        Unit::Other => count(value),
    }
}

/// The quantities of one row, in one unit, so that they can be compared and divided by eye. What
/// is far smaller than the largest keeps its own.
pub fn row<const N: usize>(values: [Option<f64>; N], unit: &str, currency: &str) -> [String; N] {
    let (prefixes, space, end): (&[&str], _, _) = match Unit::of(unit) {
        Unit::Bytes => (&BYTES, " ", ""),
        Unit::BytesPerSecond => (&BYTES, " ", "/s"),
        Unit::Other => (&COUNTS, "", ""),
        Unit::Seconds | Unit::Money => return values.map(|value| quantity(value, unit, currency)),
    };
    let finite = values.iter().flatten().filter(|value| value.is_finite());
    let largest = finite.fold(0.0_f64, |most, value| most.max(value.abs()));
    let is_counted = matches!(Unit::of(unit), Unit::Other) && largest < 1e7;
    let (scale, index) = scale(largest, prefixes);
    values.map(|value| match value {
        Some(value)
            if !is_counted
                && largest < 1e21
                && value.is_finite()
                && value.abs() >= scale / 100.0 =>
        {
            format!(
                "{}{space}{}{end}",
                significant(value / scale, 4),
                prefixes[index]
            )
        }
        value => quantity(value, unit, currency),
    })
}

/// A value beside an axis: without the currency, for which there is no room.
pub fn tick(value: f64, unit: &str) -> String {
    match Unit::of(unit) {
        _ if value == 0.0 => "0".to_owned(),
        // Nor is there room for many zeros.
        Unit::Money | Unit::Other if value.abs() < 1e-4 => format!("{value:.2e}"),
        Unit::Money => count(value),
        _ => quantity(Some(value), unit, ""),
    }
}

/// The unit, where [`quantity`] leaves it out.
pub fn unit_beside(unit: &str) -> &str {
    match Unit::of(unit) {
        Unit::Money => unit.find('/').map_or("", |at| &unit[at..]),
        Unit::Other => unit,
        _ => "",
    }
}

/// A change of a quantity, with its sign.
pub fn delta(value: Option<f64>, unit: &str, currency: &str) -> String {
    match value {
        Some(value) if value > 0.0 => format!("+{}", quantity(Some(value), unit, currency)),
        Some(value) => quantity(Some(value), unit, currency),
        None => "∞".to_owned(),
    }
}

/// A relative change: `+25.9%`, `×300` from tenfold on, `new` where there was nothing before,
/// `gone` where nothing is left.
pub fn change(before: Option<f64>, after: Option<f64>, percent: Option<f64>) -> String {
    match (before, after, percent) {
        (Some(0.0), Some(0.0), None) => String::new(),
        (Some(0.0), _, None) => "new".to_owned(),
        (_, Some(0.0), Some(_)) => "gone".to_owned(),
        (_, None, _) => String::new(),
        (_, _, Some(percent)) if percent >= 9.0 => format!("×{}", significant(1.0 + percent, 3)),
        (_, _, Some(percent)) => {
            let hundredths = percent * 100.0;
            let sign = if percent > 0.0 { "+" } else { "" };
            match hundredths.abs() < 0.05 {
                true if percent == 0.0 => "0%".to_owned(),
                true => "<0.1%".to_owned(),
                false => format!("{sign}{}%", one_decimal(hundredths)),
            }
        }
        (_, _, None) => String::new(),
    }
}

/// A share of a limit: `83.5%`, `×12` from tenfold on. A share that would round to the limit is
/// written `>100%` or `<100%`.
pub fn share(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else {
        return "∞".to_owned();
    };
    match one_decimal(ratio * 100.0).as_str() {
        _ if ratio >= 10.0 => format!("×{}", significant(ratio, 3)),
        "100" if ratio > 1.0 => ">100%".to_owned(),
        "100" if ratio < 1.0 => "<100%".to_owned(),
        "0" if ratio > 0.0 => "<0.1%".to_owned(),
        percent => format!("{percent}%"),
    }
}

/// A share in whole percents, for sentences: `84%`, `12×` from tenfold on, `100.4%` near the limit.
pub fn whole(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else {
        return "∞".to_owned();
    };
    match (ratio * 100.0).round() {
        _ if ratio >= 10.0 => format!("{}×", significant(ratio, 3)),
        // On which side of the limit it is.
        100.0 if ratio != 1.0 => share(Some(ratio)),
        0.0 if ratio > 0.0 => "<1%".to_owned(),
        percent => format!("{percent}%"),
    }
}

/// A multiple of today's tenants, rounded down to hundredths below ten: `1.19×`.
pub fn times(value: Option<f64>) -> String {
    match value {
        Some(value) if value < 10.0 => {
            format!("{:.2}×", (value * 100.0 * (1.0 + 2e-6)).floor() / 100.0)
        }
        value => multiplier(value),
    }
}

/// A multiplier, rounded down so that the demand at it still fits: `4.137×`.
pub fn multiplier(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let scale = ten_to((3 - exponent(value)).clamp(0, 3));
    // Searched values end a hair below round ones; without this 2× would show as 1.999×.
    let floored = (value * scale * (1.0 + 2e-6)).floor() / scale;
    if floored >= 1000.0 {
        return format!("{}×", count(floored));
    }
    format!("{}×", significant(floored, 4))
}

/// A day of a month or from today: `12.4`.
pub fn day(value: f64) -> String {
    one_decimal(value)
}

/// The number that a name begins with, infinite where there is none: people count `10x` before
/// `100x`, and those that are named by words last.
fn leading(name: &str) -> f64 {
    let end = name.find(|it: char| !it.is_ascii_digit() && it != '.');
    let number = name.get(..end.unwrap_or(name.len())).map(str::parse::<f64>);
    number.and_then(Result::ok).unwrap_or(f64::INFINITY)
}

/// Puts what has names in the order in which people count them.
pub fn by_leading<T>(all: &mut [T], name: impl Fn(&T) -> &str) {
    all.sort_by(|one, other| leading(name(one)).total_cmp(&leading(name(other))));
}

/// `1 error`, `2 errors`.
pub fn plural(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", self::count(count as f64))
}

/// A number without a unit.
pub fn count(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "∞".to_owned();
    }
    if size >= 1e21 {
        return format!("{value:.3e}");
    }
    if size >= 1e7 {
        return prefixed(value, &COUNTS, "");
    }
    if size >= 999.995 {
        return grouped(&format!("{value:.0}"));
    }
    if size >= 1.0 || size == 0.0 {
        return trimmed(&format!("{value:.2}"));
    }
    // A call a day is 0.0000116 a second: three digits, wherever they begin.
    match usize::try_from(2 - exponent(value)) {
        Ok(decimals) if decimals <= MOST_DECIMALS => trimmed(&format!("{value:.decimals$}")),
        _ => format!("{value:.2e}"),
    }
}

/// What needs more decimals than these is written with an exponent.
const MOST_DECIMALS: usize = 12;

/// Bytes, 1000-based.
pub fn bytes(value: f64) -> String {
    prefixed(value, &BYTES, " ")
}

/// Seconds, in their two largest units: `5m 20s`.
pub fn duration(seconds: f64) -> String {
    if seconds.abs() < 1.0 && seconds != 0.0 {
        return format!("{}s", count(seconds));
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let seconds = seconds.abs();
    if seconds < 60.0 {
        return format!("{sign}{}s", one_decimal(seconds));
    }
    let (large, name, small, rest) = if seconds < 3600.0 {
        (60.0, "m", 1.0, "s")
    } else if seconds < 86_400.0 {
        (3600.0, "h", 60.0, "m")
    } else {
        (86_400.0, "d", 3600.0, "h")
    };
    let smalls = (seconds / small).round();
    let per = large / small;
    let (whole, left) = ((smalls / per).floor(), smalls % per);
    if left == 0.0 || whole >= 1000.0 {
        format!("{sign}{}{name}", count(whole))
    } else {
        format!("{sign}{}{name} {left:.0}{rest}", count(whole))
    }
}

/// A count with all its whole digits, for what is bought by the piece: `20,880,000`.
pub fn pieces(value: f64) -> String {
    match (1e7..1e15).contains(&value) {
        true => grouped(&format!("{value:.0}")),
        false => count(value),
    }
}

/// A decimal as it is written, its thousands apart: `1,600.00`.
pub fn exact(decimal: impl std::fmt::Display) -> String {
    grouped(&decimal.to_string())
}

/// Money with its currency.
pub fn money(value: f64, currency: &str) -> String {
    let number = match value.abs() < 1e7 {
        true => grouped(&format!("{value:.2}")),
        false => count(value),
    };
    format!("{number} {}", super::text::clean(currency))
}

/// What one of something costs, with its currency: prices have more decimals than amounts.
pub fn price(value: f64, currency: &str) -> String {
    let cents = value * 100.0;
    match (cents - cents.round()).abs() < 1e-9 * cents.abs() {
        true => money(value, currency),
        false => {
            let written = count(value);
            let decimals = written.split_once('.').map(|(_, decimals)| decimals.len());
            let zero = if decimals == Some(1) { "0" } else { "" };
            format!("{written}{zero} {}", super::text::clean(currency))
        }
    }
}

/// A price that something unknown may add to: `≥0.864 USD`.
pub fn price_from(at_least: bool, value: f64, currency: &str) -> String {
    let bound = if at_least { "≥" } else { "" };
    format!("{bound}{}", price(value, currency))
}

/// The exponent of a number in scientific notation: 2 of 834, 0 of what is 0 or infinite. From its
/// digits: a logarithm may differ between machines, and a loop over powers may not end.
pub fn exponent(value: f64) -> i32 {
    let digits = format!("{value:e}");
    let exponent = digits.split_once('e').and_then(|(_, end)| end.parse().ok());
    exponent.unwrap_or(0)
}

/// A power of ten, finite and above 0.
pub fn ten_to(exponent: i32) -> f64 {
    let power = format!("1e{}", exponent.clamp(-307, 308)).parse();
    power.unwrap_or(1.0)
}

enum Unit {
    Bytes,
    BytesPerSecond,
    Seconds,
    Money,
    Other,
}

impl Unit {
    fn of(unit: &str) -> Self {
        match unit {
            "bytes" => Self::Bytes,
            "bytes/s" => Self::BytesPerSecond,
            "seconds" => Self::Seconds,
            _ if unit.starts_with("money") => Self::Money,
            _ => Self::Other,
        }
    }
}

const COUNTS: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
const BYTES: [&str; 7] = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];

/// Four significant digits with the prefix that leaves one to three before the point.
fn prefixed(value: f64, prefixes: &[&str], space: &str) -> String {
    let (scale, index) = scale(value, prefixes);
    let scaled = value / scale;
    let number = match scaled.abs() >= 1e6 {
        true => format!("{scaled:.3e}"),
        false => significant(scaled, 4),
    };
    format!("{number}{space}{}", prefixes[index])
}

/// The power of ten that a prefix stands for, and which it is.
fn scale(value: f64, prefixes: &[&str]) -> (f64, usize) {
    let (mut scale, mut index) = (1.0, 0);
    // 999.95 would round to 1000 in four digits.
    while (value / scale).abs() >= 999.95 && index + 1 < prefixes.len() {
        scale *= 1000.0;
        index += 1;
    }
    (scale, index)
}

/// This many significant digits, at least all before the point, without trailing zeros.
fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "∞".to_owned();
    }
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let decimals = digits.saturating_sub(1 + exponent(value).max(0) as usize);
    trimmed(&grouped(&format!("{value:.decimals$}")))
}

fn one_decimal(value: f64) -> String {
    trimmed(&grouped(&format!("{value:.1}")))
}

/// Without zeros after the point, nor the sign of zero.
fn trimmed(number: &str) -> String {
    let short = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    if short == "-0" { "0" } else { short }.to_owned()
}

fn grouped(number: &str) -> String {
    parted(number, ',')
}

/// A number as TOML has it, with its thousands apart from five digits on: `2_930_000`.
pub fn toml(number: &str) -> String {
    const FEW: usize = 5;
    match number.find('.').unwrap_or(number.len()) {
        whole if whole < FEW => number.to_owned(),
        _ => parted(number, '_'),
    }
}

/// A number with this between its thousands.
pub fn parted(number: &str, between: char) -> String {
    let whole = number.find('.').unwrap_or(number.len());
    let mut out = String::with_capacity(number.len() + number.len() / 3);
    for (index, character) in number.char_indices() {
        let is_between = index < whole && out.ends_with(|c: char| c.is_ascii_digit());
        if is_between && (whole - index).is_multiple_of(3) {
            out.push(between);
        }
        out.push(character);
    }
    out
}
