//! What lines of the base ask less for and others ask more for now, of the same thing: demand that
//! changes its line or its feature, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::given::{HALF, LESS, Today};
use super::pairing::Pairing;
use super::renamed;
use crate::analysis::Project;
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::model::{Feature, Line, LineKind};

/// What a line has taken over.
pub(crate) struct Moved<'a> {
    /// The feature of the line, and the line.
    pub(crate) feature: &'a str,
    pub(crate) line: &'a Line,
    /// Whether the base has no such line.
    pub(crate) is_new: bool,
    /// The share of what it asks for that is more than before.
    pub(crate) more: f64,
    /// The share of what it asks for that others did.
    pub(crate) taken: f64,
    /// Who did.
    pub(crate) from: Vec<Giver<'a>>,
}

/// A feature of the base a line of which asks for less.
#[derive(Clone, Copy)]
pub(crate) struct Giver<'a> {
    pub(crate) feature: &'a str,
    /// Its part of all that is asked for less.
    pub(crate) part: f64,
    /// Whether at most half is left of what the line asked for.
    pub(crate) most: bool,
}

/// The kind of a line, what it uses, as the base calls that, and the endpoint.
type Use<'a> = (LineKind, &'a str, Option<&'a str>);

/// What changes of one use.
#[derive(Default)]
struct Changed<'a> {
    /// How much less features ask for, and whether that is most of it.
    less: Vec<(&'a str, f64, bool)>,
    more: Vec<More<'a>>,
}

/// A line that asks for more.
struct More<'a> {
    feature: &'a str,
    line: &'a Line,
    is_new: bool,
    more: f64,
    now: f64,
}

/// What has moved: first into lines that are new, and there first into those that ask for little.
pub(crate) fn moved<'a>(base: &'a Project, head: &'a Project) -> Vec<Moved<'a>> {
    let mut all = Vec::new();
    let mut changed: Vec<(Use<'a>, Changed<'a>)> = changed(base, head).into_iter().collect();
    changed.sort_unstable_by_key(|(of, _)| *of);
    for (_, Changed { less, mut more }) in changed {
        more.sort_by(|one, other| {
            let by_amount = one.more.total_cmp(&other.more);
            let by_age = other.is_new.cmp(&one.is_new);
            let by_name = || (one.feature, &one.line.id).cmp(&(other.feature, &other.line.id));
            by_age.then(by_amount).then_with(by_name)
        });
        let given: f64 = less.iter().map(|(_, less, _)| less).sum();
        let giver = |(feature, less, most): &(&'a str, f64, bool)| Giver {
            feature,
            part: less / given,
            most: *most,
        };
        let from: Vec<Giver<'a>> = less.iter().map(giver).collect();
        let mut left = given;
        for it in more {
            let taken = it.more.min(left);
            left -= taken;
            // Of what rounding leaves there is nothing to say.
            if taken > given * (1.0 - LESS) {
                all.push(Moved {
                    feature: it.feature,
                    line: it.line,
                    is_new: it.is_new,
                    more: it.more / it.now,
                    taken: taken / it.now,
                    from: from.clone(),
                });
            }
        }
    }
    all
}

/// What changes, by use, where one asks for less and another for more.
fn changed<'a>(base: &'a Project, head: &'a Project) -> HashMap<Use<'a>, Changed<'a>> {
    let mut changed: HashMap<Use<'a>, Changed<'a>> = HashMap::default();
    let features = features(base, head);
    if features.is_empty() {
        return changed;
    }
    let things = renamed::things(base, head);
    let was = |(kind, thing, path): Use<'a>| {
        let old = things.get(&(kind.family(), thing));
        (kind, old.copied().unwrap_or(thing), path)
    };
    let [mut before, mut after] = [&base.model, &head.model].map(Today::new);
    for (old, new) in features {
        let mut known: BTreeMap<(&str, Use<'a>), f64> = BTreeMap::new();
        for (line, asked) in asked(&mut before, old) {
            known.insert((&line.id, use_of(line)), asked);
        }
        let was_called = old.map_or("", |(name, _)| name);
        for (line, now) in asked(&mut after, new) {
            let of = was(use_of(line));
            let known = known.remove(&(&line.id, of));
            let (is_new, before) = (known.is_none(), known.unwrap_or(0.0));
            let of_use = changed.entry(of).or_default();
            if now < before {
                of_use
                    .less
                    .push((was_called, before - now, now <= before * HALF));
            } else if now > before {
                of_use.more.push(More {
                    feature: new.map_or("", |(name, _)| name),
                    line,
                    is_new,
                    more: now - before,
                    now,
                });
            }
        }
        for ((_, of), asked) in known.into_iter().filter(|(_, asked)| *asked > 0.0) {
            let of_use = changed.entry(of).or_default();
            of_use.less.push((was_called, asked, true));
        }
    }
    changed.retain(|_, it| !it.less.is_empty() && !it.more.is_empty());
    changed
}

/// A feature of a side.
type Side<'a> = Option<(&'a str, &'a Feature)>;

/// The features that differ, each with what it is called and declares on both sides.
fn features<'a>(base: &'a Project, head: &'a Project) -> Vec<(Side<'a>, Side<'a>)> {
    let (old, new) = (&base.model.features, &head.model.features);
    let Pairing { was, whole, .. } = renamed::features(base, head);
    let was: HashMap<&str, &str> = was
        .into_iter()
        .filter(|(new, _)| whole.contains(new))
        .collect();
    let of = |side: &'a IndexMap<String, Arc<Feature>>, name: &str| {
        let (name, feature) = side.get_key_value(name)?;
        Some((name.as_str(), &**feature))
    };
    let differing = new.iter().filter_map(|(name, after)| {
        let before = of(old, was.get(name.as_str()).copied().unwrap_or(name));
        let after: &Feature = after;
        let is_same = before.is_some_and(|(_, before)| before == after);
        (!is_same).then_some((before, Some((name.as_str(), after))))
    });
    let known: HashSet<&str> = was.values().copied().collect();
    let is_gone = |name: &&String| !new.contains_key(*name) && !known.contains(name.as_str());
    let gone = old.keys().filter(is_gone).map(|name| (of(old, name), None));
    differing.chain(gone).collect()
}

fn use_of(line: &Line) -> Use<'_> {
    let path = line.called().map(|(_, path)| path);
    (line.kind, &line.uses.thing.name, path)
}

/// How much each line of a feature asks for in a day, in items, rows or units: not a number where
/// nobody knows.
fn asked<'f>(today: &mut Today<'_>, side: Side<'f>) -> Vec<(&'f Line, f64)> {
    let Some((name, feature)) = side else {
        return Vec::new();
    };
    let flows = today.flows(name, feature).into_iter();
    let asked = feature.lines.iter().zip(flows).map(|(line, flow)| {
        let units = line.uses.units.iter();
        let units = units.map(|(_, units)| units.point().unwrap_or(f64::NAN));
        let units: f64 = units.sum();
        let each = line.uses.count.point().unwrap_or(f64::NAN);
        let each = if line.uses.units.is_empty() {
            each
        } else {
            units
        };
        let occurrences = match flow.occurrences.is_unknown() {
            true => f64::NAN,
            false => today.point(flow.occurrences),
        };
        (line, occurrences * each)
    });
    asked.collect()
}
