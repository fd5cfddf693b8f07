//! `peak-assumed`

use crate::collections::HashMap;
use crate::document::declared::TomlPath;
use crate::forecast::flow::Arrival;
use crate::forecast::meters::{Kind, MeterId, Owner};
use crate::model::Target;
use crate::model::build::DAY;
use crate::rules::support::limit_span;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A rate limit is judged as if all steady demand came evenly, because no `peak` is declared.
    ///
    /// It speaks of APIs with a limit of a window under a day that only steady lines without
    /// `peak` call, in a project without `project.peak`.
    ///
    /// ## Why
    ///
    /// A limit of calls a minute is met by the busiest minute, and demand that people cause has a
    /// busiest hour: two to four times the mean is usual. With a peak of 1 the meter shows the
    /// mean.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 100
    ///
    /// [apis.geo]
    /// rate_limit = { now = "400/min", max = "1200/min" }
    ///
    /// [apis.geo.endpoints."/reverse"]
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "288/day"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 100
    ///
    /// [apis.geo]
    /// rate_limit = { now = "400/min", max = "1200/min" }
    ///
    /// [apis.geo.endpoints."/reverse"]
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "288/day"
    /// peak = 2.5
    /// ```
    ///
    /// ## Configuration
    ///
    /// A default for all steady demand, or `1` where demand is even, as a scheduler's is:
    ///
    /// ```toml
    /// [project]
    /// peak = 3
    ///
    /// [rules]
    /// peak-assumed = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// None.
    "peak-assumed", Info, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let project = context.project.declarations.root.value.project.as_ref();
    if project.is_some_and(|project| project.value.peak.is_some()) {
        return;
    }
    let lines = context.lines();
    // Whether some line says how uneven the calls of an API are.
    let mut declared: HashMap<&str, bool> = HashMap::default();
    for line in lines {
        let (Target::Call { api, .. }, Arrival::Steady { .. }) =
            (&line.line.target, line.flow.arrival)
        else {
            continue;
        };
        let root = lines.get(line.root).unwrap_or(line);
        *declared.entry(api).or_default() |= root.written.common().peak.is_some();
    }
    for (name, api) in &context.project.model.apis {
        let short = api.rate_limits.iter().find(|limit| limit.seconds < DAY);
        let (Some(limit), Some(false)) = (short, declared.get(name.as_str())) else {
            continue;
        };
        let id = MeterId::new(Owner::Api, name, Kind::Rate, vec![limit.window.clone()]);
        let subject = TomlPath::new(&["apis", name, "rate_limit"]).to_string();
        let mut finding = findings.finding(
            subject,
            format!("`{id}` is judged as if every call came evenly: no line declares `peak`"),
        );
        finding.span = limit_span(context, &id);
        findings.push(finding.help(
            "declare `peak`, peak over average, on the lines that call it, or `project.peak`",
        ));
    }
}
