use std::collections::BTreeMap;

use crate::document::values::Count;
use crate::model::lines::events::Amount;
use crate::model::policy::Side;
use crate::model::{Api, Counts, UsageLimit};
use crate::rules::TomlPath;
use crate::rules::causes::keys;
use crate::rules::limits;
use crate::rules::prelude::*;
use crate::rules::queue_facts::{per_worker, queues};
use crate::rules::remedy::rounded_up;
use crate::rules::support::{limit_key, limit_span, listed, passes, raised, write};
use crate::source::Spanned;
use crate::units::Rate;

pub(crate) static RULE: Rule =
    Rule::project("worker-ceiling-over-rate-limit", Severity::Error, check)
        .speaks_for(&[Speaks::Caused(limits::OF_METERS, caused)])
        .shown(6);

/// A window that workers fill before anybody looks.
const HOUR: f64 = 3_600.0;

struct Pool<'a> {
    queue: &'a str,
    max: &'a Spanned<Count>,
    rate: &'a Rate,
    calls: f64,
    /// Calls per second of one worker, and of all that there may be.
    each: f64,
    all: f64,
}

/// What an API allows.
struct Allowed<'a> {
    key: TomlPath,
    window: &'a str,
    seconds: f64,
    most: f64,
    /// What a call counts at least.
    each: f64,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let calls = calls(context);
    for (name, mut pools) in pools(context) {
        let Some(api) = context.project.model.apis.get(name) else {
            continue;
        };
        let all: f64 = pools.iter().map(|pool| pool.all).sum();
        let calls = calls.get(name).map_or(&[][..], Vec::as_slice);
        let over = api.limits.iter().enumerate().filter_map(|(place, limit)| {
            let seconds = limit.seconds().filter(|seconds| *seconds < HOUR)?;
            let most = limit.bound.filter(|_| is_shared(limit))?.now;
            let each = counted(api, (place, limit), calls);
            Some((all * each * seconds / most, limit, seconds, most, each))
        });
        let tightest = over.max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, limit, seconds, most, each)) = tightest.filter(|it| passes(it.0, 1.0)) else {
            continue;
        };
        pools.sort_by(|a, b| b.all.total_cmp(&a.all).then(a.queue.cmp(b.queue)));
        let Some(largest) = pools.first() else {
            continue;
        };
        let id = MeterId::new(Family::Api, name, MeterKind::Rate, limit.name.clone());
        let allowed = Allowed {
            key: limit_key(&context.project.declarations.root, &id, None),
            window: limit.window().unwrap_or_default(),
            seconds,
            most,
            each,
        };
        let window = allowed.window;
        let can = all * each * seconds;
        let terms = terms(&pools, each);
        let message = format!(
            "workers can call `{name}` more often than it allows: {terms} = {}/{window} of {}/{window}",
            number::count(can),
            number::count(most),
        );
        let path = TomlPath::new(&["apis", name]).to_string();
        let mut finding = findings
            .finding(path, message)
            .at(largest.max.span)
            .also(limit_span(context, &id), "the rate limit")
            .help("run fewer workers, make fewer calls per job, or get a higher rate limit")
            .ways(ways(largest, all, &allowed, limit_span(context, &id)))
            .share(can, most);
        for pool in pools.iter().skip(1).take(SHOWN) {
            let shared = format!("the workers of `{}` share it", pool.queue);
            finding = finding.also(pool.max.span, shared);
        }
        findings.push(finding);
    }
}

/// How many queues a finding names.
const SHOWN: usize = 4;

/// The workers that call each API, as far as it can be told how often they may.
fn pools<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Vec<Pool<'a>>> {
    let month = context.project.model.calendar.days_per_month;
    let mut pools: BTreeMap<&str, Vec<Pool<'_>>> = BTreeMap::new();
    for queue in queues(context) {
        let Some(workers) = queue.workers().map(|workers| &workers.value) else {
            continue;
        };
        let rate = workers.rate.as_ref().and_then(|rate| rate.value.median());
        let (Some(api), Some(max), Some(rate)) = (&workers.api, &workers.max, rate) else {
            continue;
        };
        let calls = workers.calls_per_job.as_ref();
        let calls = calls.map_or(1.0, |calls| calls.value.0);
        let each = rate.per_second(month) * calls;
        pools.entry(&api.value.0).or_default().push(Pool {
            queue: queue.name,
            max,
            rate,
            calls,
            each,
            all: max.value.0 * each,
        });
    }
    pools
}

/// What the workers of queues call: of each API the endpoints, and what a call of each costs.
fn calls<'c>(context: &'c Context<'_>) -> BTreeMap<&'c str, Vec<(&'c str, f64)>> {
    let graph = &context.outlook.graph;
    let mut calls: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for line in context.lines() {
        let (Some((api, endpoint)), Some(_)) = (line.line.called(), line.flow.ceiling) else {
            continue;
        };
        let per_day = |amount| line.flow.asked.amount(amount);
        let per_day = |amount| per_day(amount).map_or(0.0, |quantity| graph.point(quantity));
        let (credits, billed) = (per_day(Amount::Credits), per_day(Amount::Billed));
        let credits = if billed > 0.0 { credits / billed } else { 0.0 };
        calls.entry(api).or_default().push((endpoint, credits));
    }
    calls
}

/// Whether it is one limit in a window, on what all members use together.
fn is_shared(limit: &UsageLimit) -> bool {
    limit.seconds().is_some() && limit.members().is_none() && !limit.is_unread()
}

/// The least that a call of the workers counts against a limit. Where no line says what they call,
/// it is a call to any endpoint.
fn counted(api: &Api, (place, limit): (usize, &UsageLimit), calls: &[(&str, f64)]) -> f64 {
    let counts = |endpoint: &str| {
        let endpoint = api.endpoints.get(endpoint);
        endpoint.is_some_and(|it| it.counted.contains(&Amount::place(place)))
    };
    let of_call = |endpoint: &str, credits: f64| match (counts(endpoint), &limit.counts) {
        (false, _) => 0.0,
        (true, Counts::Credits) => credits,
        (true, _) => 1.0,
    };
    if calls.is_empty() {
        let all = api.endpoints.keys();
        return all.map(|it| of_call(it, 0.0)).fold(1.0, f64::min);
    }
    let all = calls.iter();
    all.map(|(endpoint, credits)| of_call(endpoint, *credits))
        .fold(f64::INFINITY, f64::min)
}

/// `10 workers × 1/s × 1 call + …`, times what a call counts.
fn terms(pools: &[Pool<'_>], each: f64) -> String {
    let plural = |count: f64, one: &str| {
        let s = if count == 1.0 { "" } else { "s" };
        format!("{} {one}{s}", number::count(count))
    };
    let term = |pool: &Pool<'_>| {
        let workers = plural(pool.max.value.0, "worker");
        let calls = plural(pool.calls, "call");
        format!("{workers} × {} × {calls}", per_worker(pool.rate))
    };
    let terms: Vec<String> = pools.iter().map(term).collect();
    let terms = listed(&terms, " + ");
    match (each == 1.0, pools.len()) {
        (true, _) => terms,
        (_, 1) => format!("{terms} × {}", plural(each, "credit")),
        _ => format!("({terms}) × {}", plural(each, "credit")),
    }
}

/// How many workers the largest pool may have beside the others, or what the API would have to
/// allow.
fn ways(largest: &Pool<'_>, all: f64, allowed: &Allowed<'_>, limit: Option<Span>) -> Vec<Way> {
    let seconds = allowed.seconds;
    let calls = allowed.most / allowed.each / seconds;
    let left = (calls - (all - largest.all)) / largest.each;
    let most = (left + 1e-9).floor();
    let calls = rounded_up((all * allowed.each * seconds - 1e-9).ceil());
    let fewer = (most >= 1.0).then(|| {
        let mut way = write("max", largest.max.span, most.to_string());
        way.words += &format!(" for the workers of `{}`", largest.queue);
        way
    });
    let value = format!("\"{calls}/{}\"", allowed.window);
    let raise = limit.map(|span| raised(&allowed.key.to_string(), span, value));
    fewer.into_iter().chain(raise).collect()
}

/// The rate meters that workers with too high a ceiling cause to break: what else calls the API
/// fits.
fn caused(context: &Context<'_>, subjects: &[&str]) -> Vec<String> {
    let graph = &context.outlook.graph;
    // Of each API what comes past the workers, by window.
    let subjects = subjects.iter();
    let apis = subjects.filter_map(|subject| keys(subject).into_iter().nth(1));
    let mut others: BTreeMap<String, Vec<f64>> = apis.map(|api| (api, Vec::new())).collect();
    for line in context.lines() {
        let Some((api, _)) = line.line.called() else {
            continue;
        };
        if let (None, Some(others)) = (line.flow.ceiling, others.get_mut(api)) {
            for (index, window) in line.flow.asked.windows() {
                others.resize(others.len().max(index + 1), 0.0);
                if let Some(other) = others.get_mut(index) {
                    *other += graph.point(window);
                }
            }
        }
    }
    let breaks = context.policy.bar(MeterKind::Rate, Side::Today).breaks;
    let mut meters = Vec::new();
    for (name, others) in &others {
        let api = context.project.model.apis.get(name);
        for (index, limit) in api.iter().flat_map(|api| &api.limits).enumerate() {
            let rest = others.get(index).copied().unwrap_or(0.0);
            let bound = limit.bound.filter(|_| is_shared(limit));
            if bound.is_some_and(|bound| rest <= bound.now * breaks) {
                let id = MeterId::new(Family::Api, name, MeterKind::Rate, limit.name.clone());
                meters.push(id.to_string());
            }
        }
    }
    meters
}
