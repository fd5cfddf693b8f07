use crate::rules::caches::{cache_of, cache_path, derived_hit_ratio, objects};
use crate::rules::lines::frequency;
use crate::rules::support::percent;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-saves-nothing", Severity::Warning, check).allowed_on(AllowedOn::Lines);

/// A hit ratio below this is none.
const LEAST: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let lines = context.lines();
    findings.each(lines, |findings, line| {
        let (cache, _) = cache_of(line)?;
        let ttl = cache.ttl.as_ref()?;
        let hits = derived_hit_ratio(context, line, ttl.value.seconds, objects(cache)?)?;
        if cache.hit_ratio.is_some() || hits >= LEAST {
            return None;
        }
        let (kept, share, path) = (&ttl.value, percent(hits), line.path());
        let often = frequency(context, lines, line);
        let message = format!(
            "a {kept} cache would serve only {share} of calls to `{path}`: {often} requests each object too rarely"
        );
        let finding = findings
            .finding(cache_path(line), message)
            .at(ttl.span)
            .figure(hits)
            .lower_is_worse();
        Some(finding.help(
            "use a longer `ttl`, `scope = \"shared\"` if tenants request the same objects, or `cache = false`",
        ))
    });
}
