//! `[[usage.map]]`: what rows of other formats are about.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::document::tables;
use crate::wildcard::wildcard;

/// What rows of other formats are about. The first that matches counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Maps(Vec<Map>);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Map {
    /// Patterns by column.
    columns: Vec<(String, String)>,
    pub(super) subject: String,
    pub(super) unit: String,
    pub(super) scale: Decimal,
    /// The column that says which tenant it is about.
    pub(super) tenant: Option<String>,
}

impl Maps {
    pub(super) fn extend<'t>(&mut self, tables: impl Iterator<Item = &'t tables::UsageMap>) {
        self.0
            .extend(tables.filter(|map| !map.is_flawed).filter_map(Map::new));
    }

    /// The first that matches a row, whose columns are looked up.
    pub(super) fn find<'c>(&self, column: impl Fn(&str) -> Option<Cow<'c, str>>) -> Option<&Map> {
        self.0.iter().find(|map| {
            let mut columns = map.columns.iter();
            columns
                .all(|(name, pattern)| column(name).is_some_and(|value| wildcard(pattern, &value)))
        })
    }

    /// Whether any looks at a column whose name begins with this.
    pub(super) fn read(&self, prefix: &str) -> bool {
        self.0.iter().any(|map| {
            let names = map.columns.iter().map(|(name, _)| name);
            let mut names = names.chain(&map.tenant);
            names.any(|name| name.starts_with(prefix))
        })
    }
}

impl Map {
    fn new(map: &tables::UsageMap) -> Option<Self> {
        let to = &map.to.as_ref()?.value;
        let columns = map.columns.iter();
        Some(Self {
            columns: columns
                .map(|(name, pattern)| (name.to_owned(), pattern.0.clone()))
                .collect(),
            subject: to.subject.as_ref()?.value.0.clone(),
            unit: to.unit.as_ref()?.value.0.clone(),
            scale: match &to.scale {
                Some(scale) => Decimal::try_from(scale.value.0).ok()?,
                None => Decimal::ONE,
            },
            tenant: to.tenant.as_ref().map(|column| column.value.0.clone()),
        })
    }
}
