//! `cache-missing`

use crate::document::values::Cacheable;
use crate::forecast::Effect;
use crate::render::number;
use crate::rules::caches::{cache_path, derived_hit_ratio, endpoint_of};
use crate::rules::support::percent;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// An endpoint may be cached, and a call to it declares no cache that would pay.
    ///
    /// It fires where the call says nothing of `cache` and one as long as the endpoint's `cacheable`
    /// allows would save at least 5 % of the call's credits, each tenant or entity asking for its own
    /// objects.
    ///
    /// ## Why
    ///
    /// "Yes for slow-changing endpoints like /userinfo-by-username/ and /userinfo-by-id/ where a
    /// 15-minute cache is fine for most product features."
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
    /// ```
    ///
    /// ## Mended
    ///
    /// A cache of a day answers two of three requests.
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
    /// Where a cache was decided against, say so on the line: `cache = false`.
    ///
    /// One line's exception: `allow = ["cache-missing"]` on the line, with a `reason`.
    ///
    /// ```toml
    /// [rules]
    /// cache-missing = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// The credits a month that the cache would save. Higher is worse.
    "cache-missing", Warning, Check::Project(check)
}

/// The share of a call's credits that a cache has to save to be missed.
const WORTH_IT: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_deref();
    let graph = &context.outlook.graph;
    for line in context.lines() {
        let (Some((endpoint, _)), Effect::Call { credits, .. }) =
            (endpoint_of(apis, line), &line.flow.effect)
        else {
            continue;
        };
        let Some((Cacheable::For(allowed), span)) = endpoint
            .cacheable
            .as_ref()
            .map(|cacheable| (cacheable.value, cacheable.span))
        else {
            continue;
        };
        let credits = graph.point(*credits);
        if line.written.cache().is_some() || credits <= 0.0 {
            continue;
        }
        let Some(saved) = derived_hit_ratio(context, line, allowed.seconds, None) else {
            continue;
        };
        if saved < WORTH_IT {
            continue;
        }
        let message = format!(
            "a cache of {allowed} before `{}` would save {} of {} credits a day, {}",
            line.line.target_name(),
            number::count(credits * saved),
            number::count(credits),
            percent(saved)
        );
        let finding = findings
            .finding(cache_path(line), message)
            .at(line.written.target_span())
            .also(span, "so stale may it be")
            .figure(credits * saved * context.project.model.calendar.days_per_month)
            .help(format!(
                "declare `cache = {{ ttl = \"{allowed}\" }}`, or `cache = false` where it was decided against"
            ));
        findings.push(finding);
    }
}
