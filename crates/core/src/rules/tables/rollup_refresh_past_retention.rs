use crate::document::values::Retention;
use crate::rules::prelude::*;
use crate::rules::support::write;
use crate::rules::table_facts::DeclaredTable;

pub(crate) static RULE: Rule =
    Rule::tables("rollup-refresh-past-retention", Severity::Error, check)
        .allowed_on(AllowedOn::Tables);

fn check(rollup: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let refresh = rollup.declared.refresh.as_ref()?;
    let source = &rollup.declared.from.as_ref()?.value.0;
    let tables = &rollup.context.project.declarations.root.tables;
    let kept = tables.get(source)?.retention.as_ref()?;
    let Retention::For(retention) = kept.value else {
        return None;
    };
    if refresh.value.seconds <= retention.seconds {
        return None;
    }
    let message = format!(
        "a refresh of `{rollup}` reaches back {}, but `{source}` keeps rows for only {}; older totals are erased",
        number::duration(refresh.value.seconds),
        number::duration(retention.seconds),
    );
    let finding = rollup
        .finding(&RULE, message)
        .at(refresh.span)
        .also(kept.span, "how long the rows are kept")
        .help("refresh no further back than the source keeps rows")
        .ways([write("refresh", refresh.span, format!("\"{retention}\""))])
        .figure(refresh.value.seconds / retention.seconds);
    Some(finding)
}
