//! Changes of declared values: one place is read anew from text, or made what it is elsewhere.

use crate::document::declared::{Declared, Difference, DifferenceKind};
use crate::document::path::TomlPath;
use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::{FileId, Span, Spanned};

/// A span of no text, for what comes to be while changes are applied.
const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

/// The way to the place that is edited: the keys down to where the edit has come, and those that
/// are left.
#[derive(Clone, Copy)]
pub(crate) struct Way<'w> {
    pub(crate) at: At<'w>,
    left: &'w [String],
}

impl<'w> Way<'w> {
    pub(crate) fn to(path: &'w TomlPath) -> Self {
        Self {
            at: At::top(),
            left: &path.0,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) fn next(&'w self) -> Option<Self> {
        let (key, left) = self.left.split_first()?;
        let at = self.at.key(key);
        Some(Self { at, left })
    }

    pub(crate) fn last(&'w self) -> Option<At<'w>> {
        self.next().filter(Self::is_done).map(|way| way.at)
    }
}

/// What is put in the place that is edited.
pub(crate) enum Edit<'r> {
    /// A value that is read from text, as a scenario's `set` does.
    Set {
        reader: &'r mut Reader,
        value: &'r Written<'r>,
        /// Where the way ends before the place: how many keys are left, and what is known there.
        missing: &'r mut Option<(usize, Vec<String>)>,
    },
    /// What stands there in other declarations, nothing where it is absent there: names and lines
    /// come and go.
    Copy,
    /// Nothing: the place is only looked for.
    Find(&'r mut Option<Span>),
}

impl Edit<'_> {
    pub(crate) fn copies(&self) -> bool {
        matches!(self, Self::Copy)
    }

    /// Passes what stands at `own`, of which a part is edited.
    pub(crate) fn pass(&mut self, own: Span) {
        if let Self::Find(found) = self {
            **found = Some(own);
        }
    }

    /// Whether what is absent on the way comes to be.
    pub(crate) fn creates(&self) -> bool {
        !matches!(self, Self::Find(_))
    }

    /// The value to put there, or none where it is to be absent; nothing where the place stays as
    /// it is.
    pub(crate) fn value<T: Declared>(
        &mut self,
        at: &At<'_>,
        own: Option<Span>,
        other: Option<&Spanned<T>>,
    ) -> Option<Option<Spanned<T>>> {
        match self {
            Self::Find(found) => {
                **found = own;
                None
            }
            Self::Set { reader, value, .. } => {
                let read = T::read(reader, at, value)?;
                Some(Some(spanned(reader, read, value)))
            }
            Self::Copy => Some(other.cloned()),
        }
    }

    /// What is read there from text, and where that stands; nothing where the place stays as it is.
    pub(crate) fn read<T>(
        &mut self,
        at: &At<'_>,
        read: impl FnOnce(&mut Reader, &At<'_>, &Written<'_>) -> Option<T>,
    ) -> Option<(T, Span)> {
        match self {
            Self::Set { reader, value, .. } => {
                let span = reader.span(value.span());
                read(reader, at, value).map(|read| (read, span))
            }
            Self::Copy | Self::Find(_) => None,
        }
    }

    /// Where a table stands that comes to be around the place.
    pub(crate) fn span<T>(&self, other: Option<&Spanned<T>>) -> Span {
        match self {
            Self::Set { reader, value, .. } => reader.span(value.span()),
            Self::Copy | Self::Find(_) => other.map_or(NOWHERE, |other| other.span),
        }
    }

    /// Says what is known where the next key of a way is not.
    pub(crate) fn end<'n>(&mut self, way: &Way<'_>, known: impl Iterator<Item = &'n str>) {
        if let Self::Set { missing, .. } = self {
            **missing = Some((way.left.len(), known.map(str::to_owned).collect()));
        }
    }

    pub(crate) fn refuse(&mut self, at: &At<'_>, span: Span, message: &str, help: &str) {
        if let Self::Set { reader, .. } = self {
            reader.invalid::<()>(at, span, message, help);
        }
    }
}

/// Things that are known by name or id, and edited and compared one by one.
pub(crate) trait Items: Clone + Default {
    type Item: Declared;

    fn item(&self, key: &str) -> Option<(&Spanned<Self::Item>, Span)>;

    fn items(&self) -> impl Iterator<Item = (&str, &Spanned<Self::Item>, Span)>;

    fn item_mut(&mut self, key: &str) -> Option<&mut Spanned<Self::Item>>;

    /// Makes the item with a key what it is in `other`, absent where it is absent there.
    fn copy(&mut self, key: &str, other: Option<&Self>);

    /// Edits all items, or a place at or below one.
    fn edit_items(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let Some(way) = way.next() else {
            if edit.copies() {
                *self = other.cloned().unwrap_or_default();
            }
            return edit.copies();
        };
        let key = way.at.name();
        if way.is_done() && edit.copies() {
            self.copy(key, other);
            return true;
        }
        if self.item(key).is_none() {
            edit.end(&way, self.items().map(|(key, ..)| key));
        }
        let Some(item) = self.item_mut(key) else {
            return false;
        };
        let other = other.and_then(|other| Some(other.item(key)?.0));
        let own = Some(item.span);
        if !way.is_done() {
            edit.pass(item.span);
            return item.value.edit(other.map(|other| &other.value), &way, edit);
        }
        if let Some(Some(value)) = edit.value(&way.at, own, other) {
            *item = value;
        }
        true
    }

    fn compare_items(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) {
        for (key, old, name) in self.items() {
            let at = at.key(key);
            match after.item(key) {
                None => {
                    let sides = (Some(name), None);
                    out.push(Difference::new(&at, DifferenceKind::Removed, sides));
                }
                // The same words of the same file: nothing to compare.
                Some((new, new_name)) if new.span == old.span && new_name == name => {}
                Some((new, _)) => {
                    if old.value.differs(&new.value, &at, out) {
                        let sides = (Some(old.span), Some(new.span));
                        out.push(Difference::new(&at, DifferenceKind::Changed, sides));
                    }
                }
            }
        }
        for (key, _, name) in after.items() {
            if self.item(key).is_none() {
                let sides = (None, Some(name));
                out.push(Difference::new(&at.key(key), DifferenceKind::Added, sides));
            }
        }
    }
}
