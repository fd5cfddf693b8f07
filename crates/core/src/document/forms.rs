//! Values that are written in one of several forms: one for all or one a name, a price, a cache.

use std::sync::Arc;

use crate::document::tree::{TomlTable, TomlValue};

use crate::document::Limit;
use crate::document::declared::{Declared, Optional, Slot};
use crate::document::edit::{Edit, Way};
use crate::document::estimate::{Estimate, PerEvent, Scalar, is_estimate};
use crate::document::limit::Bounded;
use crate::document::map::{Entry, Map, Named};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::document::tables::{Cache, UnitPrice};
use crate::document::values::{Count, Flow, Positive};
use crate::source::{Span, Spanned};
use crate::units::Size;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PerName<T> {
    Same(T),
    By(Map<T>),
}

impl<T> PerName<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        match self {
            Self::Same(value) => Some(value),
            Self::By(map) => map.get(name),
        }
    }

    /// Where the value of a name stands, where each has its own.
    pub(crate) fn span_of(&self, name: &str) -> Option<Span> {
        match self {
            Self::Same(_) => None,
            Self::By(map) => map.entry(name).map(|entry| entry.body.span),
        }
    }
}

/// What may be given one a name: tells a table of names from a value that is a table.
pub(crate) trait PerNamed: Declared + Named {
    /// Whether a table is one value and not a table of names.
    fn is_value(_table: &TomlTable<'_>) -> bool {
        false
    }
}

impl<T> Named for Estimate<T> {}
impl<T: Scalar> PerNamed for Estimate<T> {
    fn is_value(table: &TomlTable<'_>) -> bool {
        is_estimate(table)
    }
}

impl<T> Named for PerEvent<T> {}
impl<T: Scalar> PerNamed for PerEvent<T> {
    fn is_value(table: &TomlTable<'_>) -> bool {
        is_estimate(table)
    }
}

impl<T> Named for Limit<T> {}
impl<T: Bounded> PerNamed for Limit<T> {
    fn is_value(table: &TomlTable<'_>) -> bool {
        table.keys().any(|key| key.get_ref() == "now")
    }
}

impl Named for Flow {}
impl Named for Count {}
impl Named for PerName<Flow> {}
impl PerNamed for Flow {}
impl PerNamed for Count {}
impl PerNamed for PerName<Flow> {}

impl<T: PerNamed> Declared for PerName<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Table(table) if !T::is_value(table) => {
                Map::read(reader, at, value).map(Self::By)
            }
            _ => T::read(reader, at, value).map(Self::Same),
        }
    }

    fn unknown(span: Span) -> Option<Self> {
        T::unknown(span).map(Self::Same)
    }

    crate::by_form!(Same, By);
}

impl Named for UnitPrice {}
impl Named for Positive {}
impl PerNamed for Positive {}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Price {
    One(UnitPrice),
    Units(UnitPrices),
}

impl Declared for Price {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Table(_) => UnitPrices::read(reader, at, value).map(Self::Units),
            _ => UnitPrice::read(reader, at, value).map(Self::One),
        }
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        // Compared whole, and so copied whole: only a text replaces a part.
        match (self, other) {
            (Self::Units(prices), None) => prices.edit(None, way, edit),
            _ => false,
        }
    }
}

/// The prices of `per` units of each name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UnitPrices {
    pub(crate) per: Optional<Positive>,
    pub(crate) units: Map<UnitPrice>,
}

impl Declared for UnitPrices {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            return reader.wrong_type(at, value, "a table of prices by unit");
        };
        let mut prices = Self::default();
        let mut sound = true;
        for (key, value) in table.by_name() {
            let at = at.key(key.get_ref());
            let name = reader.span(key.span());
            if key.get_ref() == "per" {
                let per = Slot::read(reader, &at, value);
                sound &= per.is_some();
                prices.per = per.unwrap_or_default();
            } else if reader.accept_name(&at, name)
                && let Some(price) = UnitPrice::read(reader, &at, value)
            {
                let body = Arc::new(spanned(reader, price, value));
                prices
                    .units
                    .insert(at.name().to_owned(), Entry { name, body });
            } else {
                sound = false;
            }
        }
        if prices.units.is_empty() && sound {
            let help =
                "write money per unit, or `{ per = 1_000_000, input = 3.00, output = 15.00 }`";
            return reader.refuse(at, value, "the price names no unit", help);
        }
        sound.then_some(prices)
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        match way.next() {
            Some(way) if way.at.name() == "per" => {
                self.per.edit(other.map(|other| &other.per), &way, edit)
            }
            _ => self.units.edit(other.map(|other| &other.units), way, edit),
        }
    }
}

/// A cache, or the decision against one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CacheChoice {
    Off,
    On(Cache),
}

impl Declared for CacheChoice {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Boolean(false) => Some(Self::Off),
            TomlValue::Table(_) => Cache::read(reader, at, value).map(Self::On),
            _ => reader.wrong_type(at, value, "`false`, or a table such as `{ ttl = \"15m\" }`"),
        }
    }

    crate::by_form!(On);
}

/// A size above 0, which something is counted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SomeBytes(pub(crate) f64);

impl Declared for SomeBytes {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let Size { bytes } = Size::read(reader, at, value)?;
        if bytes == 0.0 {
            let message = format!("{} is 0", at.words());
            return reader.refuse(
                at,
                value,
                message,
                "write a size above 0, such as `\"1TB\"`",
            );
        }
        Some(Self(bytes))
    }
}

/// A value kept as it is written until it is known what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw(pub(crate) String);

impl Named for Raw {
    const ANY_NAME: bool = true;
}

impl Declared for Raw {
    fn read(reader: &mut Reader, _at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Some(Self(reader.text(value).to_owned()))
    }
}

pub(crate) fn span_of<T>(value: Option<&Spanned<T>>) -> Option<Span> {
    value.map(|value| value.span)
}
