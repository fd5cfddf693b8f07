//! Demand lines: when each occurs, for whom, and what it uses.

use crate::document::{Estimate, Table as _};
use std::cell::OnceCell;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::projection::Projection;
use crate::document::reader::{At, quotable};
use crate::document::tables::{Feature, LineKeys};
use crate::document::values::{LineId, Scope};
use crate::model::builder::value_of;
use crate::model::lines::{Cache, Line, Population, Shared, Timing};
use crate::model::resolve::chains::Draft;
use crate::model::resolve::check::{Check, invalid};
use crate::model::resolve::population;
use crate::model::things::Value;
use crate::source::{Span, Spanned};

struct Audience<'a> {
    feature: &'a Feature,
    /// The feature's tiers as a set, once a line asks.
    tiers: OnceCell<HashSet<&'a str>>,
    without_tenants: bool,
    /// The populations of lines without tiers of their own.
    populations: Vec<Arc<Population>>,
}

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
            Some(after) => Some(follows(check, &path, &keys, after)),
            None => at_rate(check, &path, at, &keys, line.span(), &mut scope),
        };
        tenants(check, &path, &keys, &scope);
        let cache = cache(check, &path, keys.cache);
        let uses = line.uses(check, &path);
        let line_of = |(timing, uses)| Line {
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
            line: timing.zip(uses).map(line_of),
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
        let message = "a line has either `rate` or `after`";
        let help = "keep `after` where it happens each time the other line does, `rate` where it has its own";
        let note = (rate.span, "`rate` is declared here");
        check.clash(&at.key("after"), after.span, message, help, note);
    } else if !keys.broken.contains(&"rate") {
        let excluded = [
            ("per", keys.per.map(|value| value.span)),
            ("tenants", keys.tenants.map(|value| value.span)),
            ("peak", keys.peak.map(|value| value.span)),
            ("spread", keys.spread.map(|value| value.span)),
        ];
        for (key, span) in excluded {
            let Some(span) = span else { continue };
            let message = format!("`{key}` does not go with `after`");
            let help = "remove it: the line that is followed says for whom and when";
            let note = (after.span, "it follows another line");
            check.clash(&at.key(key), span, message, help, note);
        }
    }
    let fanout = keys.fanout.map_or(Value::Certain(1.0), |fanout| {
        let at = at.key("fanout");
        check.builder.estimate(&at, &fanout.value, |count| count.0)
    });
    Timing::After {
        parent: 0,
        origin: 0,
        fanout,
    }
}

/// The timing of a line with a rate of its own; nothing where that, or whom it is counted per,
/// is missing.
fn at_rate(
    check: &mut Check<'_>,
    at: &At<'_>,
    of_feature: &At<'_>,
    keys: &LineKeys<'_>,
    span: Span,
    scope: &mut Audience<'_>,
) -> Option<Timing> {
    let broken = |key: &str| keys.broken.contains(&key);
    let Some(rate) = keys.rate else {
        if !broken("rate") && !broken("after") {
            let message = format!("{} has neither `rate` nor `after`", at.words());
            let help = "add `rate = \"4/day\"`, or `after` with the id of the line that it follows";
            check.missing(at, "rate", span, message, help);
        }
        return None;
    };
    with_rate(check, at, keys, rate);
    let per = population::per(check, at, keys.per, span, broken("per"))?;
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
    Some(Timing::Rate {
        per_day: builder.estimate(&at.key("rate"), &rate.value, per_day),
        batch: rate.value.median().is_some_and(|rate| rate.batch),
        // The model numbers it.
        population: Shared {
            id: usize::MAX,
            population,
        },
        peak: keys.peak.map_or(builder.peak, |peak| peak.value.0),
        spread: keys.spread.map(|spread| spread.value.seconds),
    })
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
        let message = "`fanout` goes with `after` only";
        let help = "multiply the rate instead, or say which line it is `after`";
        let note = (rate.span, "it has a rate of its own");
        check.clash(&at.key("fanout"), fanout.span, message, help, note);
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
        let message = "`tenants` has no place in a project without tenants";
        let help = "remove it, or declare how many tenants there are in `[tenants]`";
        check.invalid(&at, tenants.span, message, help);
        return;
    }
    for tier in &tenants.value.0 {
        let known = check.find::<Projection>(&at, tier.span, &tier.value);
        let of_feature = scope.feature.tenants.as_ref();
        let Some(of_feature) = of_feature.filter(|_| known.is_some()) else {
            continue;
        };
        let tiers = scope.tiers.get_or_init(|| {
            let tiers = of_feature.value.0.iter();
            tiers.map(|tier| tier.value.as_str()).collect()
        });
        if !tiers.contains(tier.value.as_str()) {
            let name = quotable(&tier.value);
            let message = format!("the feature's tenants do not include `{name}`");
            let help = "add the tier to the feature's `tenants`, or remove it here";
            let note = (of_feature.span, "the feature's tenants");
            check.clash(&at, tier.span, message, help, note);
        }
    }
}

fn cache(
    check: &mut Check<'_>,
    at: &At<'_>,
    cache: Option<&Spanned<CacheChoice>>,
) -> Option<Box<Cache>> {
    let span = cache?.span;
    let CacheChoice::On(cache) = &cache?.value else {
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
            let scope = cache.scope.as_ref().map(|scope| scope.span);
            check.report(finding.also(scope, "the scope is declared here"));
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
        let message = "the cache has neither `ttl` nor `hit_ratio`".to_owned();
        let help = "add `ttl`, such as `ttl = \"15m\"`; the share of hits follows from it";
        check.missing(&at, "ttl", span, message, help);
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
