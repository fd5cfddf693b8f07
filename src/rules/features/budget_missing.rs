//! `budget-missing`

use crate::document::declared::TomlPath;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// An API whose credits are bought as they are needed has no `budget`.
    ///
    /// That is an API with `packs` or `overage`: its spend has no other limit.
    ///
    /// ## Why
    ///
    /// "The cost of headroom is visible in the bill and the cost of overflow shows up as engineer
    /// hours": pay-as-you-go never runs out, and so nothing stops it but a number that somebody
    /// agreed to.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_000_000, price = 10.00 }
    /// packs = [{ name = "100k", credits = 100_000, price = 20.00, max = 10 }]
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
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
    /// plan = { credits = 1_000_000, price = 10.00 }
    /// packs = [{ name = "100k", credits = 100_000, price = 20.00, max = 10 }]
    /// budget = { now = 200.00, max = 400.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// budget-missing = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "budget-missing", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_ref();
    for (name, entry) in apis.iter().flat_map(|apis| &apis.value.0) {
        let api = &entry.body.value;
        let (what, bought) = match (&api.overage, &api.packs) {
            (Some(overage), _) => (
                "credits past the plan are billed as they are used",
                overage.span,
            ),
            (None, Some(packs)) => ("credits can be bought ahead", packs.span),
            (None, None) => continue,
        };
        if api.budget.is_some() {
            continue;
        }
        let subject = TomlPath::new(&["apis", name, "budget"]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` has no `budget`, and {what}"))
            .at(entry.name)
            .also(bought, "this is what is paid for")
            .help("declare `budget`, the most that a month may cost; `{ now = …, max = … }` where growth may cost more");
        findings.push(finding);
    }
}
