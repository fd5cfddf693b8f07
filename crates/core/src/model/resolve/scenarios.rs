//! `[scenarios.NAME]`: the tiers and features that grow, and the keys of events. The values
//! that a scenario sets are checked where they are set.

use crate::document::forms::PerName;
use crate::document::reader::{At, values_quote};
use crate::document::table::Table;
use crate::document::tables::Scenario;
use crate::model::resolve::check::{Check, Kind, TIER};

/// Checks the scenarios.
pub(super) fn check(check: &mut Check<'_>) {
    const FEATURE: Kind = Kind {
        what: "feature",
        table: "features",
    };
    let root = check.root;
    let top = At::top();
    let scenarios = top.key("scenarios");
    for (name, entry) in root.scenarios.entries() {
        let at = scenarios.key(name);
        let scenario = &entry.body.value;
        event(check, &at, scenario);
        if let Some(tenants) = &scenario.tenants
            && let PerName::By(tiers) = &tenants.value
        {
            let at = at.key("tenants");
            for (tier, entry) in tiers.entries() {
                check.find(&at.key(tier), entry.name, TIER, &root.tenants, tier);
            }
        }
        let rates = at.key("rates");
        for (feature, entry) in scenario.rates.entries() {
            let features = &root.features;
            check.find(&rates.key(feature), entry.name, FEATURE, features, feature);
        }
    }
}

/// Checks that what belongs to an event has one.
fn event(check: &mut Check<'_>, at: &At<'_>, scenario: &Scenario) {
    if scenario.on.is_some() || scenario.is_broken("on") {
        return;
    }
    let lasts = scenario.lasts.as_ref().map(|lasts| ("lasts", lasts.span));
    let buffer = scenario
        .buffer
        .as_ref()
        .map(|buffer| ("buffer", buffer.span));
    if let Some((key, span)) = lasts.or(buffer) {
        check.missing(
            at,
            "on",
            span,
            format!("`{}` has `{key}` and no `on`", values_quote(at.name())),
            "add `on` with the event's first day, such as `on = 2026-11-27`",
        );
    }
}
