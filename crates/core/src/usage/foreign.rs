//! Rows of others' formats, and what a project says that they are about.

use super::rows::subject_of;
use super::{Record, Usage};
use crate::analysis::Project;
use crate::document::tables::UsageMap;
use crate::units::Date;
use crate::wildcard;

/// A row whose columns do not say what in a project it is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreign {
    /// What it says, by column.
    pub(super) columns: Vec<(String, String)>,
    /// What it is called where nothing maps it.
    pub(super) name: String,
    pub(super) unit: String,
    /// The first day, and how many there are.
    pub(super) date: Date,
    pub(super) minute: Option<u16>,
    pub(super) days: i64,
    pub(super) quantity: f64,
    pub(super) cost: Option<f64>,
    pub(super) currency: Option<String>,
    pub(super) file: usize,
    pub(super) row: usize,
}

impl Foreign {
    fn column(&self, name: &str) -> Option<&str> {
        let mut columns = self.columns.iter();
        let (_, text) = columns.find(|(column, _)| column == name)?;
        Some(text)
    }

    /// Whether all columns that a map names have its values, `*` standing for any text.
    fn fits(&self, map: &UsageMap) -> bool {
        let mut wanted = map.columns.iter();
        wanted.all(|(column, value)| {
            let own = self.column(column);
            own.is_some_and(|own| wildcard::matches(&value.0, own))
        })
    }

    fn record(&self, subject: (String, String, Vec<String>)) -> Record {
        let (feature, line, path) = subject;
        Record {
            date: self.date,
            minute: self.minute,
            feature,
            line,
            path,
            quantity: self.quantity,
            unit: self.unit.clone(),
            cost: self.cost,
            currency: self.currency.clone(),
            rows: 1,
            file: self.file,
            row: self.row,
            ..Record::default()
        }
    }

    /// What it comes to on each of its days, evenly. It stays one row.
    fn by_day(&self, record: &Record) -> impl Iterator<Item = Record> {
        let days = self.days.clamp(1, 3_660);
        let record = record.clone();
        (0..days).filter_map(move |day| {
            Some(Record {
                date: record.date.plus_days(day)?,
                quantity: record.quantity / days as f64,
                cost: record.cost.map(|cost| cost / days as f64),
                rows: usize::from(day == 0),
                ..record.clone()
            })
        })
    }
}

impl Usage {
    /// All rows as records: those of others' formats are about what the first map of a project that
    /// fits says, and about themselves where none does.
    #[must_use]
    pub fn mapped(&self, projects: &[Project]) -> Self {
        let maps = projects.iter().flat_map(|project| {
            let usage = project.declarations.root.usage.as_ref();
            let maps = usage.and_then(|usage| usage.value.map.as_ref());
            maps.map_or(&[][..], |maps| &maps.value.0)
        });
        let maps: Vec<&UsageMap> = maps.map(|map| &map.value).collect();
        let mut usage = self.clone();
        for foreign in usage.foreign.drain(..) {
            let target = maps.iter().find(|map| foreign.fits(map));
            let target = target.and_then(|map| map.to.as_ref());
            let known = target.and_then(|to| {
                let to = &to.value;
                let subject = subject_of(&to.subject.as_ref()?.value.0).ok()?;
                Some((subject, to))
            });
            let record = match known {
                Some((subject, to)) => {
                    let scale = to.scale.as_ref().map_or(1.0, |scale| scale.value.0);
                    let tenant = to.tenant.as_ref().and_then(|column| foreign.column(&column.value.0));
                    let unit = to.unit.as_ref().map(|unit| unit.value.0.clone());
                    Record {
                        unit: unit.unwrap_or_default(),
                        quantity: foreign.quantity * scale,
                        tenant: tenant.map(str::to_owned),
                        ..foreign.record(subject)
                    }
                }
                None => foreign.record((String::new(), String::new(), vec![foreign.name.clone()])),
            };
            self::push(&mut usage.records, &foreign, &record);
        }
        usage
    }
}

fn push(records: &mut Vec<Record>, foreign: &Foreign, record: &Record) {
    match foreign.days {
        ..=1 => records.push(record.clone()),
        _ => records.extend(foreign.by_day(record)),
    }
}
