//! `cache-missing`

use crate::document::values::Cacheable;
use crate::model::lines::events::Amount;
use crate::rules::caches::{cache_path, derived_hit_ratio, endpoint_of};
use crate::rules::support::percent;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("cache-missing", Severity::Warning, check).allowed_on(AllowedOn::Lines);

/// The share of a call's credits that a cache has to save to be missed.
const WORTH_IT: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    let graph = &context.outlook.graph;
    for line in context.lines() {
        let (Some((endpoint, _)), Some(credits)) =
            (endpoint_of(apis, line), line.flow.amount(Amount::Credits))
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
        let credits = graph.point(credits);
        if line.cache().is_some() || credits <= 0.0 {
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
            .at(line.target_span())
            .also(span, "so stale may it be")
            .figure(credits * saved * context.project.model.calendar.days_per_month)
            .help(format!(
                "declare `cache = {{ ttl = \"{allowed}\" }}`, or `cache = false` where it was decided against"
            ));
        findings.push(finding);
    }
}
