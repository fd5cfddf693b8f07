//! `cache-on-fresh-endpoint`

use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-on-fresh-endpoint", Severity::Error, check).allowed_on(AllowedOn::Lines);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
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
