//! What a cache can give, at point values: the formulas of the arithmetic's calls and runs.

use crate::document::forms::CacheChoice;
use crate::document::tables::{Api, Cache, Endpoint};
use crate::document::values::Scope;
use crate::document::{Map, TomlPath};
use crate::model::lines::events::Arrival;
use crate::rules::Context;
use crate::rules::lines::LineOf;
use crate::source::Span;
use crate::units::DAY;

/// The hit ratio that follows from a ttl in seconds: `1 − 1/⌈T/p⌉` of a batch of one's own
/// objects, else `λT / (1 + λT)`. `keys` are the distinct objects of a shared cache. Nothing
/// where what it hangs on is unknown.
pub(super) fn derived_hit_ratio(
    context: &Context<'_>,
    line: &LineOf<'_>,
    ttl: f64,
    keys: Option<f64>,
) -> Option<f64> {
    let flow = line.flow;
    if flow.occurrences.is_unknown() {
        return None;
    }
    let graph = &context.outlook.graph;
    let per_key = match (keys, flow.arrival) {
        (None, Arrival::Batch { period, .. }) => {
            let batches = (ttl / graph.point(period) - 1e-9).ceil().max(1.0);
            return Some(1.0 - 1.0 / batches);
        }
        (None, Arrival::Steady { .. }) => graph.point(flow.per_member),
        (Some(keys), _) => graph.point(flow.occurrences) / keys,
    };
    let asked = per_key * ttl / DAY;
    asked.is_finite().then(|| asked / (1.0 + asked))
}

/// The distinct objects of a shared cache; `Err` where nobody knows how many.
pub(super) fn keys(cache: &Cache) -> Result<Option<f64>, ()> {
    let scope = cache.scope.as_ref().map(|scope| scope.value);
    if scope != Some(Scope::Shared) {
        return Ok(None);
    }
    let keys = cache.keys.as_ref().and_then(|keys| keys.value.median());
    keys.map(|keys| Some(keys.0)).ok_or(())
}

pub(super) fn cache_of<'a>(line: &LineOf<'a>) -> Option<(&'a Cache, Span)> {
    let choice = line.cache()?;
    match &choice.value {
        CacheChoice::On(cache) => Some((cache, choice.span)),
        _ => None,
    }
}

pub(super) fn cache_path(line: &LineOf<'_>) -> String {
    let list = line.line.kind.list();
    TomlPath::new(&["features", line.feature, list, &line.line.id, "cache"]).to_string()
}

pub(super) fn endpoint_of<'a>(
    apis: &'a Map<Api>,
    line: &LineOf<'_>,
) -> Option<(&'a Endpoint, Span)> {
    let (api, endpoint) = line.line.called()?;
    let endpoints = &apis.get(api)?.endpoints;
    let entry = endpoints.entry(endpoint)?;
    Some((&entry.body.value, entry.name))
}
