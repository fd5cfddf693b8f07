//! Measured usage: how much of one thing was used at one time, from files of several formats, which
//! are recognized by their content.

mod focus;
mod foreign;
mod matching;
mod prometheus;
mod reading;
mod rows;
pub mod told;

use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::error::Error;
use crate::measurable::Kind;
use crate::units::Date;

pub use foreign::Foreign;
pub use matching::Matching;

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The records, in the order of their files. Rows of one file that say how much of the same was
    /// used at the same time are one record.
    pub records: Vec<Record>,
    /// Rows whose columns a project has to say the meaning of, in `[[usage.map]]`.
    pub foreign: Vec<Foreign>,
    /// What a reader has to say of what it left out.
    pub notes: Vec<String>,
    /// What was paid for purchases, by day: cash, and no usage.
    pub cash: Vec<(Date, f64)>,
    /// Whether a FOCUS row costs its `EffectiveCost`, and not its `BilledCost`.
    pub effective_cost: bool,
    /// The names of the files.
    pub(crate) files: Vec<String>,
}

/// How much of something was used at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The day, in UTC.
    pub date: Date,
    /// The minute of that day, where it is known: of what is counted the first of its hour.
    pub minute: Option<u16>,
    /// The feature; empty where it is something else.
    pub feature: String,
    /// The id of its line, or its list and its id, `reads.posts`; empty where it is the feature's as
    /// a whole.
    pub line: String,
    /// What it is about, where that is no feature: `["apis", "tiklive"]`.
    pub path: Vec<String>,
    /// How much.
    pub quantity: f64,
    /// Of what, such as `credits`, `calls` or `rows`.
    pub unit: String,
    /// By which tenant, where it is known.
    pub tenant: Option<String>,
    /// The tier of that tenant, where it is known.
    pub tier: Option<String>,
    /// What it cost, where it is known.
    pub cost: Option<f64>,
    /// The currency of the cost, where it is said.
    pub currency: Option<String>,
    /// How many rows say so.
    pub rows: usize,
    /// Which of the files says so.
    pub(crate) file: usize,
    /// The line of the file, from 1.
    pub row: usize,
}

impl Record {
    /// What it is about, as a path; of a line without its list where that is not said.
    #[must_use]
    pub fn subject(&self) -> TomlPath {
        if !self.path.is_empty() {
            return TomlPath(self.path.clone());
        }
        let line = Some(self.line.as_str()).filter(|line| !line.is_empty());
        let keys: Vec<&str> = ["features", &self.feature].into_iter().chain(line).collect();
        TomlPath::new(&keys)
    }

    /// Whether it says how much there was at a time, and not how much was used.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        let unit = self.unit.as_str();
        match Kind::of(&self.path) {
            Some(kind) => kind.sampled.contains(&unit),
            None => self.path.is_empty() && self.line.is_empty() && unit == "count",
        }
    }

    /// What two records have to have in common to say the same thing twice.
    fn key(&self) -> impl Eq + std::hash::Hash + '_ {
        let what = (&self.feature, &self.line, &self.path, &self.unit);
        (self.date, what, &self.tenant)
    }
}

impl Usage {
    /// The name of a record's file.
    #[must_use]
    pub fn file(&self, record: &Record) -> &str {
        self.files.get(record.file).map_or("", String::as_str)
    }

    /// How many rows were read.
    #[must_use]
    pub fn rows(&self) -> usize {
        let records: usize = self.records.iter().map(|it| it.rows).sum();
        records + self.foreign.len()
    }

    /// Refuses what two files say of the same day and thing: it would count twice.
    ///
    /// # Errors
    /// [`Error::Usage`] with both places.
    pub fn refuse_twice(&self) -> Result<(), Error> {
        let mut seen = HashMap::default();
        for record in self.records.iter().filter(|_| self.files.len() > 1) {
            // Rows with a time are parts of a day, and add up.
            if record.minute.is_some() {
                continue;
            }
            let first = *seen.entry(record.key()).or_insert(record);
            if first.file != record.file {
                let place = |it: &Record| format!("{}:{}", self.file(it), it.row);
                let (first, second) = (place(first), place(record));
                let message = format!("{second} says again what {first} says");
                let help = "give each file once; `--sum-files` adds them up".to_owned();
                return Err(Error::usage(message).with_help(help));
            }
        }
        Ok(())
    }
}
