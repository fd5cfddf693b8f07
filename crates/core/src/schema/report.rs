//! The schemas of what is printed as JSON, derived from its types. Tools that read it may rely on
//! them as long as `format` does not change.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::calibrate::report::Calibration;
use crate::document::describe::text;
use crate::explain::Explanation;
use crate::export::quotas::Quotas;
use crate::export::rows::Row;
use crate::history::History;
use crate::report::Report;
use crate::report::purchases::Purchases;
use crate::review::report::Review;
use crate::rules::listed::RuleList;
use crate::sheet::Sheets;
use crate::usage::Understood;

/// The schema of the JSON report.
pub fn report() -> Value {
    of::<Report>()
}

/// The schema of `forecast --format json`.
pub fn forecast() -> Value {
    of::<Sheets>()
}

/// The schema of what `caplint purchases` prints as JSON.
pub fn purchases() -> Value {
    of::<Purchases>()
}

/// The schema of the JSON that `usage` prints.
pub fn usage() -> Value {
    of::<Understood>()
}

/// The schema of the JSON that `calibrate` prints.
pub fn calibration() -> Value {
    of::<Calibration>()
}

/// The schema of the JSON that `review` prints.
pub fn review() -> Value {
    of::<Review>()
}

/// The schema of the JSON that `history` prints.
pub fn history() -> Value {
    of::<History>()
}

/// The schema of `explain --format json`.
pub fn explanation() -> Value {
    of::<Explanation>()
}

/// The schema of `rules --format json`.
pub fn rules() -> Value {
    of::<RuleList>()
}

/// The schema of the rows that `caplint export rows` writes, one a line.
pub fn rows() -> Value {
    of::<Row>()
}

/// The schema of what `caplint export quotas` writes.
pub fn quotas() -> Value {
    of::<Quotas>()
}

fn of<T: JsonSchema>() -> Value {
    // Draft-07, as the schema of `capacity.toml`: editors know it.
    let mut schema = SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    RecursiveTransform(tidy).transform(&mut schema);
    schema.to_value()
}

/// Refuses keys that are not there, and drops what validators do not know: formats such as
/// `uint32`, and the line breaks of doc comments.
fn tidy(schema: &mut Schema) {
    schema.remove("format");
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = text(description);
    }
}
