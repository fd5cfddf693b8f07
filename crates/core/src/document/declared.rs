//! What every part of the format can do: be read, be compared, be replaced. [`table!`](crate::table) derives
//! all of it for a table from the list of its keys.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use toml::de::DeValue;

use indexmap::map::Entry::{Occupied, Vacant};

use crate::collections::IndexMap;
use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::{Span, Spanned};

/// A path in the model, such as `features.sync.calls."/posts/".rate`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TomlPath(pub Vec<String>);

impl TomlPath {
    /// A path of these keys.
    #[must_use]
    pub fn new(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    /// The path of a key below this one.
    #[must_use]
    pub fn join(&self, key: &str) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_owned());
        Self(keys)
    }

    /// Reads a path as TOML writes dotted keys.
    ///
    /// # Errors
    /// When the text is not a dotted key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is not a path such as `features.sync.calls.posts.rate`");
        let line = format!("{text} = 0");
        if text.contains(['\n', '\r', '=']) && !text.contains(['"', '\'']) {
            return Err(refuse());
        }
        let table = toml::de::DeTable::parse(&line).map_err(|_| refuse())?;
        let mut keys = Vec::new();
        let mut table = table.get_ref();
        loop {
            let mut entries = table.iter();
            let (Some((key, value)), None) = (entries.next(), entries.next()) else {
                return Err(refuse());
            };
            keys.push(key.get_ref().to_string());
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => return Ok(Self(keys)),
            }
        }
    }
}

impl fmt::Display for TomlPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&dotted(self.0.iter().map(String::as_str)))
    }
}

/// Keys as TOML writes a dotted key: those that are not bare are quoted.
pub fn dotted<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let mut text = String::with_capacity(64);
    for key in keys {
        if !text.is_empty() {
            text.push('.');
        }
        // Writing to a string does not fail.
        let _ = write_key(&mut text, key);
    }
    text
}

fn write_key(formatter: &mut impl fmt::Write, key: &str) -> fmt::Result {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        return formatter.write_str(key);
    }
    formatter.write_str("\"")?;
    for character in key.chars() {
        match character {
            '"' => formatter.write_str("\\\"")?,
            '\\' => formatter.write_str("\\\\")?,
            '\n' => formatter.write_str("\\n")?,
            '\r' => formatter.write_str("\\r")?,
            '\t' => formatter.write_str("\\t")?,
            control if control.is_control() => {
                write!(formatter, "\\u{:04X}", u32::from(control))?;
            }
            other => write!(formatter, "{other}")?,
        }
    }
    formatter.write_str("\"")
}

/// One declaration that differs between two states.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The declaration: one value, or one whole named thing.
    pub path: TomlPath,
    /// Keys beside it that change as one with it, because they exclude or require each other.
    pub with: Vec<&'static str>,
    /// Whether a whole named thing comes or goes, or a value changes in one that stays.
    pub kind: Kind,
    /// Where it stands in the base.
    pub before: Option<Span>,
    /// Where it stands in the head.
    pub after: Option<Span>,
}

/// Which way a declaration differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A named thing that only the head has.
    Added,
    /// A value that says something else, or that comes or goes inside a thing that stays.
    Changed,
    /// A named thing that only the base has.
    Removed,
}

/// A part of the format: a value, or a table of them.
pub trait Declared: Clone + PartialEq + Sized + crate::schema::Described {
    /// Reads it. What is wrong goes to the reader; nothing comes back where nothing of it can
    /// be used.
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self>;

    /// What an absent one is as good as, where there is such a thing: no names, no lines.
    fn empty() -> Option<Self> {
        None
    }

    /// Replaces what stands at `path` below this slot by a value read from text. Returns
    /// whether there is such a place.
    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        if !path.is_empty() {
            return false;
        }
        if let Some(read) = Self::read(reader, at, value) {
            *slot = Some(spanned(reader, read, value));
        }
        true
    }

    /// Adds the declarations at and below `path` that differ.
    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
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

    /// Makes what stands at `path` below this slot what it is in `from`, absent where it is
    /// absent there.
    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        if path.is_empty() {
            *slot = from.cloned();
        }
    }
}

/// A thing with a name, and where the name stands.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// Where the name stands.
    pub name: Span,
    /// What it declares. Shared: the same words of the same file declare the same in a base and
    /// a head, and in every scenario.
    pub body: Arc<Spanned<T>>,
}

impl<T: PartialEq> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body
    }
}

/// Named things, in the order in which they are declared. Held apart, so that one that is not
/// written takes no more room than a pointer.
#[derive(Clone, Debug)]
pub struct Map<T>(Option<Box<Names<T>>>);

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
    /// What a name declares.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.entry(name).map(|entry| &entry.body.value)
    }

    /// A name, where it is written and what it declares.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry<T>> {
        self.0.as_ref()?.entries.get(name)
    }

    /// Names and what they declare.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries()
            .map(|(name, entry)| (name, &entry.body.value))
    }

    /// Names, where they are written and what they declare.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry<T>)> {
        let entries = self.0.iter().flat_map(|names| &names.entries);
        entries.map(|(name, entry)| (name.as_str(), entry))
    }

    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = (&str, &mut Entry<T>)> {
        let entries = self.0.iter_mut().flat_map(|names| &mut names.entries);
        entries.map(|(name, entry)| (name.as_str(), entry))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(name, _)| name)
    }

    /// A name as it is held, and what it declares.
    pub(crate) fn named(&self, name: &str) -> Option<(&str, &Entry<T>)> {
        let (name, entry) = self.0.as_ref()?.entries.get_key_value(name)?;
        Some((name, entry))
    }

    /// Which of the names it is, in the order of declaration.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.as_ref()?.entries.get_index_of(name)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |names| names.entries.len())
    }

    /// Whether there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names that were written but could not be read.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &str> {
        let broken = self.0.iter().flat_map(|names| &names.broken);
        broken.map(String::as_str)
    }

    /// Whether a name was written but could not be read.
    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.0
            .as_ref()
            .is_some_and(|names| names.broken.contains(name))
    }

    /// Where the table of names is written, if it is: it may hold no names.
    pub(crate) fn span(&self) -> Option<Span> {
        self.0.as_ref().map(|names| names.span)
    }

    /// Adds a name.
    pub(crate) fn insert(&mut self, name: String, entry: Entry<T>) {
        let names = self.0.get_or_insert_with(|| Names::new(entry.name));
        names.entries.insert(name, entry);
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
pub trait Named {
    /// Whether any string is a name, as of endpoints.
    const ANY_NAME: bool = false;
}

impl<T: Declared + Named> Slot for Map<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            reader.wrong_type(at, value, "a table of names");
            return None;
        };
        let mut names = Names::new(reader.span(value.span()));
        names.entries.reserve(table.len());
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let name = reader.span(key.span());
            let accepted = T::ANY_NAME || reader.accept_name(&at, name);
            let read = if accepted {
                T::read(reader, &at, value)
            } else {
                None
            };
            let key = key.get_ref().to_string();
            match read {
                Some(read) => {
                    let body = Arc::new(spanned(reader, read, value));
                    names.entries.insert(key, Entry { name, body });
                }
                None => drop(names.broken.insert(key)),
            }
        }
        Some(Self(Some(names)))
    }

    fn set(
        &mut self,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let (Some((name, rest)), Some(names)) = (path.split_first(), &mut self.0) else {
            return false;
        };
        let Some(entry) = names.entries.get_mut(name) else {
            return false;
        };
        let mut body = Some(Spanned::clone(&entry.body));
        let found = T::set(&mut body, reader, &at.key(name), rest, value);
        if let Some(body) = body {
            entry.body = Arc::new(body);
        }
        found
    }

    fn differences(
        before: &Self,
        after: &Self,
        path: &TomlPath,
        key: &'static str,
        _own: &mut Vec<OwnDifference>,
        out: &mut Vec<Difference>,
    ) {
        if before.0.is_some() || after.0.is_some() {
            before.differences(after, &path.join(key), out);
        }
    }

    fn assign(&mut self, from: &Self, path: &[String]) {
        let Some((name, rest)) = path.split_first() else {
            *self = from.clone();
            return;
        };
        let source = from.entry(name);
        let names = self
            .0
            .get_or_insert_with(|| Names::new(from.span().unwrap_or(NOWHERE)));
        if rest.is_empty() {
            return match source {
                Some(source) => drop(names.entries.insert(name.clone(), source.clone())),
                None => drop(names.entries.swap_remove(name)),
            };
        }
        // Taken out and put back, because a copy of it may be large: an API has as many
        // endpoints as there may be changes.
        let Some((index, key, entry)) = names.entries.swap_remove_full(name) else {
            return;
        };
        let mut body = Some(Arc::unwrap_or_clone(entry.body));
        T::assign(&mut body, source.map(|source| &*source.body), rest);
        if let Some(body) = body {
            let (name, body) = (entry.name, Arc::new(body));
            let (last, _) = names.entries.insert_full(key, Entry { name, body });
            names.entries.swap_indices(index, last);
        }
    }
}

impl<T: Declared> Map<T> {
    pub(crate) fn differences(&self, after: &Self, path: &TomlPath, out: &mut Vec<Difference>) {
        for (name, old) in self.entries() {
            match after.entry(name) {
                None => out.push(whole(path.join(name), Kind::Removed, old.name)),
                // The same words of the same file: nothing to compare.
                Some(new) if new.body.span == old.body.span && new.name == old.name => {}
                Some(new) => T::differences(&old.body, &new.body, &path.join(name), out),
            }
        }
        for (name, new) in after.entries() {
            if self.entry(name).is_none() {
                out.push(whole(path.join(name), Kind::Added, new.name));
            }
        }
    }
}

/// A span of no text, for a table that comes to be while changes are applied.
pub const NOWHERE: Span = Span {
    file: crate::source::FileId(0),
    start: 0,
    end: 0,
};

/// A named thing that comes or goes.
pub(crate) fn whole(path: TomlPath, kind: Kind, span: Span) -> Difference {
    let (before, after) = match kind {
        Kind::Removed => (Some(span), None),
        _ => (None, Some(span)),
    };
    Difference {
        path,
        with: Vec::new(),
        kind,
        before,
        after,
    }
}

/// A value that may be absent. Held apart, since most keys of most tables are absent.
pub type Optional<T> = Option<Box<Spanned<T>>>;

/// What a key of a table can take: a value, which may be absent, or named things, which may be
/// none.
pub trait Held {
    /// How a table holds it.
    type Slot: Slot;
}

impl<T: Declared> Held for T {
    type Slot = Optional<T>;
}

impl<T: Declared + Named> Held for Map<T> {
    type Slot = Self;
}

/// The key of a value that differs, and where it stands before and after.
pub type OwnDifference = (&'static str, Option<Span>, Option<Span>);

/// What a table holds at a key.
pub trait Slot: Default {
    /// Reads it. What is wrong goes to the reader; nothing comes back where nothing of it can
    /// be used.
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self>;

    /// Replaces what stands at `path` below it by a value read from text. Returns whether there
    /// is such a place.
    fn set(
        &mut self,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool;

    /// Makes what stands at `path` below it what it is in `from`, absent where it is absent
    /// there.
    fn assign(&mut self, from: &Self, path: &[String]);

    /// What differs at the key of a table with a path: the value itself goes to `own`, what is
    /// in a table to `out`.
    fn differences(
        before: &Self,
        after: &Self,
        path: &TomlPath,
        key: &'static str,
        own: &mut Vec<OwnDifference>,
        out: &mut Vec<Difference>,
    );
}

impl<T: Declared> Slot for Optional<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        T::read(reader, at, value).map(|read| Some(Box::new(spanned(reader, read, value))))
    }

    fn set(
        &mut self,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let mut slot = self.take().map(|declared| *declared);
        let found = T::set(&mut slot, reader, at, path, value);
        *self = slot.map(Box::new);
        found
    }

    fn assign(&mut self, from: &Self, path: &[String]) {
        let mut slot = self.take().map(|declared| *declared);
        T::assign(&mut slot, from.as_deref(), path);
        *self = slot.map(Box::new);
    }

    fn differences(
        before: &Self,
        after: &Self,
        path: &TomlPath,
        key: &'static str,
        own: &mut Vec<OwnDifference>,
        out: &mut Vec<Difference>,
    ) {
        let (before, after) = (before.as_deref(), after.as_deref());
        if before.is_none() && after.is_none() {
            return;
        }
        let empty = T::empty().map(|value| Spanned {
            value,
            span: NOWHERE,
        });
        let (old, new) = (before.or(empty.as_ref()), after.or(empty.as_ref()));
        let (Some(old), Some(new)) = (old, new) else {
            own.push((
                key,
                before.map(|value| value.span),
                after.map(|value| value.span),
            ));
            return;
        };
        let first = out.len();
        let path = path.join(key);
        T::differences(old, new, &path, out);
        // A value differs as itself, a table by what is in it.
        if out.len() == first + 1 && out[first].path == path {
            out.pop();
            own.push((key, Some(old.span), Some(new.span)));
        }
    }
}

/// How one key of a table is read, compared and replaced.
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

/// A table whose keys are known. Implemented by [`table!`](crate::table).
pub trait Table: Default {
    /// Its keys, in the order of the documentation.
    const KEYS: &'static [Key];
    /// Keys that exclude or require each other and so change as one.
    const TOGETHER: &'static [&'static [&'static str]];

    /// Whether a key was written but could not be read, or was probably meant by a key that
    /// does not exist. What hangs on it is then not judged.
    fn is_broken(&self, key: &str) -> bool;

    /// Replaces what stands at a path below it by a value read from text. Returns whether there
    /// is such a place.
    fn set_below(
        &mut self,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool;

    /// Adds the declarations below `path` that differ.
    fn differences_below(&self, after: &Self, path: &TomlPath, out: &mut Vec<Difference>);

    /// Makes what stands at a path below it what it is in `from`.
    fn assign_below(&mut self, from: &Self, path: &[String]);
}

/// Which of a table's keys differ, with those that change as one merged.
#[must_use]
pub fn merge_together(
    differences: Vec<OwnDifference>,
    together: &'static [&'static [&'static str]],
    path: &TomlPath,
) -> Vec<Difference> {
    let mut merged: Vec<Difference> = Vec::new();
    let mut leaders: Vec<(usize, usize)> = Vec::new();
    let toggled = |key: &str| {
        differences
            .iter()
            .any(|(other, before, after)| *other == key && before.is_some() != after.is_some())
    };
    for (key, before, after) in &differences {
        let group = together
            .iter()
            .position(|group| group.contains(key) && group.iter().any(|other| toggled(other)));
        if let Some(group) = group {
            if let Some((_, leader)) = leaders.iter().find(|(known, _)| *known == group) {
                let leader = &mut merged[*leader];
                leader.with.push(key);
                leader.before = leader.before.or(*before);
                leader.after = leader.after.or(*after);
                continue;
            }
            leaders.push((group, merged.len()));
        }
        merged.push(Difference {
            path: path.join(key),
            with: Vec::new(),
            kind: Kind::Changed,
            before: *before,
            after: *after,
        });
    }
    merged
}

/// Defines a table of the format: a struct with a [`Slot`] a key, and everything
/// that [`Declared`] asks for, its JSON Schema included.
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
        pub struct $name {
            $(
                $(#[doc = $key_doc])*
                pub $key: <$type as $crate::document::declared::Held>::Slot,
            )*
            /// Keys that were written but could not be read.
            pub broken: Vec<&'static str>,
        }

        impl $crate::document::declared::Table for $name {
            const KEYS: &'static [$crate::document::declared::Key] = &[
                $($crate::document::declared::Key {
                    name: stringify!($key),
                    doc: concat!($($key_doc, "\n",)*),
                    required: $crate::table!(@is_required $($required)?),
                },)*
            ];
            const TOGETHER: &'static [&'static [&'static str]] =
                &[$($(&[$(stringify!($together)),*]),*)?];

            fn is_broken(&self, key: &str) -> bool {
                self.broken.contains(&key)
            }

            fn set_below(
                &mut self,
                reader: &mut $crate::document::reader::Reader,
                at: &$crate::document::reader::At<'_>,
                path: &[String],
                value: &$crate::document::reader::Written<'_>,
            ) -> bool {
                let Some((key, rest)) = path.split_first() else {
                    return false;
                };
                match key.as_str() {
                    $(stringify!($key) => $crate::document::declared::Slot::set(
                        &mut self.$key, reader, &at.key(key), rest, value,
                    ),)*
                    _ => false,
                }
            }

            fn differences_below(
                &self,
                after: &Self,
                path: &$crate::document::declared::TomlPath,
                out: &mut Vec<$crate::document::declared::Difference>,
            ) {
                // One value that comes, goes or changes.
                let mut own = Vec::new();
                $($crate::document::declared::Slot::differences(
                    &self.$key,
                    &after.$key,
                    path,
                    stringify!($key),
                    &mut own,
                    out,
                );)*
                out.extend($crate::document::declared::merge_together(
                    own,
                    Self::TOGETHER,
                    path,
                ));
            }

            fn assign_below(&mut self, from: &Self, path: &[String]) {
                let Some((key, rest)) = path.split_first() else {
                    return;
                };
                match key.as_str() {
                    $(stringify!($key) => {
                        $crate::document::declared::Slot::assign(&mut self.$key, &from.$key, rest);
                    })*
                    _ => {}
                }
            }
        }

        impl $crate::schema::Described for $name {
            fn describe(definitions: &mut $crate::schema::Definitions) -> serde_json::Value {
                definitions.table::<Self>(
                    stringify!($name),
                    concat!($($doc, "\n",)*),
                    |definitions| vec![
                        $(<$type as $crate::schema::Described>::describe(definitions),)*
                    ],
                )
            }
        }

        impl $crate::document::declared::Declared for $name {
            fn read(
                reader: &mut $crate::document::reader::Reader,
                at: &$crate::document::reader::At<'_>,
                value: &$crate::document::reader::Written<'_>,
            ) -> Option<Self> {
                let toml::de::DeValue::Table(table) = value.get_ref() else {
                    reader.wrong_type(at, value, "a table, such as `{ … }`");
                    return None;
                };
                const NAMES: &[&str] = &[$(stringify!($key)),*];
                let mut read = Self::default();
                for (key, value) in table {
                    let at = at.key(key.get_ref());
                    match key.get_ref().as_ref() {
                        $(stringify!($key) => {
                            match $crate::document::declared::Slot::read(reader, &at, value) {
                                Some(slot) => read.$key = slot,
                                None => read.broken.push(stringify!($key)),
                            }
                        })*
                        _ => {
                            let span = reader.span(key.span());
                            read.broken.extend(reader.unknown_key(&at, span, NAMES));
                        }
                    }
                }
                $($crate::table!(@check_required $($required)? reader at value read $key
                    $($key_doc)*);)*
                Some(read)
            }

            fn set(
                slot: &mut Option<$crate::source::Spanned<Self>>,
                reader: &mut $crate::document::reader::Reader,
                at: &$crate::document::reader::At<'_>,
                path: &[String],
                value: &$crate::document::reader::Written<'_>,
            ) -> bool {
                if path.is_empty() {
                    if let Some(read) = Self::read(reader, at, value) {
                        *slot = Some($crate::document::reader::spanned(reader, read, value));
                    }
                    return true;
                }
                let table = slot.get_or_insert_with(|| $crate::source::Spanned {
                    value: Self::default(),
                    span: reader.span(value.span()),
                });
                $crate::document::declared::Table::set_below(
                    &mut table.value, reader, at, path, value,
                )
            }

            fn differences(
                before: &$crate::source::Spanned<Self>,
                after: &$crate::source::Spanned<Self>,
                path: &$crate::document::declared::TomlPath,
                out: &mut Vec<$crate::document::declared::Difference>,
            ) {
                $crate::document::declared::Table::differences_below(
                    &before.value, &after.value, path, out,
                );
            }

            fn assign(
                slot: &mut Option<$crate::source::Spanned<Self>>,
                from: Option<&$crate::source::Spanned<Self>>,
                path: &[String],
            ) {
                if path.is_empty() {
                    *slot = from.cloned();
                    return;
                }
                let table = slot.get_or_insert_with(|| $crate::source::Spanned {
                    value: Self::default(),
                    span: from.map_or($crate::document::declared::NOWHERE, |from| from.span),
                });
                let absent = Self::default();
                let from = from.map_or(&absent, |from| &from.value);
                $crate::document::declared::Table::assign_below(&mut table.value, from, path);
            }
        }
    };
    (@is_required) => { false };
    (@is_required required) => { true };
    (@check_required $reader:ident $at:ident $value:ident $read:ident $key:ident $($doc:literal)*) => {};
    (@check_required required $reader:ident $at:ident $value:ident $read:ident $key:ident $($doc:literal)*) => {
        if $read.$key.is_none() && !$read.broken.contains(&stringify!($key)) {
            let span = $reader.span($value.span());
            $reader.missing_key(
                $at,
                span,
                stringify!($key),
                concat!("add `", stringify!($key), "`:", $($doc),*),
            );
        }
    };
}
