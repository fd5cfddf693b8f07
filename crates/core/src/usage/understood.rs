//! What was understood of usage, and its canonical lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::measurable::Kind;
use crate::report::Unmatched;
use crate::units::Date;
use crate::words::text::harmless_json;

use super::matching::Days;
use super::measured::Subjects;
use super::name::Name;
use super::series::Series;
use super::time::When;
use super::{Key, Usage};

/// The value of [`Understood::format`].
const FORMAT: &str = "caplint.usage/1";

/// Where its schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/usage.schema.json";

/// What was understood of files with usage.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "caplint usage", extend("$id" = SCHEMA))]
pub struct Understood {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: &'static str,
    /// All rows.
    pub rows: usize,
    /// Those that say something about what is declared.
    pub matched: usize,
    /// Those after the date of `--as-of`.
    pub outside: usize,
    /// What the others name, sorted.
    pub unmatched: Vec<Unmatched>,
    /// What all rows are about, sorted.
    pub subjects: Vec<Understanding>,
    /// What the first row that matches nothing was probably meant to say.
    #[serde(skip)]
    pub meant: Option<String>,
}

/// What rows say of one thing in one unit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Understanding {
    /// What they are about, as a path; what matches nothing as it is written.
    pub subject: String,
    /// Their unit.
    pub unit: String,
    /// The currency of a cost, where it is not the project's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The number of rows.
    pub rows: usize,
    /// The sum of what was counted, or the last sample.
    pub quantity: f64,
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
    /// How many days between them have no row.
    pub gaps: usize,
}

/// What canonical lines are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A line for each day.
    Day,
    /// A line for each run of days in a month, with its last day.
    Month,
}

impl Usage {
    /// What was understood, held against what projects declare. Rows after a date are outside.
    pub fn understood(&self, projects: &[Project], as_of: Option<Date>) -> Understood {
        let known: Vec<Subjects<'_>> = projects.iter().map(Subjects::new).collect();
        let mut subjects: BTreeMap<(String, &str, &str), Series> = BTreeMap::new();
        for (key, series) in &self.series {
            let about = known.iter().filter(|it| key.is_about(it.project));
            let mut found = about.filter_map(|it| {
                let path = it.find(&key.name, &key.unit).ok()?;
                Some((path.to_string(), it.project.currency()))
            });
            let found = found.next();
            let (subject, own) = found.unwrap_or_else(|| (key.name.written(), ""));
            // What is in another currency is no part of the same sum.
            let currency = Some(&*key.currency).filter(|currency| *currency != own);
            subjects
                .entry((subject, &key.unit, currency.unwrap_or_default()))
                .and_modify(|own| own.merge(series))
                .or_insert_with(|| series.clone());
        }
        let subjects = subjects
            .into_iter()
            .filter_map(|((subject, unit, currency), series)| {
                let (first, last) = series.ends()?;
                Some(Understanding {
                    subject,
                    unit: unit.to_owned(),
                    currency: Some(currency.to_owned()).filter(|it| !it.is_empty()),
                    rows: series.rows(),
                    quantity: series.quantity(None),
                    first: first.to_string(),
                    last: last.to_string(),
                    gaps: series.gaps(),
                })
            });
        let window = as_of.map(|as_of| Days {
            from: Date::new(0, 1, 1).unwrap_or(as_of),
            last: as_of,
            last_sampled: as_of,
        });
        let (rows, meant) = self.rows_of(projects, window);
        Understood {
            format: FORMAT,
            rows: rows.rows,
            matched: rows.matched,
            outside: rows.outside,
            unmatched: rows.unmatched,
            subjects: subjects.collect(),
            meant,
        }
    }

    /// All usage as JSON lines in a fixed order, added up by day or month; samples stay as they
    /// are. Tenants are given the names that `tenant` gives them.
    pub fn lines(&self, by: Span, tenant: impl Fn(&str) -> String) -> String {
        let mut series: Vec<&(Key, Series)> = self.series.iter().collect();
        series.sort_by(|(a, _), (b, _)| {
            (&a.name, &a.unit, &a.currency).cmp(&(&b.name, &b.unit, &b.currency))
        });
        let mut out = String::new();
        for (key, series) in series {
            if key.is_beside && !key.name.has_cost() {
                continue;
            }
            for (at, value) in &series.samples {
                let when = When::of_seconds(*at).map(When::written);
                line(
                    &mut out,
                    key,
                    &when.unwrap_or_default(),
                    None,
                    &value.to_string(),
                    &[],
                );
            }
            if !key.is_sampled {
                self.counted(&mut out, key, series, by, &tenant);
            }
        }
        out
    }

    fn counted(
        &self,
        out: &mut String,
        key: &Key,
        series: &Series,
        by: Span,
        tenant: &impl Fn(&str) -> String,
    ) {
        // What names no tenant is what is left of a day.
        let mut cells: BTreeMap<(Date, Option<u32>), Decimal> = BTreeMap::new();
        for (day, of_day) in series.days.iter().filter(|(_, it)| it.place.is_some()) {
            cells.insert((*day, None), of_day.sum);
        }
        for ((tenant, day), it) in &series.by_tenant {
            cells.insert((*day, Some(*tenant)), it.sum);
            if let Some(rest) = cells.get_mut(&(*day, None)) {
                *rest -= it.sum;
            }
        }
        // A day without a row stays one: what is spread over it would count.
        let goes_on = |last: Date, day: Date| {
            let is_month = (last.year(), last.month()) == (day.year(), day.month());
            by == Span::Month && is_month && day.days_since(last) == 1
        };
        let mut spans: BTreeMap<(Date, Option<u32>), (Date, Decimal)> = BTreeMap::new();
        let mut running: HashMap<Option<u32>, Date> = HashMap::default();
        for ((day, tenant), sum) in cells {
            let first = running.entry(tenant).or_insert(day);
            let before = spans.get(&(*first, tenant)).map(|(last, _)| *last);
            if before.is_none_or(|last| !goes_on(last, day)) {
                *first = day;
            }
            let span = spans.entry((*first, tenant));
            let (last, total) = span.or_insert((day, Decimal::ZERO));
            *last = day;
            *total += sum;
        }
        for ((first, number), (last, total)) in spans {
            let until = (by == Span::Month).then_some(last);
            let named = number.and_then(|number| self.tenant(number));
            let mut more = Vec::new();
            let hashed = named.map(|(name, _)| tenant(name));
            more.extend(hashed.as_deref().map(|name| ("tenant", name)));
            let tier = named.map(|(_, tier)| tier).filter(|tier| !tier.is_empty());
            more.extend(tier.map(|tier| ("tier", tier)));
            let quantity = total.normalize().to_string();
            line(out, key, &first.to_string(), until, &quantity, &more);
        }
    }
}

/// Writes one line. The quantity is written as it is: a decimal stays one.
fn line(
    out: &mut String,
    key: &Key,
    date: &str,
    until: Option<Date>,
    quantity: &str,
    more: &[(&str, &str)],
) {
    let text = |text: &str| harmless_json(&Value::from(text).to_string()).into_owned();
    let _ = write!(out, "{{\"date\":{}", text(date));
    let mut put = |name: &str, value: &str| {
        let _ = write!(out, ",\"{name}\":{}", text(value));
    };
    if let Some(until) = until {
        put("until", &until.to_string());
    }
    match &key.name {
        Name::Line(feature, line) => {
            put("feature", feature);
            put("line", line);
        }
        name => put("subject", &name.written()),
    }
    for (name, value) in more {
        put(name, value);
    }
    if !key.currency.is_empty() {
        put("currency", &key.currency);
    }
    put("unit", &key.unit);
    let _ = writeln!(out, ",\"quantity\":{quantity}}}");
}

impl Name {
    /// Whether what it names may have a cost of its own: what it may not would match nothing.
    fn has_cost(&self) -> bool {
        match self {
            Self::Path(path) => Kind::of(&path.0).is_none_or(|kind| kind.counted.contains(&"cost")),
            _ => true,
        }
    }
}
