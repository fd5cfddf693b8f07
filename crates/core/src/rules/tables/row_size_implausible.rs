//! `row-size-implausible`

use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("row-size-implausible", Severity::Warning, check).allowed_on(AllowedOn::Tables);

/// What an empty row takes in PostgreSQL: a header of 23 bytes, aligned to 24, and a line pointer
/// of 4.
const EMPTY_ROW: f64 = 28.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let Some(row_size) = &stored.declared().row_size else {
            continue;
        };
        let Some(bytes) = row_size.value.median().map(|size| size.bytes) else {
            continue;
        };
        if bytes >= EMPTY_ROW || !stored.is_postgres(context) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "a row of `{path}` takes {}, less than the 24 + 4 = 28 B of an empty one",
            number::bytes(bytes),
        );
        let finding = findings
            .finding(&path, message)
            .at(row_size.span)
            .help(format!(
                "if the columns hold {0}: `row_size = \"{1}B\"`, and its index entries on top",
                number::bytes(bytes),
                (EMPTY_ROW + bytes).ceil(),
            ))
            .figure(bytes)
            .lower_is_worse();
        findings.push(finding);
    }
}
