//! Lists of demand lines, each with its id.

use std::borrow::Cow;
use std::sync::Arc;

use toml::de::DeValue;

use crate::collections::HashMap;
use crate::document::declared::{Declared, Difference, Kind, NOWHERE, TomlPath, whole};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::Spanned;

/// A list of demand lines.
#[derive(Clone, Debug)]
pub struct Lines<T> {
    /// The lines, in the order in which they are declared.
    pub lines: Vec<Spanned<T>>,
    /// Their ids, once they are given: see [`crate::document::line_ids`].
    pub ids: Ids,
    /// Whether a line was written but could not be read, or not be given an id.
    pub broken: bool,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            ids: Ids::default(),
            broken: false,
        }
    }
}

impl<T: PartialEq> PartialEq for Lines<T> {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines && self.ids == other.ids
    }
}

impl<T> Lines<T> {
    /// The line with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Spanned<T>> {
        self.position(id).and_then(|index| self.lines.get(index))
    }

    /// Ids and lines.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Spanned<T>)> {
        self.ids.iter().zip(&self.lines)
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.ids.position(id)
    }
}

impl<T: Declared> Declared for Lines<T> {
    fn empty() -> Option<Self> {
        Some(Self::default())
    }

    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Array(array) = value.get_ref() else {
            let expected = format!(
                "a list: `{} = [{{ … }}]`, or a header in `[[ ]]` for each",
                at.name()
            );
            reader.wrong_type(at, value, &expected);
            return None;
        };
        let mut lines = Vec::with_capacity(array.len());
        for (index, value) in array.iter().enumerate() {
            let number = match SMALL.get(index) {
                Some(number) => Cow::Borrowed(*number),
                None => Cow::Owned(index.to_string()),
            };
            if let Some(read) = T::read(reader, &at.item(&number), value) {
                lines.push(spanned(reader, read, value));
            }
        }
        Some(Self {
            broken: lines.len() < array.len(),
            lines,
            ids: Ids::default(),
        })
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let (Some((id, rest)), Some(lines)) = (path.split_first(), slot) else {
            return false;
        };
        let Some(index) = lines.value.position(id) else {
            return false;
        };
        let mut line = Some(lines.value.lines[index].clone());
        let found = T::set(&mut line, reader, &at.key(id), rest, value);
        if let Some(line) = line {
            lines.value.lines[index] = line;
        }
        found
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        for (id, old) in before.value.iter() {
            match after.value.get(id) {
                None => out.push(whole(path.join(id), Kind::Removed, old.span)),
                Some(new) if new.span == old.span => {}
                Some(new) => T::differences(old, new, &path.join(id), out),
            }
        }
        for (id, new) in after.value.iter() {
            if before.value.get(id).is_none() {
                out.push(whole(path.join(id), Kind::Added, new.span));
            }
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let Some((id, rest)) = path.split_first() else {
            *slot = from.cloned();
            return;
        };
        let lines = slot.get_or_insert_with(|| Spanned {
            value: Self::default(),
            span: from.map_or(NOWHERE, |from| from.span),
        });
        let source = from.and_then(|from| from.value.get(id));
        match (lines.value.position(id), source) {
            (Some(index), Some(source)) => {
                let mut line = Some(lines.value.lines[index].clone());
                T::assign(&mut line, Some(source), rest);
                if let Some(line) = line {
                    lines.value.lines[index] = line;
                }
            }
            // The order of lines says nothing, and closing the gap would cost as much as all
            // the lines behind it.
            (Some(index), None) if rest.is_empty() => {
                lines.value.lines.swap_remove(index);
                lines.value.ids.swap_remove(index);
            }
            (None, Some(source)) if rest.is_empty() => {
                lines.value.lines.push(source.clone());
                lines.value.ids.push(id.as_str().into());
            }
            _ => {}
        }
    }
}

/// The places in a list that most lines have.
const SMALL: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// The ids of a list's lines, in their order. Most lists are short and looked through; one of many
/// lines has an index.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    names: Vec<Arc<str>>,
    index: Option<Box<HashMap<Arc<str>, usize>>>,
}

/// The most ids that are looked through.
const LOOKED_THROUGH: usize = 16;

impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl Ids {
    /// None yet, with room for so many.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self {
            names: Vec::with_capacity(count),
            index: None,
        }
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.names.iter()
    }

    /// Where the line with an id stands.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(id).copied(),
            None => self.names.iter().position(|name| **name == *id),
        }
    }

    /// Adds an id that is not there yet.
    pub fn push(&mut self, id: Arc<str>) {
        self.names.push(id);
        let added = self.names.len() - 1;
        if let Some(index) = &mut self.index {
            index.insert(self.names[added].clone(), added);
        } else if added == LOOKED_THROUGH {
            let names = self.names.iter().cloned();
            self.index = Some(Box::new(names.zip(0..).collect()));
        }
    }

    /// Takes out an id; the last one takes its place.
    fn swap_remove(&mut self, position: usize) {
        let removed = self.names.swap_remove(position);
        if let Some(index) = &mut self.index {
            index.remove(&removed);
            if let Some(moved) = self.names.get(position) {
                index.insert(moved.clone(), position);
            }
        }
    }
}
