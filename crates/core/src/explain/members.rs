//! Limits that each member has to itself: what one member of the closest tier asks for.

use crate::fit::Fitted;
use crate::model::lines::events::Amount;
use crate::model::{Id, Members, Model, Timing, UsageLimit};
use crate::quantity::Quantity;
use crate::words::number;

use super::factors::Factors;
use super::view::{At, View};
use super::{Sum, Term};

/// One member, by its limit.
pub(super) struct Member<'m> {
    place: usize,
    limit: &'m UsageLimit,
    members: &'m Members,
    /// Its tier; none where members are counted by themselves, or where there are none.
    tier: Option<usize>,
}

impl<'m> Member<'m> {
    pub(super) fn new(
        model: &Model,
        (place, limit): (usize, &'m UsageLimit),
        members: &'m Members,
        tier: Option<&str>,
    ) -> Self {
        Self {
            place,
            limit,
            members,
            tier: tier.and_then(|tier| model.tiers.get_index_of(tier)),
        }
    }
}

impl View<'_> {
    pub(super) fn members(&mut self, fitted: &Fitted, thing: Id, member: &Member<'_>) -> Vec<Term> {
        if fitted.meter.limit.is_none() {
            return Vec::new();
        }
        let mut terms = Vec::new();
        for (feature, index) in self.users(fitted.id.owner, thing) {
            terms.extend(self.of_member((&feature, index), member));
        }
        // One occurrence may be more than the limit by itself.
        let sum = Sum::new("", "", terms);
        let demand = fitted.meter.demand.point.unwrap_or(f64::INFINITY);
        match demand > sum.point() * (1.0 + 1e-9) {
            true => self.largest_once(fitted, thing, member),
            false => sum.terms,
        }
    }

    /// How many of a line's population one member is or has; nothing where it has no part in it.
    fn share(&mut self, at: At<'_>, member: &Member<'_>) -> Option<f64> {
        let population = self.feature(at.0).population_of(self.line(at))?.clone();
        let Some(tier) = member.tier else {
            return Some(1.0);
        };
        let mut tiers = population.tiers.iter();
        tiers.find(|(of, _)| *of == tier)?;
        let per = &member.members.per;
        let populations = &self.forecast.populations;
        let share = populations.of_one_member(&population.per, per, tier, &mut self.graph);
        Some(self.point(share))
    }

    fn of_member(&mut self, at: At<'_>, member: &Member<'_>) -> Vec<Term> {
        let place = Amount::place(member.place);
        let mut counted = self.flow(at).asked.members.iter();
        let Some(of) = counted.find(|of| of.limit == place).cloned() else {
            return Vec::new();
        };
        let Some(share) = self.share(at, member) else {
            return Vec::new();
        };
        let seconds = self.seconds(at, member.limit);
        let most = of.most.map(|most| self.point(most));
        let is_capped = most.is_some_and(|most| most < self.point(of.each) * share);
        let mut terms = Vec::new();
        for what in self.counted(at, member.limit) {
            let each = self.per_event(at, what);
            let asked = match self.flow(at).ceiling.filter(|_| is_capped) {
                Some(ceiling) => {
                    let ceiling = self.point(ceiling);
                    self.by_workers(at, ceiling, seconds).and(each)
                }
                None => {
                    let often = self.how_often(at, false).and(each);
                    let often = often.and(self.window(at, seconds, true));
                    match share == 1.0 {
                        true => often,
                        false => {
                            let text = format!("{} of one member", number::count(share));
                            often.times(share, text, Vec::new())
                        }
                    }
                }
            };
            let asked = asked.and(self.largest(member));
            terms.push(self.line_term(at, asked));
        }
        terms
    }

    fn largest(&mut self, member: &Member<'_>) -> Factors {
        let largest = member.members.largest;
        match largest == 1.0 {
            true => Factors::default(),
            false => {
                let text = format!("{} for the largest", number::count(largest));
                Factors::of(largest, text, Vec::new())
            }
        }
    }

    /// What the largest single occurrence of a line counts, with all lines that follow it.
    fn largest_once(&mut self, fitted: &Fitted, thing: Id, member: &Member<'_>) -> Vec<Term> {
        let place = Amount::place(member.place);
        let owner = fitted.id.owner;
        let mut largest: Option<(f64, String, usize)> = None;
        let all: Vec<(String, usize)> = self
            .forecast
            .flows
            .iter()
            .flat_map(|(name, flows)| (0..flows.len()).map(|index| (name.clone(), index)))
            .collect();
        for (feature, index) in all {
            let at = (feature.as_str(), index);
            let once = self.flow(at).once.iter();
            let mut once =
                once.filter(|it| (it.family, it.thing, it.limit) == (owner, thing, place));
            let Some(amount) = once.next().map(|once| self.point(once.amount)) else {
                continue;
            };
            let is_larger = largest.as_ref().is_none_or(|(most, ..)| amount > *most);
            if is_larger && self.share(at, member).is_some() {
                largest = Some((amount, feature, index));
            }
        }
        let Some((_, feature, origin)) = largest else {
            return Vec::new();
        };
        let mut terms = Vec::new();
        for index in 0..self.feature(&feature).lines.len() {
            let at = (feature.as_str(), index);
            let line = self.line(at);
            let is_of_it = match line.timing {
                Timing::Rate { .. } => index == origin,
                Timing::After { origin: first, .. } => first == origin,
            };
            let flow = self.flow(at);
            let uses_it = (flow.kind.family(), flow.thing) == (owner, thing);
            let mut counted = flow.asked.members.iter();
            let counted = counted.find(|of| of.limit == place).cloned();
            let Some(of) = counted.filter(|_| is_of_it && uses_it) else {
                continue;
            };
            let chain = self.chain(at);
            let share = self.share_of_spread((&feature, origin), of.window);
            for what in self.counted(at, member.limit) {
                let each = self.per_event(at, what);
                let one = Factors::of(1.0, "one occurrence alone", Vec::new());
                let once = one.and(chain.clone()).and(each).and(share.clone());
                terms.push(self.line_term(at, once));
            }
        }
        terms
    }

    /// How often a line occurs for one occurrence of the line at the beginning of its chain.
    fn chain(&mut self, at: At<'_>) -> Factors {
        let Timing::After { parent, fanout, .. } = &self.line(at).timing else {
            return Factors::default();
        };
        let parent = (at.0, *parent);
        let passed = self.chain(parent).and(self.passes(parent));
        passed.and(self.fanout(at, fanout))
    }

    fn share_of_spread(&mut self, origin: At<'_>, window: Quantity) -> Factors {
        let Timing::Rate { spread, .. } = self.line(origin).timing else {
            return Factors::default();
        };
        let share = spread.map(|spread| (self.point(window) / spread).min(1.0));
        match share.filter(|share| *share < 1.0) {
            Some(share) => {
                let text = format!("{} of it in the window", number::count(share));
                Factors::of(share, text, Vec::new())
            }
            None => Factors::default(),
        }
    }
}
