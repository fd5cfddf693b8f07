//! `feature-without-owner`

use crate::document::declared::TomlPath;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A feature has no `owner`.
    ///
    /// ## Why
    ///
    /// The review brings "four people in a room or on a call, one document"; when a feature's demand
    /// triples, somebody has to be asked. An owner also narrows reports: `--owner maps`.
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
    /// feature-without-owner = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "feature-without-owner", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.declarations.root.value.features.as_ref();
    for (name, entry) in features.iter().flat_map(|features| &features.value.0) {
        if entry.body.value.owner.is_some() {
            continue;
        }
        let subject = TomlPath::new(&["features", name, "owner"]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` has no `owner`"))
            .at(entry.name)
            .help("add `owner = \"…\"`: the team that answers for its demand");
        findings.push(finding);
    }
}
