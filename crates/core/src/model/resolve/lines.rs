//! Demand lines: when each occurs, for whom, and what it uses.

use std::cell::OnceCell;

use crate::collections::HashSet;
use crate::document::declared::Table;
use crate::document::estimate::Estimate;
use crate::document::forms::CacheChoice;
use crate::document::projection::Projection;
use crate::document::reader::{At, values_quote};
use crate::document::tables::{Feature, LineKeys};
use crate::document::values::{Scope, Texts};
use crate::model::resolve::check::{Check, invalid};
use crate::model::resolve::{population, rules};
use crate::source::{Span, Spanned};

/// What the lines of one feature are checked against.
struct Audience<'a> {
    /// The feature's tiers, where it names some.
    tenants: Option<&'a Spanned<Texts>>,
    /// The same as a set, once a line asks.
    tiers: OnceCell<HashSet<&'a str>>,
    without_tenants: bool,
}

/// Checks the lines of a feature.
pub(super) fn check<'a>(check: &mut Check<'a>, at: &At<'_>, feature: &'a Feature) {
    let scope = Audience {
        tenants: feature.tenants.as_deref(),
        tiers: OnceCell::new(),
        without_tenants: check.without_tenants(),
    };
    for (id, line) in feature.lines() {
        let list = at.key(line.kind().list());
        let at = list.key(id);
        let keys = line.keys();
        timing(check, &at, &keys, line.span());
        tenants(check, &at, &keys, &scope);
        rules::allow(check, &at, keys.allow);
        cache(check, &at, keys.cache);
        line.check(check, &at);
    }
}

/// Checks which of the keys that say when a line occurs are there.
fn timing(check: &mut Check<'_>, at: &At<'_>, keys: &LineKeys<'_>, span: Span) {
    let broken = |key: &str| keys.broken.contains(&key);
    match (keys.rate, keys.after) {
        (Some(rate), Some(after)) => check.report(
            invalid(
                &at.key("after"),
                after.span,
                "a line has either `rate` or `after`",
                "keep `after` where it happens each time the other line does, `rate` where it has its own",
            )
            .also(rate.span, "`rate` is declared here"),
        ),
        (None, None) => {
            if !broken("rate") && !broken("after") {
                check.missing(
                    at,
                    "rate",
                    span,
                    format!("`{}` has neither `rate` nor `after`", values_quote(at.name())),
                    "add `rate = \"4/day\"`, or `after` with the id of the line that it follows",
                );
            }
        }
        (None, Some(after)) => {
            let excluded = [
                ("per", keys.per.map(|value| value.span)),
                ("tenants", keys.tenants.map(|value| value.span)),
                ("peak", keys.peak.map(|value| value.span)),
                ("spread", keys.spread.map(|value| value.span)),
            ];
            for (key, span) in excluded.into_iter().filter(|_| !broken("rate")) {
                let Some(span) = span else { continue };
                check.report(
                    invalid(
                        &at.key(key),
                        span,
                        format!("`{key}` does not go with `after`"),
                        "remove it: the line that is followed says for whom and when",
                    )
                    .also(after.span, "it follows another line"),
                );
            }
        }
        (Some(rate), None) => {
            with_rate(check, at, keys, rate);
            population::per(check, at, keys.per, span, broken("per"));
        }
    }
}

fn with_rate(
    check: &mut Check<'_>,
    at: &At<'_>,
    keys: &LineKeys<'_>,
    rate: &Spanned<Estimate<crate::units::Rate>>,
) {
    if let Some(fanout) = keys.fanout
        && !keys.broken.contains(&"after")
    {
        check.report(
            invalid(
                &at.key("fanout"),
                fanout.span,
                "`fanout` goes with `after` only",
                "multiply the rate instead, or say which line it is `after`",
            )
            .also(rate.span, "it has a rate of its own"),
        );
    }
    let Some(batch) = rate.value.median().map(|rate| rate.batch) else {
        return;
    };
    match (keys.peak, keys.spread) {
        (Some(peak), _) if batch => check.report(
            invalid(
                &at.key("peak"),
                peak.span,
                "`peak` does not go with a batch",
                "say with `spread` how long one batch takes to arrive, such as `spread = \"5m\"`",
            )
            .also(rate.span, "it arrives in batches"),
        ),
        (_, Some(spread)) if !batch => check.report(
            invalid(
                &at.key("spread"),
                spread.span,
                "`spread` does not go with a steady rate",
                "remove it, or write the rate as a batch, such as `\"every 15m\"`",
            )
            .also(rate.span, "it arrives steadily"),
        ),
        _ => {}
    }
}

/// Checks a line's tiers: they exist, and the feature has them.
fn tenants(check: &mut Check<'_>, at: &At<'_>, keys: &LineKeys<'_>, scope: &Audience<'_>) {
    // With `after` they have no place, which is said already.
    let (Some(tenants), None) = (keys.tenants, keys.after) else {
        return;
    };
    let at = at.key("tenants");
    if scope.without_tenants {
        check.report(invalid(
            &at,
            tenants.span,
            "`tenants` has no place in a project without tenants",
            "remove it, or declare how many tenants there are in `[tenants]`",
        ));
        return;
    }
    for tier in &tenants.value.0 {
        let known = check.find::<Projection>(&at, tier.span, &tier.value);
        let Some(of_feature) = scope.tenants.filter(|_| known.is_some()) else {
            continue;
        };
        let tiers = scope.tiers.get_or_init(|| {
            of_feature
                .value
                .0
                .iter()
                .map(|tier| tier.value.as_str())
                .collect()
        });
        if !tiers.contains(tier.value.as_str()) {
            check.report(
                invalid(
                    &at,
                    tier.span,
                    format!(
                        "the feature's tenants do not include `{}`",
                        values_quote(&tier.value)
                    ),
                    "add the tier to the feature's `tenants`, or remove it here",
                )
                .also(of_feature.span, "the feature's tenants"),
            );
        }
    }
}

/// Checks a cache's keys.
fn cache(check: &mut Check<'_>, at: &At<'_>, cache: Option<&Spanned<CacheChoice>>) {
    let Some(Spanned {
        value: CacheChoice::On(cache),
        span,
    }) = cache
    else {
        return;
    };
    let at = at.key("cache");
    let shared = cache
        .scope
        .as_ref()
        .is_some_and(|scope| scope.value == Scope::Shared);
    match &cache.keys {
        Some(keys) if !shared && !cache.is_broken("scope") => {
            let finding = invalid(
                &at.key("keys"),
                keys.span,
                "`keys` goes with `scope = \"shared\"` only",
                "remove it, or add `scope = \"shared\"` where all tenants ask for the same objects",
            );
            check.report(match &cache.scope {
                Some(scope) => finding.also(scope.span, "the scope is declared here"),
                None => finding,
            });
        }
        None if shared && !cache.is_broken("keys") => check.missing(
            &at,
            "keys",
            cache.scope.as_ref().map_or(*span, |scope| scope.span),
            "a shared cache has no `keys`".to_owned(),
            "add `keys`: how many distinct objects are asked for",
        ),
        _ => {}
    }
    let says_nothing = cache.ttl.is_none() && cache.hit_ratio.is_none() && cache.broken.is_empty();
    if says_nothing {
        check.missing(
            &at,
            "ttl",
            *span,
            "the cache has neither `ttl` nor `hit_ratio`".to_owned(),
            "add `ttl`, such as `ttl = \"15m\"`; the share of hits follows from it",
        );
    }
}
