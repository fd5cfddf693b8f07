//! Measured usage, from a CSV file with a header or from JSON lines: `date, feature, line,
//! quantity, unit` and optionally `tenant, cost`.

mod matching;

use std::borrow::Cow;

use serde::Deserialize;

use crate::collections::HashMap;
use crate::error::Error;
use crate::units::Date;

pub use matching::Matching;

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// The records, in the order of their files.
    pub records: Vec<Record>,
    /// The names of the files.
    pub(crate) files: Vec<String>,
}

/// How much of something was used on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The day.
    pub date: Date,
    /// The feature.
    pub feature: String,
    /// The id of its line; empty where it is the feature's as a whole.
    pub line: String,
    /// How much.
    pub quantity: f64,
    /// Of what, such as `credits`, `calls` or `rows`.
    pub unit: String,
    /// By which tenant, where it is known.
    pub tenant: Option<String>,
    /// What it cost, where it is known.
    pub cost: Option<f64>,
    /// Which of the files says so.
    pub(crate) file: usize,
    /// The line of the file, from 1.
    pub row: usize,
}

/// One row as it is written.
#[derive(Deserialize)]
struct Row {
    date: String,
    feature: String,
    line: Option<String>,
    quantity: f64,
    unit: String,
    tenant: Option<String>,
    cost: Option<f64>,
}

const COLUMNS: &str =
    "the columns are `date, feature, line, quantity, unit` and optionally `tenant, cost`";

impl Usage {
    /// Reads a file's text and adds its records. JSON lines begin with `{`, anything else is CSV.
    ///
    /// # Errors
    /// [`Error::Usage`] with the file's name and the line that can't be read.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.files.push(name.to_owned());
        // A record would begin on the line before it.
        let text = &*match text.contains("\r\n") {
            true => Cow::Owned(text.replace("\r\n", "\n")),
            false => Cow::Borrowed(text),
        };
        if text.trim_start().starts_with('{') {
            self.read_json(name, text)
        } else {
            self.read_csv(name, text)
        }
    }

    /// Refuses what two files say of the same day and thing: it would count twice.
    ///
    /// # Errors
    /// [`Error::Usage`] with both places.
    pub fn refuse_twice(&self) -> Result<(), Error> {
        let mut seen = HashMap::default();
        for record in self.records.iter().filter(|_| self.files.len() > 1) {
            let what = (record.date, &record.feature, &record.line, &record.unit);
            let first = *seen.entry((what, &record.tenant)).or_insert(record);
            if first.file != record.file {
                let place = |it: &Record| format!("{}:{}", self.files[it.file], it.row);
                let (first, second) = (place(first), place(record));
                let message = format!("{second} says again what {first} says");
                let help = "give each file once; `--sum-files` adds them up".to_owned();
                return Err(Error::usage(message).with_help(help));
            }
        }
        Ok(())
    }

    fn read_json(&mut self, name: &str, text: &str) -> Result<(), Error> {
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let row = serde_json::from_str::<Row>(line).map_err(|error| error.to_string());
            let line = index + 1;
            let record = row.and_then(|row| record(row, self.files.len() - 1, line));
            self.records
                .push(record.map_err(|problem| refuse(name, line, &problem))?);
        }
        Ok(())
    }

    fn read_csv(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader
            .headers()
            .map_err(|error| refuse(name, 1, &error.to_string()))?
            .clone();
        for needed in ["date", "feature", "quantity", "unit"] {
            if !headers.iter().any(|column| column == needed) {
                return Err(refuse(name, 1, &format!("there is no column `{needed}`")));
            }
        }
        let mut row = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut row) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    return Err(refuse(name, line as usize, &error.to_string()));
                }
            }
            let line = row.position().map_or(1, csv::Position::line) as usize;
            let record = row
                .deserialize::<Row>(Some(&headers))
                .map_err(|error| problem(&error, &headers))
                .and_then(|row| record(row, self.files.len() - 1, line));
            self.records
                .push(record.map_err(|problem| refuse(name, line, &problem))?);
        }
    }
}

/// What is wrong with a row, by the name of its column.
fn problem(error: &csv::Error, headers: &csv::StringRecord) -> String {
    let csv::ErrorKind::Deserialize { err, .. } = error.kind() else {
        return error.to_string();
    };
    match err.field().and_then(|field| headers.get(field as usize)) {
        Some(column) => format!("`{column}`: {}", err.kind()),
        None => err.kind().to_string(),
    }
}

fn record(row: Row, file: usize, line: usize) -> Result<Record, String> {
    // Exports write the time of day too; usage is counted by day.
    let day = row.date.split(['T', ' ']).next().unwrap_or_default();
    let date = Date::parse(day)?;
    if !row.quantity.is_finite() {
        return Err("`quantity` is not a finite number".to_owned());
    }
    Ok(Record {
        date,
        feature: row.feature,
        line: row.line.unwrap_or_default(),
        quantity: row.quantity,
        unit: row.unit,
        tenant: row.tenant.filter(|tenant| !tenant.is_empty()),
        cost: row.cost,
        file,
        row: line,
    })
}

fn refuse(name: &str, line: usize, problem: &str) -> Error {
    let message = format!("{name}:{line}: {problem}");
    Error::usage(message).with_help(COLUMNS.to_owned())
}
