//! Bills in FOCUS, 1.0 to 1.3: CSV with the columns of the FinOps Open Cost and Usage
//! Specification.

use std::borrow::Cow;

use csv::StringRecord;
use rust_decimal::Decimal;

use crate::words::number::plural;

use super::input::{Problem, Reading};
use super::name::Named;
use super::rows::{Columns, decimal};
use super::time::{DAY, When};
use super::{Row, Usage};

/// Where the columns of a bill stand that are read, and those that maps name.
pub(super) struct Bill {
    columns: Vec<(String, usize)>,
    start: usize,
    end: Option<usize>,
    quantity: usize,
    unit: Option<usize>,
    category: Option<usize>,
    unused: Option<usize>,
    service: Option<usize>,
    cost: Option<usize>,
    billed: Option<usize>,
    currency: Option<usize>,
    tags: Option<usize>,
}

impl Bill {
    /// Nothing where the header is not that of a bill.
    pub(super) fn new(columns: &Columns, reading: &Reading<'_>) -> Result<Option<Self>, Problem> {
        let of_bill = ["ChargePeriodStart", "ConsumedQuantity"].map(|name| columns.find(name));
        let [Some(start), Some(quantity)] = of_bill else {
            return Ok(None);
        };
        let billed = columns.find("BilledCost");
        let cost = match reading.is_effective {
            true => columns.find("EffectiveCost"),
            false => billed,
        };
        if reading.is_effective && cost.is_none() {
            return Err(Problem::at(1, "there is no column `EffectiveCost`"));
        }
        let reads_tags = reading.maps.is_some_and(|maps| maps.read("Tags."));
        Ok(Some(Self {
            columns: columns
                .iter()
                .map(|(at, name)| (name.to_owned(), at))
                .collect(),
            start,
            end: columns.find("ChargePeriodEnd"),
            quantity,
            unit: columns.find("ConsumedUnit"),
            category: columns.find("ChargeCategory"),
            unused: columns.find("CommitmentDiscountStatus"),
            service: columns.find("ServiceName"),
            cost,
            billed,
            currency: columns.find("BillingCurrency"),
            tags: columns.find("Tags").filter(|_| reads_tags),
        }))
    }

    /// Adds what a row says was used, or was bought.
    pub(super) fn add(
        &self,
        usage: &mut Usage,
        record: &StringRecord,
        line: u32,
        reading: &Reading<'_>,
    ) -> Result<(), String> {
        let text = |at: Option<usize>| value(record, at?);
        let when = start(text(Some(self.start)).unwrap_or_default())?;
        let currency = text(self.currency).unwrap_or_default();
        let category = text(self.category).unwrap_or("Usage");
        if category == "Purchase"
            && let Some(cost) = text(self.billed)
        {
            let cost = decimal("BilledCost", cost)?;
            let key = (when.day, currency.to_owned());
            *usage.cash.entry(key).or_default() += cost;
        }
        let quantity = match text(Some(self.quantity)) {
            _ if category != "Usage" => {
                let mut others = ["Purchase", "Tax", "Credit", "Adjustment"].into_iter();
                let other = others.find(|other| *other == category);
                return usage.leave_out(other.unwrap_or("of another category"));
            }
            None => return usage.leave_out("without a quantity"),
            Some(_) if text(self.unused) == Some("Unused") => {
                return usage.leave_out("of an unused commitment");
            }
            Some(quantity) => quantity,
        };
        let cost = text(self.cost).map(|cost| decimal("BilledCost", cost));
        let tags = text(self.tags).map(serde_json::from_str::<serde_json::Value>);
        let tags = tags.transpose();
        let tags = tags.map_err(|error| format!("`Tags` is not JSON: {error}"))?;
        let column = |name: &str| self.column(record, tags.as_ref(), name);
        let map = reading.maps.and_then(|maps| maps.find(column));
        let named = map.and_then(|map| map.tenant.as_deref());
        let tenant = named.and_then(column);
        if let Some(named) = named {
            usage.look_for(named, tenant.is_some());
        }
        let scale = map.map_or(Decimal::ONE, |map| map.scale);
        let (when, until) = self.period(record, when)?;
        let cost = cost.transpose()?;
        // What is to be a cost is what was paid, and not how much was used.
        let (quantity, cost) = match map.map(|map| &*map.unit) {
            Some("cost") => match cost {
                Some(cost) => (cost, None),
                None => return usage.leave_out("without a cost"),
            },
            _ => (decimal("ConsumedQuantity", quantity)?, cost),
        };
        let row = Row {
            when,
            until,
            name: match map {
                Some(map) => Named::Path(&map.subject),
                None => Named::Foreign(text(self.service).unwrap_or("a service without a name")),
            },
            unit: match map {
                Some(map) => &map.unit,
                None => text(self.unit).unwrap_or("a unit without a name"),
            },
            quantity: quantity * scale,
            tenant: tenant.as_deref().unwrap_or_default(),
            tier: "",
            cost,
            currency,
            line,
        };
        usage.add(&row, reading)
    }

    /// The time of a charge, and its last day where it has several.
    fn period(
        &self,
        record: &StringRecord,
        from: When,
    ) -> Result<(When, Option<crate::units::Date>), String> {
        let end = self.end.and_then(|at| value(record, at));
        let Some(end) = end.map(start).transpose()? else {
            return Ok((from, None));
        };
        let seconds = end.seconds() - from.seconds();
        if seconds < 0 {
            return Err("`ChargePeriodEnd` is before `ChargePeriodStart`".to_owned());
        }
        if seconds <= 3_600 {
            return Ok((from, None));
        }
        let day = When {
            second: None,
            ..from
        };
        if seconds <= DAY {
            return Ok((day, None));
        }
        let last = When::of_seconds(end.seconds() - 1);
        Ok((day, last.map(|last| last.day)))
    }

    fn column<'r>(
        &self,
        record: &'r StringRecord,
        tags: Option<&serde_json::Value>,
        name: &str,
    ) -> Option<Cow<'r, str>> {
        if let Some(tag) = name.strip_prefix("Tags.") {
            return match tags?.get(tag)? {
                serde_json::Value::String(text) => Some(Cow::Owned(text.clone())),
                serde_json::Value::Null => None,
                other => Some(Cow::Owned(other.to_string())),
            };
        }
        let mut columns = self.columns.iter();
        let (_, at) = columns.find(|(column, _)| column == name)?;
        value(record, *at).map(Cow::Borrowed)
    }
}

impl Usage {
    /// Counts a row of a bill that says nothing of what was used.
    fn leave_out(&mut self, why: &'static str) -> Result<(), String> {
        *self.left_out.entry(why).or_default() += 1;
        Ok(())
    }

    /// Remembers whether any row has the column of a tenant.
    pub(super) fn look_for(&mut self, column: &str, is_there: bool) {
        match self.tenant_columns.get_mut(column) {
            Some(known) => *known |= is_there,
            None => {
                self.tenant_columns.insert(column.to_owned(), is_there);
            }
        }
    }

    /// Says which rows of a bill were left out, and which column or label for tenants none has.
    pub(super) fn note_left_out(&mut self, name: &str) {
        for (column, is_there) in std::mem::take(&mut self.tenant_columns) {
            if !is_there {
                self.notes.push(format!(
                    "warning: {name}: no row has a `{column}`, which `to.tenant` of `[[usage.map]]` names"
                ));
            }
        }
        let left_out = std::mem::take(&mut self.left_out);
        let all = left_out.values().sum();
        if all > 0 {
            let each = left_out.iter().map(|(why, rows)| format!("{rows} {why}"));
            let each = each.collect::<Vec<_>>().join(", ");
            let rows = plural(all, "row");
            let are = if all == 1 { "is" } else { "are" };
            self.notes
                .push(format!("note: {name}: {rows} {are} not usage: {each}"));
        }
    }
}

/// The time at which a charge begins or ends.
fn start(text: &str) -> Result<When, String> {
    let when = When::parse(text)?;
    let second = when.second.or(Some(0));
    Ok(When { second, ..when })
}

/// `NULL`, empty and absent are the same.
fn value(record: &StringRecord, at: usize) -> Option<&str> {
    let text = record.get(at)?.trim();
    (!text.is_empty() && text != "NULL").then_some(text)
}
