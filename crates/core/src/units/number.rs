//! Plain numbers, and what the units' parsers share.

use std::borrow::Cow;

/// How much of the text that is wrong a message repeats.
const SHOWN: usize = 40;

/// A count from a TOML number: finite and at least 0.
/// Fails for negative numbers (`-0.0` too), infinite ones and what is not a number.
pub fn count(value: f64) -> Result<f64, String> {
    if value.is_nan() {
        Err("`nan` is not a number: write a number that is at least 0".to_owned())
    } else if value.is_infinite() {
        Err("the number is infinite or too large: write a finite number".to_owned())
    } else if value.is_sign_negative() {
        Err("a negative number has no meaning here: write a number that is at least 0".to_owned())
    } else {
        Ok(value)
    }
}

/// A count from the source text of a TOML number: `4_800`, `1.5`, `1e6`, `0x10`.
/// Fails where the text is no TOML number, or [`count`] refuses it.
pub fn parse_count(text: &str) -> Result<f64, String> {
    let Literal { digits, exponent } = Literal::parse(text)?;
    count(read_decimal(&digits, exponent))
}

/// A number as written in TOML, before it becomes binary or decimal.
pub(super) struct Literal {
    /// The digits without separators, the decimal point taken out.
    pub(super) digits: String,
    /// The power of ten that the digits are multiplied by; saturates.
    pub(super) exponent: i64,
}

impl Literal {
    /// Reads the source text of a TOML number that is at least 0.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
        if unsigned.starts_with('-') && unsigned.len() == trimmed.len() {
            return Err(negative(trimmed));
        }
        if matches!(unsigned, "inf" | "nan") {
            return Err(not_a_number(trimmed));
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
            if let Some(rest) = unsigned.strip_prefix(prefix) {
                return Self::parse_radix(trimmed, rest, radix);
            }
        }
        Self::parse_decimal(unsigned).ok_or_else(|| not_a_number(trimmed))
    }

    fn parse_decimal(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, separated_digits(fraction)?),
            None => (mantissa, Cow::default()),
        };
        let mut digits = separated_digits(whole)?.into_owned();
        digits.push_str(&fraction);
        let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        Some(Self {
            digits,
            exponent: exponent.saturating_sub(places),
        })
    }

    fn parse_radix(text: &str, digits: &str, radix: u32) -> Result<Self, String> {
        if digits.starts_with('+') {
            return Err(not_a_number(text));
        }
        let value = u64::from_str_radix(&digits.replace('_', ""), radix);
        let value = value.map_err(|_| not_a_number(text))?;
        Ok(Self {
            digits: value.to_string(),
            exponent: 0,
        })
    }
}

/// The exponent after `e`, saturating: digits with an optional sign.
fn parse_exponent(text: &str) -> Option<i64> {
    const MOST: i64 = 1_000_000_000;
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let exponent: i64 = separated_digits(digits)?.parse().unwrap_or(MOST);
    Some(sign * exponent.min(MOST))
}

/// Digits without their separators; nothing where there are no digits, or a `_` stands anywhere
/// but between two of them.
fn separated_digits(text: &str) -> Option<Cow<'_, str>> {
    let mut after_digit = false;
    for byte in text.bytes() {
        let is_digit = byte.is_ascii_digit();
        if !is_digit && (byte != b'_' || !after_digit) {
            return None;
        }
        after_digit = is_digit;
    }
    after_digit.then(|| match text.contains('_') {
        true => text.replace('_', "").into(),
        false => text.into(),
    })
}

/// The number `digits · 10^exponent`, correctly rounded; infinite where it is too large.
fn read_decimal(digits: &str, exponent: i64) -> f64 {
    /// Powers of ten that are exact in binary.
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    // Of two exact operands the product or quotient is rounded once: correctly (Clinger 1990, "How
    // to read floating point numbers accurately").
    let whole = digits.parse::<u64>().ok();
    let exact = whole.filter(|whole| *whole <= 1 << f64::MANTISSA_DIGITS);
    let power = usize::try_from(exponent.unsigned_abs());
    let power = power.ok().and_then(|power| POWERS.get(power));
    if let (Some(exact), Some(power)) = (exact, power) {
        #[expect(clippy::cast_precision_loss, reason = "up to 2^53")]
        let exact = exact as f64;
        return match exponent < 0 {
            true => exact / power,
            false => exact * power,
        };
    }
    format!("{digits}e{exponent}")
        .parse()
        .unwrap_or(f64::INFINITY)
}

/// A decimal number at the start of a quantity such as `1_000.5KB`.
pub(super) struct Quantity<'a> {
    digits: Cow<'a, str>,
    exponent: i64,
    pub(super) rest: &'a str,
}

impl<'a> Quantity<'a> {
    /// Splits a quantity after its number; `what` and `accepted` are for [`malformed`].
    pub(super) fn split(text: &'a str, what: &str, accepted: &str) -> Result<Self, String> {
        let malformed = || malformed(text, what, accepted);
        if text.starts_with('-') {
            return Err(negative(text));
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_' || byte == b'.';
        let end = text.bytes().position(|byte| !is_digit(byte));
        let end = end.unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        if let Some(after) = rest.strip_prefix(['e', 'E'])
            && after
                .trim_start_matches(['+', '-'])
                .starts_with(|c: char| c.is_ascii_digit())
            && !number.is_empty()
        {
            return Err(format!(
                "{} has an exponent, which is for plain numbers only: write it as {accepted}",
                shown(text)
            ));
        }
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, separated_digits(fraction).ok_or_else(malformed)?),
            None => (number, Cow::default()),
        };
        let mut digits = separated_digits(whole).ok_or_else(malformed)?;
        let fraction = fraction.trim_end_matches('0');
        // Most numbers are whole, and written without separators.
        if !fraction.is_empty() {
            digits.to_mut().push_str(fraction);
        }
        let exponent = -i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        Ok(Self {
            digits,
            exponent,
            rest,
        })
    }

    /// The number times `10^power`, correctly rounded.
    pub(super) fn times_ten_to(&self, power: i64) -> Result<f64, String> {
        finite(read_decimal(
            &self.digits,
            self.exponent.saturating_add(power),
        ))
    }

    /// The number times a whole factor, rounded once wherever the product is of ordinary size.
    pub(super) fn times(&self, factor: u64) -> Result<f64, String> {
        let places = self.exponent.unsigned_abs();
        let digits = self.digits.parse::<u64>().ok();
        let product = digits.and_then(|digits| digits.checked_mul(factor));
        let exact = product.filter(|it| *it < 1 << f64::MANTISSA_DIGITS && places <= 22);
        #[expect(
            clippy::cast_precision_loss,
            reason = "below 2^53, or a factor of a few digits"
        )]
        match exact {
            // Both are exact in binary, so the quotient is rounded only once.
            Some(product) => finite(product as f64 / read_decimal("1", self.exponent.abs())),
            None => finite(read_decimal(&self.digits, self.exponent) * factor as f64),
        }
    }
}

pub(super) fn finite(value: f64) -> Result<f64, String> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err("the number is too large: write a smaller one".to_owned())
    }
}

fn negative(text: &str) -> String {
    let text = shown(text);
    format!("{text} is negative: write a number that is at least 0")
}

fn not_a_number(text: &str) -> String {
    let text = shown(text);
    format!("{text} is not a number: write one such as `4_800` or `1.5`")
}

/// The error for text that is not `what`, such as `"a size"`; `accepted` is what is, such as
/// ``"`60KB`"``.
pub(super) fn malformed(text: &str, what: &str, accepted: &str) -> String {
    let text = shown(text);
    format!("{text} is not {what}: write it as {accepted}")
}

/// The error for a unit or a suffix that is spelt in another way.
pub(super) fn respelt(text: &str, what: &str, written: &str, meant: &str) -> String {
    let whole = shown(&text.replacen(written, meant, 1));
    let (text, written) = (shown(text), shown(written));
    format!("{text} has the {what} {written}: write {whole}")
}

/// The text between backticks, shortened and without control characters, for a message.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (index, c) in text.chars().enumerate() {
        if index == SHOWN {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

/// A whole number below 2^53, up to which every whole number is exact.
pub(super) fn whole(value: f64) -> Option<u64> {
    whole_below(value, 9_007_199_254_740_992.0)
}

/// A whole number below a limit of at most 2^63.
pub(super) fn whole_below(value: f64, limit: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked just before"
    )]
    (value >= 0.0 && value < limit && value.fract() == 0.0).then_some(value as u64)
}
