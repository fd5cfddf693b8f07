//! Limits: what holds now, and what it can be raised to.

use crate::advice::Advice;
use crate::document::declared::Declared;
use crate::document::edit::{Edit, Way};
use crate::document::reader::{At, Reader, Written, read_keys, spanned};
use crate::document::tree::TomlValue;
use crate::document::values::{Count, Flow};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::Spanned;
use crate::units::{Money, Size, Throughput};

/// A limit: what holds now, and what it can be raised to without a redesign; or the decision that
/// there is none, where that can be one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit<T, const OR_NONE: bool = true> {
    /// Nothing where there is no limit.
    now: Option<T>,
    max: Max<T>,
}

#[derive(Clone, Debug, PartialEq)]
enum Max<T> {
    AsNow,
    None,
    At(T),
}

impl<T, const OR_NONE: bool> Limit<T, OR_NONE> {
    /// What holds now; nothing where there is no limit.
    pub(crate) fn now(&self) -> Option<&T> {
        self.now.as_ref()
    }

    /// What it can be raised to; nothing where there is no limit then.
    pub(crate) fn most(&self) -> Option<&T> {
        match &self.max {
            Max::AsNow => self.now.as_ref(),
            Max::None => None,
            Max::At(max) => Some(max),
        }
    }

    /// Whether it says what it can be raised to.
    pub(crate) fn has_max(&self) -> bool {
        !matches!(self.max, Max::AsNow)
    }
}

pub(crate) trait Bounded: Declared {
    /// Whether two values may be the two sides of one limit.
    fn same_window(&self, _other: &Self) -> bool {
        true
    }

    /// Whether it allows less than another one over the same window.
    fn is_below(&self, other: &Self) -> bool;
}

macro_rules! bounded {
    ($($type:ty),*) => {$(
        impl Bounded for $type {
            fn is_below(&self, other: &Self) -> bool {
                self < other
            }
        }
    )*};
}
bounded!(Count, Size, Money);

impl Bounded for Throughput {
    fn is_below(&self, other: &Self) -> bool {
        let per_second = |it: &Self| it.bytes_per_second(30.0);
        per_second(self) < per_second(other)
    }
}

impl Bounded for Flow {
    fn same_window(&self, other: &Self) -> bool {
        self.period.same_length(&other.period)
    }

    fn is_below(&self, other: &Self) -> bool {
        self.count < other.count
    }
}

impl<T: Bounded, const OR_NONE: bool> Limit<T, OR_NONE> {
    const NONE: Self = Self {
        now: None,
        max: Max::AsNow,
    };

    /// Reads a limit that may be `"none"`.
    fn read_side(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Option<T>> {
        let TomlValue::String(text) = value.get_ref() else {
            return T::read(reader, at, value).map(Some);
        };
        if text != "none" {
            let is_meant = ["none", "unlimited", "infinite"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word));
            if is_meant && OR_NONE && at.name() != "now" {
                let message = format!("{} is not a limit", at.words());
                return reader.refuse(
                    at,
                    value,
                    message,
                    Advice::value("did you mean `none`?", "\"none\""),
                );
            }
            return T::read(reader, at, value).map(Some);
        }
        if OR_NONE && at.name() != "now" {
            return Some(None);
        }
        let message = format!("{} cannot be `none`", at.words());
        let help = match at.name() {
            _ if !OR_NONE => "write how much there is: everything here is judged by it",
            "now" => "write `\"none\"` alone where nothing limits it, now and in scenarios",
            _ => "write a limit",
        };
        reader.refuse(at, value, message, help)
    }

    /// What is wrong with its two sides together, and what to do.
    fn problem(&self, of: &str) -> Option<(String, &'static str)> {
        let (Some(now), Max::At(max)) = (&self.now, &self.max) else {
            return None;
        };
        if !now.same_window(max) {
            let problem = format!("`now` and `max` of {of} have different periods");
            return Some((problem, "write both over the same period"));
        }
        let problem = format!("the `max` of {of} is below its `now`");
        let help = "write the most that it can be raised to, or one value where it stays as it is";
        max.is_below(now).then_some((problem, help))
    }
}

impl<T: Bounded, const OR_NONE: bool> Declared for Limit<T, OR_NONE> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            let now = Self::read_side(reader, at, value)?;
            return Some(Self { now, ..Self::NONE });
        };
        let keys = ["now", "max"];
        let ([now, max], sound) = read_keys(reader, at, table, keys, Self::read_side);
        if now.is_none() && sound {
            let help = "a limit is a value or `{ now = …, max = … }`";
            reader.missing_key(at, value, "now", help);
        }
        let now = now.filter(|_| sound)?;
        let max = max.map_or(Max::AsNow, |max| max.map_or(Max::None, Max::At));
        let limit = Self { now, max };
        match limit.problem(&format!("`{}`", at.name())) {
            Some((message, help)) => reader.refuse(at, value, message, help),
            None => Some(limit),
        }
    }

    fn edit(&mut self, _other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let Some(at) = way.last() else { return false };
        if !matches!(at.name(), "now" | "max") {
            return false;
        }
        // Compared whole, and so copied whole: only a text replaces one side.
        let Some((side, span)) = edit.read(&at, Self::read_side) else {
            return true;
        };
        let mut edited = self.clone();
        match at.name() {
            "now" => edited.now = side,
            _ => edited.max = side.map_or(Max::None, Max::At),
        }
        if edited.now.is_none() {
            let message = "there is no limit now that could be raised";
            edit.refuse(&at, span, message, "set the limit itself");
        } else if let Some((message, help)) = edited.problem("the limit") {
            edit.refuse(&at, span, &message, help);
        } else {
            *self = edited;
        }
        true
    }
}

/// Rate limits: one, or one a window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RateLimits(pub(crate) Vec<Spanned<Limit<Flow>>>);

impl Declared for RateLimits {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Array(array) = value.get_ref() else {
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
            let Some(Flow { period, .. }) = limit.now() else {
                let message = format!("an entry of `{}` is `none`", at.name());
                let help = format!("write `{} = \"none\"` where nothing limits it", at.name());
                reader.refuse::<()>(at, value, message, help);
                sound = false;
                continue;
            };
            let name = period.name();
            // `60s` and `min` are one window.
            let same = |other: &&Spanned<Limit<Flow>>| {
                let now = other.value.now();
                now.is_some_and(|now| now.period.same_length(period))
            };
            if let Some(first) = limits.iter().find(same) {
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
