//! `[metrics]` and `[usage]`: what is measured, and where.

use crate::document::tree::TomlValue;

use crate::document::Lines;
use crate::document::declared::{Declared, Optional, Slot};
use crate::document::map::{Map, Named};
use crate::document::reader::{At, Reader, Written};
use crate::document::values::{Positive, Text, Texts};
use crate::source::Spanned;

crate::table! {
    /// The metric that measures something. It has exactly one of `counter` and `gauge`.
    Metric {
        /// A series that counts up: an instant selector, whose increases are added up.
        counter: Text,
        /// An expression for how much there is at a time.
        gauge: Text,
        /// The label that says which tenant it is about.
        tenant: Text,
    }
    together [counter, gauge]
}

impl Named for Metric {
    const ANY_NAME: bool = true;
}

crate::table! {
    /// Measured usage.
    Usage {
        /// What rows of other formats are about; the first that matches counts.
        map: UsageMaps,
        /// Globs of committed files with usage, from the project's folder.
        files: Texts,
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UsageMaps(pub(crate) Vec<Spanned<UsageMap>>);

impl Declared for UsageMaps {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Lines::<UsageMap>::read(reader, at, value).map(|maps| Self(maps.into_vec()))
    }
}

/// What rows with certain values are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct UsageMap {
    /// The values, by column.
    pub(crate) columns: Map<Text>,
    pub(crate) to: Optional<UsageTarget>,
    /// Whether a part of it could not be read. The rest would count rows as something else.
    pub(crate) is_flawed: bool,
}

impl Named for Text {
    const ANY_NAME: bool = true;
}

impl UsageMap {
    /// `where` is no name in Rust.
    pub(crate) const KEYS: [&'static str; 2] = ["where", "to"];
}

impl Declared for UsageMap {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            return reader.wrong_type(
                at,
                value,
                "a table, such as `{ where = { … }, to = { … } }`",
            );
        };
        let mut map = Self::default();
        let before = reader.count();
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            sound &= match at.name() {
                "where" => Slot::read(reader, &at, value)
                    .map(|it| map.columns = it)
                    .is_some(),
                "to" => Slot::read(reader, &at, value)
                    .map(|it| map.to = it)
                    .is_some(),
                _ => {
                    reader.unknown_key(&at, reader.span(key.span()), &Self::KEYS);
                    false
                }
            };
        }
        for key in Self::KEYS.iter().filter(|key| !table.contains_key(key)) {
            let help = "write which rows, `where`, and what they are about, `to`";
            reader.missing_key(at, value, key, help);
            sound = false;
        }
        map.is_flawed = reader.count() != before;
        sound.then_some(map)
    }
}

crate::table! {
    /// What a row is about.
    UsageTarget {
        /// A path, such as `queues.jobs` or `features.sync.calls.posts`.
        @required subject: Text,
        /// What its quantity counts.
        @required unit: Text,
        /// What its quantity is multiplied by. Default: 1.
        scale: Positive,
        /// The column that says which tenant it is about.
        tenant: Text,
    }
}
