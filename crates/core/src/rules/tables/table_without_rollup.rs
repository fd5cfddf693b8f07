//! `table-without-rollup`

use crate::collections::HashSet;
use crate::document::Table as _;
use crate::document::values::TableKind;
use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("table-without-rollup", Severity::Error, check)
        .allowed_on(AllowedOn::Tables)
        .needs_every_file();

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The rollup may stand in what could not be read.
    if !context.project.declarations.incomplete.is_empty() {
        return;
    }
    let mut sources: HashSet<&str> = HashSet::default();
    for stored in stored(context) {
        match &stored.declared().from {
            Some(from) => drop(sources.insert(from.value.0.as_str())),
            None if stored.declared().is_broken("from") => return,
            None => {}
        }
    }
    for stored in stored(context) {
        let kind = stored.declared().kind.as_ref().map(|kind| kind.value);
        if kind != Some(TableKind::Snapshot) || sources.contains(stored.name) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let read = match bytes {
            Some(bytes) if bytes > 0.0 => format!("{} of raw rows", number::bytes(bytes)),
            _ => "raw rows".to_owned(),
        };
        let message = format!("no rollup stands on `{path}`: every question reads {read}");
        let finding = findings
            .finding(&path, message)
            .at(stored.entry.name)
            .help(format!(
                "declare a table with `kind = \"rollup\"` and `from = \"{}\"`",
                stored.name
            ))
            .figure(bytes);
        findings.push(finding);
    }
}
