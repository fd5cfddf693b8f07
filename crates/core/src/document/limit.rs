//! Limits: what holds now, and what it can be raised to.

use crate::document::declared::Declared;
use crate::document::edit::{Edit, Way};
use crate::document::reader::{At, Reader, Written, read_keys, spanned};
use crate::document::values::{Count, Flow};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::Spanned;
use crate::units::{Money, Size, Throughput};
use toml::de::DeValue;

/// A limit: what holds now, and what it can be raised to without a redesign.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit<T> {
    pub(crate) now: T,
    pub(crate) max: Option<T>,
}

impl<T> Limit<T> {
    pub(crate) fn most(&self) -> &T {
        self.max.as_ref().unwrap_or(&self.now)
    }
}

pub(crate) trait Bounded: Declared {
    /// Whether two values may be the two sides of one limit.
    fn same_window(&self, _other: &Self) -> bool {
        true
    }
}

impl Bounded for Count {}
impl Bounded for Size {}
impl Bounded for Money {}
impl Bounded for Throughput {}
impl Bounded for Flow {
    fn same_window(&self, other: &Self) -> bool {
        self.period.same_length(&other.period)
    }
}

impl<T: Bounded> Declared for Limit<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            return T::read(reader, at, value).map(|now| Self { now, max: None });
        };
        let ([now, max], sound) = read_keys(reader, at, table, ["now", "max"], T::read);
        if now.is_none() && sound {
            let help = "a limit is a value or `{ now = …, max = … }`";
            reader.missing_key(at, value, "now", help);
        }
        let now = now?;
        if !sound {
            return None;
        }
        if max.as_ref().is_some_and(|max| !now.same_window(max)) {
            let message = format!("`now` and `max` of `{}` have different periods", at.name());
            return reader.refuse(at, value, message, "write both over the same period");
        }
        Some(Self { now, max })
    }

    fn edit(&mut self, _other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let Some(at) = way.last() else { return false };
        let beside = match at.name() {
            "now" => self.max.as_ref(),
            "max" => Some(&self.now),
            _ => return false,
        };
        // Compared whole, and so copied whole: only a text replaces one side.
        let Some(Some(Spanned { value, span })) = edit.value::<T>(&at, None) else {
            return true;
        };
        if beside.is_some_and(|beside| !value.same_window(beside)) {
            let message = "`now` and `max` of a limit have different periods";
            edit.refuse(&at, span, message, "write both over the same period");
        } else if at.name() == "max" {
            self.max = Some(value);
        } else {
            self.now = value;
        }
        true
    }
}

/// Rate limits: one, or one a window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RateLimits(pub(crate) Vec<Spanned<Limit<Flow>>>);

impl Declared for RateLimits {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Array(array) = value.get_ref() else {
            let limit = Limit::read(reader, at, value)?;
            return Some(Self(vec![spanned(reader, limit, value)]));
        };
        let mut limits: Vec<Spanned<Limit<Flow>>> = Vec::new();
        let mut sound = true;
        for value in array {
            let Some(limit) = Limit::<Flow>::read(reader, at, value) else {
                sound = false;
                continue;
            };
            let period = &limit.now.period;
            let name = period.name();
            // `60s` and `min` are one window.
            if let Some(first) = limits
                .iter()
                .find(|other| other.value.now.period.same_length(period))
            {
                let message = format!("the window `{name}` is limited twice");
                let rule = file_errors::INVALID_VALUE;
                let finding = Finding::new(rule, Severity::Error, at.dotted(), message)
                    .at(reader.span(value.span()))
                    .also(first.span, "first limited here")
                    .help("keep one limit for each window");
                reader.push(finding);
                sound = false;
                continue;
            }
            limits.push(spanned(reader, limit, value));
        }
        sound.then_some(Self(limits))
    }

    fn edit(&mut self, _other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        match &mut self.0[..] {
            [only] => only.value.edit(None, way, edit),
            // Of several, nothing says which.
            _ => false,
        }
    }
}
