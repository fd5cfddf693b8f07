//! `rollup-shorter-than-raw`

use crate::document::values::Retention;
use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("rollup-shorter-than-raw", Severity::Error, check).allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let tables = &context.project.declarations.root.tables;
    for rollup in stored(context) {
        let (Some(days), Some(from), Some(own)) = (
            rollup.retention_days(),
            &rollup.declared().from,
            &rollup.declared().retention,
        ) else {
            continue;
        };
        let raw = tables.get(&from.value.0);
        // What a source without retention lacks is said of the source.
        let Some(kept) = raw.and_then(|raw| raw.retention.as_ref()) else {
            continue;
        };
        let (raw_kept, help) = match kept.value {
            Retention::Forever => ("for ever".to_owned(), "forever".to_owned()),
            Retention::For(raw_kept) if days < raw_kept.days() => {
                (number::duration(raw_kept.seconds), raw_kept.to_string())
            }
            Retention::For(_) => continue,
        };
        let path = rollup.path();
        let message = format!(
            "`{path}` is dropped after {}, before the rows of `{}`, which are kept {raw_kept}",
            number::duration(days * DAY),
            from.value.0,
        );
        let finding = findings
            .finding(&path, message)
            .at(own.span)
            .also(kept.span, "how long the raw rows are kept")
            .help(format!("`retention = \"{help}\"` or longer"))
            .figure(days)
            .lower_is_worse();
        findings.push(finding);
    }
}
