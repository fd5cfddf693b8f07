//! `dominant-feature`

use std::collections::BTreeMap;

use crate::document::declared::TomlPath;
use crate::forecast::Effect;
use crate::render::number;
use crate::rules::support::percent;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// One of several features burns more than half of an API's credits.
    ///
    /// It is off by default: a product may well have one feature that matters most.
    ///
    /// ## Why
    ///
    /// "If watermark removal goes from thirty calls to forty-five calls per tenant after a UX change,
    /// that is a 50 percent increase on the largest line item and you need to know within hours."
    /// Where one feature is most of the bill, its rate is the number to watch.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 3_000_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [features.search]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.search.calls]]
    /// endpoint = "/reverse"
    /// rate = "5/day"
    /// peak = 2
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    ///
    /// [rules]
    /// dominant-feature = "warning"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 3_000_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [features.search]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.search.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    ///
    /// [rules]
    /// dominant-feature = "warning"
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// dominant-feature = "info"
    /// ```
    ///
    /// ## Figure
    ///
    /// The share of the API's credits. Higher is worse.
    "dominant-feature", Off, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let graph = &context.outlook.graph;
    // The lines of a feature stand together, and features are sorted.
    let mut apis: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    let lines = context.lines();
    for line in lines {
        if let Effect::Call { api, credits, .. } = &line.flow.effect {
            let api = context.project.model.numbers.apis.name(*api);
            let features = apis.entry(api).or_default();
            let credits = graph.point(*credits);
            match features.last_mut() {
                Some((feature, sum)) if *feature == line.feature => *sum += credits,
                _ => features.push((line.feature, credits)),
            }
        }
    }
    let declared = context.project.declarations.root.value.features.as_ref();
    for (api, features) in apis {
        let total: f64 = features.iter().map(|(_, credits)| credits).sum();
        let several = features
            .iter()
            .filter(|(_, credits)| *credits > 0.0)
            .count()
            > 1;
        let dominant = features.iter().find(|(_, credits)| *credits > total / 2.0);
        let (Some((feature, credits)), true) = (dominant, several) else {
            continue;
        };
        let mut finding = findings
            .finding(
                TomlPath::new(&["features", feature]).to_string(),
                format!(
                    "`{feature}` burns {} of {api}'s credits: {} of {} a day",
                    percent(credits / total),
                    number::count(*credits),
                    number::count(total)
                ),
            )
            .figure(credits / total)
            .help("watch its rate, measure it often, and look for a cache or a cheaper endpoint");
        let entry = declared.and_then(|features| features.value.0.get(*feature));
        finding.span = entry.map(|entry| entry.name);
        findings.push(finding);
    }
}
