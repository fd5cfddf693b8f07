//! `cache-too-long`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A cache keeps answers for longer than its endpoint may be stale.
    ///
    /// ## Why
    ///
    /// "A 15-minute cache is fine for most product features": how long is fine was decided for the
    /// endpoint, and a longer cache saves more than that decision allows.
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
    /// cacheable = "1d"
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// cache = { ttl = "7d" }
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
    /// cacheable = "1d"
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
    /// ## Configuration
    ///
    /// The longest that is allowed stands with the endpoint, as `cacheable`.
    ///
    /// One line's exception: `allow = ["cache-too-long"]` on the line, with a `reason`.
    ///
    /// ## Figure
    ///
    /// The ttl as a multiple of what is allowed. Higher is worse.
    "cache-too-long", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_deref();
    for line in context.lines() {
        let (Some((cache, _)), Some((endpoint, _))) = (cache_of(line), endpoint_of(apis, line))
        else {
            continue;
        };
        let (Some(ttl), Some(cacheable)) = (&cache.ttl, &endpoint.cacheable) else {
            continue;
        };
        let Cacheable::For(allowed) = cacheable.value else {
            continue;
        };
        if ttl.value.seconds <= allowed.seconds {
            continue;
        }
        let finding = findings
            .finding(
                cache_path(line),
                format!(
                    "the cache keeps `{}` for {}, and it may be {allowed} stale",
                    line.line.target_name(),
                    ttl.value
                ),
            )
            .at(ttl.span)
            .also(cacheable.span, "no staler than this")
            .figure(ttl.value.seconds / allowed.seconds)
            .help(format!("shorten it to `ttl = \"{allowed}\"`"));
        findings.push(finding);
    }
}
