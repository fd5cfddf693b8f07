//! Demand lines: when each occurs, for whom, and what it uses.

use std::cell::OnceCell;

use crate::collections::HashSet;
use crate::document::Lines;
use crate::document::declared::Table;
use crate::document::estimate::Estimate;
use crate::document::forms::{CacheChoice, PerName, Price};
use crate::document::projection::Projection;
use crate::document::reader::{At, list, values_quote};
use crate::document::tables::{self, Feature};
use crate::document::values::{Count, Name, Scope, TableKind, Texts};
use crate::model::build::{CommonKeys, DemandLine};
use crate::model::resolve::check::{Check, invalid, unknown_reference};
use crate::model::resolve::units_of;
use crate::model::resolve::{endpoints, population};
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
    each(check, &at.key("calls"), &feature.calls, &scope);
    each(check, &at.key("writes"), &feature.writes, &scope);
    each(check, &at.key("messages"), &feature.messages, &scope);
    each(check, &at.key("inference"), &feature.inference, &scope);
}

/// What a line of one list uses.
trait Uses: DemandLine {
    fn check_use<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, span: Span);
}

fn each<'a, T: Uses>(
    check: &mut Check<'a>,
    at: &At<'_>,
    lines: &'a Lines<T>,
    scope: &Audience<'a>,
) {
    for (id, line) in lines.iter() {
        let at = at.key(id);
        let keys = line.value.common();
        timing(check, &at, &keys, line.span);
        tenants(check, &at, &keys, scope);
        line.value.check_use(check, &at, line.span);
    }
}

/// Checks which of the keys that say when a line occurs are there.
fn timing(check: &mut Check<'_>, at: &At<'_>, keys: &CommonKeys<'_>, span: Span) {
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
    keys: &CommonKeys<'_>,
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
fn tenants(check: &mut Check<'_>, at: &At<'_>, keys: &CommonKeys<'_>, scope: &Audience<'_>) {
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

impl Uses for tables::Call {
    fn check_use<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) {
        if let Some(endpoint) = &self.endpoint {
            let at = at.key("endpoint");
            endpoints::check(check, &at, endpoint.span, &endpoint.value.0);
        }
        cache(check, at, self.cache.as_deref());
    }
}

impl Uses for tables::Write {
    fn check_use<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) {
        let Some(Spanned {
            value: Name(name),
            span,
        }) = self.table.as_deref()
        else {
            return;
        };
        let at = at.key("table");
        let Some(table) = check.find::<tables::Table>(&at, *span, name) else {
            return;
        };
        let Some(kind) = table
            .kind
            .as_ref()
            .filter(|kind| kind.value == TableKind::Rollup)
        else {
            return;
        };
        let help = match &table.from {
            Some(from) => format!("write to its source, `{}`", values_quote(&from.value.0)),
            None => "write to its source".to_owned(),
        };
        check.report(
            invalid(
                &at,
                *span,
                format!("`{name}` is a rollup: nothing writes to it but its source"),
                help,
            )
            .also(kind.span, "it is a rollup"),
        );
    }
}

impl Uses for tables::Message {
    fn check_use<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, _: Span) {
        if let Some(queue) = &self.queue {
            check.find::<tables::Queue>(&at.key("queue"), queue.span, &queue.value.0);
        }
    }
}

impl Uses for tables::Inference {
    fn check_use<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, span: Span) {
        cache(check, at, self.cache.as_deref());
        let Some(model) = &self.model else { return };
        let found = check.find::<tables::Model>(&at.key("model"), model.span, &model.value.0);
        if let Some(body) = found {
            units(check, at, self, &model.value.0, body, span);
        }
    }
}

/// Checks an inference line's units against those of its model.
fn units(
    check: &mut Check<'_>,
    at: &At<'_>,
    line: &tables::Inference,
    name: &str,
    model: &tables::Model,
    span: Span,
) {
    if ["price", "capacity", "unit"]
        .iter()
        .any(|key| model.is_broken(key))
    {
        return;
    }
    let known = units_of(model);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let at_units = at.key("units");
    match &line.units {
        None if line.is_broken("units") || !counts_units(model) => {}
        None => check.missing(
            at,
            "units",
            span,
            format!(
                "`{}` does not say how many units a run takes",
                values_quote(at.name())
            ),
            format!(
                "add {}: the model `{name}` counts {}",
                example(&known),
                list(&known)
            ),
        ),
        Some(units) => match &units.value {
            PerName::Same(_) if known.len() > 1 => check.report(invalid(
                &at_units,
                units.span,
                format!("the model `{name}` has several units: {}", list(&known)),
                format!("write one estimate for each, such as {}", example(&known)),
            )),
            PerName::Same(_) => {}
            PerName::By(map) => by_unit(check, &at_units, map, units.span, name, &known),
        },
    }
}

/// Whether anything is priced or limited by a unit other than the request.
fn counts_units(model: &tables::Model) -> bool {
    let priced = match model.price.as_ref().map(|price| &price.value) {
        None => false,
        Some(Price::One(_)) => true,
        Some(Price::Units { units, .. }) => units.names().any(|unit| unit != "requests"),
    };
    let limited = match model.capacity.as_ref().map(|capacity| &capacity.value) {
        None => false,
        Some(PerName::Same(_)) => true,
        Some(PerName::By(units)) => units.names().any(|unit| unit != "requests"),
    };
    priced || limited || model.unit.is_some()
}

fn example(units: &[&str]) -> String {
    match units {
        [_] => "`units = 2.5`".to_owned(),
        units => {
            let pairs: Vec<String> = units
                .iter()
                .take(4)
                .map(|unit| format!("{unit} = 800"))
                .collect();
            format!("`units = {{ {} }}`", pairs.join(", "))
        }
    }
}

fn by_unit(
    check: &mut Check<'_>,
    at: &At<'_>,
    map: &crate::document::Map<Estimate<Count>>,
    span: Span,
    name: &str,
    known: &[&str],
) {
    let mut misspelt = HashSet::default();
    for (unit, entry) in map.entries() {
        if known.contains(&unit) || check.may_be_lost(unit) {
            continue;
        }
        let at = at.key(unit);
        if unit == "requests" {
            check.report(invalid(
                &at,
                entry.name,
                "`requests` are counted by themselves: each run is one",
                "remove it",
            ));
            continue;
        }
        let message = format!("the model `{name}` has no unit `{unit}`");
        let help = match check.meant(unit, known.iter().copied()) {
            Some(meant) => {
                misspelt.insert(meant);
                format!("did you mean `{meant}`?")
            }
            None => format!(
                "its units, by its `price` and `capacity`, are {}",
                list(known)
            ),
        };
        check.report(unknown_reference(&at, entry.name, message).help(help));
    }
    for unit in known {
        if map.get(unit).is_some() || map.is_broken(unit) || misspelt.contains(unit) {
            continue;
        }
        check.missing(
            at,
            unit,
            span,
            format!("`units` leaves out `{unit}`"),
            format!("add how many `{unit}` a run takes; `0` where it takes none"),
        );
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
