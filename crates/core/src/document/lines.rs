//! Lists of demand lines, each with its id.

use std::sync::Arc;

use crate::document::tree::TomlValue;

use crate::collections::IndexSet;
use crate::document::declared::{Declared, Difference, Held, Sides, Slot};
use crate::document::edit::{Edit, Items, Way};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::{Span, Spanned};

/// A list of demand lines. Held apart, so that one that is not written takes no more room than a
/// pointer.
#[derive(Clone, Debug)]
pub(crate) struct Lines<T>(Option<Box<Listed<T>>>);

#[derive(Clone, Debug)]
struct Listed<T> {
    lines: Vec<Spanned<T>>,
    /// Their ids, once they are given: see [`crate::document::line_ids`].
    ids: IndexSet<Arc<str>>,
    broken: bool,
}

impl<T> Listed<T> {
    fn new(lines: Vec<Spanned<T>>, broken: bool) -> Box<Self> {
        let ids = IndexSet::default();
        Box::new(Self { lines, ids, broken })
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> PartialEq for Lines<T> {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all() && self.ids().eq(other.ids())
    }
}

impl<T> Lines<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&Spanned<T>> {
        let listed = self.0.as_ref()?;
        listed.lines.get(listed.ids.get_index_of(id)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Spanned<T>)> {
        self.ids().zip(self.all())
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().flat_map(|listed| &listed.ids)
    }

    pub(crate) fn id(&self, id: &str) -> Option<&str> {
        let (_, id) = self.0.as_ref()?.ids.get_full(id)?;
        Some(id)
    }

    pub(crate) fn all(&self) -> &[Spanned<T>] {
        self.0.as_ref().map_or(&[], |listed| &listed.lines)
    }

    /// Whether a line was written but could not be read, or not be given an id.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.as_ref().is_some_and(|listed| listed.broken)
    }

    /// Gives each line the id that `id` says, and drops a line that gets none; `id` may also say
    /// that a line is broken.
    pub(crate) fn name(&mut self, mut id: impl FnMut(&Spanned<T>, &mut bool) -> Option<Arc<str>>) {
        let Some(listed) = &mut self.0 else { return };
        let Listed { lines, ids, broken } = &mut **listed;
        ids.clear();
        lines.retain(|line| id(line, broken).is_some_and(|id| ids.insert(id)));
    }

    pub(crate) fn into_vec(self) -> Vec<Spanned<T>> {
        self.0.map_or_else(Vec::new, |listed| listed.lines)
    }
}

impl<T: Declared> Held for Lines<T> {
    type Slot = Self;
}

impl<T: Declared> Slot for Lines<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Array(array) = value.get_ref() else {
            let key = at.name();
            let expected = format!("a list: `{key} = [{{ … }}]`, or a header in `[[ ]]` for each");
            return reader.wrong_type(at, value, expected);
        };
        let mut lines = Vec::with_capacity(array.len());
        for (index, value) in array.iter().enumerate() {
            if let Some(read) = T::read(reader, &at.item(&index.to_string()), value) {
                lines.push(spanned(reader, read, value));
            }
        }
        let broken = lines.len() < array.len();
        Some(Self(Some(Listed::new(lines, broken))))
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        self.edit_items(other, way, edit)
    }

    fn compare(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> Option<Sides> {
        self.compare_items(after, at, out);
        None
    }
}

impl<T: Declared> Items for Lines<T> {
    type Item = T;

    fn item(&self, key: &str) -> Option<(&Spanned<T>, Span)> {
        self.get(key).map(|line| (line, line.span))
    }

    fn items(&self) -> impl Iterator<Item = (&str, &Spanned<T>, Span)> {
        self.iter().map(|(id, line)| (&**id, line, line.span))
    }

    fn item_mut(&mut self, key: &str) -> Option<&mut Spanned<T>> {
        let listed = self.0.as_mut()?;
        listed.lines.get_mut(listed.ids.get_index_of(key)?)
    }

    fn copy(&mut self, key: &str, other: Option<&Self>) {
        let Some(source) = other.and_then(|other| other.get(key)) else {
            if let Some(listed) = &mut self.0
                && let Some(index) = listed.ids.get_index_of(key)
            {
                // The order of lines says nothing, and closing the gap would cost as much as all
                // the lines behind it.
                listed.lines.swap_remove(index);
                listed.ids.swap_remove_index(index);
            }
            return;
        };
        if let Some(line) = self.item_mut(key) {
            *line = source.clone();
            return;
        }
        let listed = self.0.get_or_insert_with(|| Listed::new(Vec::new(), false));
        listed.lines.push(source.clone());
        listed.ids.insert(key.into());
    }
}
