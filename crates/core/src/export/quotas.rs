//! What one tenant may use of models: what the application enforces is what was planned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::Project;
use crate::document::forms::PerName;
use crate::document::values::Flow;
use crate::export::Reported;
use crate::report::Report;
use crate::source::Span;

/// The value of [`Quotas::format`].
const FORMAT: &str = "caplint.quotas/1";

/// Where the schema of quotas is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/quotas.schema.json";

/// What one tenant may use, of every project.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "caplint quotas", extend("$id" = SCHEMA))]
pub struct Quotas {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    format: &'static str,
    /// The version of caplint that wrote it.
    caplint: String,
    /// The commit; null where it is none.
    commit: Option<String>,
    /// The projects, sorted by root.
    projects: Vec<OfProject>,
}

/// What one tenant of a project may use.
#[derive(Debug, Serialize, JsonSchema)]
struct OfProject {
    /// The project's name.
    name: String,
    /// Its folder in the repository; empty at the top.
    root: String,
    /// By model, by tier or `all`, and by unit. The quota of a tier's own name counts before that
    /// of `all`.
    models: BTreeMap<String, BTreeMap<String, BTreeMap<String, Allowed>>>,
}

/// How much in which time.
#[derive(Debug, Serialize, JsonSchema)]
struct Allowed {
    /// Units in each period.
    quantity: f64,
    /// The period, as it is declared: `month`.
    period: String,
    /// Its seconds.
    seconds: f64,
    /// The file and the line that declare it.
    source: String,
}

/// The quotas of projects.
pub fn quotas<'a>(report: &Report, projects: impl Iterator<Item = Reported<'a>>) -> Quotas {
    Quotas {
        format: FORMAT,
        caplint: report.caplint.clone(),
        commit: report.head.commit.clone(),
        projects: projects.map(of_project).collect(),
    }
}

fn of_project(of: Reported<'_>) -> OfProject {
    let mut models: BTreeMap<String, BTreeMap<_, BTreeMap<_, _>>> = BTreeMap::new();
    let days = of.project.model.calendar.days_per_month;
    for model in of.project.model.models.keys() {
        for quota in quotas_of(of.project, model) {
            let allowed = Allowed {
                quantity: quota.flow.count,
                period: quota.flow.period.name().to_owned(),
                seconds: quota.flow.period.seconds(days),
                source: of.place(quota.span),
            };
            let tiers = models.entry(model.clone()).or_default();
            let units = tiers.entry(quota.tier.to_owned()).or_default();
            units.insert(quota.unit.to_owned(), allowed);
        }
    }
    OfProject {
        name: of.report.name.clone(),
        root: of.report.root.clone(),
        models,
    }
}

/// What one tenant may use of one unit.
pub(super) struct Quota<'a> {
    /// Its tier, or `all`.
    pub(super) tier: &'a str,
    pub(super) unit: &'a str,
    pub(super) flow: &'a Flow,
    pub(super) span: Span,
}

/// The quotas of a model, sorted by tier and unit.
pub(super) fn quotas_of<'a>(project: &'a Project, model: &str) -> Vec<Quota<'a>> {
    let declared = project.declarations.root.models.get(model);
    let declared = declared.and_then(|model| model.tenant_quota.as_deref());
    let (Some(declared), Some(model)) = (declared, project.model.models.get(model)) else {
        return Vec::new();
    };
    let tiers: Vec<_> = match &declared.value {
        PerName::Same(rates) => vec![("all", rates, declared.span)],
        PerName::By(tiers) => {
            let tiers = tiers.entries();
            let tiers = tiers.map(|(tier, entry)| (tier, &entry.body.value, entry.body.span));
            tiers.collect()
        }
    };
    let mut quotas = Vec::new();
    for (tier, rates, span) in tiers {
        let rates: Vec<_> = match (rates, &model.units[..]) {
            (PerName::Same(flow), [only]) => vec![(only.as_str(), flow, span)],
            (PerName::Same(_), _) => Vec::new(),
            (PerName::By(units), _) => {
                let units = units.entries();
                let units = units.map(|(unit, it)| (unit, &it.body.value, it.body.span));
                units.collect()
            }
        };
        let quota = |(unit, flow, span)| Quota {
            tier,
            unit,
            flow,
            span,
        };
        quotas.extend(rates.into_iter().map(quota));
    }
    quotas.sort_by(|a, b| (a.tier, a.unit).cmp(&(b.tier, b.unit)));
    quotas
}
