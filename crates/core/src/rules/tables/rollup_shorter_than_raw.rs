use crate::document::values::Retention;
use crate::rules::prelude::*;
use crate::rules::support::write;
use crate::rules::table_facts::DeclaredTable;
use crate::units::DAY;

pub(crate) static RULE: Rule =
    Rule::tables("rollup-shorter-than-raw", Severity::Error, check).allowed_on(AllowedOn::Tables);

fn check(rollup: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let days = rollup.retention_days()?;
    let own = rollup.declared.retention.as_ref()?;
    let raw = &rollup.declared.from.as_ref()?.value.0;
    let tables = &rollup.context.project.declarations.root.tables;
    // What a source without retention lacks is said of the source.
    let kept = tables.get(raw)?.retention.as_ref()?;
    let (raw_kept, way) = match kept.value {
        Retention::Forever => ("forever".to_owned(), None),
        Retention::For(raw_kept) if days < raw_kept.days() => {
            let way = write("retention", own.span, format!("\"{raw_kept}\""));
            (number::duration(raw_kept.seconds), Some(way))
        }
        Retention::For(_) => return None,
    };
    let message = format!(
        "`{rollup}` is dropped after {}, before the rows of `{raw}`, which are kept {raw_kept}",
        number::duration(days * DAY),
    );
    let finding = rollup
        .finding(&RULE, message)
        .at(own.span)
        .also(kept.span, "how long the raw rows are kept")
        .help("keep it at least as long as the rows that it summarizes")
        .ways(way)
        .figure(days)
        .lower_is_worse();
    Some(finding)
}
