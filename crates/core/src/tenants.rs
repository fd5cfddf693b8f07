//! What one tenant of each tier costs in a month.
//!
//! Each spend is shared among the lines that cause it, by what they use of the thing, and each
//! line's part among the tiers, by how many of those it is counted by they have. What no tenant
//! causes, such as fixed costs and lines that occur once for the project, is nobody's.

use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::fit::Fitted;
use crate::forecast::population::Populations;
use crate::forecast::{Flow, Situation};
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::Amount;
use crate::model::{Entity, Line, Model, Per, Population};
use crate::quantity::{Graph, Quantity};
use crate::report::TenantCost;

/// What one tenant of a tier costs today.
pub(crate) struct Cost<'p> {
    pub(crate) tier: &'p str,
    pub(crate) money: f64,
    /// Whether something unknown adds to it.
    pub(crate) at_least: bool,
}

/// What one tenant costs of each tier that has some.
pub(crate) fn costs<'p>(project: &'p Project, outlook: &Outlook) -> Vec<Cost<'p>> {
    let model = &project.model;
    let spent = Spent::new(&outlook.today);
    if spent.0.is_empty() || model.tiers.is_empty() {
        return Vec::new();
    }
    let mut graph = Graph::at_points();
    let populations = Populations::new(model, Situation::Today, &mut graph);
    let tenants: Vec<f64> = (0..model.tiers.len())
        .map(|tier| {
            let tenants = populations.tenants(tier, 0, &mut graph);
            graph.point(tenants)
        })
        .collect();
    let of_populations: Vec<Vec<f64>> = model
        .populations
        .iter()
        .map(|population| shares(model, population, &populations, &tenants, &mut graph))
        .collect();
    // By thing: what all lines use of it, and of each tier.
    let mut used: HashMap<(Family, &str), (f64, Vec<f64>)> = HashMap::default();
    let mut at_least = vec![false; tenants.len()];
    for (name, flows) in &outlook.forecast.flows {
        let Some(feature) = model.features.get(name) else {
            continue;
        };
        for (line, flow) in feature.lines.iter().zip(flows) {
            let Some((thing, amount)) = uses(model, line, flow) else {
                continue;
            };
            let Some((_, is_bound)) = spent.0.get(&thing) else {
                continue;
            };
            let amount = outlook.graph.point(amount.0) * amount.1;
            let zeros = || (0.0, vec![0.0; tenants.len()]);
            let (all, by_tier) = used.entry(thing).or_insert_with(zeros);
            *all += amount;
            let population = feature.population_of(line);
            let shares = population.and_then(|population| of_populations.get(population.id));
            let tiers = by_tier.iter_mut().zip(&mut at_least);
            for ((own, at_least), share) in tiers.zip(shares.into_iter().flatten()) {
                *own += amount * share;
                *at_least |= *is_bound && *share > 0.0;
            }
        }
    }
    let tiers = model.tiers.keys().enumerate();
    let cost = |(tier, name): (usize, &'p String)| {
        let count = tenants[tier];
        let parts = used.iter().map(|(thing, (all, by_tier))| {
            let money = spent.0.get(thing).map_or(0.0, |(money, _)| *money);
            if *all > 0.0 {
                money * by_tier[tier] / all
            } else {
                0.0
            }
        });
        // In one order, whatever that of the map is.
        let mut parts: Vec<f64> = parts.collect();
        parts.sort_by(f64::total_cmp);
        let cost = parts.iter().sum::<f64>() / count;
        (count > 0.0 && cost.is_finite()).then_some(Cost {
            tier: name,
            money: cost,
            at_least: at_least[tier],
        })
    };
    tiers.filter_map(cost).collect()
}

/// What one tenant costs, beside what one of the same tier cost in a base.
pub(crate) fn compared(
    (head, outlook): (&Project, &Outlook),
    base: Option<(&Project, &Outlook)>,
) -> Vec<TenantCost> {
    let before = base.map_or_else(Vec::new, |(base, outlook)| costs(base, outlook));
    let was = |tier: &str| before.iter().find(|other| other.tier == tier);
    let costs = costs(head, outlook).into_iter();
    let cost = costs.map(|cost| TenantCost {
        tier: cost.tier.to_owned(),
        before: was(cost.tier).map(|before| before.money),
        after: cost.money,
        at_least: [
            was(cost.tier).is_some_and(|before| before.at_least),
            cost.at_least,
        ],
    });
    cost.collect()
}

/// What is spent on each thing in a month, and whether something unknown adds to it.
struct Spent<'m>(HashMap<(Family, &'m str), (f64, bool)>);

impl<'m> Spent<'m> {
    fn new(today: &'m [Fitted]) -> Self {
        let spends = today.iter().filter(|fitted| {
            let is_of_one = !matches!(fitted.id.owner, Family::Budget | Family::Cost);
            fitted.id.kind == MeterKind::Spend && is_of_one
        });
        let money = |fitted: &'m Fitted| {
            let key = (fitted.id.owner, fitted.id.name.as_str());
            let (money, is_bound) = (fitted.meter.demand.point?, fitted.meter.lower_bound);
            (money > 0.0 || is_bound).then_some((key, (money, is_bound)))
        };
        Self(spends.filter_map(money).collect())
    }
}

/// Something that lines use, by its table and name.
type Thing<'m> = (Family, &'m str);

/// What a line uses of something that may cost money, and how much of it.
fn uses<'m>(model: &'m Model, line: &'m Line, flow: &Flow) -> Option<(Thing<'m>, (Quantity, f64))> {
    let thing = &*line.uses.thing;
    let family = line.kind.family();
    let (key, amount, times) = match family {
        Family::Api => ((family, thing), Amount::Credits, 1.0),
        Family::Queue => ((family, thing), Amount::Bytes, 1.0),
        Family::Model => {
            let of_it = |amount| {
                flow.amount(amount)
                    .map(|found| ((family, thing), (found, 1.0)))
            };
            // Of prices that depend on what all use, runs tell the share.
            return of_it(Amount::Spend).or_else(|| of_it(Amount::Billed));
        }
        Family::Table => {
            let table = model.tables.get(thing)?;
            let size = table.row_size.point()?;
            let days = table.kept_days.min(f64::from(model.calendar.horizon));
            let database = table.database.as_deref()?;
            ((Family::Database, database), Amount::Rows, size * days)
        }
        Family::Budget | Family::Cost | Family::Database => return None,
    };
    Some((key, (flow.amount(amount)?, times)))
}

/// The share of a population that each tier is; of what is counted apart from tenants none.
fn shares(
    model: &Model,
    population: &Population,
    populations: &Populations,
    tenants: &[f64],
    graph: &mut Graph,
) -> Vec<f64> {
    let mut shares = vec![0.0; tenants.len()];
    let is_counted = match &population.per {
        Per::Project => true,
        Per::Tenant => false,
        Per::Entity(name) => !matches!(model.entities.get(name), Some(Entity::PerTenant(_))),
    };
    if is_counted {
        return shares;
    }
    for (tier, adoption) in &population.tiers {
        let adoption = populations.adoption(adoption, graph);
        let each = populations.of_one_tenant(&population.per, *tier);
        shares[*tier] = tenants[*tier] * graph.point(adoption) * graph.point(each);
    }
    let all: f64 = shares.iter().sum();
    if all > 0.0 {
        shares.iter_mut().for_each(|share| *share /= all);
    }
    shares
}
