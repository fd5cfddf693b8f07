//! Rows as caplint writes them itself: CSV with a header, or JSON lines.

use std::borrow::Cow;

use serde_json::Value;

use super::Record;
use super::reading::File;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::error::Error;
use crate::limits::USAGE_FIELD_BYTES;
use crate::units::Date;

const COLUMNS: &str = "the columns are `date`, `feature` and `line`, or `subject`, then `quantity` \
    and `unit`; optionally `until, tenant, tier, cost, currency`";

/// Records, of which those that say how much of the same was used at the same time are one.
#[derive(Default)]
pub(super) struct Tally {
    records: Vec<Record>,
    /// What rounding has dropped of each quantity.
    rests: Vec<f64>,
    known: HashMap<Box<str>, usize>,
    key: String,
}

impl Tally {
    pub(super) fn add(&mut self, record: Record) {
        use std::fmt::Write as _;
        self.key.clear();
        // Writing to a string does not fail. A name holds no control characters that would part it.
        let _ = write!(
            self.key,
            "{}\0{:?}\0{}\0{}\0{}\0{}",
            record.date,
            record.minute,
            record.feature,
            record.line,
            record.unit,
            record.tenant.as_deref().unwrap_or("")
        );
        for part in record.path.iter().chain(&record.tier).chain(&record.currency) {
            self.key.push('\0');
            self.key.push_str(part);
        }
        let Some(&at) = self.known.get(self.key.as_str()) else {
            self.known.insert(self.key.as_str().into(), self.records.len());
            self.records.push(record);
            self.rests.push(0.0);
            return;
        };
        let (known, rest) = (&mut self.records[at], &mut self.rests[at]);
        let sum = known.quantity + record.quantity;
        *rest += match known.quantity.abs() >= record.quantity.abs() {
            true => (known.quantity - sum) + record.quantity,
            false => (record.quantity - sum) + known.quantity,
        };
        known.quantity = sum;
        known.rows += record.rows;
        known.cost = match (known.cost, record.cost) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }

    pub(super) fn records(self) -> impl Iterator<Item = Record> {
        self.records.into_iter().zip(self.rests).map(|(record, rest)| Record {
            quantity: record.quantity + rest,
            ..record
        })
    }
}

pub(super) fn read_json(file: &mut File<'_>, text: &str) -> Result<(), Error> {
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let row: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(line);
        let added = row.map_err(|error| error.to_string()).and_then(|row| {
            let column = |name: &str| match row.get(name)? {
                Value::Null => None,
                Value::String(text) => Some(Cow::Borrowed(text.as_str())),
                other => Some(Cow::Owned(other.to_string())),
            };
            add(file, &column, index + 1)
        });
        added.map_err(|problem| file.refuse(index + 1, &problem, COLUMNS))?;
    }
    Ok(())
}

pub(super) fn read_csv(file: &mut File<'_>, text: &str) -> Result<(), Error> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers();
    let headers = headers.map_err(|error| file.refuse(1, &error.to_string(), COLUMNS))?;
    let headers = headers.clone();
    let find = |name: &str| headers.iter().position(|column| column == name);
    for needed in ["date", "quantity", "unit"] {
        if find(needed).is_none() {
            let problem = format!("there is no column `{needed}`");
            return Err(file.refuse(1, &problem, COLUMNS));
        }
    }
    if find("feature").or(find("subject")).is_none() {
        return Err(file.refuse(1, "there is no column `feature` or `subject`", COLUMNS));
    }
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                return Err(file.refuse(line as usize, &error.to_string(), COLUMNS));
            }
        }
        let line = row.position().map_or(1, csv::Position::line) as usize;
        let column = |name: &str| Some(Cow::Borrowed(row.get(find(name)?)?));
        add(file, &column, line).map_err(|problem| file.refuse(line, &problem, COLUMNS))?;
    }
}

/// Adds a row whose columns are known by their names.
pub(super) fn add<'t>(
    file: &mut File<'_>,
    column: &dyn Fn(&str) -> Option<Cow<'t, str>>,
    line: usize,
) -> Result<(), String> {
    let filled = |name: &str| {
        let text = column(name)?;
        (!text.is_empty()).then_some(text)
    };
    let needed = |name: &str| filled(name).ok_or_else(|| format!("missing field `{name}`"));
    let owned = |name: &str| filled(name).map(Cow::into_owned);
    for name in ["feature", "line", "subject", "unit", "tenant", "tier"] {
        if filled(name).is_some_and(|text| text.len() > USAGE_FIELD_BYTES) {
            return Err(format!("`{name}` is longer than {USAGE_FIELD_BYTES} bytes"));
        }
    }
    let (date, minute) = time(&needed("date")?)?;
    let quantity = number("quantity", &needed("quantity")?)?;
    let cost = filled("cost").map(|text| number("cost", &text)).transpose()?;
    let (feature, of_line, path) = match (owned("feature"), filled("subject")) {
        (Some(feature), _) => (feature, owned("line").unwrap_or_default(), Vec::new()),
        (None, Some(subject)) => subject_of(&subject)?,
        (None, None) => return Err("missing field `feature`".to_owned()),
    };
    let mut record = Record {
        date,
        minute,
        feature,
        line: of_line,
        path,
        quantity,
        unit: needed("unit")?.into_owned(),
        tenant: owned("tenant"),
        tier: owned("tier"),
        cost,
        currency: owned("currency"),
        rows: 1,
        file: file.number,
        row: line,
    };
    if !record.is_sample() {
        record.minute = minute.map(|minute| minute / 60 * 60);
    }
    let Some(until) = filled("until") else {
        file.tally.add(record);
        return Ok(());
    };
    let (until, _) = time(&until)?;
    if until < date {
        return Err("`until` is before `date`".to_owned());
    }
    spread(file, &record, until);
    Ok(())
}

/// The most days that one row may be spread over.
const MOST_DAYS: i64 = 3_660;

/// Spreads a record evenly over its days, the last included. It stays one row.
pub(super) fn spread(file: &mut File<'_>, record: &Record, until: Date) {
    let days = (until.days_since(record.date) + 1).clamp(1, MOST_DAYS);
    for day in 0..days {
        let Some(date) = record.date.plus_days(day) else {
            return;
        };
        file.tally.add(Record {
            date,
            minute: None,
            quantity: record.quantity / days as f64,
            cost: record.cost.map(|cost| cost / days as f64),
            rows: usize::from(day == 0),
            ..record.clone()
        });
    }
}

/// A feature and its line, or the path of something else.
pub(super) fn subject_of(text: &str) -> Result<(String, String, Vec<String>), String> {
    let path = TomlPath::parse(text).map(|path| path.0);
    let path = path.ok_or_else(|| format!("`{text}` is not a path such as `apis.tiklive`"))?;
    Ok(match path.as_slice() {
        [features, name] if features == "features" => (name.clone(), String::new(), Vec::new()),
        [features, name, list, id] if features == "features" => {
            (name.clone(), format!("{list}.{id}"), Vec::new())
        }
        _ => (String::new(), String::new(), path),
    })
}

/// A day, and the minute of it where there is one: RFC 3339, or a day alone. All is UTC.
pub(super) fn time(text: &str) -> Result<(Date, Option<u16>), String> {
    let (day, clock) = match text.split_once(['T', 't', ' ']) {
        Some((day, clock)) => (day, Some(clock)),
        None => (text, None),
    };
    let date = Date::parse(day)?;
    let Some(clock) = clock else {
        return Ok((date, None));
    };
    let odd = || format!("`{text}` is not a time such as `2026-11-22T10:00:00Z`");
    let (hours, rest) = clock.split_at_checked(2).ok_or_else(odd)?;
    let minutes = rest.strip_prefix(':').and_then(|rest| rest.get(..2));
    let [hour, minute] = [Some(hours), minutes].map(|digits| digits?.parse::<i64>().ok());
    let (hour, minute) = hour.zip(minute).ok_or_else(odd)?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return Err(odd());
    }
    let offset = offset(rest.get(3..).unwrap_or_default()).ok_or_else(odd)?;
    let minute = hour * 60 + minute - offset;
    let date = date.plus_days(minute.div_euclid(1440)).ok_or_else(odd)?;
    Ok((date, u16::try_from(minute.rem_euclid(1440)).ok()))
}

/// The minutes that a time of day is ahead of UTC: of `:30.5+02:00`, 120.
fn offset(rest: &str) -> Option<i64> {
    let Some(at) = rest.find(['+', '-']) else {
        let seconds = rest.trim_end_matches(['Z', 'z']).trim_end_matches(" UTC");
        let is_clock = seconds.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.');
        return is_clock.then_some(0);
    };
    let (sign, zone) = rest[at..].split_at(1);
    let zone = zone.replace(':', "");
    let hours: i64 = zone.get(..2)?.parse().ok()?;
    let minutes: i64 = zone.get(2..).filter(|it| !it.is_empty()).map_or(Some(0), |it| it.parse().ok())?;
    let ahead = hours * 60 + minutes;
    Some(if sign == "-" { -ahead } else { ahead })
}

/// A decimal number.
pub(super) fn number(name: &str, text: &str) -> Result<f64, String> {
    let plain = text.trim();
    let is_plain = plain
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let number = plain.parse::<f64>().ok().filter(|it| is_plain && it.is_finite());
    number.ok_or_else(|| {
        let joined = plain.replace([',', '_'], "");
        match joined.parse::<f64>() {
            Ok(number) if number.is_finite() && joined != plain => {
                format!("`{name}` is `{plain}`: write {joined}")
            }
            _ => format!("`{name}` is `{plain}`, which is not a finite number"),
        }
    })
}
