//! `feature-without-demand`

use crate::document::declared::TomlPath;
use crate::document::tables::Feature;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A feature declares no demand: no calls, writes, messages or inference.
    ///
    /// ## Why
    ///
    /// "Build a small model with three inputs per feature: the endpoint it calls, the per-tenant call
    /// rate, and the active-tenant count." A feature without them is counted as free.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_000_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [features.search]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_000_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [features.search]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.search.calls]]
    /// endpoint = "/reverse"
    /// rate = "1/day"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// feature-without-demand = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "feature-without-demand", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.declarations.root.value.features.as_ref();
    for (name, entry) in features.iter().flat_map(|features| &features.value.0) {
        if has_demand(&entry.body.value) {
            continue;
        }
        let subject = TomlPath::new(&["features", name]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` declares no demand"))
            .at(entry.name)
            .help(
                "declare what it calls, writes, sends or runs, with a rate; \"unknown\" is one too",
            );
        findings.push(finding);
    }
}

fn has_demand(feature: &Feature) -> bool {
    let some = |lines: Option<usize>| lines.is_some_and(|lines| lines > 0);
    some(feature.calls.as_ref().map(|lines| lines.value.lines.len()))
        || some(feature.writes.as_ref().map(|lines| lines.value.lines.len()))
        || some(
            feature
                .messages
                .as_ref()
                .map(|lines| lines.value.lines.len()),
        )
        || some(
            feature
                .inference
                .as_ref()
                .map(|lines| lines.value.lines.len()),
        )
}
