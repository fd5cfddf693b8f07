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
    match pretty {
        true => serde_json::to_writer_pretty(Harmless(&mut *out), value)?,
        false => serde_json::to_writer(Harmless(&mut *out), value)?,
    }
    out.write_all(b"\n")
}

/// Escapes what could act on a terminal.
struct Harmless<'a>(&'a mut dyn Write);

impl Write for Harmless<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
            self.0.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let json = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_all(text::harmless_json(json).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
