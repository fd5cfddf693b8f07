//! The project's own rows, as CSV with a header or as JSON lines.

use std::borrow::Cow;
use std::io::{BufRead, Read};
use std::str::FromStr;

use csv::StringRecord;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Number;

use crate::limits;
use crate::words::text::quotable;

use super::input::{Problem, Reading};
use super::name::Named;
use super::time::When;
use super::{Row, Usage, focus};

/// The longest row: as many fields as there are columns, and some room.
const LINE_BYTES: u64 = 1 << 20;

/// Where the columns of a header stand.
pub(super) struct Columns(Vec<String>);

impl Columns {
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column == name)
    }

    /// Refuses a column that would be read, and of which there are two.
    fn refuse_twice(&self, is_bill: bool) -> Result<(), Problem> {
        for (at, name) in self.iter() {
            let is_read = is_bill || OWN.contains(&name);
            if is_read && self.find(name) != Some(at) {
                let message = format!("there are two columns `{}`", quotable(name));
                return Err(Problem::at(1, message).help("remove one of them, or rename it"));
            }
        }
        Ok(())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(String::as_str).enumerate()
    }
}

/// Reads CSV, the project's own or a bill.
pub(super) fn read_csv(
    usage: &mut Usage,
    input: impl Read,
    reading: &Reading<'_>,
) -> Result<(), Problem> {
    // How many fields a row has is told here: the line that the reader knows is off by blank ones.
    let left = LINE_BYTES;
    let input = Bounded { input, left };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let headers = reader.headers().map_err(|error| wrong(&error, 1))?;
    let columns = Columns(headers.iter().map(|it| it.trim().to_owned()).collect());
    let foreign = focus::Bill::new(&columns, reading)?;
    columns.refuse_twice(foreign.is_some())?;
    let own = match foreign {
        Some(_) => None,
        None => Some(Own::new(&columns)?),
    };
    let mut record = StringRecord::new();
    loop {
        reader.get_mut().left = LINE_BYTES;
        let next = reader.position().line();
        let read = reader.read_record(&mut record);
        if !read.map_err(|error| wrong(&error, next))? {
            return Ok(());
        }
        // Its last line has ended; it may have begun before.
        let bytes = record.as_slice().bytes();
        let breaks = bytes.filter(|byte| *byte == b'\n').count();
        let line = reader.position().line().saturating_sub(1 + breaks as u64);
        let line = line.max(record.position().map_or(1, csv::Position::line));
        let at = |message| Problem::of_row(usize::try_from(line).unwrap_or(usize::MAX), message);
        let (expected, fields) = (columns.0.len(), record.len());
        if fields != expected {
            let message = format!("the row has {fields} fields, and the header has {expected}");
            return Err(at(message));
        }
        if record
            .iter()
            .any(|field| field.len() > limits::USAGE_FIELD_BYTES)
        {
            let message = format!("a field has more than {} bytes", limits::USAGE_FIELD_BYTES);
            return Err(at(message));
        }
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match (&foreign, &own) {
            (Some(bill), _) => bill.add(usage, &record, line, reading).map_err(at)?,
            (None, Some(own)) => {
                let row = own.row(&record, line).map_err(at)?;
                usage.add(&row, reading).map_err(at)?;
            }
            (None, None) => {}
        }
    }
}

/// Fails where a row goes on past what a line may have, so that it is not held.
struct Bounded<R> {
    input: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(out)?;
        let too_long = || {
            let message = format!("the line has more than {LINE_BYTES} bytes");
            std::io::Error::new(std::io::ErrorKind::FileTooLarge, message)
        };
        self.left = self.left.checked_sub(read as u64).ok_or_else(too_long)?;
        Ok(read)
    }
}

fn wrong(error: &csv::Error, line: u64) -> Problem {
    let line = error.position().map_or(line, csv::Position::line);
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    match error.kind() {
        csv::ErrorKind::Io(io) => Problem::io(line, io),
        csv::ErrorKind::Utf8 { .. } => Problem::at(line, "it is not UTF-8"),
        _ => Problem::at(line, error.to_string()),
    }
}

/// The project's own columns.
const OWN: [&str; 11] = [
    "date", "quantity", "unit", "until", "feature", "line", "subject", "tenant", "tier", "cost",
    "currency",
];

/// Where the project's own columns stand.
struct Own {
    date: usize,
    quantity: usize,
    unit: usize,
    until: Option<usize>,
    feature: Option<usize>,
    line: Option<usize>,
    subject: Option<usize>,
    tenant: Option<usize>,
    tier: Option<usize>,
    cost: Option<usize>,
    currency: Option<usize>,
}

impl Own {
    fn new(columns: &Columns) -> Result<Self, Problem> {
        let missing = |name: &str| {
            let problem = Problem::at(1, format!("there is no column `{name}`"));
            let mut all = columns.0.iter();
            match (&columns.0[..], all.find(|it| it.eq_ignore_ascii_case(name))) {
                ([only], _) if only.contains([';', '\t']) => {
                    problem.help("separate columns with commas")
                }
                (_, Some(_)) => problem.help("write the names of columns in lower case"),
                _ => problem,
            }
        };
        let needed = |name| columns.find(name).ok_or_else(|| missing(name));
        let own = Self {
            date: needed("date")?,
            quantity: needed("quantity")?,
            unit: needed("unit")?,
            until: columns.find("until"),
            feature: columns.find("feature"),
            line: columns.find("line"),
            subject: columns.find("subject"),
            tenant: columns.find("tenant"),
            tier: columns.find("tier"),
            cost: columns.find("cost"),
            currency: columns.find("currency"),
        };
        if own.feature.is_none() && own.subject.is_none() {
            return Err(missing("feature"));
        }
        Ok(own)
    }

    fn row<'r>(&self, record: &'r StringRecord, line: u32) -> Result<Row<'r>, String> {
        let text = |at: Option<usize>| at.and_then(|at| record.get(at)).map_or("", str::trim);
        let quantity = text(Some(self.quantity));
        let cost = Some(text(self.cost)).filter(|cost| !cost.is_empty());
        Ok(Row {
            when: When::parse(text(Some(self.date)))?,
            until: until(text(self.until))?,
            name: named(text(self.feature), text(self.line), text(self.subject))?,
            unit: text(Some(self.unit)),
            quantity: decimal("quantity", quantity)?,
            tenant: text(self.tenant),
            tier: text(self.tier),
            cost: cost.map(|cost| decimal("cost", cost)).transpose()?,
            currency: text(self.currency),
            line,
        })
    }
}

fn until(text: &str) -> Result<Option<crate::units::Date>, String> {
    let is_there = !text.is_empty();
    Ok(is_there
        .then(|| When::parse(text))
        .transpose()?
        .map(|it| it.day))
}

fn named<'a>(feature: &'a str, line: &'a str, subject: &'a str) -> Result<Named<'a>, String> {
    match (feature.is_empty(), subject.is_empty()) {
        (false, true) => Ok(Named::Line(feature, line)),
        (true, false) if line.is_empty() => Ok(Named::Path(subject)),
        (true, true) => Err("it names neither a feature nor a subject".to_owned()),
        _ => Err("it names a feature and a subject: write one of them".to_owned()),
    }
}

/// A decimal number, without separators of thousands.
pub(super) fn decimal(column: &str, text: &str) -> Result<Decimal, String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = digits.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let refuse = |why: &str| format!("`{column}`: `{}` {why}", quotable(text));
    let parsed = match is_plain {
        true if digits.is_empty() => return Err(format!("`{column}` is empty")),
        true => Decimal::from_str(text).ok(),
        false if text.contains(',') => {
            return Err(refuse("has separators: write 1234.5"));
        }
        // Exponents: a number that is too large is none.
        false => scientific(text),
    };
    let most = Decimal::from(limits::USAGE_QUANTITY);
    match parsed {
        Some(number) if number.abs() <= most => Ok(number),
        Some(_) => Err(refuse("is more than 1e18")),
        // More digits than a decimal has.
        None if text
            .parse::<f64>()
            .is_ok_and(|it| it.is_finite() && it.abs() > 1e18) =>
        {
            Err(refuse("is more than 1e18"))
        }
        None => Err(refuse("is not a finite number: write 1234.5")),
    }
}

fn scientific(text: &str) -> Option<Decimal> {
    let (_, exponent) = text.split_once(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok()?;
    match exponent {
        // What is below all digits that are kept.
        ..=-29 => text.parse::<f64>().is_ok().then_some(Decimal::ZERO),
        _ => Decimal::from_scientific(text).ok(),
    }
}

/// One row of JSON.
#[derive(Deserialize)]
struct JsonRow<'a> {
    #[serde(borrow)]
    date: Cow<'a, str>,
    #[serde(borrow, default)]
    until: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    feature: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    line: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    quantity: JsonNumber,
    #[serde(borrow)]
    unit: Cow<'a, str>,
    #[serde(borrow, default)]
    tenant: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tier: Option<Cow<'a, str>>,
    #[serde(default)]
    cost: Option<JsonNumber>,
    #[serde(borrow, default)]
    currency: Option<Cow<'a, str>>,
}

/// A number, or a text that is one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a number was expected")]
enum JsonNumber {
    Number(Number),
    Text(String),
}

impl JsonNumber {
    fn decimal(&self, column: &str) -> Result<Decimal, String> {
        match self {
            Self::Number(number) => decimal(column, &number.to_string()),
            Self::Text(text) => decimal(column, text),
        }
    }
}

impl Usage {
    pub(super) fn read_json_lines(
        &mut self,
        mut input: impl BufRead,
        reading: &Reading<'_>,
    ) -> Result<(), Problem> {
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let mut bounded = (&mut input).take(LINE_BYTES);
            let read = bounded.read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| Problem::io(line, &error))?;
            if read == 0 {
                break;
            }
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let at = |message: String| Problem::of_row(line, message);
            if read as u64 == LINE_BYTES && !bytes.ends_with(b"\n") {
                return Err(at(format!("the line has more than {LINE_BYTES} bytes")));
            }
            let text = std::str::from_utf8(&bytes);
            let text = text.map_err(|_| at("it is not UTF-8".to_owned()))?;
            let row = serde_json::from_str::<JsonRow<'_>>(text);
            let row = row.map_err(|error| at(error.to_string()))?;
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            self.add_json(&row, line, reading).map_err(at)?;
        }
        Ok(())
    }

    fn add_json(
        &mut self,
        row: &JsonRow<'_>,
        line: u32,
        reading: &Reading<'_>,
    ) -> Result<(), String> {
        fn text<'r>(field: &'r Option<Cow<'_, str>>) -> &'r str {
            field.as_deref().unwrap_or_default()
        }
        let cost = row.cost.as_ref().map(|cost| cost.decimal("cost"));
        let row = Row {
            when: When::parse(&row.date)?,
            until: until(text(&row.until))?,
            name: named(text(&row.feature), text(&row.line), text(&row.subject))?,
            unit: &row.unit,
            quantity: row.quantity.decimal("quantity")?,
            tenant: text(&row.tenant),
            tier: text(&row.tier),
            cost: cost.transpose()?,
            currency: text(&row.currency),
            line,
        };
        self.add(&row, reading)
    }
}
