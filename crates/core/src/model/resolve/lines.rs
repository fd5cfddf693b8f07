//! Demand lines: when each occurs, for whom, and what it uses.

use crate::document::{Estimate, Table as _, UNKNOWN};
use std::cell::OnceCell;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::projection::Projection;
use crate::document::reader::{At, values_quote};
use crate::document::tables::{Feature, LineKeys};
use crate::document::values::{LineId, Scope};
use crate::model::builder::value_of;
use crate::model::gaps::is_beside_meters;
use crate::model::lines::{Cache, Line, Per, Population, Shared, Timing};
use crate::model::resolve::chains::Draft;
use crate::model::resolve::check::{Check, invalid};
use crate::model::resolve::population;
use crate::model::things::Value;
use crate::source::{Span, Spanned};

/// What the lines of one feature have in common.
struct Audience<'a> {
    feature: &'a Feature,
    /// The feature's tiers as a set, once a line asks.
    tiers: OnceCell<HashSet<&'a str>>,
    without_tenants: bool,
    /// The populations of lines without tiers of their own.
    populations: Vec<Arc<Population>>,
}

/// The lines of a feature, as they are declared.
pub(super) fn drafts<'a>(
    check: &mut Check<'a>,
    at: &At<'_>,
    feature: &'a Feature,
) -> Vec<Draft<'a>> {
    let mut scope = Audience {
        feature,
        tiers: OnceCell::new(),
        without_tenants: check.without_tenants(),
        populations: Vec::new(),
    };
    let mut drafts = Vec::new();
    for (id, line) in feature.lines() {
        let list = at.key(line.kind().list());
        let path = list.key(id);
        let keys = line.keys();
        let timing = match keys.after {
            Some(after) => follows(check, &path, &keys, after),
            None => at_rate(check, &path, at, &keys, line.span(), &mut scope),
        };
        tenants(check, &path, &keys, &scope);
        let cache = cache(check, &path, &keys);
        let uses = line.uses(check, &path);
        let line_of = |uses| Line {
            id: id.clone(),
            kind: line.kind(),
            timing,
            uses,
            cache,
        };
        drafts.push(Draft {
            id,
            kind: line.kind(),
            after: keys.after,
            has_rate: keys.rate.is_some(),
            line: uses.map(line_of),
        });
    }
    drafts
}

/// The timing of a line that follows another, whose place is found by [`chains`](super::chains).
fn follows(
    check: &mut Check<'_>,
    at: &At<'_>,
    keys: &LineKeys<'_>,
    after: &Spanned<LineId>,
) -> Timing {
    if let Some(rate) = keys.rate {
        check.clash(
            &at.key("after"),
            after.span,
            "a line has either `rate` or `after`",
            "keep `after` where it happens each time the other line does, `rate` where it has its own",
            (rate.span, "`rate` is declared here"),
        );
    } else if !keys.broken.contains(&"rate") {
        let excluded = [
            ("per", keys.per.map(|value| value.span)),
            ("tenants", keys.tenants.map(|value| value.span)),
            ("peak", keys.peak.map(|value| value.span)),
            ("spread", keys.spread.map(|value| value.span)),
        ];
        for (key, span) in excluded {
            let Some(span) = span else { continue };
            check.clash(
                &at.key(key),
                span,
                format!("`{key}` does not go with `after`"),
                "remove it: the line that is followed says for whom and when",
                (after.span, "it follows another line"),
            );
        }
    }
    let fanout = match keys.fanout {
        _ if is_untold(keys) => Value::Unknown,
        None => Value::Certain(1.0),
        Some(fanout) => {
            let at = at.key("fanout");
            check.builder.estimate(&at, &fanout.value, |count| count.0)
        }
    };
    Timing::After { parent: 0, fanout }
}

/// Whether a key of a line could not be read without which nothing can be told of how much it
/// asks for. Estimates are unknown by themselves; without the others it asks for the least.
fn is_untold(keys: &LineKeys<'_>) -> bool {
    let told_without = |key: &&str| {
        matches!(
            *key,
            "rate" | "fanout" | "items" | "rows" | "count" | "size" | "units" | "peak" | UNKNOWN
        ) || is_beside_meters(key)
    };
    let cache = match keys.cache.map(|cache| &cache.value) {
        Some(CacheChoice::On(cache)) => &cache.broken[..],
        _ => &[],
    };
    !keys.broken.iter().all(told_without) || !cache.is_empty()
}

/// The timing of a line with a rate of its own; it is unknown where that, or whom it is counted
/// per, is missing.
fn at_rate(
    check: &mut Check<'_>,
    at: &At<'_>,
    of_feature: &At<'_>,
    keys: &LineKeys<'_>,
    span: Span,
    scope: &mut Audience<'_>,
) -> Timing {
    let broken = |key: &str| keys.broken.contains(&key);
    match keys.rate {
        Some(rate) => with_rate(check, at, keys, rate),
        None if !broken("after") => {
            check.missing(
                at,
                "rate",
                span,
                format!("{} has neither `rate` nor `after`", at.words()),
                "add `rate = \"4/day\"`, or `after` with the id of the line that it follows",
            );
        }
        None => {}
    }
    let per = population::per(check, at, keys.per, span, broken("per"));
    let is_untold = is_untold(keys) || per.is_none();
    let per = per.unwrap_or(Per::Project);
    let known = &mut scope.populations;
    let same = known.iter().find(|known| known.per == per);
    let builder = check.builder;
    let population = match (keys.tenants, same) {
        (None, Some(population)) => population.clone(),
        (own, _) => Arc::new(builder.population(of_feature, scope.feature, per, own)),
    };
    if keys.tenants.is_none() && same.is_none() {
        known.push(population.clone());
    }
    let month = builder.calendar.days_per_month;
    let per_day = |rate: &crate::units::Rate| rate.per_day(month);
    let estimate = keys.rate.map(|rate| &rate.value).filter(|_| !is_untold);
    Timing::Rate {
        per_day: estimate.map_or(Value::Unknown, |rate| {
            builder.estimate(&at.key("rate"), rate, per_day)
        }),
        batch: (estimate.and_then(Estimate::median)).is_some_and(|rate| rate.batch),
        // The model numbers it.
        population: Shared {
            id: usize::MAX,
            population,
        },
        peak: match keys.peak {
            Some(peak) => peak.value.0,
            None if broken("peak") => 1.0,
            None => builder.peak,
        },
        spread: keys.spread.map(|spread| spread.value.seconds),
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
        check.clash(
            &at.key("fanout"),
            fanout.span,
            "`fanout` goes with `after` only",
            "multiply the rate instead, or say which line it is `after`",
            (rate.span, "it has a rate of its own"),
        );
    }
    let Some(batch) = rate.value.median().map(|rate| rate.batch) else {
        return;
    };
    match (keys.peak, keys.spread) {
        (Some(peak), _) if batch => check.clash(
            &at.key("peak"),
            peak.span,
            "`peak` does not go with a batch",
            "say with `spread` how long one batch takes to arrive, such as `spread = \"5m\"`",
            (rate.span, "it arrives in batches"),
        ),
        (_, Some(spread)) if !batch => check.clash(
            &at.key("spread"),
            spread.span,
            "`spread` does not go with a steady rate",
            "remove it, or write the rate as a batch, such as `\"every 15m\"`",
            (rate.span, "it arrives steadily"),
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
        check.invalid(
            &at,
            tenants.span,
            "`tenants` has no place in a project without tenants",
            "remove it, or declare how many tenants there are in `[tenants]`",
        );
        return;
    }
    population::no_tier(check, &at, tenants);
    for tier in &tenants.value.0 {
        let known = check.find::<Projection>(&at, tier.span, &tier.value);
        let of_feature = scope.feature.tenants.as_ref();
        let Some(of_feature) = of_feature.filter(|_| known.is_some()) else {
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
            check.clash(
                &at,
                tier.span,
                format!(
                    "the feature's tenants do not include `{}`",
                    values_quote(&tier.value)
                ),
                "add the tier to the feature's `tenants`, or remove it here",
                (of_feature.span, "the feature's tenants"),
            );
        }
    }
}

fn cache(check: &mut Check<'_>, at: &At<'_>, keys: &LineKeys<'_>) -> Option<Box<Cache>> {
    let span = keys.cache?.span;
    let CacheChoice::On(cache) = &keys.cache?.value else {
        return None;
    };
    let at = at.key("cache");
    let shared = value_of(&cache.scope) == Some(Scope::Shared);
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
            cache.scope.as_ref().map_or(span, |scope| scope.span),
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
            span,
            "the cache has neither `ttl` nor `hit_ratio`".to_owned(),
            "add `ttl`, such as `ttl = \"15m\"`; the share of hits follows from it",
        );
    }
    let builder = check.builder;
    let hit_ratio = &cache.hit_ratio;
    Some(Box::new(Cache {
        ttl: value_of(&cache.ttl).map(|ttl| ttl.seconds),
        hit_ratio: builder.declared(&at, "hit_ratio", hit_ratio, |ratio| ratio.0),
        shared_keys: shared
            .then(|| builder.optional(&at, "keys", &cache.keys, 0.0, |count| count.0)),
    }))
}
