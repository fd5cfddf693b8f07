//! `cache-saves-nothing`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, derived_hit_ratio, endpoint_of, keys};
use crate::rules::lines::frequency;
use crate::rules::support::percent;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-saves-nothing", Severity::Warning, check).allowed_on(AllowedOn::Lines);

/// A hit ratio below this is none.
const LEAST: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    let lines = context.lines();
    for line in lines {
        let Some((cache, _)) = cache_of(line) else {
            continue;
        };
        let (Some(ttl), None, Ok(keys)) = (&cache.ttl, &cache.hit_ratio, keys(cache)) else {
            continue;
        };
        // What may not be cached so, or not at all, is said by other rules.
        let refused = endpoint_of(apis, line)
            .and_then(|(endpoint, _)| endpoint.cacheable.as_ref())
            .is_some_and(|cacheable| match cacheable.value {
                Cacheable::No => true,
                Cacheable::For(allowed) => ttl.value.seconds > allowed.seconds,
            });
        let Some(hits) = derived_hit_ratio(context, line, ttl.value.seconds, keys) else {
            continue;
        };
        if refused || hits >= LEAST {
            continue;
        }
        let finding = findings
            .finding(
                cache_path(line),
                format!(
                    "a cache of {} answers {} of `{}`: {} asks for each object too seldom",
                    ttl.value,
                    percent(hits),
                    line.path(),
                    frequency(context, lines, line)
                ),
            )
            .at(ttl.span)
            .figure(hits)
            .help("a longer `ttl`, a `shared` scope where tenants ask for the same, or `cache = false`")
.lower_is_worse();
        findings.push(finding);
    }
}
