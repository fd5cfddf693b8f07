//! Tables whose keys are known.

use crate::document::tree::TomlValue;

use crate::document::declared::{Declared, Difference, DifferenceKind, Sides, Slot};
use crate::document::edit::{Edit, Way};
use crate::document::reader::{At, Reader, Written};
use crate::source::Span;

pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) required: bool,
}

/// A table whose keys are known. Implemented by [`table!`](crate::table).
pub(crate) trait Table:
    Clone + Default + PartialEq + crate::document::describe::Described
{
    const KEYS: &'static [Key];
    const NAMES: &'static [&'static str];
    /// Keys that exclude or require each other and so change as one.
    const TOGETHER: &'static [&'static [&'static str]];

    /// Keys that were written but could not be read, or were probably meant by a key that does
    /// not exist.
    fn broken(&mut self) -> &mut Vec<&'static str>;

    /// Whether a key is one of those. What hangs on it is then not judged.
    fn is_broken(&self, key: &str) -> bool;

    /// Takes a key as one that is written and could not be read.
    fn lose(&mut self, key: &'static str, span: Span);

    /// Reads the value of a key. Returns whether there is such a key.
    fn read_key(&mut self, reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> bool;

    /// Edits what stands at or below a key.
    fn edit_key(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool;

    /// The keys whose values differ as a whole; adds what differs below the others.
    fn compare_keys(
        &self,
        after: &Self,
        at: &At<'_>,
        out: &mut Vec<Difference>,
    ) -> Vec<(&'static str, Sides)>;
}

/// A table in braces, with its first required key: a number is most likely that key's value.
fn example<T: Table>(value: &TomlValue<'_>) -> String {
    let key = T::KEYS.iter().find(|key| key.required);
    let Some(key) = key.or(T::KEYS.first()) else {
        return "a table, such as `{ }`".to_owned();
    };
    let value = match value {
        TomlValue::Integer(number) => &number.digits,
        TomlValue::Float(number) => number,
        _ => "…",
    };
    format!("a table, such as `{{ {} = {value} }}`", key.name)
}

/// What is said of a key, to go on a sentence with.
fn phrase(doc: &str) -> String {
    let doc = doc.trim();
    let doc = doc.strip_suffix('.').unwrap_or(doc);
    let mut letters = doc.chars();
    let first = letters.next().into_iter();
    first.flat_map(char::to_lowercase).chain(letters).collect()
}

impl<T: Table> Declared for T {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            return reader.wrong_type(at, value, example::<T>(value.get_ref()));
        };
        let mut read = Self::default();
        for (key, value) in table {
            let at = at.key(key.get_ref());
            if !read.read_key(reader, &at, value) {
                let span = reader.span(key.span());
                match reader.unknown_key(&at, span, Self::NAMES) {
                    Some(meant) => read.lose(meant, span),
                    None => read.broken().push(UNKNOWN),
                }
            }
        }
        for key in Self::KEYS.iter().filter(|key| key.required) {
            if !table.contains_key(key.name) && !read.is_broken(key.name) {
                let help = format!("add `{}`, {}", key.name, phrase(key.doc));
                reader.missing_key(at, value, key.name, &help);
            }
        }
        Some(read)
    }

    fn empty() -> Option<Self> {
        Some(Self::default())
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        way.next().is_some_and(|way| {
            if !T::NAMES.contains(&way.at.name()) {
                edit.end(&way, T::NAMES.iter().copied());
            }
            self.edit_key(other, &way, edit)
        })
    }

    fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        let own = self.compare_keys(after, at, out);
        if !own.is_empty() {
            out.extend(merge_together(&own, Self::TOGETHER, at));
        }
        false
    }
}

/// Stands among broken keys for one of which nothing says which key it was meant to be.
pub(crate) const UNKNOWN: &str = "";

/// Reads a key's value. Returns whether anything of it can be used.
pub(crate) fn read_slot<S: Slot>(
    slot: &mut S,
    reader: &mut Reader,
    at: &At<'_>,
    value: &Written<'_>,
) -> bool {
    let read = S::read(reader, at, value).filter(|_| !reader.is_made_up(value));
    let is_read = read.is_some();
    *slot = read.unwrap_or_default();
    is_read
}

/// The differences of a table's own values, with those that change as one merged.
fn merge_together(
    own: &[(&'static str, Sides)],
    together: &'static [&'static [&'static str]],
    at: &At<'_>,
) -> impl Iterator<Item = Difference> {
    let toggled = |key: &str| {
        own.iter()
            .any(|(other, (before, after))| *other == key && before.is_some() != after.is_some())
    };
    // Each with the group that it leads.
    let mut merged: Vec<(Option<usize>, Difference)> = Vec::new();
    for (key, sides) in own {
        let changes = |group: &&[&str]| group.contains(key) && group.iter().any(|it| toggled(it));
        let group = together.iter().position(changes);
        let mut leaders = merged.iter_mut();
        let leader = leaders.find(|(led, _)| group.is_some() && *led == group);
        if let Some((_, leader)) = leader {
            leader.with.push((*key).into());
            leader.before = leader.before.or(sides.0);
            leader.after = leader.after.or(sides.1);
        } else {
            let kind = DifferenceKind::Changed;
            merged.push((group, Difference::new(&at.key(key), kind, *sides)));
        }
    }
    merged.into_iter().map(|(_, difference)| difference)
}

/// Defines a table of the format: a struct with a `Slot` a key, and everything that
/// `Declared` asks for, its JSON Schema included.
#[macro_export]
macro_rules! table {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $(
                $(#[doc = $key_doc:literal])*
                $(@$required:ident)? $key:ident: $type:ty,
            )*
        }
        $(together $([$($together:ident),*]),*)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name {
            $(
                $(#[doc = $key_doc])*
                pub(crate) $key: <$type as $crate::document::declared::Held>::Slot,
            )*
            pub(crate) broken: Vec<&'static str>,
        }

        impl $crate::document::table::Table for $name {
            const KEYS: &'static [$crate::document::table::Key] = &[
                $($crate::document::table::Key {
                    name: stringify!($key),
                    doc: concat!($($key_doc, "\n",)*),
                    required: $crate::table!(@is_required $($required)?),
                },)*
            ];
            const NAMES: &'static [&'static str] = &[$(stringify!($key)),*];
            const TOGETHER: &'static [&'static [&'static str]] =
                &[$($(&[$(stringify!($together)),*]),*)?];

            fn broken(&mut self) -> &mut Vec<&'static str> {
                &mut self.broken
            }

            fn is_broken(&self, key: &str) -> bool {
                self.broken.contains(&key)
            }

            fn lose(&mut self, key: &'static str, span: $crate::source::Span) {
                self.broken.push(key);
                match key {
                    $(stringify!($key) => $crate::document::declared::Slot::lose(&mut self.$key, span),)*
                    _ => {}
                }
            }

            fn read_key(
                &mut self,
                reader: &mut $crate::document::reader::Reader,
                at: &$crate::document::reader::At<'_>,
                value: &$crate::document::reader::Written<'_>,
            ) -> bool {
                let (key, is_read) = match at.name() {
                    $(stringify!($key) => (
                        stringify!($key),
                        $crate::document::table::read_slot(&mut self.$key, reader, at, value),
                    ),)*
                    _ => return false,
                };
                if !is_read {
                    self.lose(key, reader.span(value.span()));
                }
                true
            }

            fn edit_key(&mut self, other: Option<&Self>, way: &$crate::document::edit::Way<'_>, edit: &mut $crate::document::edit::Edit<'_>) -> bool {
                match way.at.name() {
                    $(stringify!($key) => $crate::document::declared::Slot::edit(
                        &mut self.$key, other.map(|other| &other.$key), way, edit,
                    ),)*
                    _ => false,
                }
            }

            fn compare_keys(
                &self,
                after: &Self,
                at: &$crate::document::reader::At<'_>,
                out: &mut Vec<$crate::document::declared::Difference>,
            ) -> Vec<(&'static str, $crate::document::declared::Sides)> {
                let mut own = Vec::new();
                $(
                    let at_key = at.key(stringify!($key));
                    let sides = $crate::document::declared::Slot::compare(
                        &self.$key, &after.$key, &at_key, out,
                    );
                    own.extend(sides.map(|sides| (stringify!($key), sides)));
                )*
                own
            }
        }

        impl $crate::document::describe::Described for $name {
            fn describe(definitions: &mut $crate::document::describe::Definitions) -> serde_json::Value {
                definitions.table::<Self>(
                    stringify!($name),
                    concat!($($doc, "\n",)*),
                    |definitions| vec![
                        $(<$type as $crate::document::describe::Described>::describe(definitions),)*
                    ],
                )
            }
        }
    };
    (@is_required) => { false };
    (@is_required required) => { true };
}
