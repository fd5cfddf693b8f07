use crate::document::values::Cacheable;
use crate::rules::caches::{cache_of, cache_path, endpoint_of};
use crate::rules::features::cache_saves_nothing;
use crate::rules::support::write;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity, Speaks};

pub(super) static RULE: Rule = Rule::project("cache-too-long", Severity::Error, check)
    .allowed_on(AllowedOn::Lines)
    .speaks_for(&[Speaks::Subject(&[&cache_saves_nothing::RULE])]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    findings.each(context.lines(), |findings, line| {
        let ttl = cache_of(line)?.0.ttl.as_ref()?;
        let cacheable = endpoint_of(apis, line)?.0.cacheable.as_ref()?;
        let Cacheable::For(allowed) = cacheable.value else {
            return None;
        };
        if ttl.value.seconds <= allowed.seconds {
            return None;
        }
        let (target, kept) = (line.line.target_name(), &ttl.value);
        let message =
            format!("the cache keeps `{target}` for {kept}, but the endpoint allows {allowed}");
        let finding = findings
            .finding(cache_path(line), message)
            .at(ttl.span)
            .also(cacheable.span, "the longest allowed")
            .share(ttl.value.seconds, allowed.seconds)
            .help("keep it no longer than the endpoint allows")
            .ways([write("ttl", ttl.span, format!("\"{allowed}\""))]);
        Some(finding)
    });
}
