//! What one tenant may use of models.

use crate::analysis::Project;
use crate::document::forms::PerName;
use crate::document::values::Flow;
use crate::source::Span;

/// What one tenant may use of one unit.
pub(super) struct Quota<'a> {
    /// Its tier, or `all`.
    pub(super) tier: &'a str,
    pub(super) unit: &'a str,
    pub(super) flow: &'a Flow,
    pub(super) span: Span,
}

/// The quotas of a model, sorted by tier and unit.
pub(super) fn quotas<'a>(project: &'a Project, model: &str) -> Vec<Quota<'a>> {
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
