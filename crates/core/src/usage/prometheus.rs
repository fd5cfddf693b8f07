//! Answers of Prometheus: one JSON document, or several one after the other.

use serde::Deserialize;
use serde_json::Value;

use super::reading::File;
use super::rows::subject_of;
use super::{Foreign, Record};
use crate::error::Error;
use crate::units::Date;
use crate::units::Duration;

/// The label by which a query says what it is about: a subject, a space and a unit.
pub const LABEL: &str = "caplint";
/// The label by which a query says how long a step takes.
pub const STEP: &str = "caplint_step";

const HELP: &str = "caplint reads what `query_range` of Prometheus' HTTP API answers";
const DAY: i64 = 86_400;

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: serde_json::Map<String, Value>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    value: Option<(f64, String)>,
}

pub(super) fn is_answer(start: &str) -> bool {
    let inside = start.strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with("\"status\""))
}

pub(super) fn read(file: &mut File<'_>, text: &str) -> Result<(), Error> {
    let mut answers = serde_json::Deserializer::from_str(text).into_iter::<Answer>();
    let mut line = 1;
    let mut read = 0;
    while let Some(answer) = answers.next() {
        let answer = answer.map_err(|error| file.refuse(error.line(), &error.to_string(), HELP))?;
        if answer.status != "success" {
            let problem = format!("Prometheus answers `{}`: {}", answer.status, answer.error);
            return Err(file.refuse(line, &problem, "correct the query, and ask again"));
        }
        for warning in answer.warnings {
            file.notes.push(format!("{}: Prometheus warns: {warning}", file.name));
        }
        for series in answer.data.into_iter().flat_map(|data| data.result) {
            self::series(file, &series, line).map_err(|problem| file.refuse(line, &problem, HELP))?;
        }
        let end = answers.byte_offset();
        line += text[read..end].matches('\n').count();
        read = end;
    }
    Ok(())
}

fn series(file: &mut File<'_>, series: &Series, line: usize) -> Result<(), String> {
    let label = |name: &str| series.metric.get(name).and_then(Value::as_str);
    let mut samples = Vec::new();
    for (at, text) in series.values.iter().chain(&series.value) {
        let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a sample"))?;
        // What is not a number, such as a stale sample, is a gap.
        if value.is_finite() && at.is_finite() {
            samples.push((*at as i64, value));
        }
    }
    let others = series.metric.keys();
    let mut others = others.filter(|name| ![LABEL, STEP, "__name__"].contains(&name.as_str()));
    let tenant = others.next().filter(|_| others.next().is_none());
    let tenant = tenant.and_then(|name| label(name)).map(str::to_owned);
    let Some((subject, unit)) = label(LABEL).and_then(|text| text.rsplit_once(' ')) else {
        let step = step(label(STEP), &samples)?;
        for (at, value) in samples {
            let (date, minute) = moment(at - step)?;
            let columns = series.metric.iter();
            let columns = columns.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())));
            file.foreign.push(Foreign {
                columns: columns.collect(),
                name: label("__name__").unwrap_or("Prometheus").to_owned(),
                date,
                minute: (step < DAY).then_some(minute),
                days: 1,
                quantity: value,
                file: file.number,
                row: line,
                ..Foreign::default()
            });
        }
        return Ok(());
    };
    let (feature, of_line, path) = subject_of(subject)?;
    let record = Record {
        feature,
        line: of_line,
        path,
        unit: unit.to_owned(),
        tenant,
        rows: 1,
        file: file.number,
        row: line,
        ..Record::default()
    };
    // A counter's sample is the usage of the step that ends with it.
    let step = match record.is_sample() {
        true => 0,
        false => step(label(STEP), &samples)?,
    };
    for (at, value) in samples {
        let (date, minute) = moment(at - step)?;
        let has_time = record.is_sample() || step < DAY;
        file.tally.add(Record {
            date,
            minute: has_time.then_some(minute),
            quantity: value,
            ..record.clone()
        });
    }
    Ok(())
}

/// The seconds of a step: what the label says, else days where all samples are at midnight, else the
/// smallest distance of two.
fn step(label: Option<&str>, samples: &[(i64, f64)]) -> Result<i64, String> {
    if let Some(label) = label {
        let step = Duration::parse(label).map_err(|_| format!("`{STEP}` is `{label}`"))?;
        return Ok(step.seconds() as i64);
    }
    if samples.iter().all(|(at, _)| at.rem_euclid(DAY) == 0) {
        return Ok(DAY);
    }
    let distances = samples.windows(2).filter_map(|pair| Some(pair.get(1)?.0 - pair.first()?.0));
    let least = distances.filter(|distance| *distance > 0).min();
    least.ok_or_else(|| format!("nothing tells how long a step takes: add the label `{STEP}`"))
}

fn moment(seconds: i64) -> Result<(Date, u16), String> {
    let date = Date::EPOCH.plus_days(seconds.div_euclid(DAY));
    let minute = u16::try_from(seconds.rem_euclid(DAY) / 60);
    date.zip(minute.ok()).ok_or_else(|| format!("there is no second {seconds}"))
}
