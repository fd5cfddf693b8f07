//! The report itself, for programs.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::Report;

use super::{Options, text};

/// The report as JSON. Characters that could act on a terminal are written as `\u` escapes, which
/// does not change the data.
pub fn json(report: &Report, options: &Options) -> String {
    written(report, options.pretty)
}

/// Any value as indented JSON with a newline at its end, safe to print.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    written(value, true)
}

pub(crate) fn written(value: &impl Serialize, pretty: bool) -> String {
    let mut out = Vec::new();
    // Nothing fails: writing to memory does not, and keys of maps are strings.
    let _ = write(value, pretty, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Writes it as it is made: reports may be larger than memory holds twice.
pub(super) fn write(value: &impl Serialize, pretty: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut harmless = Harmless {
        out,
        waiting: Vec::with_capacity(2 * WAITING),
    };
    match pretty {
        true => serde_json::to_writer_pretty(&mut harmless, value)?,
        false => serde_json::to_writer(&mut harmless, value)?,
    }
    harmless.waiting.push(b'\n');
    harmless.flush()
}

/// How many bytes wait to be written together: they come in pieces of one to ten.
const WAITING: usize = 1 << 15;

/// Escapes what could act on a terminal. Outside strings JSON is ASCII, and newlines there are
/// layout.
struct Harmless<'a> {
    out: &'a mut dyn Write,
    waiting: Vec<u8>,
}

impl Harmless<'_> {
    fn escape(&mut self, bytes: &[u8]) -> io::Result<()> {
        let json = str::from_utf8(bytes).map_err(io::Error::other)?;
        let harmless = text::harmless_json(json);
        self.waiting.extend_from_slice(harmless.as_bytes());
        Ok(())
    }
}

impl Write for Harmless<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
            self.waiting.extend_from_slice(bytes);
        } else {
            self.escape(bytes)?;
        }
        if self.waiting.len() >= WAITING {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}
