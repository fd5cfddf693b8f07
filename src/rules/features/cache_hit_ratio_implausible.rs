//! `cache-hit-ratio-implausible`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, derived_hit_ratio, endpoint_of, keys};
use crate::rules::lines::frequency;
use crate::rules::support::percent;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A declared hit ratio is more than 5 points above what ttl and rate can give.
    ///
    /// ## Why
    ///
    /// "The model is only as good as that one calibration." A hit ratio of 80 % is written down
    /// quickly; with ttl and rate it can be checked: an object that is asked for `λ` times in a ttl
    /// is answered by the cache for `λ / (1 + λ)` of its requests.
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
    /// cache = { ttl = "1d", hit_ratio = 0.9 }
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
    /// cache = { ttl = "1d", hit_ratio = 0.65 }
    /// ```
    ///
    /// ## Configuration
    ///
    /// Leave `hit_ratio` out, and it is derived. Objects that all tenants ask for are `scope =
    /// "shared"`, with `keys`.
    ///
    /// One line's exception: `allow = ["cache-hit-ratio-implausible"]` on the line, with a `reason`.
    ///
    /// ## Figure
    ///
    /// The declared hit ratio less the derived one. Higher is worse.
    "cache-hit-ratio-implausible", Warning, Check::Project(check)
}

/// How far above the derived hit ratio a declared one may be.
const TOLERANCE: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_deref();
    let lines = context.lines();
    for line in lines {
        let Some((cache, _)) = cache_of(line) else {
            continue;
        };
        let (Some(ttl), Some(declared), Ok(keys)) = (&cache.ttl, &cache.hit_ratio, keys(cache))
        else {
            continue;
        };
        // A cache that may not be there is said to be by another rule.
        let fresh = endpoint_of(apis, line)
            .and_then(|(endpoint, _)| endpoint.cacheable.as_ref())
            .is_some_and(|cacheable| cacheable.value == Cacheable::No);
        let (Some(hits), Some(most)) = (
            declared.value.median().map(|ratio| ratio.0),
            derived_hit_ratio(context, line, ttl.value.seconds, keys),
        ) else {
            continue;
        };
        if fresh || hits <= most + TOLERANCE {
            continue;
        }
        let finding = findings
            .finding(
                cache_path(line),
                format!(
                    "a hit ratio of {} is declared, and a cache of {} before {} can give {}",
                    percent(hits),
                    ttl.value,
                    frequency(context, lines, line),
                    percent(most)
                ),
            )
            .at(declared.span)
            .also(ttl.span, "so long is each answer kept")
            .figure(hits - most)
            .help("measure it, or leave `hit_ratio` out: it is then derived");
        findings.push(finding);
    }
}
