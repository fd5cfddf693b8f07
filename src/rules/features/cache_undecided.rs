//! `cache-undecided`

use crate::collections::HashSet;
use crate::document::declared::TomlPath;
use crate::model::Target;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A called endpoint says nothing of whether it may be cached.
    ///
    /// It is off by default: turn it on where every endpoint should carry the decision.
    ///
    /// ## Why
    ///
    /// "Yes for slow-changing endpoints […]. No for /post-comments/ where freshness is the value. The
    /// decision belongs in the feature spec, not the infrastructure layer."
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
    /// cache-undecided = "warning"
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
    ///
    /// [rules]
    /// cache-undecided = "warning"
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// cache-undecided = "warning"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "cache-undecided", Off, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.model.features.values();
    let called: HashSet<(&str, &str)> = features
        .flat_map(|feature| &feature.lines)
        .filter_map(|line| match &line.target {
            Target::Call { api, endpoint, .. } => Some((&**api, &**endpoint)),
            _ => None,
        })
        .collect();
    let apis = context.project.declarations.root.value.apis.as_deref();
    for (name, api) in apis.iter().flat_map(|apis| apis.value.iter()) {
        let endpoints = api.endpoints.iter();
        for (path, entry) in endpoints.flat_map(|endpoints| &endpoints.value.0) {
            let decided = entry.body.value.cacheable.is_some();
            if decided || !called.contains(&(name, path.as_str())) {
                continue;
            }
            let keys = ["apis", name, "endpoints", path, "cacheable"];
            let finding = findings
                .finding(
                    TomlPath::new(&keys).to_string(),
                    format!("nothing says whether `{name}:{path}` may be cached"),
                )
                .at(entry.name)
                .help("declare `cacheable`: the most staleness that a product may show, or `false` where freshness is the value");
            findings.push(finding);
        }
    }
}
