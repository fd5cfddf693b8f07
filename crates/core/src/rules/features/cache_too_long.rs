//! `cache-too-long`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-too-long", Severity::Error, check).allowed_on(AllowedOn::Lines);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
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
