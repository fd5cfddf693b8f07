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

/// What is asked for through a cache.
#[derive(Clone, Copy, Default)]
pub(super) struct Objects {
    /// Whether all ask for the same.
    shared: bool,
    /// How many distinct ones, of all or of each.
    keys: Option<f64>,
}

/// The hit ratio that follows from a ttl in seconds: `1 − 1/⌈T/p⌉` of a batch of one's own
/// objects, else `λT / (1 + λT)`. Nothing where what it hangs on is unknown.
pub(super) fn derived_hit_ratio(
    context: &Context<'_>,
    line: &LineOf<'_>,
    ttl: f64,
    Objects { shared, keys }: Objects,
) -> Option<f64> {
    let flow = line.flow;
    if flow.occurrences.is_unknown() {
        return None;
    }
    let graph = &context.outlook.graph;
    let per_member = graph.point(flow.per_member);
    if let (false, Arrival::Batch { period, .. }) = (shared, flow.arrival) {
        let period = graph.point(period);
        let for_all = keys.map_or(1.0, |keys| (keys * DAY / (per_member * period)).max(1.0));
        let batches = (ttl / (period * for_all) - 1e-9).ceil().max(1.0);
        return Some(1.0 - 1.0 / batches);
    }
    let asked = match shared {
        true => graph.point(flow.occurrences),
        false => per_member,
    };
    let asked = asked / keys.unwrap_or(1.0) * ttl / DAY;
    asked.is_finite().then(|| asked / (1.0 + asked))
}

/// What is asked for through a cache; nothing where nobody knows how many objects.
pub(super) fn objects(cache: &Cache) -> Option<Objects> {
    let scope = cache.scope.as_ref().map(|scope| scope.value);
    let shared = scope == Some(Scope::Shared);
    let keys = match &cache.keys {
        Some(keys) => Some(keys.value.median()?.0),
        None if shared => return None,
        None => None,
    };
    Some(Objects { shared, keys })
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
