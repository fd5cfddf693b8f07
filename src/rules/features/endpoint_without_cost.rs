//! `endpoint-without-cost`

use crate::collections::HashMap;
use crate::document::declared::TomlPath;
use crate::document::tables::Endpoint;
use crate::model::Target;
use crate::rules::{Check, Context, Findings};
use crate::source::Span;

crate::rule! {
    /// A called endpoint of an API with a plan, packs or overage says nothing of what a call costs.
    ///
    /// One of `credits`, `credits_per_item` and `min_credits` has to be declared; `credits = 0` is a
    /// decision, `"unknown"` an admission.
    ///
    /// ## Why
    ///
    /// "Credit consumption is not uniform across features": a call that costs nothing by omission
    /// makes the forecast wrong by all that it costs. "Test it in the /playground/ by running a
    /// sample feature for a single tenant and feeding the measured credit cost back into tab one."
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
    /// endpoint-without-cost = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "endpoint-without-cost", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_ref();
    let lines = context.lines();
    let mut called: HashMap<(&str, &str), Span> = HashMap::default();
    for line in lines {
        if let Target::Call { api, endpoint, .. } = &line.line.target {
            called
                .entry((api, endpoint))
                .or_insert_with(|| line.written.target_span());
        }
    }
    for (name, api) in apis.iter().flat_map(|apis| apis.value.iter()) {
        if api.plan.is_none() && api.packs.is_none() && api.overage.is_none() {
            continue;
        }
        let endpoints = api.endpoints.iter();
        for (path, entry) in endpoints.flat_map(|endpoints| &endpoints.value.0) {
            let Some(call) = called.get(&(name, path.as_str())) else {
                continue;
            };
            if has_cost(&entry.body.value) {
                continue;
            }
            let keys = ["apis", name, "endpoints", path, "credits"];
            let finding = findings
                .finding(
                    TomlPath::new(&keys).to_string(),
                    format!("`{name}` is paid by credits, and nothing says what a call to `{path}` costs"),
                )
                .at(entry.name)
                .also(*call, "called here")
                .help("measure one call and declare `credits`, or `credits_per_item`; `0` where it is free");
            findings.push(finding);
        }
    }
}

fn has_cost(endpoint: &Endpoint) -> bool {
    endpoint.credits.is_some()
        || endpoint.credits_per_item.is_some()
        || endpoint.min_credits.is_some()
}
