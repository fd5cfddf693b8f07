use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::features::{cache_hit_ratio_implausible, cache_saves_nothing};
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity, Speaks};

pub(super) static RULE: Rule = Rule::project("cache-on-fresh-endpoint", Severity::Error, check)
    .allowed_on(AllowedOn::Lines)
    .speaks_for(&[Speaks::Subject(&[
        &cache_saves_nothing::RULE,
        &cache_hit_ratio_implausible::RULE,
    ])]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    findings.each(context.lines(), |findings, line| {
        let (_, span) = cache_of(line)?;
        let cacheable = endpoint_of(apis, line)?.0.cacheable.as_ref()?;
        if cacheable.value != Cacheable::No {
            return None;
        }
        let (path, target) = (line.path(), line.line.target_name());
        let message = format!("`{path}` caches `{target}`, which is marked `cacheable = false`");
        let finding = findings
            .finding(cache_path(line), message)
            .at(span)
            .also(cacheable.span, "may not be stale")
            .help("remove the cache, or ask the endpoint's owners how stale it may be");
        Some(finding)
    });
}
