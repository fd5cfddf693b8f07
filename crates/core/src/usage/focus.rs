//! FOCUS, the open format of cloud bills, versions 1.0 to 1.3.

use super::Foreign;
use super::reading::File;
use super::rows::{number, time};
use crate::error::Error;

const HELP: &str = "caplint reads FOCUS 1.0 to 1.3, with `ChargePeriodStart`, `ChargePeriodEnd`, \
    `ChargeCategory`, `ConsumedQuantity` and `ConsumedUnit`";

/// The columns that differ from row to row and say nothing of what a row is about.
const MEASURES: [&str; 4] = ["Cost", "Price", "Quantity", "Period"];

pub(super) fn is_header(header: &str) -> bool {
    ["ChargePeriodStart", "ConsumedQuantity"]
        .iter()
        .all(|name| header.split(',').any(|column| column.trim().trim_matches('"') == *name))
}

/// Usage is what `ChargeCategory` calls so, with a quantity, and bought or committed to for nothing
/// else. Corrections count with their sign. Purchases are cash.
pub(super) fn read(file: &mut File<'_>, text: &str, effective_cost: bool) -> Result<(), Error> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers();
    let headers = headers.map_err(|error| file.refuse(1, &error.to_string(), HELP))?;
    let headers = headers.clone();
    let find = |name: &str| headers.iter().position(|column| column == name);
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                return Err(file.refuse(line as usize, &error.to_string(), HELP));
            }
        }
        let line = row.position().map_or(1, csv::Position::line) as usize;
        let column = |name: &str| row.get(find(name)?).filter(|text| is_filled(text));
        let read = charge(file.number, line, effective_cost, &column);
        match read.map_err(|problem| file.refuse(line, &problem, HELP))? {
            Charge::Cash(date, cost) => file.cash.push((date, cost)),
            Charge::Other => {}
            Charge::Usage(mut foreign) => {
                let told = headers.iter().zip(&row);
                let told = told.filter(|(name, text)| {
                    is_filled(text) && !MEASURES.iter().any(|it| name.contains(it))
                });
                for (name, text) in told {
                    match name {
                        "Tags" => foreign.columns.extend(tags(text)),
                        _ => foreign.columns.push((name.to_owned(), text.to_owned())),
                    }
                }
                file.foreign.push(*foreign);
            }
        }
    }
}

/// `NULL`, empty and absent are the same.
fn is_filled(text: &str) -> bool {
    !text.is_empty() && !text.eq_ignore_ascii_case("null")
}

enum Charge {
    Usage(Box<Foreign>),
    Cash(crate::units::Date, f64),
    Other,
}

fn charge<'t>(
    file: usize,
    line: usize,
    effective_cost: bool,
    column: &dyn Fn(&str) -> Option<&'t str>,
) -> Result<Charge, String> {
    let of = |name: &str| column(name).map(|text| number(name, text)).transpose();
    let start = column("ChargePeriodStart").ok_or("missing field `ChargePeriodStart`")?;
    let (from, _) = time(start)?;
    let cost = of(if effective_cost { "EffectiveCost" } else { "BilledCost" })?;
    let category = column("ChargeCategory").unwrap_or_default();
    if category == "Purchase" {
        return Ok(Charge::Cash(from, of("BilledCost")?.unwrap_or_default()));
    }
    let is_unused = column("CommitmentDiscountStatus") == Some("Unused");
    let quantity = of("ConsumedQuantity")?;
    let Some(quantity) = quantity.filter(|_| category == "Usage" && !is_unused) else {
        return Ok(Charge::Other);
    };
    // The end is the first moment that is no longer charged for.
    let days = match column("ChargePeriodEnd") {
        None => 1,
        Some(end) => {
            let (end, minute) = time(end)?;
            let started = i64::from(minute.is_some_and(|minute| minute > 0));
            (end.days_since(from) + started).max(1)
        }
    };
    Ok(Charge::Usage(Box::new(Foreign {
        columns: Vec::new(),
        name: column("ServiceName").unwrap_or("FOCUS").to_owned(),
        unit: column("ConsumedUnit").unwrap_or_default().to_owned(),
        date: from,
        minute: None,
        days,
        quantity,
        cost,
        currency: column("BillingCurrency").map(str::to_owned),
        file,
        row: line,
    })))
}

/// Tags are a JSON object; each is a column of its own, `Tags.application`.
fn tags(text: &str) -> Vec<(String, String)> {
    let tags = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    let named = tags.into_iter().flatten().map(|(name, value)| {
        let text = value.as_str().map(str::to_owned);
        (format!("Tags.{name}"), text.unwrap_or_else(|| value.to_string()))
    });
    named.collect()
}
