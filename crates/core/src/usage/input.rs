//! The bytes of a file, and which format they have.

use std::io::{BufRead, BufReader, Read};

use crate::error::Error;
use crate::limits;

use super::{Maps, Usage, rows};

/// What is said with every refusal.
pub(super) const ACCEPTED: &str = "usage is CSV with the columns `date`, `feature`, `line` or \
    `subject`, `quantity`, `unit`, or JSON lines with these keys; FOCUS; or answers of Prometheus";

/// How files are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// What rows of other formats are about.
    pub maps: Option<&'a Maps>,
    /// Whether what is effective counts as cost, and not what is billed.
    pub is_effective: bool,
    /// Whether files may have any size and number of rows.
    pub is_unbounded: bool,
}

/// How far a file is looked into to tell its format.
const PEEKED: usize = 4096;

impl Usage {
    /// Reads a file and adds what it says. Its format is told by its content. Fails with
    /// [`Error::Usage`] with the file's name and the line that can't be read.
    pub fn read(
        &mut self,
        name: &str,
        file: impl Read,
        reading: &Reading<'_>,
    ) -> Result<(), Error> {
        self.files.push(name.to_owned());
        let before = self.rows;
        let read = self.read_lines(file, reading);
        self.settle();
        let refuse = |problem: Problem| {
            let message = match problem.line {
                0 => format!("`{name}` {}", problem.message),
                line => format!("{name}:{line}: {}", problem.message),
            };
            Error::usage(message).with_help(problem.help)
        };
        read.map_err(refuse)?;
        self.note_left_out(name);
        if self.rows == before && self.cash.is_empty() {
            return Err(refuse(Problem::of_file("has no rows")));
        }
        Ok(())
    }

    fn read_lines(&mut self, file: impl Read, reading: &Reading<'_>) -> Result<(), Problem> {
        let mut input = BufReader::with_capacity(PEEKED * 16, Lines::new(file, reading));
        let start = peek(&mut input)?;
        let prefix = [0xEF, 0xBB, 0xBF];
        if start.starts_with(&prefix) {
            input.consume(prefix.len());
        }
        let start = start.strip_prefix(&prefix).unwrap_or(&start);
        if start.starts_with(&[0x1F, 0x8B]) {
            let problem = Problem::of_file("is compressed");
            return Err(problem.help("decompress it with `zcat`, and give what that prints"));
        }
        if start.starts_with(&[0xFE, 0xFF]) || start.starts_with(&[0xFF, 0xFE]) {
            return Err(Problem::of_file("is UTF-16: save it as UTF-8"));
        }
        let text = start.trim_ascii_start();
        match text.first() {
            None => Err(Problem::of_file("is empty")),
            Some(b'{') if is_answer(text) => self.read_prometheus(input, reading),
            Some(b'{') => self.read_json_lines(input, reading),
            Some(b'[') => {
                let problem = Problem::at(1, "this is a JSON array");
                Err(problem.help("write a row a line: `jq -c '.[]'`"))
            }
            // The last line has an end, too: rows are found by it.
            Some(_) => rows::read_csv(self, input.chain(&b"\n"[..]), reading),
        }
    }
}

/// Whether a JSON text is an answer of Prometheus: what it begins with.
fn is_answer(text: &[u8]) -> bool {
    let inner = text.strip_prefix(b"{").unwrap_or(text).trim_ascii_start();
    let keys = ["status", "data", "error", "errorType", "warnings", "infos"];
    keys.iter().any(|key| {
        let inner = inner.strip_prefix(b"\"");
        let inner = inner.and_then(|inner| inner.strip_prefix(key.as_bytes()));
        inner.is_some_and(|inner| inner.starts_with(b"\""))
    })
}

fn peek(input: &mut impl BufRead) -> Result<Vec<u8>, Problem> {
    let start = input.fill_buf().map_err(|error| Problem::io(0, &error))?;
    Ok(start.iter().take(PEEKED).copied().collect())
}

/// Bytes up to the most that is read, with line ends of one byte: a record after one of two would
/// begin on the line before it.
struct Lines<R> {
    input: R,
    /// How many bytes may come.
    left: u64,
    /// Whether the last byte that was read is `\r`, which was not given on.
    has_return: bool,
}

impl<R: Read> Lines<R> {
    fn new(input: R, reading: &Reading<'_>) -> Self {
        let left = match reading.is_unbounded {
            true => u64::MAX,
            false => limits::USAGE_BYTES,
        };
        Self {
            input,
            left,
            has_return: false,
        }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            // A `\r` that was held back may need a place of its own: the first.
            let Some(room) = out.get_mut(1..).filter(|room| !room.is_empty()) else {
                return Err(std::io::Error::other("there is no room to read into"));
            };
            let read = self.input.read(room)?;
            self.left = self.left.checked_sub(read as u64).ok_or_else(too_large)?;
            let mut before = std::mem::take(&mut self.has_return);
            let mut end = 0;
            if read == 0 && before {
                out[0] = b'\r';
                return Ok(1);
            }
            for at in 1..=read {
                let byte = out[at];
                if before && byte != b'\n' {
                    out[end] = b'\r';
                    end += 1;
                }
                before = byte == b'\r';
                if !before {
                    out[end] = byte;
                    end += 1;
                }
            }
            self.has_return = before;
            if end > 0 || read == 0 {
                return Ok(end);
            }
        }
    }
}

fn too_large() -> std::io::Error {
    let message = format!("it has more than {} bytes", limits::USAGE_BYTES);
    std::io::Error::new(std::io::ErrorKind::FileTooLarge, message)
}

/// Why a file can't be read.
#[derive(Debug)]
pub(super) struct Problem {
    /// The line; 0 where it is the file as a whole.
    line: usize,
    message: String,
    help: String,
}

impl Problem {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
            help: ACCEPTED.to_owned(),
        }
    }

    pub(super) fn of_file(message: &str) -> Self {
        Self::at(0, message)
    }

    /// What is wrong with a row, which may be that there are too many.
    pub(super) fn of_row(line: usize, message: String) -> Self {
        let is_large = message.starts_with("there are more") || message.starts_with("it has more");
        let has_tenants = message.ends_with(" tenants");
        let problem = Self::at(line, message);
        match is_large {
            true if has_tenants => problem.help(NO_TENANTS),
            true => problem.help(FEWER),
            false => problem,
        }
    }

    pub(super) fn io(line: usize, error: &std::io::Error) -> Self {
        let message = match error.kind() {
            std::io::ErrorKind::FileTooLarge => return Self::of_row(line, error.to_string()),
            std::io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
            _ => format!("it can't be read: {error}"),
        };
        Self::at(line, message)
    }

    #[must_use]
    pub(super) fn help(mut self, help: &str) -> Self {
        help.clone_into(&mut self.help);
        self
    }
}

const NO_TENANTS: &str = "leave out the column `tenant`: quotas and the review read it";
const FEWER: &str = "`caplint usage FILE --by day` adds up files of any size: give what it prints";
