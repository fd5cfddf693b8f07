//! The schema of the JSON report, written beside it: what [`crate::report`] prints, and nothing
//! else. Tools that read reports may rely on it for as long as `format` stays what it is.

use crate::document::tables::LineKind;
use serde_json::{Map, Value, json};

use crate::report::FORMAT;

/// Where the schema of reports is published.
const ID: &str = "https://raw.githubusercontent.com/caplint/caplint/main/schema/report.schema.json";

/// The schema of the JSON report.
#[must_use]
pub fn report() -> Value {
    let mut schema = record(
        "A report of caplint. Numbers are in full precision; an infinite demand is null. Lists are sorted by path or id, horizons by day, findings by file, line and rule.",
        &[
            ("format", json!({ "enum": [FORMAT] })),
            ("caplint", about("The version that made it.", string())),
            ("as_of", about("The date as of which it judges.", date())),
            (
                "base",
                about(
                    "What it compares with; null in `check`.",
                    or_null(refer("side")),
                ),
            ),
            ("head", about("What it judges.", refer("side"))),
            ("projects", list("project")),
            ("summary", refer("summary")),
        ],
    );
    let definitions: Map<String, Value> = [outline(), demands(), changes(), findings()]
        .into_iter()
        .flatten()
        .map(|(name, definition)| (name.to_owned(), definition))
        .collect();
    if let Value::Object(schema) = &mut schema {
        let head = [
            ("$schema", "http://json-schema.org/draft-07/schema#"),
            ("$id", ID),
            ("title", "caplint report"),
        ];
        for (index, (key, value)) in head.into_iter().enumerate() {
            schema.shift_insert(index, key.to_owned(), value.into());
        }
        schema.insert("definitions".to_owned(), definitions.into());
    }
    schema
}

type Named = Vec<(&'static str, Value)>;

/// An object that has all of these keys and no other.
fn record(description: &str, keys: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    let mut record = optional(description, keys);
    record["required"] = required.into();
    record
}

/// An object that has some of these keys and no other.
fn optional(description: &str, keys: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|(key, schema)| ((*key).to_owned(), schema.clone()))
        .collect();
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn about(description: &str, schema: Value) -> Value {
    super::documented(description, schema)
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn list(name: &str) -> Value {
    json!({ "type": "array", "items": refer(name) })
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn string() -> Value {
    json!({ "type": "string" })
}

fn date() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn maybe_string() -> Value {
    json!({ "type": ["string", "null"] })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn maybe_number() -> Value {
    json!({ "type": ["number", "null"] })
}

fn whole(least: u8) -> Value {
    json!({ "type": "integer", "minimum": least })
}

fn maybe_whole() -> Value {
    json!({ "type": ["integer", "null"], "minimum": 1 })
}

fn before_after(schema: Value) -> Value {
    record(
        "Before and after; null on a side where there is none.",
        &[
            ("before", or_null(schema.clone())),
            ("after", or_null(schema)),
        ],
    )
}

/// Sides, projects and the summary.
fn outline() -> Named {
    let side = record(
        "One state.",
        &[
            (
                "name",
                about(
                    "`worktree`, `index`, a revision as it was named, or a folder.",
                    string(),
                ),
            ),
            (
                "commit",
                about(
                    "The full id of the commit, where it is one.",
                    maybe_string(),
                ),
            ),
        ],
    );
    let project = record(
        "One project.",
        &[
            ("name", string()),
            (
                "root",
                about("Its folder in the repository; empty at the top.", string()),
            ),
            (
                "currency",
                about("The ISO 4217 code of all its money.", string()),
            ),
            (
                "verdict",
                about(
                    "The worst of its meters today; storage by what is on disk.",
                    refer("verdict"),
                ),
            ),
            ("lines", list("line")),
            ("meters", list("meter")),
            ("horizons", list("horizon")),
            ("scenarios", list("scenario")),
            (
                "changes",
                about(
                    "The meters that the change moves; empty in `check`.",
                    list("change"),
                ),
            ),
            (
                "purchases",
                json!({ "description": "What to buy.", "type": "array", "items": { "type": "object" } }),
            ),
            ("findings", list("finding")),
        ],
    );
    let summary = record(
        "How many findings there are, fixed and waived ones apart, and the exit code.",
        &[
            ("errors", whole(0)),
            ("warnings", whole(0)),
            ("infos", whole(0)),
            ("waived", whole(0)),
            ("exit_code", json!({ "enum": [0, 1] })),
        ],
    );
    let verdict = json!({
        "description": "How a demand compares with its limit, from best to worst.",
        "enum": ["unlimited", "fits", "tight", "unknown", "breaks"],
    });
    vec![
        ("side", side),
        ("project", project),
        ("summary", summary),
        ("verdict", verdict),
    ]
}

/// Lines, meters, and the meters to come.
fn demands() -> Named {
    let units = json!({ "type": "object", "additionalProperties": number() });
    let figures = [
        "requested",
        "reached",
        "billed",
        "credits",
        "rows",
        "messages",
        "bytes",
        "spend",
    ];
    let mut per_day: Vec<(&str, Value)> = figures.iter().map(|name| (*name, number())).collect();
    per_day.push(("units", about("Units of the model, by name.", units)));
    let line = record(
        "A demand line at today's point values.",
        &[
            ("path", string()),
            ("feature", string()),
            ("list", json!({ "enum": LineKind::ALL.map(LineKind::list) })),
            (
                "target",
                about(
                    "The endpoint with its API, table, queue or model.",
                    string(),
                ),
            ),
            ("file", string()),
            ("line", whole(1)),
            ("population", number()),
            (
                "per_day",
                optional(
                    "What it comes to in a day; the figures of its kind.",
                    &per_day,
                ),
            ),
            ("peak_per_second", number()),
        ],
    );
    let percentiles = ["point", "p50", "p80", "p90", "p95"].map(|name| (name, maybe_number()));
    let meter = record(
        "Something counted against a limit.",
        &[
            ("id", about("Such as `apis.tiklive.credits`.", string())),
            ("kind", string()),
            ("unit", about("Such as `credits/month`.", string())),
            ("demand", record("Null where it is infinite.", &percentiles)),
            (
                "lower_bound",
                about(
                    "Whether something unknown is in it, so that it is at least this.",
                    json!({ "type": "boolean" }),
                ),
            ),
            ("limit", maybe_number()),
            (
                "utilization",
                about("The policy's percentile over the limit.", maybe_number()),
            ),
            ("verdict", refer("verdict")),
            (
                "breaking_point",
                about(
                    "The largest multiplier of all tenants within the limit; null in horizons and scenarios.",
                    maybe_number(),
                ),
            ),
            ("detail", detail()),
        ],
    );
    let horizon = record(
        "The meters on a day to come.",
        &[("day", whole(1)), ("meters", list("meter"))],
    );
    let scenario = record(
        "The meters in a scenario.",
        &[
            ("name", string()),
            ("require", json!({ "enum": ["fit", "warn", "report"] })),
            ("meters", list("meter")),
        ],
    );
    vec![
        ("line", line),
        ("meter", meter),
        ("horizon", horizon),
        ("scenario", scenario),
    ]
}

fn detail() -> Value {
    optional(
        "More that is known of this kind of meter.",
        &[
            (
                "soft_on_day",
                about(
                    "Credits: the day of the soft alert; null past the month.",
                    maybe_number(),
                ),
            ),
            (
                "hard_on_day",
                about(
                    "Credits: the day of the hard alert; null past the month.",
                    maybe_number(),
                ),
            ),
            (
                "empties_on_day",
                about(
                    "Credits: the day on which the plan is used up; null past the month.",
                    maybe_number(),
                ),
            ),
            (
                "full_on_day",
                about(
                    "Storage: the first day on which it is full.",
                    maybe_number(),
                ),
            ),
            (
                "partitions_needed",
                about(
                    "Throughput: how many partitions the demand takes.",
                    maybe_number(),
                ),
            ),
            (
                "scale_up_at",
                about(
                    "Workers: the depth above which to add workers.",
                    maybe_number(),
                ),
            ),
        ],
    )
}

/// What a change does to meters.
fn changes() -> Named {
    let scenario = record(
        "The verdict in a scenario.",
        &[
            ("name", string()),
            ("before", or_null(refer("verdict"))),
            ("after", or_null(refer("verdict"))),
        ],
    );
    let attribution = record(
        "How much one declaration moved the meter.",
        &[
            ("path", string()),
            ("kind", json!({ "enum": ["added", "changed", "removed"] })),
            ("before", maybe_string()),
            ("after", maybe_string()),
            ("delta", maybe_number()),
        ],
    );
    let change = record(
        "What the change does to one meter, at point values.",
        &[
            ("meter", string()),
            ("before", maybe_number()),
            ("after", maybe_number()),
            ("delta", maybe_number()),
            (
                "percent",
                about(
                    "The delta over before, a ratio; null where before is 0.",
                    maybe_number(),
                ),
            ),
            ("limit", before_after(number())),
            ("verdict", before_after(refer("verdict"))),
            ("breaking_point", before_after(number())),
            ("scenarios", json!({ "type": "array", "items": scenario })),
            (
                "attribution",
                json!({ "description": "In the order in which they were applied.", "type": "array", "items": attribution }),
            ),
        ],
    );
    vec![("change", change)]
}

fn findings() -> Named {
    let related = record(
        "Another place that a finding speaks of.",
        &[
            ("file", string()),
            ("line", whole(1)),
            ("column", whole(1)),
            ("message", string()),
        ],
    );
    let waived = record(
        "The waiver or `allow` that covers a finding.",
        &[
            ("reason", maybe_string()),
            ("owner", maybe_string()),
            ("until", maybe_string()),
        ],
    );
    let finding = record(
        "A finding.",
        &[
            ("rule", string()),
            (
                "severity",
                json!({ "enum": ["off", "info", "warning", "error"] }),
            ),
            (
                "subject",
                about("The path in the model that it is about.", string()),
            ),
            (
                "state",
                about(
                    "Whether the base has it too; null in `check`.",
                    json!({ "enum": ["new", "worsened", "existing", "fixed", null] }),
                ),
            ),
            ("message", string()),
            ("help", maybe_string()),
            ("url", about("The rule's page.", string())),
            (
                "fingerprint",
                about(
                    "The same in every run, wherever it stands in its file.",
                    string(),
                ),
            ),
            (
                "figure",
                about("The number that it is about.", maybe_number()),
            ),
            ("file", maybe_string()),
            ("line", maybe_whole()),
            ("column", maybe_whole()),
            ("end_line", maybe_whole()),
            ("end_column", maybe_whole()),
            ("related", json!({ "type": "array", "items": related })),
            ("waived", or_null(waived)),
        ],
    );
    vec![("finding", finding)]
}
