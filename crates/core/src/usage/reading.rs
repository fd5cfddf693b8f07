//! Reads a file of usage, whatever format it is in.

use std::borrow::Cow;

use super::rows::Tally;
use super::{Foreign, Usage, focus, prometheus, rows};
use crate::error::Error;
use crate::units::Date;

/// What files can be, for those whose content is nothing of it.
const ACCEPTED: &str = "caplint reads CSV with a header, JSON lines, FOCUS CSV, answers of \
    Prometheus, and what `caplint usage request postgres` asks for";

/// What is read of one file.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    /// Its number among all files.
    pub(super) number: usize,
    pub(super) tally: Tally,
    pub(super) foreign: Vec<Foreign>,
    pub(super) notes: Vec<String>,
    pub(super) cash: Vec<(Date, f64)>,
}

impl File<'_> {
    /// The error of a line, from 1.
    pub(super) fn refuse(&self, line: usize, problem: &str, help: &str) -> Error {
        let message = format!("{}:{line}: {problem}", self.name);
        Error::usage(message).with_help(help.to_owned())
    }
}

impl Usage {
    /// Reads a file's text and adds its records.
    ///
    /// # Errors
    /// [`Error::Usage`] with the file's name and the line that can't be read.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // A record would begin on the line before it.
        let text = &*match text.contains("\r\n") {
            true => Cow::Owned(text.replace("\r\n", "\n")),
            false => Cow::Borrowed(text),
        };
        let mut file = File {
            name,
            number: self.files.len(),
            tally: Tally::default(),
            foreign: Vec::new(),
            notes: Vec::new(),
            cash: Vec::new(),
        };
        self.files.push(name.to_owned());
        let start = text.trim_start();
        if start.is_empty() {
            return Err(file.refuse(1, "the file is empty", ACCEPTED));
        }
        if start.starts_with("\u{1f}") || text.starts_with("\0") {
            return Err(file.refuse(1, "the file is no text", ACCEPTED));
        }
        if prometheus::is_answer(start) {
            prometheus::read(&mut file, text)?;
        } else if start.starts_with('{') {
            rows::read_json(&mut file, text)?;
        } else {
            let header = text.lines().next().unwrap_or_default();
            match focus::is_header(header) {
                true => focus::read(&mut file, text, self.effective_cost)?,
                false => rows::read_csv(&mut file, text)?,
            }
        }
        self.records.extend(file.tally.records());
        self.foreign.append(&mut file.foreign);
        self.notes.append(&mut file.notes);
        self.cash.append(&mut file.cash);
        Ok(())
    }
}
