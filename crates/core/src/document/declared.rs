//! What every value of the format can do: be read, be compared, be changed in one place.

use crate::document::reader::{At, Reader, Written, spanned};
use crate::source::{Span, Spanned};

use std::borrow::Cow;

use crate::document::edit::{Edit, Way};
use crate::document::path::TomlPath;

#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The declaration: one value, or one whole named thing.
    pub(crate) path: TomlPath,
    /// Keys beside it that change as one with it, because they exclude or require each other.
    pub(crate) with: Vec<Cow<'static, str>>,
    /// Whether a whole named thing comes or goes, or a value changes in one that stays.
    pub(crate) kind: DifferenceKind,
    pub(crate) before: Option<Span>,
    pub(crate) after: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DifferenceKind {
    Added,
    Changed,
    Removed,
}

pub(crate) type Sides = (Option<Span>, Option<Span>);

impl Difference {
    pub(crate) fn new(at: &At<'_>, kind: DifferenceKind, (before, after): Sides) -> Self {
        Self {
            path: at.path(),
            with: Vec::new(),
            kind,
            before,
            after,
        }
    }

    /// Its path, and those of the keys that change as one with it.
    pub(crate) fn paths(&self) -> impl Iterator<Item = TomlPath> {
        let beside = self.with.iter().map(|key| {
            let mut path = self.path.clone();
            path.0.pop();
            path.join(key)
        });
        std::iter::once(self.path.clone()).chain(beside)
    }
}

/// A value of the format. One that can only be read is replaced and compared whole.
///
/// A value with parts, such as a table, also says how it is edited and compared by them; one of
/// several forms derives both from [`by_form!`](crate::by_form).
pub(crate) trait Declared:
    Clone + PartialEq + Sized + crate::document::describe::Described
{
    /// Whether an absent one is compared as one without parts.
    const EMPTY_IF_ABSENT: bool = false;

    /// Reads it. What is wrong goes to the reader; nothing comes back where nothing of it can
    /// be used.
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self>;

    /// One without parts, which stands in for an absent one where a part of it is edited.
    fn empty() -> Option<Self> {
        None
    }

    /// What stands in for one that is written and could not be read, where nobody may know it.
    fn unknown(_span: Span) -> Option<Self> {
        None
    }

    /// Edits a place below it, to which there is a key at least; `other` is the same value in the
    /// declarations that are copied from. Returns whether there is such a place.
    fn edit(&mut self, _other: Option<&Self>, _way: &Way<'_>, _edit: &mut Edit<'_>) -> bool {
        false
    }

    /// Whether it differs as a whole; where parts of it differ, adds those.
    fn differs(&self, after: &Self, _at: &At<'_>, _out: &mut Vec<Difference>) -> bool {
        self != after
    }
}

/// Derives how a value of several forms is edited and compared: by its form, and as a whole where
/// the forms differ. Names the forms that hold a value; the others have no parts.
#[macro_export]
macro_rules! by_form {
    ($($form:ident),*) => {
        fn edit(&mut self, other: Option<&Self>, way: &$crate::document::edit::Way<'_>, edit: &mut $crate::document::edit::Edit<'_>) -> bool {
            match self {
                $(Self::$form(form) => {
                    let other = match other {
                        Some(Self::$form(other)) => Some(other),
                        _ => None,
                    };
                    form.edit(other, way, edit)
                })*
                #[allow(unreachable_patterns)]
                _ => false,
            }
        }

        fn differs(
            &self,
            after: &Self,
            at: &$crate::document::reader::At<'_>,
            out: &mut Vec<$crate::document::declared::Difference>,
        ) -> bool {
            match (self, after) {
                $((Self::$form(before), Self::$form(after)) => before.differs(after, at, out),)*
                _ => self != after,
            }
        }
    };
}

/// What a key of a table can take: a value, which may be absent, or named things, which may be
/// none.
pub(crate) trait Held {
    type Slot: Slot;
}

impl<T: Declared> Held for T {
    type Slot = Optional<T>;
}

pub(crate) trait Slot: Default {
    /// Reads it. What is wrong goes to the reader; nothing comes back where nothing of it can
    /// be used.
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self>;

    /// Fills one that is empty because what is written could not be read.
    fn lose(&mut self, _span: Span) {}

    /// Edits it, or a place below it; `other` is the same slot in the declarations that are copied
    /// from. Returns whether there is such a place.
    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool;

    /// Its places on both sides, if it differs as a whole; where parts of it differ, adds
    /// those.
    fn compare(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> Option<Sides>;
}

/// A value that may be absent. Held apart, since most keys of most tables are absent.
pub(crate) type Optional<T> = Option<Box<Spanned<T>>>;

impl<T: Declared> Slot for Optional<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        T::read(reader, at, value).map(|read| Some(Box::new(spanned(reader, read, value))))
    }

    fn lose(&mut self, span: Span) {
        if self.is_none() {
            *self = T::unknown(span).map(|value| Box::new(Spanned { value, span }));
        }
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let other = other.and_then(Option::as_deref);
        if way.is_done() {
            let own = self.as_ref().map(|own| own.span);
            if let Some(value) = edit.value(&way.at, own, other) {
                *self = value.map(Box::new);
            }
            return true;
        }
        let below = other.map(|other| &other.value);
        if let Some(declared) = self {
            edit.pass(declared.span);
            return declared.value.edit(below, way, edit);
        }
        let Some(mut value) = T::empty().filter(|_| edit.creates()) else {
            return false;
        };
        let found = value.edit(below, way, edit);
        if found {
            let span = edit.span(other);
            *self = Some(Box::new(Spanned { value, span }));
        }
        found
    }

    fn compare(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> Option<Sides> {
        let sides = (
            self.as_ref().map(|before| before.span),
            after.as_ref().map(|after| after.span),
        );
        let differs = match (self, after) {
            (None, None) => false,
            (Some(before), Some(after)) => before.value.differs(&after.value, at, out),
            _ if !T::EMPTY_IF_ABSENT => true,
            (before, after) => {
                let empty = T::empty()?;
                let before = before.as_ref().map_or(&empty, |before| &before.value);
                let after = after.as_ref().map_or(&empty, |after| &after.value);
                before.differs(after, at, out)
            }
        };
        differs.then_some(sides)
    }
}
