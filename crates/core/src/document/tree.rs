//! TOML as a tree with places: what `toml_parser` reads, as tables and values. It goes on after
//! errors, so that a broken file is in the tree as far as it can be read.

mod builder;
mod problem;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use toml_datetime::Datetime;

use crate::collections::HashMap;
use crate::document::reader::type_name;

pub(crate) use builder::parse;
pub(crate) use problem::{Problem, Twice};

/// The table of a text without errors.
pub(crate) fn parse_sound(text: &str) -> Option<TomlTable<'_>> {
    let (table, problems) = parse(text);
    problems.is_empty().then_some(table)
}

/// Bytes of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    start: u32,
    end: u32,
}

impl Place {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value with its place: a table's is its header, its braces, or the first key that names it.
#[derive(Debug)]
pub(crate) struct Written<'t> {
    value: TomlValue<'t>,
    place: Place,
}

impl<'t> Written<'t> {
    /// The table of a whole file, whose place is where the file begins.
    pub(crate) fn top(table: TomlTable<'t>) -> Self {
        Self {
            value: TomlValue::Table(table),
            place: Place::default(),
        }
    }

    pub(crate) fn get_ref(&self) -> &TomlValue<'t> {
        &self.value
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.place.range()
    }

    /// The table that a key leads to: of a list that headers opened, the last. Else what is there
    /// instead.
    fn as_table_mut(&mut self) -> Result<&mut TomlTable<'t>, &'static str> {
        let is_list = self.value.is_list_of_tables();
        let what = type_name(&self.value);
        match &mut self.value {
            TomlValue::Table(table) => Ok(table),
            TomlValue::Array(items) if is_list => match items.last_mut() {
                Some(last) => last.as_table_mut(),
                None => Err(what),
            },
            _ => Err(what),
        }
    }
}

#[derive(Debug)]
pub(crate) enum TomlValue<'t> {
    String(Cow<'t, str>),
    Integer(Integer<'t>),
    /// As it is written, without `_`.
    Float(Cow<'t, str>),
    Boolean(bool),
    Datetime(Datetime),
    Array(Vec<Written<'t>>),
    Table(TomlTable<'t>),
}

impl<'t> TomlValue<'t> {
    pub(crate) fn as_table(&self) -> Option<&TomlTable<'t>> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether headers with `[[` opened it.
    fn is_list_of_tables(&self) -> bool {
        match self {
            Self::Array(items) => items.last().is_some_and(|item| match &item.value {
                Self::Table(table) => table.form != Form::Braces,
                _ => false,
            }),
            _ => false,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Integer<'t> {
    /// Without `_` and what says the radix.
    pub(crate) digits: Cow<'t, str>,
    pub(crate) radix: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct TomlKey<'t> {
    name: Cow<'t, str>,
    place: Place,
}

impl TomlKey<'_> {
    pub(crate) fn get_ref(&self) -> &str {
        &self.name
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.place.range()
    }
}

/// How a table is written, which says what may be added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// With a header of its own.
    #[default]
    Header,
    /// Named by headers of tables below it alone.
    Implied,
    /// Named by dotted keys.
    Dotted,
    Braces,
    /// Named by dotted keys within braces.
    DottedInBraces,
}

/// Keys with their values, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct TomlTable<'t> {
    entries: Vec<(TomlKey<'t>, Written<'t>)>,
    /// Where each key stands among the entries, once they are many.
    positions: Option<Box<HashMap<Cow<'t, str>, usize>>>,
    form: Form,
}

/// Up to as many keys, comparing with each is cheaper than hashing.
const FEW: usize = 16;

impl<'t> TomlTable<'t> {
    fn new(form: Form) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Written<'t>> {
        let (_, value) = &self.entries[self.position(name)?];
        Some(value)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &TomlKey<'t>> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&TomlKey<'t>, &Written<'t>)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries in the order of their names.
    pub(crate) fn by_name(&self) -> Vec<(&TomlKey<'t>, &Written<'t>)> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| &key.name);
        entries
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.positions {
            Some(positions) => positions.get(name).copied(),
            None => self.entries.iter().position(|(key, _)| key.name == name),
        }
    }

    /// Adds a key that is not in the table.
    fn push(&mut self, key: TomlKey<'t>, value: Written<'t>) {
        if let Some(positions) = &mut self.positions {
            positions.insert(key.name.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.entries.len() > FEW && self.positions.is_none() {
            let names = self.entries.iter().map(|(key, _)| key.name.clone());
            let positions = names.enumerate().map(|(at, name)| (name, at));
            self.positions = Some(Box::new(positions.collect()));
        }
    }
}

impl<'a, 't> IntoIterator for &'a TomlTable<'t> {
    type Item = &'a (TomlKey<'t>, Written<'t>);
    type IntoIter = std::slice::Iter<'a, (TomlKey<'t>, Written<'t>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}
