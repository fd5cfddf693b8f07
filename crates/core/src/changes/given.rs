//! What the base's lines asked for and the head's no longer do: what comes in the same change may
//! have taken it over.

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::forecast::flow::{Context, flows_on};
use crate::forecast::population::Populations;
use crate::forecast::{Flow, Situation};
use crate::meter::Family;
use crate::model::lines::Adoption;
use crate::model::{
    ComputeModel, Feature, Line, Model, Per, Population, Queue, Table, Timing, Value,
};
use crate::quantity::{Graph, Quantity};

/// Less by more than rounding.
pub(crate) const LESS: f64 = 1.0 - 1e-9;

/// At most half: an estimate that is corrected seldom falls that far.
pub(crate) const HALF: f64 = 0.5 + 1e-9;

/// The lines of the base that are gone, use something else, or ask for less, by feature.
pub(crate) fn given<'a>(base: &'a Project, head: &Project) -> Vec<(&'a str, &'a Line)> {
    given_most(base, head, LESS)
}

/// Those that ask for less than a share of what they did.
pub(crate) fn given_most<'a>(
    base: &'a Project,
    head: &Project,
    share: f64,
) -> Vec<(&'a str, &'a Line)> {
    let (old, new) = (&base.model, &head.model);
    let same_members = old.tiers == new.tiers && old.entities == new.entities;
    let lessened = Lessened::new(old, new, share);
    let [mut before, mut after] = [old, new].map(Today::new);
    let mut given = Vec::new();
    for (name, feature) in &old.features {
        let now = new.features.get(name);
        let moves = |line| target(old, line) != target(new, line) || lessened.reaches(old, line);
        if same_members && now == Some(feature) && !feature.lines.iter().any(moves) {
            continue;
        }
        let mut kept: HashMap<_, (&Line, Flow)> = HashMap::default();
        if let Some(now) = now {
            let flows = now.lines.iter().zip(after.flows(name, now));
            kept.extend(flows.map(|(line, flow)| ((line.kind.list(), &*line.id), (line, flow))));
        }
        for (line, flow) in feature.lines.iter().zip(before.flows(name, feature)) {
            let kept = kept.get(&(line.kind.list(), &*line.id));
            let is_kept = kept.is_some_and(|(now, flow_now)| {
                let asks_less = lessened.has(old, line)
                    || asks_less(
                        (&before.graph, line, &flow),
                        (&after.graph, now, flow_now),
                        share,
                    );
                target(old, line) == target(new, now) && !asks_less
            });
            if !is_kept {
                given.push((name.as_str(), line));
            }
        }
    }
    given
}

/// The things that stay and of which as much takes less than it did.
pub(crate) fn lessened<'a>(base: &'a Project, head: &Project) -> HashSet<(Family, &'a str)> {
    Lessened::new(&base.model, &head.model, LESS).0
}

/// What the lines of a side ask for today.
pub(super) struct Today<'m> {
    model: &'m Model,
    populations: Populations,
    graph: Graph,
}

impl<'m> Today<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let mut graph = Graph::new();
        Self {
            model,
            populations: Populations::new(model, Situation::Today, &mut graph),
            graph,
        }
    }

    pub(super) fn flows(&mut self, name: &str, feature: &Feature) -> Vec<Flow> {
        let context = Context {
            model: self.model,
            situation: Situation::Today,
            populations: &self.populations,
        };
        flows_on(&context, name, feature, 0, &mut self.graph)
    }

    pub(super) fn point(&self, quantity: Quantity) -> f64 {
        self.graph.point(quantity)
    }
}

/// Whether a line asks for less of anything that a limit may count.
fn asks_less(
    (old, before, was): (&Graph, &Line, &Flow),
    (new, after, now): (&Graph, &Line, &Flow),
    share: f64,
) -> bool {
    let less = |was: Quantity, now: Option<Quantity>| {
        let now = now.map_or(0.0, |now| new.point(now));
        !was.is_unknown() && now < old.point(was) * share
    };
    let mut amounts = was.asked.amounts().iter();
    // What counts against a limit, or for a unit, has its place in that side.
    let units = before.uses.units.iter().zip(&after.uses.units);
    let mut units = units.filter_map(|((_, was), (_, now))| Some((was.point()?, now.point()?)));
    let [often, now_often] =
        [(old, was), (new, now)].map(|(graph, it)| graph.point(it.occurrences));
    amounts.any(|(amount, was)| amount.is_total() && less(*was, now.amount(*amount)))
        || less(was.asked.peak, Some(now.asked.peak))
        || units.any(|(was, now)| now * now_often < was * often * share)
}

/// The things of which the same demand takes less than it did.
struct Lessened<'m>(HashSet<(Family, &'m str)>, HashSet<(&'m str, &'m str)>);

impl<'m> Lessened<'m> {
    fn new(old: &'m Model, new: &Model, share: f64) -> Self {
        let mut things = HashSet::default();
        for (name, was) in &old.tables {
            let now = new.tables.get(name).filter(|now| *now != was);
            if now.is_some_and(|now| less(kept(was), kept(now), share)) {
                things.insert((Family::Table, name.as_str()));
            }
        }
        for (name, was) in &old.queues {
            let now = new.queues.get(name).filter(|now| *now != was);
            if now.is_some_and(|now| less(held(was), held(now), share)) {
                things.insert((Family::Queue, name.as_str()));
            }
        }
        for (name, was) in &old.databases {
            if new
                .databases
                .get(name)
                .is_some_and(|now| now.overhead < was.overhead * share)
            {
                things.insert((Family::Database, name.as_str()));
            }
        }
        for (name, was) in &old.models {
            let now = new.models.get(name);
            let seconds = |it: &ComputeModel| [it.duration.as_ref().and_then(Value::point)];
            if now.is_some_and(|now| less(seconds(was), seconds(now), share)) {
                things.insert((Family::Model, name.as_str()));
            }
        }
        let mut endpoints = HashSet::default();
        for (name, was) in &old.apis {
            let Some(now) = new.apis.get(name) else {
                continue;
            };
            let same_retries = was.retry_ratio == now.retry_ratio;
            let changed = was.endpoints.iter().filter(|(path, was)| {
                let now = now.endpoints.get(*path);
                now.is_some_and(|now| !same_retries || !now.asks_as(was))
            });
            endpoints.extend(changed.map(|(path, _)| (name.as_str(), path.as_str())));
        }
        Self(things, endpoints)
    }

    fn has(&self, model: &Model, line: &Line) -> bool {
        [line.kind.family(), Family::Database]
            .into_iter()
            .any(|family| {
                thing_of(model, family, line).is_some_and(|name| self.0.contains(&(family, name)))
            })
    }

    /// Whether what a line comes to may be less, though it is declared as it was.
    fn reaches(&self, model: &Model, line: &Line) -> bool {
        self.has(model, line) || line.called().is_some_and(|called| self.1.contains(&called))
    }
}

/// What rows of a table take, and how many of them there are, however many come: the less the less.
fn kept(table: &Table) -> [Option<f64>; 8] {
    let (days, ratio) = table.compress.unwrap_or((f64::INFINITY, 1.0));
    [
        table.row_size.point(),
        table.rows.as_ref().and_then(|rows| rows.0.point()),
        table.from.as_ref().and_then(|(_, rows)| rows.point()),
        Some(table.indexes),
        Some(table.kept_days),
        Some(table.existing),
        Some(days),
        Some(ratio),
    ]
}

/// What a queue keeps of as many messages: the less the less.
fn held(queue: &Queue) -> [Option<f64>; 6] {
    let keys = queue.compact.as_ref();
    [
        keys.map_or(Some(f64::INFINITY), |keys| keys.0.point()),
        queue.depth.as_ref().and_then(Value::point),
        Some(queue.retention.unwrap_or(f64::INFINITY)),
        Some(queue.retention_bytes.unwrap_or(f64::INFINITY)),
        Some(queue.replication),
        Some(queue.replay),
    ]
}

/// Whether any of these values is known on both sides and less than a share of what it was.
fn less<const N: usize>(was: [Option<f64>; N], now: [Option<f64>; N], share: f64) -> bool {
    let mut pairs = was.into_iter().zip(now);
    pairs.any(|(was, now)| was.zip(now).is_some_and(|(was, now)| now < was * share))
}

/// What a line uses: a thing of its family, the database of a table, an endpoint of an API.
fn target<'m>(model: &'m Model, line: &'m Line) -> (&'m str, Option<&'m str>, Option<&'m str>) {
    let endpoint = line.uses.endpoint.as_ref().map(|endpoint| &*endpoint.name);
    let database = thing_of(model, Family::Database, line);
    (&line.uses.thing.name, database, endpoint)
}

/// The thing of a family that a line uses.
pub(crate) fn thing_of<'m>(model: &'m Model, family: Family, line: &'m Line) -> Option<&'m str> {
    let (own, used) = (line.kind.family(), &*line.uses.thing.name);
    match family {
        Family::Database if own == Family::Table => model.tables.get(used)?.database.as_deref(),
        _ => (own == family).then_some(used),
    }
}

/// How often each line of a feature occurs in a day; not a number where that is unknown.
pub(crate) fn weights(model: &Model, feature: &Feature) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::with_capacity(feature.lines.len());
    for line in &feature.lines {
        all.push(match &line.timing {
            Timing::Rate {
                per_day,
                population,
                ..
            } => per_day.point().unwrap_or(f64::NAN) * members(model, population),
            Timing::After { parent, fanout, .. } => {
                let parent = all.get(*parent).copied().unwrap_or(f64::NAN);
                parent * fanout.point().unwrap_or(f64::NAN)
            }
        });
    }
    all
}

/// How many a rate is counted per, entities as the tenants that have them.
fn members(model: &Model, population: &Population) -> f64 {
    if population.per == Per::Project {
        return 1.0;
    }
    let of_tier = |(tier, adoption): &(usize, Adoption)| match adoption {
        Adoption::Active { active, .. } => active.point(),
        Adoption::Share(share) => {
            let (_, projected) = model.tiers.get_index(*tier)?;
            let (_, now) = projected.points.first()?;
            Some(now.point()? * share.point()?)
        }
    };
    let members = population.tiers.iter();
    members.map(|tier| of_tier(tier).unwrap_or(f64::NAN)).sum()
}

/// What the lines of a feature ask for, whatever they are called: sorted.
pub(crate) fn asked(model: &Model, feature: &Feature) -> Vec<Asked> {
    let mut asked: Vec<Asked> = asked_each(model, feature).collect();
    asked.sort_unstable();
    asked
}

/// The list, and the bits of how often it occurs, of its items and of its units.
pub(crate) type Asked = (&'static str, [u64; 3]);

/// What each line of a feature asks for.
pub(crate) fn asked_each(model: &Model, feature: &Feature) -> impl Iterator<Item = Asked> {
    let weighed = feature.lines.iter().zip(weights(model, feature));
    weighed.map(|(line, weight)| {
        let count = line.uses.count.point().unwrap_or(f64::NAN);
        let units = line.uses.units.iter();
        let units: f64 = units
            .map(|(_, units)| units.point().unwrap_or(f64::NAN))
            .sum();
        (line.kind.list(), [weight, count, units].map(f64::to_bits))
    })
}
