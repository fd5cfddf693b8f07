//! What the base's lines asked for and the head's no longer do: what comes in the same change may
//! have taken it over.

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::meter::Family;
use crate::model::lines::Adoption;
use crate::model::{Feature, Line, Model, Per, Population, Timing};

/// Less by more than rounding.
const LESS: f64 = 1.0 - 1e-9;

/// The lines of the base that are gone, use something else, or ask for less, by feature.
pub(crate) fn given<'a>(base: &'a Project, head: &Project) -> Vec<(&'a str, &'a Line)> {
    let (old, new) = (&base.model, &head.model);
    let same_members = old.tiers == new.tiers;
    let mut given = Vec::new();
    for (name, before) in &old.features {
        let after = new.features.get(name);
        if same_members && after == Some(before) && !moves_tables(old, new, before) {
            continue;
        }
        let mut now: HashMap<_, (&Line, f64)> = HashMap::default();
        if let Some(after) = after {
            let weighed = after.lines.iter().zip(weights(new, after));
            now.extend(
                weighed.map(|(line, weight)| ((line.kind.list(), &*line.id), (line, weight))),
            );
        }
        for (line, weight) in before.lines.iter().zip(weights(old, before)) {
            let kept = now.get(&(line.kind.list(), &*line.id));
            let is_kept = kept.is_some_and(|(after, now)| {
                target(old, line) == target(new, after) && !asks_less(line, after, [weight, *now])
            });
            if !is_kept {
                given.push((name.as_str(), line));
            }
        }
    }
    given
}

/// Whether a table that a feature uses is in another database now.
fn moves_tables(old: &Model, new: &Model, feature: &Feature) -> bool {
    let mut tables = feature.lines.iter();
    tables.any(|line| target(old, line) != target(new, line))
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
fn weights(model: &Model, feature: &Feature) -> Vec<f64> {
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

/// Whether a line asks for less than it did, where it occurs as often as is said.
fn asks_less(before: &Line, after: &Line, [was, now]: [f64; 2]) -> bool {
    let [old, new] = [before, after].map(|line| line.uses.count.point().unwrap_or(f64::NAN));
    let less = |was: f64, now: f64| now < was * LESS;
    let units = before.uses.units.iter().zip(&after.uses.units);
    let mut units = units.filter_map(|((_, was), (_, now))| Some((was.point()?, now.point()?)));
    less(was * old, now * new) || units.any(|(old, new)| less(was * old, now * new))
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
