//! `limits` of APIs and models: what each counts, over what, and for whom.

use std::collections::BTreeSet;

use crate::collections::HashSet;
use crate::document::forms::PerName;
use crate::document::reader::{At, list, quotable};
use crate::document::tables::{self, ApiLimit, LimitKeys, ModelLimit};
use crate::document::values::{self, Flow};
use crate::document::{Bounded, Limit, Lines, Table as _, UNKNOWN};
use crate::limits::{ENDPOINT_PATTERNS, USAGE_LIMITS};
use crate::meter::{Family, MeterKind};
use crate::model::builder::{TOP, bound_of, value_of};
use crate::model::lines::Per;
use crate::model::resolve::check::Check;
use crate::model::resolve::{UNIT_KEYS, population};
use crate::model::things::{Bound, Model, UsageLimit};
use crate::model::usage_limits::{Counts, Members, Narrow, Over};
use crate::source::{Span, Spanned};
use crate::wildcard::wildcard;

/// The limits of an API: the windows of its `rate_limit`, and then the others.
pub(super) fn of_api(check: &mut Check<'_>, at: &At<'_>, api: &tables::Api) -> Vec<UsageLimit> {
    let builder = check.builder;
    let windows = api.rate_limit.iter().flat_map(|limits| &limits.value.0);
    let windows = windows.filter_map(|limit| builder.rate_limit(&[], &limit.value, Counts::Events));
    let mut limits: Vec<UsageLimit> = windows.collect();
    let at = at.key("limits");
    few(check, &at, &api.limits);
    let mut patterns_left = ENDPOINT_PATTERNS;
    for (id, limit) in api.limits.iter().take(USAGE_LIMITS) {
        let at = at.key(id);
        let counts = match value_of(&limit.value.counts) {
            Some(values::Counts::Credits) => Counts::Credits,
            Some(values::Counts::Calls) | None => Counts::Events,
        };
        let mut narrow = Narrow::default();
        if let Some(endpoints) = &limit.value.endpoints {
            let patterns = endpoints.value.0.iter().take(patterns_left);
            narrow.endpoints = patterns.map(|pattern| pattern.value.clone()).collect();
            if let Some(past) = endpoints.value.0.get(patterns_left) {
                let message =
                    format!("the API's limits name more than {ENDPOINT_PATTERNS} endpoints");
                let help = "write what they have in common with `*`, such as `\"/posts/*\"`";
                check.invalid(&at.key("endpoints"), past.span, message, help);
            }
            patterns_left -= narrow.endpoints.len();
        }
        narrow.exclusive = value_of(&limit.value.exclusive).is_some_and(|it| it.0);
        endpoints(check, &at, api, limit);
        limits.push(one(
            check,
            &at,
            limit.value.keys(),
            limit.span,
            (counts, narrow),
        ));
    }
    limits
}

/// The limits of a model beside its capacity.
pub(super) fn of_model(
    check: &mut Check<'_>,
    at: &At<'_>,
    model: &tables::Model,
    units: &[String],
) -> Vec<UsageLimit> {
    let at = at.key("limits");
    few(check, &at, &model.limits);
    let mut limits = Vec::new();
    for (id, limit) in model.limits.iter().take(USAGE_LIMITS) {
        let at = at.key(id);
        let counts = counted_units(check, &at, model, &limit.value, units);
        let kind = (counts, Narrow::default());
        limits.push(one(check, &at, limit.value.keys(), limit.span, kind));
    }
    limits
}

fn few<T>(check: &mut Check<'_>, at: &At<'_>, limits: &Lines<T>) {
    if let Some(past) = limits.all().get(USAGE_LIMITS) {
        let message = format!("more than {USAGE_LIMITS} limits; the rest is not read");
        let help = "keep those that are closest to what is used";
        check.invalid(at, past.span, message, help);
    }
}

/// A limit with what all of them say.
fn one(
    check: &mut Check<'_>,
    at: &At<'_>,
    keys: LimitKeys<'_>,
    span: Span,
    (counts, mut narrow): (Counts, Narrow),
) -> UsageLimit {
    over_what(check, at, &keys, span);
    let per = per(check, at, &keys);
    let (over, bound, by_tier) = match (keys.rate, keys.concurrent) {
        (Some(rate), _) => {
            let one_period = by_tiers(check, &at.key("rate"), rate, per.as_ref());
            let (bound, by_tier) = bounds(check, &rate.value, |flow| flow.count);
            let over = match window_of(&rate.value) {
                Some(flow) => check.builder.window(&flow.period),
                None => Over::Nothing(MeterKind::Rate),
            };
            (Some(over).filter(|_| one_period), bound, by_tier)
        }
        (None, Some(concurrent)) => {
            by_tiers(check, &at.key("concurrent"), concurrent, per.as_ref());
            let (bound, by_tier) = bounds(check, &concurrent.value, |count| count.0);
            let over = match bound.is_some() || by_tier.iter().any(Option::is_some) {
                true => Over::AtOnce,
                false => Over::Nothing(MeterKind::Concurrency),
            };
            (Some(over), bound, by_tier)
        }
        (None, None) => (None, None, Vec::new()),
    };
    let read = ["rate", "concurrent", "counts", "per", "largest", UNKNOWN];
    let is_broken = read.iter().any(|key| keys.broken.contains(key));
    narrow.is_unread = is_broken || over.is_none() || (keys.per.is_some() && per.is_none());
    narrow.members = per.map(|per| Members {
        per,
        largest: keys.largest.map_or(1.0, |largest| largest.value.0),
        by_tier,
    });
    UsageLimit {
        name: vec![at.name().to_owned()],
        over: over.unwrap_or(match keys.broken.contains(&"concurrent") {
            true => Over::AtOnce,
            // Which window it is could not be read.
            false => Over::Window {
                name: "s".to_owned(),
                seconds: 1.0,
            },
        }),
        counts,
        bound,
        narrow: (narrow != Narrow::default()).then(|| Box::new(narrow)),
    }
}

/// The first of the limits that is one: all have the same window.
fn window_of(limits: &PerName<Limit<Flow>>) -> Option<&Flow> {
    match limits {
        PerName::Same(limit) => limit.now(),
        PerName::By(tiers) => tiers.iter().find_map(|(_, limit)| limit.now()),
    }
}

/// How much is allowed: to all, or in the order of the tiers.
fn bounds<T: Bounded>(
    check: &Check<'_>,
    limits: &PerName<Limit<T>>,
    number: impl Fn(&T) -> f64,
) -> (Option<Bound>, Vec<Option<Bound>>) {
    let bound = |limit: &Limit<T>| bound_of(limit, &number);
    match limits {
        PerName::Same(limit) => (bound(limit), Vec::new()),
        PerName::By(by_tier) => {
            let tiers = check.builder.tiers.iter();
            let by_tier = tiers.map(|tier| by_tier.get(tier).and_then(bound));
            (None, by_tier.collect())
        }
    }
}

/// Checks that it is a limit of one kind.
fn over_what(check: &mut Check<'_>, at: &At<'_>, keys: &LimitKeys<'_>, span: Span) {
    let broken = |key: &str| keys.broken.contains(&key);
    match (keys.rate, keys.concurrent) {
        (Some(rate), Some(concurrent)) => check.clash(
            &at.key("concurrent"),
            concurrent.span,
            "a limit has either `rate` or `concurrent`",
            "keep `rate` for how much in each window, `concurrent` for how many at the same time; both are two limits",
            (rate.span, "`rate` is declared here"),
        ),
        (None, None) if !broken("rate") && !broken("concurrent") => check.missing(
            at,
            "rate",
            span,
            format!("the limit `{}` has neither `rate` nor `concurrent`", at.name()),
            "say how much is allowed in each window, `rate = \"100/s\"`, or how many at the same time, `concurrent = 10`",
        ),
        _ => {}
    }
    if let (Some(concurrent), Some(counts), None) = (keys.concurrent, keys.counts, keys.rate) {
        let message = "`counts` does not go with `concurrent`";
        let help = "remove it: what runs at the same time is counted one by one";
        let note = (concurrent.span, "`concurrent` is declared here");
        check.clash(&at.key("counts"), counts, message, help, note);
    }
    if let (Some(largest), None) = (keys.largest, keys.per)
        && !broken("per")
    {
        let message = "`largest` goes with `per` only";
        let help = "remove it, or say who has a limit of their own, such as `per = \"tenant\"`";
        check.invalid(&at.key("largest"), largest.span, message, help);
    }
}

/// Whose limit it is, where each member has one.
fn per(check: &mut Check<'_>, of_limit: &At<'_>, keys: &LimitKeys<'_>) -> Option<Per> {
    let per = keys.per?;
    let at = of_limit.key("per");
    match per.value.0.as_str() {
        "tenant" => {
            if check.without_tenants() {
                let message = "`per = \"tenant\"` in a project without tenants";
                let help = "remove it, or declare how many tenants there are in `[tenants]`";
                check.invalid(&at, per.span, message, help);
            }
            Some(Per::Tenant)
        }
        "project" => {
            let message = "a limit is `per` tenant or entity";
            let help = "remove it where the project has one limit";
            check.invalid(&at, per.span, message, help);
            None
        }
        _ => population::per(check, of_limit, Some(per), per.span, false),
    }
}

/// Checks a limit of each tier. Returns whether all have one period.
fn by_tiers<T: Bounded>(
    check: &mut Check<'_>,
    at: &At<'_>,
    limits: &Spanned<PerName<Limit<T>>>,
    per: Option<&Per>,
) -> bool {
    let PerName::By(tiers) = &limits.value else {
        return true;
    };
    check.tiers_of(at, Some(limits));
    let is_counted = |entity: &String| {
        let entity = check.root.entities.get(entity);
        entity.is_some_and(|entity| entity.count.is_some())
    };
    let problem = match per {
        None => Some("a limit by tier goes with `per` only"),
        Some(Per::Entity(entity)) if is_counted(entity) => {
            Some("what is counted by itself belongs to no tier")
        }
        _ if tiers.is_empty() => Some("the limit names no tier"),
        _ => None,
    };
    if let Some(problem) = problem {
        let help = "write one limit, or say with `per` who has a limit of their own";
        check.invalid(at, limits.span, problem, help);
    }
    let limited = tiers.entries();
    let mut limited =
        limited.filter_map(|(tier, it)| Some((tier, it.body.value.now()?, it.body.span)));
    let Some((_, first, span)) = limited.next() else {
        return problem.is_none();
    };
    let Some((tier, _, other)) = limited.find(|(_, now, _)| !first.same_window(now)) else {
        return true;
    };
    let message = "the tiers' limits have different periods";
    let help = "write all of them over the same period";
    check.clash(
        &at.key(tier),
        other,
        message,
        help,
        (span, "another period"),
    );
    false
}

/// Checks which endpoints a limit counts.
fn endpoints(check: &mut Check<'_>, at: &At<'_>, api: &tables::Api, limit: &Spanned<ApiLimit>) {
    let declared = &limit.value;
    if let (Some(exclusive), None) = (&declared.exclusive, &declared.endpoints)
        && exclusive.value.0
        && !declared.is_broken("endpoints")
    {
        let message = "an `exclusive` limit does not say which endpoints it is for";
        let help = "add `endpoints`: what counts here counts nowhere else";
        check.missing(at, "endpoints", exclusive.span, message.to_owned(), help);
    }
    let Some(patterns) = &declared.endpoints else {
        return;
    };
    let at = at.key("endpoints");
    if patterns.value.0.is_empty() {
        let message = "the limit is for no endpoint";
        let help = "name the endpoints that count, or remove `endpoints` where all do";
        check.invalid(&at, patterns.span, message, help);
    }
    for pattern in &patterns.value.0 {
        let text = &pattern.value;
        let mut names = api.endpoints.names();
        let is_lost = api.is_broken("endpoints")
            || api.endpoints.broken().any(|name| wildcard(text, name))
            || check.may_be_lost(text);
        if is_lost || names.any(|name| wildcard(text, name)) {
            continue;
        }
        let message = format!("no endpoint of the API matches `{}`", quotable(text));
        let otherwise = "declare the endpoint, or remove it here".to_owned();
        // As a line refers to it: with the API before.
        let bare = text.split_once(':').map_or("", |(_, path)| path);
        let is_bare = !bare.is_empty() && api.endpoints.names().any(|name| wildcard(bare, name));
        let names = api.endpoints.names().chain(is_bare.then_some(bare));
        let word = if is_bare { bare } else { text };
        check.unknown(&at, pattern.span, message, word, names, otherwise);
    }
}

/// The units that a limit of a model adds up.
fn counted_units(
    check: &mut Check<'_>,
    at: &At<'_>,
    model: &tables::Model,
    limit: &ModelLimit,
    units: &[String],
) -> Counts {
    let Some(counts) = limit.counts.as_ref().filter(|_| limit.concurrent.is_none()) else {
        return match limit.concurrent.is_some() {
            true => Counts::Events,
            false => Counts::Units(vec![REQUESTS.to_owned()]),
        };
    };
    let at = at.key("counts");
    let mut seen = HashSet::default();
    for unit in &counts.value.0 {
        let name = unit.value.as_str();
        if !seen.insert(name) {
            let message = format!("`{}` is counted twice", quotable(name));
            check.invalid(&at, unit.span, message, "name each unit once");
        }
        let is_known = name == REQUESTS || units.iter().any(|unit| unit == name);
        if is_known || UNIT_KEYS.iter().any(|key| model.is_broken(key)) || check.may_be_lost(name) {
            continue;
        }
        let message = format!("the model has no unit `{}`", quotable(name));
        let known: Vec<&str> = units.iter().map(String::as_str).chain([REQUESTS]).collect();
        let otherwise = format!("its units are {}", list(&known));
        check.unknown(
            &at,
            unit.span,
            message,
            name,
            known.iter().copied(),
            otherwise,
        );
    }
    let names = counts.value.0.iter().map(|unit| unit.value.clone());
    Counts::Units(names.collect())
}

/// What each run is one of.
const REQUESTS: &str = "requests";

/// Checks that all that counts against a limit on what runs at the same time says how long it
/// takes.
pub(super) fn durations(check: &mut Check<'_>, model: &Model) {
    let at_once = |limit: &UsageLimit| limit.over == Over::AtOnce;
    let limited = |limits: &[UsageLimit]| limits.iter().any(at_once);
    let any = model.apis.values().any(|api| limited(&api.limits))
        || model.models.values().any(|model| limited(&model.limits));
    if !any {
        return;
    }
    let lines = model.features.values().flat_map(|feature| &feature.lines);
    let used = lines.map(|line| {
        let endpoint = line.uses.endpoint.as_deref();
        (line.kind.family(), &*line.uses.thing, endpoint)
    });
    let used: BTreeSet<(Family, &str, Option<&str>)> = used.collect();
    for (family, name, endpoint) in used {
        let of_model = || {
            let model = model.models.get(name)?;
            let limit = model.limits.iter().find(|limit| at_once(limit))?;
            model.duration.is_none().then_some(limit)
        };
        let of_api = |endpoint| {
            let api = model.apis.get(name)?;
            let declared = api.endpoints.get(endpoint)?;
            let mut counted = declared.counted.iter();
            let limit = counted.find_map(|place| {
                let limit = api.limits.get(usize::from(*place))?;
                at_once(limit).then_some(limit)
            })?;
            declared.duration.is_none().then_some(limit)
        };
        let limit = match (family, endpoint) {
            (Family::Api, Some(endpoint)) => of_api(endpoint),
            (Family::Model, _) => of_model(),
            _ => None,
        };
        if let Some(limit) = limit {
            no_duration(check, (family, name, endpoint), &limit.name);
        }
    }
}

fn no_duration(
    check: &mut Check<'_>,
    (family, name, endpoint): (Family, &str, Option<&str>),
    limit: &[String],
) {
    let (root, Some(id)) = (check.root, limit.last()) else {
        return;
    };
    let top = TOP.key(family.as_str());
    let at = top.key(name);
    let (span, limit) = match endpoint {
        Some(endpoint) => {
            let Some(api) = root.apis.get(name) else {
                return;
            };
            let declared = api.endpoints.entry(endpoint);
            (
                declared.map(|it| it.name),
                api.limits.get(id).map(|it| it.span),
            )
        }
        None => {
            let declared = root.models.entry(name);
            let limit = declared.and_then(|it| it.body.value.limits.get(id));
            (declared.map(|it| it.name), limit.map(|it| it.span))
        }
    };
    let Some(span) = span else { return };
    let what = quotable(endpoint.unwrap_or(name));
    let message =
        format!("`{what}` has no `duration`, and a limit counts what runs at the same time");
    let help = "add `duration`, such as `duration = \"2s\"`";
    let note = limit.map(|limit| (limit, "the limit"));
    match endpoint {
        Some(endpoint) => {
            let list = at.key("endpoints");
            check.missing_for(&list.key(endpoint), "duration", (span, note), message, help);
        }
        None => check.missing_for(&at, "duration", (span, note), message, help),
    }
}
