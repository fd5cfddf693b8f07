//! Values that are written in one of several forms: one for all or one a name, a price, a cache.

use crate::document::Limit;
use crate::document::declared::{Declared, Difference, Kind, Map, Named, Slot, TomlPath};
use crate::document::estimate::{Estimate, Scalar, is_estimate};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::document::values::{Count, Flow, Positive};
use crate::source::{Span, Spanned};
use crate::units::Money;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A value that is one for all, or one a name.
#[derive(Clone, Debug, PartialEq)]
pub enum PerName<T> {
    /// The same for all.
    Same(T),
    /// One for each of these.
    By(Map<T>),
}

impl<T> PerName<T> {
    /// The value for a name; nothing where the table leaves it out.
    pub fn get(&self, name: &str) -> Option<&T> {
        match self {
            Self::Same(value) => Some(value),
            Self::By(map) => map.get(name),
        }
    }
}

/// What may be given one a name: tells a table of names from a value that is a table.
pub trait PerNamed: Declared + Named {
    /// Whether a table is one value.
    fn is_value(table: &DeTable<'_>) -> bool;
}

impl<T> Named for Estimate<T> {}
impl<T: Scalar> PerNamed for Estimate<T> {
    fn is_value(table: &DeTable<'_>) -> bool {
        is_estimate(table)
    }
}

impl Named for Limit<Flow> {}
impl PerNamed for Limit<Flow> {
    fn is_value(table: &DeTable<'_>) -> bool {
        table.keys().any(|key| key.get_ref() == "now")
    }
}

impl Named for Flow {}
impl PerNamed for Flow {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl Named for Count {}
impl PerNamed for Count {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl Named for PerName<Flow> {}
impl PerNamed for PerName<Flow> {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl<T: PerNamed> Declared for PerName<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) if !T::is_value(table) => {
                Map::read(reader, at, value).map(Self::By)
            }
            _ => T::read(reader, at, value).map(Self::Same),
        }
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
        match slot {
            None => false,
            Some(Spanned {
                value: Self::By(map),
                ..
            }) => map.set(reader, at, path, value),
            Some(Spanned {
                value: Self::Same(one),
                span,
            }) => {
                let mut inner = Some(Spanned {
                    value: one.clone(),
                    span: *span,
                });
                let found = T::set(&mut inner, reader, at, path, value);
                if let Some(inner) = inner {
                    *one = inner.value;
                }
                found
            }
        }
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        if let (Self::By(old), Self::By(new)) = (&before.value, &after.value) {
            return old.differences(new, path, out);
        }
        if before.value != after.value {
            out.push(Difference {
                path: path.clone(),
                with: Vec::new(),
                kind: Kind::Changed,
                before: Some(before.span),
                after: Some(after.span),
            });
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let (Some(current), false) = (slot.as_mut(), path.is_empty()) else {
            *slot = from.cloned();
            return;
        };
        if let Self::By(map) = &mut current.value {
            match from.map(|from| &from.value) {
                Some(Self::By(from)) => map.assign(from, path),
                _ => map.assign(&Map::default(), path),
            }
        }
    }
}

impl Named for Money {}

/// What one unit of a model costs.
#[derive(Clone, Debug, PartialEq)]
pub enum Price {
    /// The price of the model's one unit.
    One(Money),
    /// The price of `per` units of each name.
    Units {
        /// How many units the prices are for.
        per: Option<Spanned<Positive>>,
        /// Prices by unit.
        units: Map<Money>,
    },
}

impl Declared for Price {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            return Money::read(reader, at, value).map(Self::One);
        };
        let mut per = None;
        let mut units = Map::default();
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let name = reader.span(key.span());
            if key.get_ref() == "per" {
                let read = Positive::read(reader, &at, value);
                sound &= read.is_some();
                per = read.map(|read| spanned(reader, read, value));
            } else if reader.accept_name(&at, name) {
                match Money::read(reader, &at, value) {
                    Some(money) => {
                        let body = Arc::new(spanned(reader, money, value));
                        let entry = crate::document::declared::Entry { name, body };
                        units.insert(key.get_ref().to_string(), entry);
                    }
                    None => sound = false,
                }
            } else {
                sound = false;
            }
        }
        if units.is_empty() && sound {
            let span = reader.span(value.span());
            reader.invalid(
                at,
                span,
                "the price names no unit",
                "write money per unit, or `{ per = 1_000_000, input = 3.00, output = 15.00 }`",
            );
            return None;
        }
        sound.then_some(Self::Units { per, units })
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
        let Some(Spanned {
            value: Self::Units { per, units },
            ..
        }) = slot
        else {
            return false;
        };
        if key == "per" {
            if let Some(read) = Positive::read(reader, &at.key(key), value) {
                *per = Some(spanned(reader, read, value));
            }
            return true;
        }
        units.set(reader, at, path, value)
    }
}

/// A cache, or the decision against one.
#[derive(Clone, Debug, PartialEq)]
pub enum CacheChoice {
    /// Decided against.
    Off,
    /// A cache.
    On(Box<crate::document::tables::Cache>),
}

impl Declared for CacheChoice {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(false) => Some(Self::Off),
            DeValue::Table(_) => crate::document::tables::Cache::read(reader, at, value)
                .map(|cache| Self::On(Box::new(cache))),
            _ => {
                reader.wrong_type(at, value, "`false`, or a table such as `{ ttl = \"15m\" }`");
                None
            }
        }
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let mut cache = inner_cache(slot.as_ref());
        if path.is_empty() || cache.is_none() {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        }
        let found = crate::document::tables::Cache::set(&mut cache, reader, at, path, value);
        *slot = cache.map(outer_cache);
        found
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        if let (Some(old), Some(new)) = (inner_cache(Some(before)), inner_cache(Some(after))) {
            crate::document::tables::Cache::differences(&old, &new, path, out);
        } else if before.value != after.value {
            out.push(Difference {
                path: path.clone(),
                with: Vec::new(),
                kind: Kind::Changed,
                before: Some(before.span),
                after: Some(after.span),
            });
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let mut cache = inner_cache(slot.as_ref());
        if path.is_empty() || cache.is_none() {
            *slot = from.cloned();
            return;
        }
        crate::document::tables::Cache::assign(&mut cache, inner_cache(from).as_ref(), path);
        *slot = cache.map(outer_cache);
    }
}

fn inner_cache(
    choice: Option<&Spanned<CacheChoice>>,
) -> Option<Spanned<crate::document::tables::Cache>> {
    match choice {
        Some(Spanned {
            value: CacheChoice::On(cache),
            span,
        }) => Some(Spanned {
            value: (**cache).clone(),
            span: *span,
        }),
        _ => None,
    }
}

fn outer_cache(cache: Spanned<crate::document::tables::Cache>) -> Spanned<CacheChoice> {
    Spanned {
        value: CacheChoice::On(Box::new(cache.value)),
        span: cache.span,
    }
}

/// A value kept as it is written until it is known what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(pub String);

impl Named for Raw {
    const ANY_NAME: bool = true;
}

impl Declared for Raw {
    fn read(reader: &mut Reader, _at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Some(Self(reader.text(value).to_owned()))
    }
}

/// The span of a spanned value, if there is one.
#[must_use]
pub fn span_of<T>(value: Option<&Spanned<T>>) -> Option<Span> {
    value.map(|value| value.span)
}
