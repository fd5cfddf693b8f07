//! `retry-ratio-missing`

use crate::document::declared::TomlPath;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// An API with a rate limit declares no `retry_ratio`.
    ///
    /// It is off by default. An absent `retry_ratio` counts as 0; `retry_ratio = 0` says that it was
    /// thought of.
    ///
    /// ## Why
    ///
    /// "Sometimes the credits-per-call ratio is healthy and the problem is retry storm against a
    /// degraded upstream." A provider that limits calls refuses some, and what is refused comes
    /// again.
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
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    ///
    /// [rules]
    /// retry-ratio-missing = "warning"
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
    /// retry_ratio = 0.02
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
    ///
    /// [rules]
    /// retry-ratio-missing = "warning"
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// retry-ratio-missing = "warning"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "retry-ratio-missing", Off, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_ref();
    for (name, entry) in apis.iter().flat_map(|apis| &apis.value.0) {
        let api = &entry.body.value;
        let (Some(limit), None) = (&api.rate_limit, &api.retry_ratio) else {
            continue;
        };
        let subject = TomlPath::new(&["apis", name, "retry_ratio"]).to_string();
        let finding = findings
            .finding(subject, format!("nothing says how many calls to `{name}` are retries"))
            .at(entry.name)
            .also(limit.span, "calls past this are refused")
            .help("declare `retry_ratio`, billed retries per call; `0` where failed calls are not billed");
        findings.push(finding);
    }
}
