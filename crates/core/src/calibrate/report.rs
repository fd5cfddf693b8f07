//! What was measured against what is declared, as reports have it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::calibrate::Window;
use crate::report::UsageRows;
use crate::units::Date;

pub use crate::calibrate::bridge::Factor;

/// The value of [`Calibration::format`].
pub const FORMAT: &str = "caplint.calibrate/1";

/// Where its schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/calibrate.schema.json";

/// What was measured, held against what is declared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "caplint calibration", extend("$id" = SCHEMA))]
pub struct Calibration {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The first day that counts.
    pub from: String,
    /// The day after the last that counts.
    pub to: String,
    /// Demand lines, by path, and of each the units that were measured: first the one by which the
    /// line is judged.
    pub lines: Vec<Line>,
    /// Declared values that were measured, by path.
    pub values: Vec<Value>,
    /// What moved credits and spend, by meter.
    pub meters: Vec<Meter>,
    /// What became of the rows.
    pub usage: UsageRows,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

impl Calibration {
    pub(crate) fn new(window: Window) -> Self {
        Self {
            format: FORMAT.to_owned(),
            from: window.from.to_string(),
            to: window.to.to_string(),
            lines: Vec::new(),
            values: Vec::new(),
            meters: Vec::new(),
            usage: UsageRows::default(),
            notes: Vec::new(),
        }
    }
}

/// What was measured of a line in one unit. Errors are those of whole blocks of 7 days that end
/// with the window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Line {
    /// The project's name, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The line's path.
    pub path: String,
    /// What was measured.
    pub unit: String,
    /// How many days count.
    pub days: usize,
    /// What was measured on those days.
    pub actual: f64,
    /// What is forecast for those days; null where a line's share is nobody's to say.
    pub forecast: Option<f64>,
    /// Measured over forecast; null where nothing is forecast, or no block is whole.
    pub ratio: Option<f64>,
    /// Forecast less measured, over measured.
    pub bias: Option<f64>,
    /// The same, with each block's error counted whatever its sign.
    pub wape: Option<f64>,
    /// The share of blocks in which no more was measured than the forecast's 80th percentile, from
    /// 8 blocks on.
    pub coverage: Option<f64>,
}

/// A declared value that was measured. Rates are per day, sizes bytes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Value {
    /// The project's name, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The value's path.
    pub path: String,
    /// What is declared, of an estimate the median; null where that is unknown or absent.
    pub declared: Option<Number>,
    /// What was measured.
    pub measured: Number,
    /// The text that `--write` puts in its place; null where it stays.
    pub written: Option<String>,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The line of the end.
    pub end_line: u32,
    /// The column one past the end.
    pub end_column: u32,
}

/// A number, or a date.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Number {
    /// A number.
    Number(f64),
    /// A date, `YYYY-MM-DD`.
    Date(String),
}

/// What moved a meter.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Meter {
    /// The project's name, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The meter's id.
    pub meter: String,
    /// What was measured on the days that count.
    pub actual: f64,
    /// What is forecast for those days.
    pub forecast: f64,
    /// What each factor of each line moves. They add up to measured less forecast.
    pub effects: Vec<Effect>,
    /// The days that count.
    #[serde(skip)]
    pub dates: BTreeSet<Date>,
}

/// What one factor moves.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Effect {
    /// The factor.
    pub factor: Factor,
    /// The line, or of what is undeclared the API or model.
    pub path: String,
    /// How much it moves.
    pub effect: f64,
    /// Whether tenants were counted; false of a rate that tells of them too.
    pub tenants_counted: bool,
}
