//! Sizes: `400B`, `60KB`, `2GiB`.

use std::fmt;

use super::number::{Quantity, count, malformed, respelt, shown, whole_below};

const ACCEPTED: &str = "`400B`, `60KB`, `1.4TB` or `2GiB` (KB = 1000, KiB = 1024)";

const DECIMAL: [(&str, u32); 6] = [
    ("KB", 1),
    ("MB", 2),
    ("GB", 3),
    ("TB", 4),
    ("PB", 5),
    ("EB", 6),
];
const BINARY: [(&str, u32); 6] = [
    ("KiB", 1),
    ("MiB", 2),
    ("GiB", 3),
    ("TiB", 4),
    ("PiB", 5),
    ("EiB", 6),
];

/// An amount of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Size {
    /// Its bytes: finite and at least 0.
    pub bytes: f64,
}

impl Size {
    /// A size from a bare number, which is bytes.
    pub fn from_number(bytes: f64) -> Result<Self, String> {
        count(bytes).map(|bytes| Self { bytes })
    }

    /// Reads a number with a unit; without one it is bytes.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_before(text, "")
    }

    /// Reads a size before something else, which stands behind what is to be written instead.
    pub(super) fn parse_before(text: &str, rest: &str) -> Result<Self, String> {
        let text = text.trim();
        let number = Quantity::split(text, "a size", ACCEPTED)?;
        let unit = number.rest.trim_start();
        let bytes = if matches!(unit, "" | "B") {
            number.times_ten_to(0)?
        } else if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == unit) {
            number.times_ten_to(3 * i64::from(*power))?
        } else if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == unit) {
            number.times(1 << (10 * power))?
        } else {
            return Err(refuse_unit(&format!("{text}{rest}"), unit));
        };
        Ok(Self { bytes })
    }
}

fn refuse_unit(text: &str, unit: &str) -> String {
    if unit == "b" {
        return format!(
            "{} has the unit `b`: write `B` for bytes; bits are not accepted",
            shown(text)
        );
    }
    let names = || DECIMAL.iter().chain(&BINARY).map(|(name, _)| *name);
    let meant = names().find(|name| name.eq_ignore_ascii_case(unit));
    let mut short = names().filter(|name| {
        let prefix = name.trim_end_matches('B').trim_end_matches('i');
        [prefix, name.trim_end_matches('B')]
            .iter()
            .any(|short| short.eq_ignore_ascii_case(unit))
    });
    match (meant.or_else(|| short.next()), short.next()) {
        (Some(name), None) => respelt(text, "unit", unit, name),
        (Some(decimal), Some(binary)) => format!(
            "{} or {}",
            respelt(text, "unit", unit, decimal),
            shown(&text.replacen(unit, binary, 1))
        ),
        (None, _) => malformed(text, "a size", ACCEPTED),
    }
}

impl fmt::Display for Size {
    /// The largest unit that needs at most three decimals; a binary one for what is round in it
    /// and not in thousands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = whole_below(self.bytes, 9e18).filter(|bytes| *bytes >= 1_000) else {
            return write!(f, "{}B", self.bytes);
        };
        if bytes % 1_000 != 0
            && let Some((name, power)) = BINARY
                .iter()
                .rev()
                .find(|(_, power)| bytes % (1 << (10 * power)) == 0)
        {
            return write!(f, "{}{name}", bytes >> (10 * power));
        }
        for (name, power) in DECIMAL.iter().rev() {
            let thousandth = 1_000_u64.pow(power - 1);
            if bytes / 1_000 >= thousandth && bytes % thousandth == 0 {
                let thousandths = bytes / thousandth;
                let fraction = format!("{:03}", thousandths % 1_000);
                let fraction = fraction.trim_end_matches('0');
                let point = if fraction.is_empty() { "" } else { "." };
                return write!(f, "{}{point}{fraction}{name}", thousandths / 1_000);
            }
        }
        write!(f, "{bytes}B")
    }
}
