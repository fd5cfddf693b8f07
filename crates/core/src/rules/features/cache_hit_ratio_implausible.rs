use crate::rules::caches::{cache_of, cache_path, derived_hit_ratio, objects};
use crate::rules::lines::frequency;
use crate::rules::support::percent;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-hit-ratio-implausible", Severity::Warning, check)
        .allowed_on(AllowedOn::Lines);

/// How far above the derived hit ratio a declared one may be.
const TOLERANCE: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let lines = context.lines();
    findings.each(lines, |findings, line| {
        let (cache, _) = cache_of(line)?;
        let ttl = cache.ttl.as_ref()?;
        let declared = cache.hit_ratio.as_ref()?;
        let hits = declared.value.median()?.0;
        let most = derived_hit_ratio(context, line, ttl.value.seconds, objects(cache)?)?;
        if hits <= most + TOLERANCE {
            return None;
        }
        let ([says, can], kept) = ([hits, most].map(percent), &ttl.value);
        let often = frequency(context, lines, line);
        let message = format!(
            "`hit_ratio` is {says}, but a {kept} cache before {often} can reach only {can}"
        );
        let finding = findings
            .finding(cache_path(line), message)
            .at(declared.span)
            .also(ttl.span, "the cache TTL")
            .figure(hits - most);
        Some(finding.help("measure it, or remove `hit_ratio` to use the derived value"))
    });
}
