use crate::collections::HashMap;
use crate::document::values::TableKind;
use crate::rules::prelude::*;
use crate::rules::support::{passes, percent};
use crate::rules::table_facts::{DeclaredTable, tables};

pub(crate) static RULE: Rule =
    Rule::project("rollup-too-fine", Severity::Warning, check).allowed_on(AllowedOn::Tables);

/// Rows out per row in, above which a rollup saves too little.
const TENTH: f64 = 0.1;

/// Rollups by the table that they sum up.
type Rollups<'c, 'a> = HashMap<&'a str, Vec<DeclaredTable<'c, 'a>>>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut rollups: Rollups<'_, '_> = HashMap::default();
    for table in tables(context) {
        if let Some(from) = &table.declared.from {
            rollups.entry(&from.value.0).or_default().push(table);
        }
    }
    findings.extend(tables(context).filter_map(|raw| too_fine(&raw, &rollups)));
}

fn too_fine(raw: &DeclaredTable<'_, '_>, rollups: &Rollups<'_, '_>) -> Option<Finding> {
    if raw.kind()? == TableKind::Rollup {
        return None;
    }
    let (share, rollup) = coarsest(raw.name, rollups)?;
    let ratio = rollup.declared.ratio.as_ref()?;
    if !passes(share, TENTH) {
        return None;
    }
    let (kept, name) = (percent(share), raw.name);
    let message = format!(
        "rollup `{rollup}` keeps {kept} of the rows of `{name}`, and there is no coarser rollup"
    );
    let finding = rollup
        .finding(&RULE, message)
        .at(ratio.span)
        .also(raw.entry.name, "the source table")
        .help("aggregate over a longer period; a useful rollup keeps at most 10% of the rows")
        .figure(share);
    Some(finding)
}

/// The rollup on a table, or on its rollups, that keeps the least of its rows; nothing where
/// there is none, or where a ratio is unknown.
fn coarsest<'c, 'a>(raw: &str, rollups: &Rollups<'c, 'a>) -> Option<(f64, DeclaredTable<'c, 'a>)> {
    let mut least: Option<(f64, DeclaredTable<'c, 'a>)> = None;
    // A rollup has one source, so each is met once, but for a table that reads from its own rollup.
    let mut pending = vec![(raw, 1.0)];
    while let Some((name, share)) = pending.pop() {
        let rollups = rollups.get(name).into_iter().flatten();
        for rollup in rollups.filter(|rollup| rollup.name != raw) {
            let ratio = rollup.declared.ratio.as_ref()?.value.median()?.0;
            let share = share * ratio;
            if least.is_none_or(|(least, _)| share < least) {
                least = Some((share, *rollup));
            }
            pending.push((rollup.name, share));
        }
    }
    least
}
