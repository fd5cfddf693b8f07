//! Tables of names.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::document::tree::TomlValue;
use indexmap::map::Entry::{Occupied, Vacant};

use crate::collections::IndexMap;
use crate::document::declared::{Declared, Difference, Held, Sides, Slot};
use crate::document::edit::{Edit, Items, Way};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::{Span, Spanned};

#[derive(Clone, Debug)]
pub(crate) struct Entry<T> {
    /// Where the name stands.
    pub(crate) name: Span,
    /// What it declares. Shared: the same words of the same file declare the same in a base and
    /// a head, and in every scenario.
    pub(crate) body: Arc<Spanned<T>>,
}

impl<T: PartialEq> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.body, &other.body) || self.body == other.body
    }
}

/// Named things, in the order in which they are declared. Held apart, so that one that is not
/// written takes no more room than a pointer.
#[derive(Clone, Debug)]
pub(crate) struct Map<T>(Option<Box<Names<T>>>);

#[derive(Clone, Debug)]
struct Names<T> {
    entries: IndexMap<String, Entry<T>>,
    /// The names that were written but could not be read.
    broken: BTreeSet<String>,
    span: Span,
}

impl<T> Names<T> {
    fn new(span: Span) -> Box<Self> {
        Box::new(Self {
            entries: IndexMap::default(),
            broken: BTreeSet::new(),
            span,
        })
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The order of declarations says nothing.
impl<T: PartialEq> PartialEq for Map<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => one.entries == other.entries,
            _ => self.is_empty() && other.is_empty(),
        }
    }
}

impl<T> Map<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.entry(name).map(|entry| &entry.body.value)
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry<T>> {
        self.0.as_ref()?.entries.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries()
            .map(|(name, entry)| (name, &entry.body.value))
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry<T>)> {
        let entries = self.0.iter().flat_map(|names| &names.entries);
        entries.map(|(name, entry)| (name.as_str(), entry))
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = (&str, &mut Entry<T>)> {
        let entries = self.0.iter_mut().flat_map(|names| &mut names.entries);
        entries.map(|(name, entry)| (name.as_str(), entry))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(name, _)| name)
    }

    pub(crate) fn named(&self, name: &str) -> Option<(&str, &Entry<T>)> {
        let (name, entry) = self.0.as_ref()?.entries.get_key_value(name)?;
        Some((name, entry))
    }

    /// Which of the names it is, in the order of declaration.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.as_ref()?.entries.get_index_of(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |names| names.entries.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names that were written but could not be read.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &str> {
        let broken = self.0.iter().flat_map(|names| &names.broken);
        broken.map(String::as_str)
    }

    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.0
            .as_ref()
            .is_some_and(|names| names.broken.contains(name))
    }

    /// Where the table of names is written, if it is: it may hold no names.
    pub(crate) fn span(&self) -> Option<Span> {
        self.0.as_ref().map(|names| names.span)
    }

    pub(crate) fn insert(&mut self, name: String, entry: Entry<T>) {
        let names = self.0.get_or_insert_with(|| Names::new(entry.name));
        names.entries.insert(name, entry);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(names) = &mut self.0 {
            names.entries.swap_remove(name);
        }
    }

    /// Adds what another file declares; `twice` is told of names that both declare.
    pub(crate) fn extend(
        &mut self,
        other: Self,
        mut twice: impl FnMut(&str, &Entry<T>, &Entry<T>),
    ) {
        let Some(other) = other.0 else { return };
        let Some(names) = &mut self.0 else {
            self.0 = Some(other);
            return;
        };
        names.broken.extend(other.broken);
        for (name, entry) in other.entries {
            match names.entries.entry(name) {
                Occupied(first) => twice(first.key(), first.get(), &entry),
                Vacant(place) => drop(place.insert(entry)),
            }
        }
    }
}

/// What may be the name of something in a [`Map`].
pub(crate) trait Named {
    /// Whether any string is a name, as of endpoints.
    const ANY_NAME: bool = false;
}

impl<T: Declared + Named> Held for Map<T> {
    type Slot = Self;
}

impl<T: Declared + Named> Slot for Map<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            return reader.wrong_type(at, value, "a table of names");
        };
        let mut names = Names::new(reader.span(value.span()));
        names.entries.reserve_exact(table.len());
        for (key, value) in table.by_name() {
            let at = at.key(key.get_ref());
            let name = reader.span(key.span());
            let accepted = T::ANY_NAME || reader.accept_name(&at, name);
            let read = accepted.then(|| T::read(reader, &at, value)).flatten();
            let key = key.get_ref().to_string();
            if read.is_none() {
                names.broken.insert(key.clone());
            }
            if let Some(read) = read.or_else(|| T::unknown(name).filter(|_| accepted)) {
                let body = Arc::new(spanned(reader, read, value));
                names.entries.insert(key, Entry { name, body });
            }
        }
        Some(Self(Some(names)))
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        self.edit_items(other, way, edit)
    }

    fn compare(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> Option<Sides> {
        self.compare_items(after, at, out);
        None
    }
}

impl<T: Declared> Map<T> {
    /// Declares what a name stands for under another name too.
    pub(crate) fn also(&mut self, name: &str, other: &str) {
        if let Some(entry) = self.entry(name).cloned() {
            self.insert(other.to_owned(), entry);
        }
    }

    /// Adds the names that come, go or change. A table of names never differs as a whole.
    pub(crate) fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        self.compare_items(after, at, out);
        false
    }
}

impl<T: Declared> Items for Map<T> {
    type Item = T;

    fn item(&self, key: &str) -> Option<(&Spanned<T>, Span)> {
        let entry = self.entry(key)?;
        Some((&entry.body, entry.name))
    }

    fn items(&self) -> impl Iterator<Item = (&str, &Spanned<T>, Span)> {
        let entries = self.entries();
        entries.map(|(name, entry)| (name, &*entry.body, entry.name))
    }

    fn item_mut(&mut self, key: &str) -> Option<&mut Spanned<T>> {
        let entry = self.0.as_mut()?.entries.get_mut(key)?;
        Some(Arc::make_mut(&mut entry.body))
    }

    fn copy(&mut self, key: &str, other: Option<&Self>) {
        match (other.and_then(|other| other.entry(key)), &mut self.0) {
            (Some(entry), _) => self.insert(key.to_owned(), entry.clone()),
            (None, Some(names)) => drop(names.entries.swap_remove(key)),
            (None, None) => {}
        }
    }
}
