//! Models, what one tenant uses of them, and what one tenant may.

use std::collections::BTreeMap;

use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::forms::PerName;
use crate::document::tables::Model;
use crate::document::values::Flow;
use crate::meter::Family;
use crate::model::{Adoption, ComputeModel, Entity, Per, Population};
use crate::rules::Context;
use crate::rules::support::{Thing, things};
use crate::source::Span;
use crate::units::{DAY, Rate};

pub(super) type DeclaredModel<'c, 'a> = Thing<'c, 'a, Model>;

pub(super) fn models<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = DeclaredModel<'c, 'a>> {
    let declared = &context.project.declarations.root.models;
    things(context, "models", declared)
}

/// What one adopting tenant of a tier uses of a model, estimates at their medians.
#[derive(Default)]
pub(super) struct Use<'a> {
    /// Units per day, `requests` among them.
    pub(super) per_day: BTreeMap<&'a str, f64>,
    /// The feature and the id of the line that runs it most, and how often.
    pub(super) line: Option<(&'a str, &'a str, f64)>,
}

/// Of each model, by tier, what one adopting tenant uses: `rate · (1 − h) · (1 + retry_ratio) ·
/// units` over all lines that are counted per tenant, or per an entity of which each tenant has
/// some.
pub(super) fn uses<'a>(context: &Context<'a>) -> HashMap<&'a str, BTreeMap<usize, Use<'a>>> {
    let (model, outlook) = (&context.project.model, context.outlook);
    let mut uses: HashMap<&str, BTreeMap<usize, Use<'_>>> = HashMap::default();
    for (name, feature) in &model.features {
        let flows = outlook.forecast.flows.get(name).into_iter().flatten();
        for (line, flow) in feature.lines.iter().zip(flows) {
            let population = feature.population_of(line);
            let (Some(used), Some(population)) = (line.uses_any(Family::Model), population) else {
                continue;
            };
            let Some(declared) = model.models.get(used) else {
                continue;
            };
            let runs = outlook.graph.point(flow.per_member)
                * outlook.graph.point(flow.asked.passes)
                * (1.0 + declared.retry_ratio.point().unwrap_or(0.0));
            for (tier, each) in per_tenant(context, population) {
                let runs = runs * each;
                let tiers = uses.entry(used).or_default();
                let of_tier = tiers.entry(tier).or_default();
                *of_tier.per_day.entry("requests").or_default() += runs;
                for (unit, value) in &line.uses.units {
                    let units = runs * value.point().unwrap_or(0.0);
                    *of_tier.per_day.entry(unit).or_default() += units;
                }
                if of_tier.line.is_none_or(|(.., most)| runs > most) {
                    of_tier.line = Some((name, &line.id, runs));
                }
            }
        }
    }
    uses
}

/// The tiers whose tenants a population counts, each with how many of it one tenant has; none
/// where it is not counted per tenant.
fn per_tenant<'a>(
    context: &Context<'a>,
    population: &'a Population,
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let entities = &context.project.model.entities;
    population.tiers.iter().filter_map(move |(tier, adoption)| {
        let each = match &population.per {
            Per::Tenant => 1.0,
            Per::Project => return None,
            Per::Entity(entity) => match entities.get(entity)? {
                Entity::PerTenant(each) => each.get(*tier)?.point().unwrap_or(0.0),
                Entity::Count { .. } => return None,
            },
        };
        (adopted(adoption) != Some(0.0) && each > 0.0).then_some((*tier, each))
    })
}

pub(super) fn adopted(adoption: &Adoption) -> Option<f64> {
    match adoption {
        Adoption::Share(share) => share.point(),
        Adoption::Active { active, .. } => active.point(),
    }
}

pub(super) fn line_span(context: &Context<'_>, feature: &str, id: &str) -> Option<Span> {
    let features = &context.project.declarations.root.features;
    Some(features.get(feature)?.inference.get(id)?.span)
}

/// How much of a model one tenant may use.
pub(super) struct Quota<'a> {
    pub(super) path: String,
    pub(super) span: Span,
    /// The tier that it is for, or `all`; nothing where one quota is declared for all.
    pub(super) tier: Option<&'a str>,
    /// How much, by unit.
    pub(super) rates: Vec<(&'a str, &'a Flow)>,
}

impl<'a> DeclaredModel<'_, 'a> {
    pub(super) fn computed(&self) -> Option<&'a ComputeModel> {
        self.context.project.model.models.get(self.name)
    }

    pub(super) fn is_priced(&self) -> bool {
        self.computed()
            .is_some_and(|model| model.prices.iter().any(|(_, price)| !price.is_free()))
    }

    /// Money per month that it may cost, and where that is declared.
    pub(super) fn budget(&self) -> Option<(f64, Span)> {
        let budget = self.declared.budget.as_ref()?;
        Some((budget.value.now()?.to_f64(), budget.span))
    }

    pub(super) fn quotas(&self) -> Quotas<'a> {
        Quotas::new(self.name, self.declared, self.computed())
    }
}

#[derive(Default)]
pub(crate) struct Quotas<'a> {
    /// In the order of declaration.
    pub(super) list: Vec<Quota<'a>>,
    by_tier: HashMap<&'a str, usize>,
    of_all: Option<usize>,
}

impl<'a> Quotas<'a> {
    /// Those of a model.
    pub(crate) fn new(name: &str, declared: &'a Model, computed: Option<&'a ComputeModel>) -> Self {
        let (Some(quota), Some(model)) = (&declared.tenant_quota, computed) else {
            return Self::default();
        };
        let path = TomlPath::new(&["models", name, "tenant_quota"]);
        let of = |tier: Option<&'a str>, span, rates| Quota {
            path: tier
                .map_or(path.clone(), |tier| path.join(tier))
                .to_string(),
            span,
            tier,
            rates: by_unit(model, rates),
        };
        match &quota.value {
            PerName::Same(rates) => Self {
                list: vec![of(None, quota.span, rates)],
                by_tier: HashMap::default(),
                of_all: Some(0),
            },
            PerName::By(tiers) => Self {
                list: tiers
                    .entries()
                    .map(|(tier, rates)| of(Some(tier), rates.body.span, &rates.body.value))
                    .collect(),
                by_tier: tiers.names().zip(0..).collect(),
                of_all: tiers.position("all"),
            },
        }
    }

    /// Which quota holds for a tier: its own, else the one for all.
    pub(super) fn index_of(&self, tier: &str) -> Option<usize> {
        self.by_tier.get(tier).copied().or(self.of_all)
    }

    pub(super) fn of(&self, tier: &str) -> Option<&Quota<'a>> {
        self.list.get(self.index_of(tier)?)
    }
}

fn by_unit<'a>(model: &'a ComputeModel, rates: &'a PerName<Flow>) -> Vec<(&'a str, &'a Flow)> {
    match (rates, &model.units[..]) {
        (PerName::Same(flow), [only]) => vec![(only, flow)],
        (PerName::Same(_), _) => Vec::new(),
        (PerName::By(units), _) => units.iter().collect(),
    }
}

impl Quota<'_> {
    /// Whose it is, in words: `` `pro` tenant ``.
    pub(super) fn whose(&self) -> String {
        match self.tier {
            None | Some("all") => "tenant".to_owned(),
            Some(tier) => format!("`{tier}` tenant"),
        }
    }

    /// What each unit of it costs in a month when it is used up: unit, units, money.
    pub(super) fn costs(
        &self,
        context: &Context<'_>,
        model: &ComputeModel,
    ) -> Vec<(&str, f64, f64)> {
        let month = context.project.model.calendar.days_per_month;
        self.rates
            .iter()
            .filter_map(|(unit, flow)| {
                let prices = &model.prices;
                let index = prices.binary_search_by(|(priced, _)| priced.as_str().cmp(unit));
                let (_, price) = prices.get(index.ok()?)?;
                let units = flow.count * month * DAY / flow.period.seconds(month);
                Some((*unit, units, price.price(units)))
            })
            .collect()
    }
}

pub(super) fn written(flow: &Flow, count: f64) -> String {
    Rate {
        count,
        period: flow.period.clone(),
        batch: false,
    }
    .to_string()
}
