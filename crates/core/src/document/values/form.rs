//! Values of few keys, each with a form or a range of its own.

use super::{read_number, read_text};
use crate::document::declared::Declared;
use crate::document::reader::{At, Reader, Written, quotable};
use crate::units::Growth;

/// The busiest day over the average day: a week has seven.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct PeakDay(pub(crate) f64);

impl PeakDay {
    pub(crate) const MOST: f64 = 7.0;
}

impl Declared for PeakDay {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "the busiest day over the average day, from 1 to 7, such as `1.4`";
        let number = read_number(reader, at, value, 1.0, expected)?;
        if number <= Self::MOST {
            return Some(Self(number));
        }
        let message = format!("{} is above 7, the days of a week", at.words());
        reader.refuse(at, value, message, format!("write {expected}"))
    }
}

/// The address of a page, by https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url(pub(crate) String);

impl Declared for Url {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "an https address, such as `\"https://status.example.com/\"`";
        read_text(reader, at, value, expected, |text| {
            let host = text.strip_prefix("https://").unwrap_or_default();
            let begins = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
            let is_plain = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
            match begins && is_plain {
                true => Ok(Self(text.to_owned())),
                false => Err(format!("`{}` is not an https address", quotable(text))),
            }
        })
    }
}

impl Declared for Growth {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let expected = "a ratio per period, such as `\"10%/month\"`";
        read_text(reader, at, value, expected, Self::parse)
    }
}
