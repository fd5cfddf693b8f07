//! Answers of Prometheus' HTTP API: one JSON document, or one after another.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{BufRead, Read};

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::collections::IndexMap;

use super::input::{Problem, Reading};
use super::name::Named;
use super::rows::decimal;
use super::time::{DAY, When};
use super::{Row, Usage};

/// The label that says what a series is about: `SUBJECT UNIT`.
pub(super) const ABOUT: &str = "caplint";

/// The label that says which time a sample is of.
pub(super) const STEP: &str = "caplint_step";

const HOUR: i64 = 3_600;

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    result: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(expecting = "a series")]
struct Found {
    metric: IndexMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    #[serde(default)]
    value: Option<(f64, String)>,
}

/// Counts lines as they are read.
struct Counted<'l, R> {
    input: R,
    lines: &'l Cell<usize>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(out)?;
        let ends = out.iter().take(read).filter(|byte| **byte == b'\n');
        self.lines.set(self.lines.get() + ends.count());
        Ok(read)
    }
}

impl Usage {
    pub(super) fn read_prometheus(
        &mut self,
        input: impl BufRead,
        reading: &Reading<'_>,
    ) -> Result<(), Problem> {
        let lines = Cell::new(1);
        let counted = Counted {
            input,
            lines: &lines,
        };
        let mut answers = serde_json::Deserializer::from_reader(counted).into_iter::<Answer>();
        loop {
            let line = lines.get();
            let Some(answer) = answers.next() else {
                return Ok(());
            };
            let answer = answer.map_err(|error| match error.is_io() {
                true => Problem::io(line, &error.into()),
                false => Problem::at(error.line().max(1), error.to_string()),
            })?;
            self.add_answer(answer, line, reading)?;
        }
    }

    fn add_answer(
        &mut self,
        answer: Answer,
        line: usize,
        reading: &Reading<'_>,
    ) -> Result<(), Problem> {
        let at = |message: String| Problem::of_row(line, message);
        let name = self.files.last().cloned().unwrap_or_default();
        for warning in answer.warnings {
            self.notes.push(format!(
                "warning: {name}:{line}: Prometheus warns: {warning}"
            ));
        }
        let data = match (answer.status.as_str(), answer.data) {
            ("success", Some(data)) => data,
            (status, _) => {
                let said = answer
                    .error
                    .unwrap_or_else(|| format!("the status is {status}"));
                let problem = at(format!("Prometheus says: {said}"));
                return Err(problem.help("ask it again, and give the new answer"));
            }
        };
        if data.kind != "matrix" && data.kind != "vector" {
            return Err(at(format!("it holds a {}, and no series", data.kind)));
        }
        for found in data.result {
            self.add_found(&found, line, reading)?;
        }
        Ok(())
    }

    fn add_found(
        &mut self,
        found: &Found,
        line: usize,
        reading: &Reading<'_>,
    ) -> Result<(), Problem> {
        let at = |message: String| Problem::of_row(line, message);
        let about = found.metric.get(ABOUT).and_then(|it| it.rsplit_once(' '));
        let label = |name: &str| found.metric.get(name).map(|it| Cow::Borrowed(it.as_str()));
        let map = match about {
            Some(_) => None,
            None => reading.maps.and_then(|maps| maps.find(label)),
        };
        let own = found
            .metric
            .get("__name__")
            .map_or("a series", String::as_str);
        let (name, unit) = match (about, map) {
            (Some((subject, unit)), _) => (Named::Path(subject), unit),
            (None, Some(map)) => (Named::Path(&map.subject), map.unit.as_str()),
            (None, None) => (Named::Foreign(own), "samples"),
        };
        let tenant = match (about, map) {
            (Some(_), _) => {
                let labels = found.metric.iter();
                let mut labels = labels.filter(|(label, _)| !is_own(label));
                labels
                    .next()
                    .map(|(_, value)| Cow::Borrowed(value.as_str()))
            }
            (None, map) => {
                let named = map.and_then(|map| map.tenant.as_deref());
                let tenant = named.and_then(label);
                if let Some(named) = named {
                    self.look_for(named, tenant.is_some());
                }
                tenant
            }
        };
        let samples = samples(found);
        let is_sampled = name.to_name().is_sampled(unit);
        let length = match is_sampled {
            true => 0,
            false => length(found, &samples).map_err(at)?,
        };
        let scale = map.map_or(Decimal::ONE, |map| map.scale);
        for (time, value) in samples {
            let begins = When::of_seconds(time - length);
            let begins = begins.ok_or_else(|| at(format!("there is no time {time}")))?;
            let whole_day = length >= DAY;
            let row = Row {
                when: When {
                    second: begins.second.filter(|_| !whole_day),
                    ..begins
                },
                until: None,
                name,
                unit,
                quantity: decimal("value", value).map_err(at)? * scale,
                tenant: tenant.as_deref().unwrap_or_default(),
                tier: "",
                cost: None,
                currency: "",
                line: u32::try_from(line).unwrap_or(u32::MAX),
            };
            self.add(&row, reading).map_err(at)?;
        }
        Ok(())
    }
}

fn is_own(label: &str) -> bool {
    [ABOUT, STEP, "__name__"].contains(&label)
}

/// Times in seconds and values, without those that are no numbers: a gap, and no nothing.
fn samples(found: &Found) -> Vec<(i64, &str)> {
    let all = found.values.iter().chain(&found.value);
    let is_number = |value: &str| value.parse::<f64>().is_ok_and(f64::is_finite);
    let numbers = all.filter(|(_, value)| is_number(value));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time is a whole second here"
    )]
    let at = |time: f64| time.round() as i64;
    numbers
        .map(|(time, value)| (at(*time), value.as_str()))
        .collect()
}

/// How many seconds before its time a sample counts.
fn length(found: &Found, samples: &[(i64, &str)]) -> Result<i64, String> {
    match found.metric.get(STEP).map(String::as_str) {
        Some("1d") => return Ok(DAY),
        Some("1h") => return Ok(HOUR),
        Some(other) => return Err(format!("`{STEP}` is `{other}`: it is 1d or 1h")),
        None => {}
    }
    if samples.iter().all(|(time, _)| time.rem_euclid(DAY) == 0) {
        return Ok(DAY);
    }
    let pairs = samples.iter().zip(samples.iter().skip(1));
    let least = pairs.map(|((one, _), (next, _))| next - one).min();
    match least {
        Some(least) if least > 0 && least % HOUR == 0 && least < DAY => Ok(least),
        _ => Err(format!(
            "which time a sample is of is not known: add the label `{STEP}`, `1d` or `1h`"
        )),
    }
}
