//! The format's single values: each says how it is written.

use serde_json::{Value, json};

use super::patterns;
use crate::document::describe::{Definitions, Described};
use crate::document::tables::Ceiling;
use crate::document::values::{
    Cacheable, Count, Days, Engine, Flag, Flow, Largest, LineId, Name, PartitionLength, Peak,
    PeakDay, Portion, Positive, Retention, SmallRatio, Text, Texts, Url,
};
use crate::limits::MAX_NAME_BYTES;
use crate::units::{Date, Duration, Growth, Money, Rate, Ratio, Size, Throughput};

/// Text of a form.
fn formed(description: &str, pattern: &str, examples: &[&str]) -> Value {
    json!({
        "description": description,
        "type": "string",
        "pattern": pattern,
        "examples": examples,
    })
}

/// Implements [`Described`] for a type whose schema needs no other.
macro_rules! described {
    ($($name:literal $type:ty => $schema:expr;)*) => {
        $(impl Described for $type {
            fn describe(definitions: &mut Definitions) -> Value {
                definitions.define($name, |_| $schema)
            }
        })*
    };
}

described! {
    "count" Count => json!({
        "description": "A number of 0 or more.",
        "type": "number",
        "minimum": 0,
    });
    "peak" Peak => json!({
        "description": "Peak over average, 1 or more.",
        "type": "number",
        "minimum": 1,
    });
    "largest" Largest => json!({
        "description": "How many times the average, 1 or more.",
        "type": "number",
        "minimum": 1,
    });
    "peak-day" PeakDay => json!({
        "description": "The busiest day over the average day, from 1 to 7.",
        "type": "number",
        "minimum": 1,
        "maximum": PeakDay::MOST,
    });
    "url" Url => formed(
        "An https address.",
        "^https://[A-Za-z0-9\\[]\\S*$",
        &["https://status.example.com/"],
    );
    "growth" Growth => formed(
        "A ratio per period, compound; it may be negative, down to -100%.",
        &patterns::growth(),
        &["10%/month", "2%/week", "-5%/year"],
    );
    "positive" Positive => json!({
        "description": "A number above 0.",
        "type": "number",
        "exclusiveMinimum": 0,
    });
    "money" Money => json!({
        "description": "An amount in the project's currency, such as 1499.50.",
        "type": "number",
        "minimum": 0,
    });
    "name" Name => formed(
        "The name of something that is declared elsewhere.",
        patterns::name(),
        &[],
    );
    "ratio" Ratio => ratio(json!({ "type": "number", "minimum": 0 }), &patterns::percentage());
    "days" Days => formed(
        "A duration of days or more, in which minutes are `min`.",
        &patterns::days(),
        &["90d", "6mo", "1y"],
    );
    "portion" Portion => ratio(
        json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        &patterns::portion(),
    );
    "duration" Duration => formed(
        "A duration above 0; units ms s m h d w mo y, a month having 30 days and a year 365.",
        &patterns::duration(),
        &["15m", "1d12h", "90d", "1y"],
    );
    "size" Size => json!({
        "description": "A size; KB = 1000 and KiB = 1024 bytes. A number is bytes.",
        "anyOf": [
            { "type": "number", "minimum": 0 },
            formed("A size.", &patterns::size(), &["400B", "60KB", "1.4TB", "2GiB"]),
        ],
    });
    "rate" Rate => formed(
        "N/period arrives steadily, every D in batches; numbers may have a suffix k, M or G.",
        &patterns::rate(),
        &["4/day", "200/min", "20M/day", "1/15m", "every 15m"],
    );
    "flow" Flow => formed(
        "A number over a period; the number may have a suffix k, M or G.",
        &patterns::flow(),
        &["200/min", "500/s", "20M/day"],
    );
    "throughput" Throughput => formed(
        "A size over a period.",
        &patterns::throughput(),
        &["3MB/s"],
    );
    "date" Date => json!({
        "description": "A date without quotes, such as 2026-11-22.",
        "type": "string",
        "format": "date",
        "pattern": patterns::date(),
    });
}

fn ratio(number: Value, percentage: &str) -> Value {
    json!({
        "description": "A ratio, such as 0.75 or \"75%\".",
        "anyOf": [number, formed("A percentage.", percentage, &["75%", "2.5%"])],
    })
}

impl Described for Text {
    fn describe(_: &mut Definitions) -> Value {
        json!({ "type": "string" })
    }
}

impl Described for Engine {
    fn describe(definitions: &mut Definitions) -> Value {
        Text::describe(definitions)
    }
}

impl<const MOST: u32> Described for SmallRatio<MOST> {
    fn describe(definitions: &mut Definitions) -> Value {
        definitions.define(&format!("ratio-{MOST}"), |_| {
            let number = json!({ "type": "number", "minimum": 0, "maximum": MOST });
            ratio(number, &patterns::percentage())
        })
    }
}

impl Described for LineId {
    fn describe(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX_NAME_BYTES })
    }
}

impl Described for Flag {
    fn describe(_: &mut Definitions) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Described for Texts {
    fn describe(_: &mut Definitions) -> Value {
        json!({ "type": "array", "items": { "type": "string" } })
    }
}

impl Described for Retention {
    fn describe(definitions: &mut Definitions) -> Value {
        let duration = Days::describe(definitions);
        json!({ "anyOf": [duration, { "type": "string", "enum": ["forever"] }] })
    }
}

impl Described for PartitionLength {
    fn describe(definitions: &mut Definitions) -> Value {
        let duration = Days::describe(definitions);
        let named = json!({ "type": "string", "enum": ["day", "week", "month", "year"] });
        json!({ "anyOf": [named, duration] })
    }
}

impl Described for Cacheable {
    fn describe(definitions: &mut Definitions) -> Value {
        let duration = Duration::describe(definitions);
        json!({ "anyOf": [{ "type": "boolean", "enum": [false] }, duration] })
    }
}

impl Described for Ceiling {
    fn describe(definitions: &mut Definitions) -> Value {
        let size = Size::describe(definitions);
        json!({ "anyOf": [size, { "type": "string", "pattern": patterns::percentage() }] })
    }
}
