//! What all lines together ask of each API, table, queue and model.
//!
//! Lines are added and can be taken away again, so that one changed feature costs no more than
//! its own lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::collections::IndexMap;
use crate::forecast::delta::Delta;
use crate::forecast::flow::{Context, Flow, Flows, Growth, feature_flows};
use crate::forecast::once::Once;
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::meter::Family;
use crate::model::lines::events::Amount;
use crate::model::{Feature, Id, Model, Shared};
use crate::quantity::{Graph, Quantity, ShortSum};

/// A model evaluated in one situation.
#[derive(Clone, Debug)]
pub struct Forecast {
    pub(crate) populations: Populations,
    /// The lines, by feature, in the model's order; only of what was asked to keep them.
    pub(crate) flows: IndexMap<String, Flows>,
    pub(crate) demand: Demand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Lines,
    Sums,
}

/// What all lines together ask for, by what they use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demand {
    things: [ById<Sinks>; Family::COUNT],
    /// How the rows of tables come over the days.
    pub(crate) growth: Arc<ById<Growing>>,
    /// How many lines write rows that have to be told day by day.
    pub(crate) daily: usize,
}

/// What is kept of things, by their numbers; of many there is nothing.
#[derive(Clone, Debug)]
pub(crate) struct ById<T>(Vec<Option<T>>);

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> ById<T> {
    pub(crate) fn get(&self, id: Id) -> Option<&T> {
        self.0.get(id.index())?.as_ref()
    }

    pub(super) fn entry(&mut self, id: Id) -> &mut T {
        if self.0.len() <= id.index() {
            self.0.resize_with(id.index() + 1, || None);
        }
        self.0[id.index()].get_or_insert_default()
    }
}

/// What is asked of one thing: a sum of each amount.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sinks {
    pub(crate) lines: usize,
    sums: Vec<(Amount, Total)>,
    /// Messages in a batch, and the seconds in which they arrive.
    pub(crate) batches: Batches,
    /// What lines count against limits that each member has to itself, other than in proportion
    /// to how many of their population a member is.
    pub(crate) of_members: Option<Box<OfMembers>>,
}

/// A sum, and how many terms are in it: without any there is none, which is not the same as 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Total {
    terms: u32,
    sum: ShortSum,
}

impl Total {
    pub(super) fn step(&mut self, term: Quantity, step: Step) {
        match step {
            Step::Add => {
                self.terms += 1;
                self.sum.add(term);
            }
            Step::Remove => {
                self.terms -= 1;
                self.sum.remove(term);
            }
        }
    }

    pub(super) fn sum(&self, graph: &mut Graph) -> Quantity {
        self.sum.sum(graph)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.terms == 0
    }
}

/// By feature and line.
pub(crate) type OfMembers = BTreeMap<(Arc<str>, usize), Vec<OfOne>>;

#[derive(Clone, Debug)]
pub(crate) struct OfOne {
    /// The limit's place.
    pub(crate) limit: u16,
    /// The number of the population that the line is counted per.
    pub(crate) population: usize,
    pub(crate) asks: Asks,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    /// Of each of the population, and the most that workers let through.
    UpTo(Quantity, Quantity),
    /// In one occurrence.
    Once(Quantity),
}

/// Messages and seconds, by feature and line.
pub(crate) type Batches = BTreeMap<(Arc<str>, usize), (Quantity, f64)>;

/// What nothing uses.
static UNUSED: Sinks = Sinks {
    lines: 0,
    sums: Vec::new(),
    batches: BTreeMap::new(),
    of_members: None,
};

impl Sinks {
    pub(crate) fn sum(&self, amount: Amount, graph: &mut Graph) -> Quantity {
        self.find(amount, graph).unwrap_or(Quantity::ZERO)
    }

    /// The sum of an amount that something asks for.
    pub(crate) fn find(&self, amount: Amount, graph: &mut Graph) -> Option<Quantity> {
        let found = self.sums.iter().find(|(known, _)| *known == amount);
        found.map(|(_, total)| total.sum(graph))
    }

    pub(super) fn all(&self, graph: &mut Graph) -> Vec<(Amount, Quantity)> {
        let sums = self.sums.iter();
        sums.map(|(amount, total)| (*amount, total.sum(graph)))
            .collect()
    }

    /// What counts against a limit that each member has to itself, for each of a population by
    /// its number.
    pub(crate) fn for_each(&self, limit: u16, graph: &mut Graph) -> Vec<(usize, Quantity)> {
        let of_limit = self.sums.iter().filter_map(|(amount, total)| match amount {
            Amount::Member {
                limit: own,
                population,
            } if *own == limit => Some((*population as usize, total.sum(graph))),
            _ => None,
        });
        of_limit.collect()
    }

    /// The total of an amount. Lines of one kind have theirs in the same order, so that it mostly
    /// stands at `expected`.
    pub(super) fn total(&mut self, expected: usize, amount: Amount) -> &mut Total {
        let is_there = |(known, _): &(Amount, Total)| *known == amount;
        let at = if self.sums.get(expected).is_some_and(is_there) {
            expected
        } else if let Some(at) = self.sums.iter().position(is_there) {
            at
        } else {
            self.sums.push((amount, Total::default()));
            self.sums.len() - 1
        };
        &mut self.sums[at].1
    }

    /// Makes room for the totals of `amounts`: a total is large, and a list grows by four.
    pub(super) fn reserve(&mut self, amounts: usize) {
        if self.sums.is_empty() {
            self.sums.reserve_exact(amounts);
        }
    }

    /// Adds the line of a feature that has an index, or takes it away.
    pub(super) fn step(&mut self, feature: &Arc<str>, index: usize, flow: &Flow, step: Step) {
        step.count(&mut self.lines);
        self.reserve(flow.asked.sums().len());
        for (expected, (amount, quantity)) in flow.asked.sums().iter().enumerate() {
            self.total(expected, *amount).step(*quantity, step);
        }
        if let Some(batch) = flow.asked.batch {
            step.keep(&mut self.batches, (feature.clone(), index), batch);
        }
        for of in &flow.asked.members {
            match of.most {
                None => {
                    let population = u32::try_from(of.population).unwrap_or(u32::MAX);
                    let limit = of.limit;
                    let expected = flow.asked.sums().len();
                    let amount = Amount::Member { limit, population };
                    self.total(expected, amount).step(of.each, step);
                }
                Some(most) => {
                    let asks = Asks::UpTo(of.each, most);
                    self.step_one(feature, index, (of.limit, of.population), asks, step);
                }
            }
        }
        if let Step::Remove = step {
            self.sums.retain(|(_, total)| !total.is_empty());
        }
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.lines == 0 && self.of_members.is_none()
    }

    /// Adds what one occurrence of a line asks for, or takes it away.
    pub(super) fn step_once(&mut self, feature: &Arc<str>, index: usize, once: &Once, step: Step) {
        let asks = Asks::Once(once.amount);
        self.step_one(feature, index, (once.limit, once.population), asks, step);
    }

    fn step_one(
        &mut self,
        feature: &Arc<str>,
        index: usize,
        (limit, population): (u16, usize),
        asks: Asks,
        step: Step,
    ) {
        let all = self.of_members.get_or_insert_default();
        let key = (feature.clone(), index);
        match step {
            Step::Add => all.entry(key).or_default().push(OfOne {
                limit,
                population,
                asks,
            }),
            Step::Remove => drop(all.remove(&key)),
        }
        if all.is_empty() {
            self.of_members = None;
        }
    }
}

/// How the rows of all lines come to a table over the days.
#[derive(Clone, Debug, Default)]
pub(crate) struct Growing {
    /// Rows a day for each of a population, by the population's number; of none first.
    proportional: Vec<(Option<Shared>, Total)>,
    /// Rows of each day, flat after the last, by feature and line.
    daily: BTreeMap<(Arc<str>, usize), Vec<Quantity>>,
}

impl Growing {
    /// Rows a day for each of a population; of the project once, where there is none.
    pub(crate) fn proportional(&self) -> impl Iterator<Item = (Option<&Shared>, &ShortSum)> {
        let all = self.proportional.iter();
        all.map(|(population, rows)| (population.as_ref(), &rows.sum))
    }

    /// Rows of each day, flat after the last.
    pub(crate) fn daily(&self) -> impl Iterator<Item = &[Quantity]> {
        self.daily.values().map(Vec::as_slice)
    }

    /// Adds the rows of a line, or takes them away.
    pub(super) fn step(&mut self, feature: &Arc<str>, index: usize, growth: &Growth, step: Step) {
        match growth {
            Growth::Proportional {
                population,
                per_member,
            } => {
                self.of(population.as_ref()).step(*per_member, step);
                self.proportional.retain(|(_, rows)| !rows.is_empty());
            }
            Growth::Daily(days) => {
                step.keep(&mut self.daily, (feature.clone(), index), days.clone());
            }
        }
    }

    fn of(&mut self, population: Option<&Shared>) -> &mut Total {
        let id = |population: Option<&Shared>| population.map(|population| population.id);
        // Numbers are given in the order in which lines are added, so what is new mostly is last.
        let at = self
            .proportional
            .partition_point(|(known, _)| id(known.as_ref()) < id(population));
        let known = self.proportional.get(at);
        if known.is_none_or(|(known, _)| id(known.as_ref()) != id(population)) {
            let new = (population.cloned(), Total::default());
            self.proportional.insert(at, new);
        }
        &mut self.proportional[at].1
    }
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Add,
    Remove,
}

impl Step {
    fn count(self, lines: &mut usize) {
        match self {
            Self::Add => *lines += 1,
            Self::Remove => *lines -= 1,
        }
    }

    fn keep<K: Ord, V>(self, kept: &mut BTreeMap<K, V>, key: K, value: V) {
        match self {
            Self::Add => drop(kept.insert(key, value)),
            Self::Remove => drop(kept.remove(&key)),
        }
    }
}

impl Forecast {
    pub(crate) fn new(
        model: &Model,
        situation: Situation<'_>,
        keep: Keep,
        graph: &mut Graph,
    ) -> Self {
        let mut forecast = Self::of_nothing(Populations::new(model, situation, graph));
        let mut kept = IndexMap::default();
        let keep = |name: &str, flows: Vec<Flow>| {
            if keep == Keep::Lines {
                kept.insert(name.to_owned(), flows.into());
            }
        };
        forecast.add(model, situation, &model.features, keep, graph);
        forecast.flows = kept;
        forecast
    }

    pub(crate) fn without_lines(&self) -> Self {
        Self {
            demand: self.demand.clone(),
            ..Self::of_nothing(self.populations.clone())
        }
    }

    pub(super) fn of_nothing(populations: Populations) -> Self {
        Self {
            populations,
            flows: IndexMap::default(),
            demand: Demand::default(),
        }
    }

    pub(super) fn add<'m>(
        &mut self,
        model: &Model,
        situation: Situation<'_>,
        features: impl IntoIterator<Item = (&'m String, &'m Arc<Feature>)>,
        mut keep: impl FnMut(&str, Vec<Flow>),
        graph: &mut Graph,
    ) {
        let context = Context {
            model,
            situation,
            populations: &self.populations,
        };
        for (name, feature) in features {
            let flows = feature_flows(&context, name, feature, graph);
            self.demand.step(&feature.name, &flows, Step::Add);
            keep(name, flows);
        }
    }

    /// Today's forecast of a model in which some features are others, given those that were.
    pub(crate) fn change(&mut self, model: &Model, delta: &Delta, graph: &mut Graph) {
        self.populations = Populations::new(model, Situation::Today, graph);
        for (name, feature) in delta.before() {
            if let Some(flows) = self.flows.get(name).cloned() {
                self.demand.step(&feature.name, &flows, Step::Remove);
            }
            if !model.features.contains_key(name) {
                self.flows.shift_remove(name);
            }
        }
        let known = self.flows.len();
        let mut new = Vec::new();
        let keep = |name: &str, flows: Vec<Flow>| new.push((name.to_owned(), flows.into()));
        self.add(model, Situation::Today, delta.after(), keep, graph);
        self.flows.extend(new);
        if self.flows.len() > known {
            self.flows.sort_keys();
        }
    }

    /// Evaluates one feature anew: it was added, changed or removed, or what it uses was.
    pub(crate) fn refresh(
        &mut self,
        model: &Model,
        situation: Situation<'_>,
        name: &str,
        graph: &mut Graph,
    ) {
        if let Some(flows) = self.flows.swap_remove(name) {
            self.demand.step(&name.into(), &flows, Step::Remove);
        }
        let feature = model.features.get_key_value(name);
        let mut flows = None;
        self.add(model, situation, feature, |_, new| flows = Some(new), graph);
        if let Some(flows) = flows {
            self.flows.insert(name.to_owned(), flows.into());
        }
    }
}

impl Demand {
    pub(crate) fn of(&self, family: Family, id: Id) -> &Sinks {
        self.things[family as usize].get(id).unwrap_or(&UNUSED)
    }

    pub(super) fn entry(&mut self, family: Family, id: Id) -> &mut Sinks {
        self.things[family as usize].entry(id)
    }

    fn step(&mut self, feature: &Arc<str>, flows: &[Flow], step: Step) {
        for (index, flow) in flows.iter().enumerate() {
            let sinks = self.entry(flow.kind.family(), flow.thing);
            sinks.step(feature, index, flow, step);
            for once in &flow.once {
                let sinks = self.entry(once.family, once.thing);
                sinks.step_once(feature, index, once, step);
            }
            let Some(growth) = &flow.growth else { continue };
            if let Growth::Daily(_) = growth {
                step.count(&mut self.daily);
            }
            let growing = Arc::make_mut(&mut self.growth).entry(flow.thing);
            growing.step(feature, index, growth, step);
        }
    }
}
