//! `cache-on-fresh-endpoint`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A call has a cache, and its endpoint says that freshness is the value.
    ///
    /// ## Why
    ///
    /// "No for /post-comments/ where freshness is the value." A cache there saves credits by selling
    /// what nobody asked for.
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
    /// cache = { ttl = "1d" }
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
    /// cache = false
    /// ```
    ///
    /// ## Configuration
    ///
    /// The decision stands with the endpoint: `cacheable = "15m"` allows caches of up to that long.
    ///
    /// One line's exception: `allow = ["cache-on-fresh-endpoint"]` on the line, with a `reason`.
    ///
    /// ## Figure
    ///
    /// None.
    "cache-on-fresh-endpoint", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_deref();
    for line in context.lines() {
        let (Some((_, span)), Some((endpoint, _))) = (cache_of(line), endpoint_of(apis, line))
        else {
            continue;
        };
        let Some(cacheable) = &endpoint.cacheable else {
            continue;
        };
        if cacheable.value != Cacheable::No {
            continue;
        }
        let target = line.line.target_name();
        let finding = findings
            .finding(
                cache_path(line),
                format!(
                    "`{}` caches `{target}`, where freshness is the value",
                    line.path()
                ),
            )
            .at(span)
            .also(cacheable.span, "it may not be stale at all")
            .help("remove the cache, or let the endpoint's owners say how stale it may be");
        findings.push(finding);
    }
}
