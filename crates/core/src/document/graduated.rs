//! Prices that change with how much is used: a list of steps, each with where it ends.

use crate::document::tree::TomlValue;

use crate::document::Lines;
use crate::document::declared::{Declared, Slot};
use crate::document::reader::{At, Reader, Written};
use crate::document::table::Table;
use crate::document::values::Positive;
use crate::finding::{Finding, Severity, file_errors};
use crate::source::Spanned;

/// The most steps that a price has.
const MOST: usize = 256;

/// A step of a price.
pub(crate) trait PriceStep: Table {
    /// Where it ends.
    fn up_to(&self) -> Option<&Spanned<Positive>>;

    /// Whether all that it needs could be read.
    fn is_read(&self) -> bool;
}

/// Steps with rising ends, the last without one. One value: replaced and compared whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steps<T>(pub(crate) Vec<Spanned<T>>);

/// Whether a value is a list of steps.
pub(super) fn are_steps(value: &Written<'_>) -> bool {
    matches!(value.get_ref(), TomlValue::Array(_))
}

impl<T: PriceStep> Declared for Steps<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let steps = <Lines<T> as Slot>::read(reader, at, value)?;
        // Where one could not be read, nothing says what the others cost.
        if steps.is_broken() || !steps.all().iter().all(|step| step.value.is_read()) {
            return None;
        }
        let steps = steps.into_vec();
        let Some((last, others)) = steps.split_last() else {
            let help = "list its steps, such as `[{ up_to = 1000, price = 0 }, { price = 0.5 }]`, each with all its keys";
            return reader.refuse(at, value, "the price has no steps", help);
        };
        if steps.len() > MOST {
            let message = format!("the price has more than {MOST} steps");
            return reader.refuse(at, value, message, "leave out those that are never reached");
        }
        if let Some(end) = last.value.up_to() {
            let help = "add a step without `up_to` for usage above it";
            let message = "the last step has an `up_to`, so usage above it has no price";
            return reader.invalid(&at.key("up_to"), end.span, message, help);
        }
        let mut before: Option<&Spanned<Positive>> = None;
        for step in others {
            let Some(end) = step.value.up_to() else {
                let help = "add `up_to`; only the last step may omit it";
                let message = "a step that others follow has no `up_to`";
                let rule = file_errors::MISSING_KEY;
                reader.report(rule, &at.key("up_to"), step.span, message, help);
                return None;
            };
            if let Some(before) = before.filter(|before| before.value >= end.value) {
                let message = "the step ends where the one before it does, or sooner";
                let at = at.key("up_to");
                let finding = Finding::new(
                    file_errors::INVALID_VALUE,
                    Severity::Error,
                    at.dotted(),
                    message,
                )
                .at(end.span)
                .also(before.span, "the step before it ends here")
                .help(
                    "write the steps from the first units to the last: each `up_to` counts from 0",
                );
                reader.push(finding);
                return None;
            }
            before = Some(end);
        }
        Some(Self(steps))
    }
}
