//! How many tenants and entities there are on a day, and over a span of days.

use crate::collections::IndexMap;
use crate::forecast::ages::Ages;
use crate::forecast::curve::Curve;
use crate::forecast::situation::Situation;
use crate::model::{Adoption, Entity, Model, Multiplier, Per, Population, Shared, Value};
use crate::quantity::{Graph, Quantity, RunningSum, ShortSum};

/// What populations are made of: the tenants of a tier, by index, an entity that is counted by
/// itself, by index, or the project once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Basis {
    Tier(usize),
    Entity(usize),
    Once,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Populations {
    tiers: Vec<Curve>,
    declared_now: Vec<Quantity>,
    entities: IndexMap<String, Counted>,
    last_day: u32,
    /// The situation's day, and the model's populations on it.
    day: u32,
    members: Vec<Quantity>,
}

#[derive(Clone, Debug)]
enum Counted {
    PerTenant(Vec<Quantity>),
    Count(Curve),
}

impl Populations {
    pub(crate) fn new(model: &Model, situation: Situation<'_>, graph: &mut Graph) -> Self {
        let multiplier = match situation {
            Situation::Multiplied => graph.multiplier(),
            _ => Quantity::ONE,
        };
        let grows = situation.grows();
        let declared_now: Vec<Quantity> = model
            .tiers
            .values()
            .map(|tier| {
                let now = tier.points.first();
                now.map_or(Quantity::ZERO, |(_, value)| value.quantity(graph))
            })
            .collect();
        let tiers: Vec<Curve> = model
            .tiers
            .values()
            .enumerate()
            .map(|(index, tier)| {
                let times = multiplier.times(situation.tier_multiplier(index));
                Curve::new(tier, grows, times, graph)
            })
            .collect();
        let counts = match situation.scenario().map(|scenario| &scenario.tenants) {
            None => multiplier,
            Some(Multiplier::All(times)) => Quantity::certain(*times),
            Some(Multiplier::Tiers(_)) => ratio_of_all(&tiers, &declared_now, graph),
        };
        let entities = model
            .entities
            .iter()
            .map(|(name, entity)| {
                let counted = match entity {
                    Entity::PerTenant(values) => {
                        let each = values.iter().map(|value| value.quantity(graph));
                        Counted::PerTenant(each.collect())
                    }
                    Entity::Count { count, fixed } => {
                        let times = if *fixed { Quantity::ONE } else { counts };
                        Counted::Count(Curve::new(count, grows, times, graph))
                    }
                };
                (name.clone(), counted)
            })
            .collect();
        let mut populations = Self {
            tiers,
            declared_now,
            entities,
            last_day: 0,
            day: situation.day(),
            members: Vec::new(),
        };
        let last_days = populations.curves().map(Curve::last_day);
        populations.last_day = last_days.max().unwrap_or(0);
        if (populations.curves()).any(|curve| curve.log_growth.is_some()) {
            // Growth has no last day, but nothing looks further than these.
            let last = populations.last_day.max(model.calendar.horizon).max(90);
            populations.last_day = last;
        }
        let all = model.populations.iter();
        let members = all.map(|population| populations.at(population, situation.day(), graph));
        populations.members = members.collect();
        populations
    }

    /// One of each of a model's populations today, whatever they are made of: what depends on
    /// nothing but how many there are of one comes to as much as for each of it.
    pub(crate) fn of_one(model: &Model) -> Self {
        Self {
            day: Situation::Today.day(),
            members: vec![Quantity::ONE; model.populations.len()],
            ..Self::default()
        }
    }

    /// `P` of one of the model's populations on a day. Those of the situation's day are known;
    /// the model may have got more since.
    pub(crate) fn of(&self, population: &Shared, day: u32, graph: &mut Graph) -> Quantity {
        match self.members.get(population.id) {
            Some(members) if day == self.day => *members,
            _ => self.at(population, day, graph),
        }
    }

    /// The tenants of a tier on a day.
    pub(crate) fn tenants(&self, tier: usize, day: u32, graph: &mut Graph) -> Quantity {
        let curve = self.tiers.get(tier);
        curve.map_or(Quantity::ZERO, |curve| curve.at(day, graph))
    }

    /// How many there are of an entity that is counted by itself.
    pub(crate) fn counted(&self, entity: &str, day: u32, graph: &mut Graph) -> Option<Quantity> {
        match self.entities.get(entity)? {
            Counted::Count(curve) => Some(curve.at(day, graph)),
            Counted::PerTenant(_) => None,
        }
    }

    /// How many of those that something is counted per one tenant of a tier is or has.
    pub(crate) fn of_one_tenant(&self, per: &Per, tier: usize) -> Quantity {
        match per {
            Per::Tenant => Quantity::ONE,
            Per::Project => Quantity::ZERO,
            Per::Entity(name) => match self.entities.get(name) {
                Some(Counted::PerTenant(each)) => at(each, tier),
                Some(Counted::Count(_)) | None => Quantity::ZERO,
            },
        }
    }

    /// How many of those that something is counted per one member of a tier is or has, the member
    /// being a tenant or what tenants have.
    pub(crate) fn of_one_member(
        &self,
        counted: &Per,
        member: &Per,
        tier: usize,
        graph: &mut Graph,
    ) -> Quantity {
        if counted == member {
            return Quantity::ONE;
        }
        let (theirs, own) = (
            self.of_one_tenant(counted, tier),
            self.of_one_tenant(member, tier),
        );
        graph.div(theirs, own)
    }

    /// The last day that is looked at, or from which on nothing changes.
    pub(crate) fn last_day(&self) -> u32 {
        self.last_day
    }

    /// `P` on a day.
    pub(crate) fn at(&self, population: &Population, day: u32, graph: &mut Graph) -> Quantity {
        if let Per::Entity(name) = &population.per
            && let Some(Counted::Count(curve)) = self.entities.get(name)
        {
            let count = curve.at(day, graph);
            let share = self.share(population, day, graph);
            return graph.mul(count, share);
        }
        let start = f64::from(day);
        self.over(population, start, start + 1.0, graph)
    }

    /// `∫ P` over `from..to` days, each day having the population of its beginning.
    fn over(&self, population: &Population, from: f64, to: f64, graph: &mut Graph) -> Quantity {
        match &population.per {
            Per::Project => Quantity::certain((to - from).max(0.0)),
            Per::Tenant => self.weighted(population, None, from, to, graph),
            Per::Entity(name) => match self.entities.get(name) {
                None => Quantity::ZERO,
                Some(Counted::PerTenant(each)) => {
                    self.weighted(population, Some(each), from, to, graph)
                }
                Some(Counted::Count(curve)) => {
                    if self.is_everyone(population) {
                        let count = curve.over(from, to, graph);
                        return count.mark_unknown(self.tenants_unknown(from, to, graph));
                    }
                    let at = |day, graph: &mut Graph| self.at(population, day, graph);
                    by_day(self.last_day, from, to, at, graph)
                }
            },
        }
    }

    /// `∫ P` over the days in which rows of these ages came.
    pub(crate) fn of_ages(
        &self,
        population: &Population,
        ages: Ages,
        graph: &mut Graph,
    ) -> Quantity {
        let mut sum = ShortSum::default();
        for (from, to, share) in ages.stretches() {
            sum.add(self.over(population, from, to, graph).times(share));
        }
        sum.sum(graph)
    }

    /// A population as shares of what populations are made of, at point values; nothing where
    /// it is no such sum on every day.
    pub(crate) fn shares(
        &self,
        population: &Population,
        graph: &mut Graph,
    ) -> Option<Vec<(Basis, f64)>> {
        let each = match &population.per {
            Per::Project => return Some(vec![(Basis::Once, 1.0)]),
            Per::Tenant => None,
            Per::Entity(name) => match self.entities.get_full(name) {
                None => return Some(Vec::new()),
                Some((index, _, Counted::Count(_))) => {
                    let everyone = self.is_everyone(population);
                    return everyone.then(|| vec![(Basis::Entity(index), 1.0)]);
                }
                Some((_, _, Counted::PerTenant(each))) => Some(each),
            },
        };
        let mut shares = Vec::with_capacity(population.tiers.len());
        for (tier, adoption) in &population.tiers {
            let adoption = self.adoption(adoption, graph);
            let each = each.map_or(Quantity::ONE, |each| at(each, *tier));
            let share = graph.point(adoption) * graph.point(each);
            shares.push((Basis::Tier(*tier), share));
        }
        Some(shares)
    }

    /// `∫` of what populations are made of over the days in which rows of these ages came, at point
    /// values.
    pub(crate) fn basis_of_ages(&self, basis: Basis, ages: Ages, graph: &mut Graph) -> f64 {
        let curve = match basis {
            Basis::Once => return ages.length(),
            Basis::Tier(tier) => self.tiers.get(tier),
            Basis::Entity(index) => match self.entities.get_index(index) {
                Some((_, Counted::Count(curve))) => Some(curve),
                _ => None,
            },
        };
        let Some(curve) = curve else { return 0.0 };
        let stretches = ages.stretches();
        let of = stretches.map(|(from, to, share)| {
            let members = curve.over(from, to, graph);
            graph.point(members) * share
        });
        of.sum()
    }

    /// Whether any tier or entity has fewer on a later day, at point values.
    pub(crate) fn shrink(&self, graph: &Graph) -> bool {
        self.curves().any(|curve| curve.shrinks(graph))
    }

    /// The counts of tiers, and of entities that are counted by themselves.
    fn curves(&self) -> impl Iterator<Item = &Curve> {
        let counts = self.entities.values().filter_map(|entity| match entity {
            Counted::Count(curve) => Some(curve),
            Counted::PerTenant(_) => None,
        });
        self.tiers.iter().chain(counts)
    }

    /// `Σ_T n_t · a_t · e_t` over days.
    fn weighted(
        &self,
        population: &Population,
        each: Option<&[Quantity]>,
        from: f64,
        to: f64,
        graph: &mut Graph,
    ) -> Quantity {
        let mut sum = RunningSum::default();
        for (tier, adoption) in &population.tiers {
            let Some(curve) = self.tiers.get(*tier) else {
                continue;
            };
            let adoption = self.adoption(adoption, graph);
            let count = curve.over(from, to, graph);
            let mut term = graph.mul(count, adoption);
            if let Some(each) = each {
                term = graph.mul(term, at(each, *tier));
            }
            sum.add(term);
        }
        graph.sum(&sum)
    }

    /// The share of all tenants that a population is, 1 where there are no tenants.
    fn share(&self, population: &Population, day: u32, graph: &mut Graph) -> Quantity {
        let start = f64::from(day);
        if self.is_everyone(population) {
            let unknown = self.tenants_unknown(start, start + 1.0, graph);
            return Quantity::ONE.mark_unknown(unknown);
        }
        let part = self.weighted(population, None, start, start + 1.0, graph);
        let mut sum = RunningSum::default();
        for curve in &self.tiers {
            sum.add(curve.at(day, graph));
        }
        let whole = graph.sum(&sum);
        graph.div_or_one(part, whole)
    }

    /// Whether nobody knows how many tenants some tier has over days: the share of all tenants
    /// that a population is then depends on something unknown, even where it is all of them.
    fn tenants_unknown(&self, from: f64, to: f64, graph: &mut Graph) -> bool {
        let is_unknown = |curve: &&Curve| curve.points.iter().any(|(_, count)| count.is_unknown());
        let mut unknown = self.tiers.iter().filter(is_unknown);
        unknown.any(|curve| curve.over(from, to, graph).is_unknown())
    }

    fn is_everyone(&self, population: &Population) -> bool {
        population.tiers.len() == self.tiers.len()
            && population.tiers.iter().all(|(_, adoption)| {
                matches!(adoption, Adoption::Share(Value::Certain(share)) if *share == 1.0)
            })
    }

    /// `a_t`: the declared share, or `active` over the tiers' declared `now`, at most 1, and 0
    /// where those are 0.
    pub(crate) fn adoption(&self, adoption: &Adoption, graph: &mut Graph) -> Quantity {
        match adoption {
            Adoption::Share(share) => share.quantity(graph),
            Adoption::Active { active, of } => {
                let mut sum = RunningSum::default();
                for tier in of.iter() {
                    sum.add(at(&self.declared_now, *tier));
                }
                let whole = graph.sum(&sum);
                let active = active.quantity(graph);
                if whole.as_certain() == Some(0.0) {
                    return Quantity::ZERO.mark_unknown(whole.is_unknown() || active.is_unknown());
                }
                let share = graph.div(active, whole);
                graph.min(share, Quantity::ONE)
            }
        }
    }
}

/// What there is for a tier; 0 where there is nothing.
fn at(of_tiers: &[Quantity], tier: usize) -> Quantity {
    of_tiers.get(tier).copied().unwrap_or(Quantity::ZERO)
}

/// `∫` over `from..to` of what is evaluated day by day up to `last_day` and flat after.
pub(crate) fn by_day(
    last_day: u32,
    from: f64,
    to: f64,
    at: impl Fn(u32, &mut Graph) -> Quantity,
    graph: &mut Graph,
) -> Quantity {
    let mut sum = RunningSum::default();
    let mut start = from.max(0.0);
    while start < to {
        let day = (start.floor() as u32).min(last_day);
        let end = if day == last_day {
            to
        } else {
            (f64::from(day) + 1.0).min(to)
        };
        sum.add(at(day, graph).times(end - start));
        start = end;
    }
    graph.sum(&sum)
}

/// How many times as many tenants there are in all, 1 where there were none.
fn ratio_of_all(tiers: &[Curve], before: &[Quantity], graph: &mut Graph) -> Quantity {
    let (mut after_sum, mut before_sum) = (RunningSum::default(), RunningSum::default());
    for (tier, before) in tiers.iter().zip(before) {
        after_sum.add(tier.now());
        before_sum.add(*before);
    }
    let (after, before) = (graph.sum(&after_sum), graph.sum(&before_sum));
    graph.div_or_one(after, before)
}
