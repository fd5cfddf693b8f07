//! Demand lines: when each occurs, for whom, and what it uses.

use crate::document::{Estimate, Table as _, UNKNOWN};
use std::cell::OnceCell;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::projection::Projection;
use crate::document::reader::{At, quotable};
use crate::document::tables::{Feature, LineKeys};
use crate::document::values::{LineId, Scope};
use crate::model::builder::value_of;
use crate::model::gaps::is_beside_meters;
use crate::model::lines::{Cache, Line, Per, Population, Shared, Timing};
use crate::model::resolve::chains::Draft;
use crate::model::resolve::check::Check;
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
        let message = "a line has either `rate` or `after`";
        let help =
            "keep `after` if it runs each time the other line does, or `rate` if it has its own";
        let note = (rate.span, "`rate` is declared here");
        check.clash(&at.key("after"), after.span, message, help, note);
    } else if !keys.broken.contains(&"rate") {
        let excluded = [
            ("per", keys.per.map(|value| value.span)),
            ("tenants", keys.tenants.map(|value| value.span)),
            ("peak", keys.peak.map(|value| value.span)),
            ("peak_day", keys.peak_day.map(|value| value.span)),
            ("spread", keys.spread.map(|value| value.span)),
        ];
        for (key, span) in excluded {
            let Some(span) = span else { continue };
            let message = format!("`{key}` does not go with `after`");
            let help = "remove it; the line that it follows sets that";
            let note = (after.span, "it follows another line");
            check.clash(&at.key(key), span, message, help, note);
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
    Timing::After {
        parent: 0,
        origin: 0,
        fanout,
    }
}

/// Whether a key of a line could not be read without which nothing can be told of how much it
/// asks for. Estimates are unknown by themselves; without the others it asks for the least.
fn is_untold(keys: &LineKeys<'_>) -> bool {
    let told_without = |key: &&str| {
        matches!(
            *key,
            "rate"
                | "fanout"
                | "items"
                | "rows"
                | "count"
                | "size"
                | "units"
                | "peak"
                | "peak_day"
                | UNKNOWN
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
            let message = format!("{} has neither `rate` nor `after`", at.words());
            let help = "add `rate = \"4/day\"`, or `after` with the id of the line that it follows";
            check.missing(at, "rate", span, message, help);
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
        peak_day: match keys.peak_day {
            Some(peak_day) => peak_day.value.0,
            None if broken("peak_day") => 1.0,
            None => builder.peak_day,
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
        let message = "`fanout` goes with `after` only";
        let help = "multiply the rate instead, or say which line it is `after`";
        let note = (rate.span, "it has a rate of its own");
        check.clash(&at.key("fanout"), fanout.span, message, help, note);
    }
    let Some(batch) = rate.value.median().map(|rate| rate.batch) else {
        return;
    };
    let of_steady = [
        ("peak", keys.peak.map(|value| value.span)),
        ("peak_day", keys.peak_day.map(|value| value.span)),
    ];
    for (key, span) in of_steady {
        let Some(span) = span.filter(|_| batch) else {
            continue;
        };
        let message = format!("`{key}` does not go with a batch");
        let help =
            "say with `spread` how long one batch takes to arrive, such as `spread = \"5m\"`";
        let note = (rate.span, "it arrives in batches");
        check.clash(&at.key(key), span, message, help, note);
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
        let message = "`tenants` needs `[tenants]`, and the project has none";
        let help = "remove it, or declare how many tenants there are in `[tenants]`";
        check.invalid(&at, tenants.span, message, help);
        return;
    }
    population::no_tier(check, &at, tenants);
    for tier in &tenants.value.0 {
        let known = check.find::<Projection>(&at, tier.span, &tier.value);
        let of_feature = scope.feature.tenants.as_ref();
        let Some(of_feature) = of_feature.filter(|it| known.is_some() && !it.value.0.is_empty())
        else {
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

fn cache(check: &mut Check<'_>, at: &At<'_>, keys: &LineKeys<'_>) -> Option<Box<Cache>> {
    let span = keys.cache?.span;
    let CacheChoice::On(cache) = &keys.cache?.value else {
        return None;
    };
    let at = at.key("cache");
    let shared = value_of(&cache.scope) == Some(Scope::Shared);
    if shared && cache.keys.is_none() && !cache.is_broken("keys") {
        check.missing(
            &at,
            "keys",
            cache.scope.as_ref().map_or(span, |scope| scope.span),
            "a shared cache has no `keys`".to_owned(),
            "add `keys`, the number of distinct objects that are requested",
        );
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
        shared,
        keys: match builder.declared(&at, "keys", &cache.keys, |count| count.0) {
            // Of nothing, as long as nobody says of how many.
            None if shared => Some(Value::Certain(0.0)),
            keys => keys,
        },
    }))
}
