use crate::document::values::Cacheable;
use crate::model::lines::events::Amount;
use crate::rules::caches::{Objects, cache_path, derived_hit_ratio, endpoint_of};
use crate::rules::prelude::*;
use crate::rules::support::{added, percent};

pub(super) static RULE: Rule =
    Rule::project("cache-missing", Severity::Warning, check).allowed_on(AllowedOn::Lines);

/// The share of a call's credits that a cache has to save to be missed.
const WORTH_IT: f64 = 0.05;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    let graph = &context.outlook.graph;
    findings.each(context.lines(), |findings, line| {
        let (endpoint, _) = endpoint_of(apis, line)?;
        let credits = graph.point(line.flow.amount(Amount::Credits)?);
        let cacheable = endpoint.cacheable.as_ref()?;
        let Cacheable::For(allowed) = cacheable.value else {
            return None;
        };
        if line.cache().is_some() || credits <= 0.0 {
            return None;
        }
        let share = derived_hit_ratio(context, line, allowed.seconds, Objects::default())?;
        if share < WORTH_IT {
            return None;
        }
        let saved = credits * share;
        let ([less, all], share) = ([saved, credits].map(number::count), percent(share));
        let target = line.line.target_name();
        let message = format!(
            "a {allowed} cache before `{target}` would save {less} of {all} credits a day ({share})"
        );
        let finding = findings
            .finding(cache_path(line), message)
            .at(line.target_span())
            .also(cacheable.span, "may be up to this stale")
            .figure(saved * context.project.model.calendar.days_per_month);
        let entries = vec![("cache", format!("{{ ttl = \"{allowed}\" }}"))];
        let no = "`cache = false` if you decided against a cache";
        let words = format!("{}, or {no}", added(&entries));
        let span = line.written.span();
        let way = Way::new("cache", words, Set::Within { span, entries });
        let help = format!("add `cache`, for as long as answers may be stale, or {no}");
        Some(finding.help(help).ways([way]))
    });
}
