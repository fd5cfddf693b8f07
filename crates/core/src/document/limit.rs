//! Limits: what holds now, and what it can be raised to.

use crate::document::declared::Declared;
use crate::document::reader::{At, Reader, Written, spanned};
use crate::document::values::{Count, Flow};
use crate::finding::file_errors;
use crate::source::Spanned;
use crate::units::{Money, Size};
use toml::de::DeValue;

/// A limit: what holds now, and what it can be raised to without a redesign.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit<T> {
    /// What holds today.
    pub now: T,
    /// What holds in scenarios, where it differs.
    pub max: Option<T>,
}

impl<T> Limit<T> {
    /// What holds in scenarios.
    pub fn most(&self) -> &T {
        self.max.as_ref().unwrap_or(&self.now)
    }
}

/// What can be a limit.
pub trait Bounded: Declared {
    /// Whether two values may be the two sides of one limit.
    fn same_window(&self, _other: &Self) -> bool {
        true
    }
}

impl Bounded for Count {}
impl Bounded for Size {}
impl Bounded for Money {}
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
        let (mut now, mut max) = (None, None);
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let slot = match key.get_ref().as_ref() {
                "now" => &mut now,
                "max" => &mut max,
                _ => {
                    let span = reader.span(key.span());
                    reader.unknown_key(&at, span, &["now", "max"]);
                    sound = false;
                    continue;
                }
            };
            *slot = T::read(reader, &at, value);
            sound &= slot.is_some();
        }
        let span = reader.span(value.span());
        if now.is_none() && sound {
            reader.missing_key(
                at,
                span,
                "now",
                "a limit is a value or `{ now = …, max = … }`",
            );
        }
        let now = now?;
        if !sound {
            return None;
        }
        if max.as_ref().is_some_and(|max| !now.same_window(max)) {
            reader.invalid(
                at,
                span,
                format!("`now` and `max` of `{}` have different periods", at.name()),
                "write both over the same period",
            );
            return None;
        }
        Some(Self { now, max })
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let [key] = path else {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        };
        let (true, Some(limit)) = (matches!(key.as_str(), "now" | "max"), slot) else {
            return false;
        };
        let at = at.key(key);
        let Some(read) = T::read(reader, &at, value) else {
            return true;
        };
        let limit = &mut limit.value;
        let other = if key == "max" {
            Some(&limit.now)
        } else {
            limit.max.as_ref()
        };
        if other.is_some_and(|other| !read.same_window(other)) {
            reader.invalid(
                &at,
                reader.span(value.span()),
                "`now` and `max` of a limit have different periods",
                "write both over the same period",
            );
        } else if key == "max" {
            limit.max = Some(read);
        } else {
            limit.now = read;
        }
        true
    }
}

/// Rate limits: one, or one a window.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimits(pub Vec<Spanned<Limit<Flow>>>);

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
                let finding = crate::finding::Finding::new(
                    file_errors::INVALID_VALUE,
                    crate::finding::Severity::Error,
                    at.path().to_string(),
                    format!("the window `{name}` is limited twice"),
                )
                .at(reader.span(value.span()))
                .also(first.span, "first limited here")
                .help("keep one limit for each window");
                reader.push(finding);
                sound = false;
                continue;
            }
            let limit = spanned(reader, limit, value);
            limits.push(limit);
        }
        sound.then_some(Self(limits))
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        if path.is_empty() {
            if let Some(read) = Self::read(reader, at, value) {
                *slot = Some(spanned(reader, read, value));
            }
            return true;
        }
        // Of several, nothing says which.
        let Some([limit]) = slot.as_mut().map(|limits| &mut limits.value.0[..]) else {
            return false;
        };
        let mut only = Some(limit.clone());
        let found = Limit::set(&mut only, reader, at, path, value);
        if let Some(only) = only {
            *limit = only;
        }
        found
    }
}
