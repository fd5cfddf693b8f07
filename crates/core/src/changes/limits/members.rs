//! For whom limits are that each member has to itself: the entities that a change calls or counts
//! otherwise, and the lines that no longer count against such a limit.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Project;
use crate::changes::given::{HALF, weights};
use crate::changes::origins::Origins;
use crate::changes::renamed;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::{LimitKeys, Root};
use crate::meter::Family;
use crate::model::{Entity, Feature, Line, Model, Per, UsageLimit};
use crate::source::Span;

/// The limits that members have to themselves in the base, and what becomes of their members.
pub(super) struct Members<'p> {
    base: &'p Project,
    head: &'p Project,
    moved: Vec<Moved<'p>>,
}

/// A line of the base that the head has too: what it is counted per on both sides, and what it
/// uses.
struct Moved<'p> {
    family: Family,
    things: [&'p str; 2],
    per: [&'p Per; 2],
}

/// A limit against which a line no longer counts, and what the line is counted per instead.
pub(super) struct Lost<'p> {
    pub(super) path: TomlPath,
    pub(super) before: Span,
    pub(super) per: &'p Per,
}

impl<'p> Members<'p> {
    /// None where no limit of the base is for each member, or nothing is counted otherwise.
    pub(super) fn new(base: &'p Project, head: &'p Project) -> Option<Self> {
        limited(&base.model).next()?;
        let same_members = kinds(&base.model) == kinds(&head.model);
        if same_members && base.model.features == head.model.features {
            return None;
        }
        let origins = Origins::new(base, head);
        let is_same = |name: &str| {
            let [before, after] = [base, head].map(|side| side.model.features.get(name));
            same_members && before == after
        };
        let changed = |side: &'p Project| {
            let features = side.model.features.iter();
            let changed = features.filter(|(name, _)| !is_same(name));
            changed.flat_map(|(name, feature)| {
                let lines = feature.lines.iter().zip(weights(&side.model, feature));
                lines.map(move |(line, often)| (name.as_str(), feature, line, often))
            })
        };
        // What comes, by what the feature was: the most that is counted per each.
        let was = renamed::heirs(base, head);
        let mut come: HashMap<_, BTreeMap<&Per, f64>> = HashMap::default();
        let mut now = HashMap::default();
        for (name, feature, line, often) in changed(head) {
            now.insert((name, line.kind, &*line.id), (feature, line, often));
            let old = was.get(name).copied().unwrap_or(name);
            let path = origins.of(&line_path(name, line));
            let path = path.unwrap_or_else(|| line_path(name, line));
            let stays = old != name && head.model.features.contains_key(old);
            let before = base.model.features.get(old).filter(|_| !stays);
            let mut before = before.into_iter().flat_map(|before| &before.lines);
            if before
                .any(|it| it.kind == line.kind && path.0.last().is_some_and(|id| **id == *it.id))
            {
                continue;
            }
            if let Some(per) = per_of(feature, line) {
                let come = come
                    .entry((old, line.kind, &*line.uses.thing.name))
                    .or_default();
                let most = come.entry(per).or_default();
                *most = most.max(often);
            }
        }
        let mut moved = Vec::new();
        for (name, before, line, was) in changed(base) {
            let path = line_path(name, line);
            let path = origins.line_now(&path).unwrap_or(&path);
            let [_, feature, _, id] = &path.0[..] else {
                continue;
            };
            let Some((feature, now, left)) = now.get(&(feature.as_str(), line.kind, id.as_str()))
            else {
                continue;
            };
            let used = &*now.uses.thing.name;
            // What comes and asks for all that goes of one that keeps half at most has taken it over.
            let come = come
                .get(&(name, line.kind, used))
                .filter(|_| *left < was * HALF);
            let taken = come.into_iter().flatten();
            let taken = taken.filter(|(_, often)| **often >= was - left);
            let per = per_of(feature, now).into_iter();
            for to in per.chain(taken.map(|(per, _)| *per)) {
                if let Some(from) = per_of(before, line) {
                    moved.push(Moved {
                        family: line.kind.family(),
                        things: [&line.uses.thing.name, used],
                        per: [from, to],
                    });
                }
            }
        }
        Some(Self { base, head, moved })
    }

    /// What stands for the entities that limits are for and that no line is counted per any more:
    /// the new one that all their lines are counted per now, else one that is declared the same,
    /// else the only new one that lines are counted per.
    pub(super) fn heirs(&self) -> Vec<(&'p str, &'p str)> {
        let (old, new) = (&self.base.model, &self.head.model);
        let used: BTreeSet<&Per> = new
            .features
            .values()
            .flat_map(|feature| feature.lines.iter().map(move |line| (feature, line)))
            .filter_map(|(feature, line)| per_of(feature, line))
            .collect();
        let entities: BTreeSet<&'p str> = limited(old)
            .filter_map(|(_, _, _, per)| match per {
                Per::Entity(name) => Some(name.as_str()),
                Per::Tenant | Per::Project => None,
            })
            .collect();
        let come = || {
            let names = new.entities.keys().map(String::as_str);
            names.filter(|name| !old.entities.contains_key(*name))
        };
        let of = |entity: &&'p str| -> Option<&'p str> {
            let own = Per::Entity((*entity).to_owned());
            let moved = self.moved.iter().filter(|it| *it.per[0] == own);
            let now: BTreeSet<&'p Per> = moved.map(|it| it.per[1]).collect();
            if used.contains(&own) {
                return None;
            }
            let mut now = now.into_iter();
            match (now.next(), now.next()) {
                (Some(Per::Entity(name)), None) => come().find(|new| new == name),
                (Some(_), _) => None,
                (None, _) if new.entities.contains_key(*entity) => None,
                (None, _) => {
                    let declared = |root: &Root, name: &str| root.entities.get(name).cloned();
                    let before = declared(&self.base.declarations.root, entity);
                    let now = &self.head.declarations.root;
                    let same = |name: &&str| declared(now, name) == before;
                    let counted = |name: &&str| used.contains(&Per::Entity((*name).to_owned()));
                    only(come().filter(same)).or_else(|| only(come().filter(counted)))
                }
            }
        };
        let pairs = entities.iter();
        pairs.filter_map(|it| Some((*it, of(it)?))).collect()
    }

    /// Lets the base's entities that limits are for be there where the head has none of that name,
    /// or counts them apart from tenants, so that nothing of tenants counts. The things with such
    /// limits, where the head has the entity.
    pub(super) fn lend(&self, under: &mut Root, old: &Root) -> Vec<(&'static str, &'p str)> {
        let (before, after) = (&self.base.model, &self.head.model);
        let mut things = Vec::new();
        for (family, thing, _, per) in limited(before) {
            let Per::Entity(name) = per else { continue };
            let is_now = after.entities.get(name);
            let was_of_tenants = !is_counted(before, per);
            let is_other = is_now.is_some() && was_of_tenants && is_counted(after, per);
            if is_now.is_none() || is_other {
                under.copy(old, &TomlPath::new(&["entities", name]));
            }
            if is_other {
                things.push((family.as_str(), thing));
            }
        }
        things
    }

    /// The limits of the base against which lines no longer count, though they use the same thing.
    /// `names` says what each thing is called now.
    pub(super) fn lost(&self, old: &Root) -> Vec<Lost<'p>> {
        let heirs: HashMap<&str, &str> = self.heirs().into_iter().collect();
        let mut all = Vec::new();
        for (family, thing, limit, per) in limited(&self.base.model) {
            let now = match per {
                Per::Entity(name) => heirs.get(name.as_str()).copied(),
                Per::Tenant | Per::Project => None,
            };
            let moved = self.moved.iter();
            let mut moved = moved.filter(|it| it.family == family && it.things[0] == thing);
            let lost = moved.find(|it| {
                let [from, to] = it.per;
                let counted = match now {
                    Some(heir) => Per::Entity(heir.to_owned()),
                    None => per.clone(),
                };
                self.takes(per, &self.base.model, from)
                    && !self.takes(&counted, &self.head.model, to)
                    && !self.is_limited(it, limit)
            });
            let Some(moved) = lost else { continue };
            let id = limit.name.first().map_or("", String::as_str);
            let path = TomlPath::new(&[family.as_str(), moved.things[1], "limits", id]);
            if let Some(before) = span_of(old, family, moved.things[1], id) {
                let per = moved.per[1];
                all.push(Lost { path, before, per });
            }
        }
        all
    }

    /// Whether lines that a side counts per something count against a limit for each of others.
    fn takes(&self, limit: &Per, side: &Model, line: &Per) -> bool {
        let side_of = |per: &Per| match per {
            Per::Entity(name) if self.base.model.entities.contains_key(name) => &self.base.model,
            _ => &self.head.model,
        };
        *line != Per::Project
            && match is_counted(side_of(limit), limit) {
                true => line == limit,
                false => line == limit || !is_counted(side, line),
            }
    }

    /// Whether what the head counts a line per has a limit of the kind that allows no more.
    fn is_limited(&self, moved: &Moved<'_>, before: &UsageLimit) -> bool {
        let limits = limits_of(&self.head.model, moved.family, moved.things[1]);
        let mut of_kind = limits.iter().filter(|it| it.kind() == before.kind());
        of_kind.any(|after| {
            let takes = after.members().map(|own| &own.per);
            let takes = takes.is_none_or(|own| self.takes(own, &self.head.model, moved.per[1]));
            let is_within = match (after.seconds(), before.seconds()) {
                (Some(short), Some(long)) => {
                    short <= long && after.least() / short <= before.least() / long
                }
                _ => after.least() <= before.least(),
            };
            takes && is_within && after.counts == before.counts
        })
    }
}

fn line_path(feature: &str, line: &Line) -> TomlPath {
    TomlPath::new(&["features", feature, line.kind.list(), &line.id])
}

/// The only one, where there is no other.
fn only<'p>(mut names: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    names.next().filter(|_| names.next().is_none())
}

/// What a line is counted per.
fn per_of<'p>(feature: &'p Feature, line: &'p Line) -> Option<&'p Per> {
    Some(&feature.population_of(line)?.population.per)
}

/// Whether something is counted apart from tenants.
fn is_counted(model: &Model, per: &Per) -> bool {
    match per {
        Per::Entity(name) => matches!(model.entities.get(name), Some(Entity::Count { .. })),
        Per::Tenant | Per::Project => false,
    }
}

/// The entities of a model, and which of them are counted apart from tenants.
fn kinds(model: &Model) -> Vec<(&str, bool)> {
    let is_apart = |entity: &Entity| matches!(entity, Entity::Count { .. });
    let entities = model.entities.iter();
    entities
        .map(|(name, it)| (name.as_str(), is_apart(it)))
        .collect()
}

/// The limits that members have to themselves, with the thing that each is of.
fn limited(model: &Model) -> impl Iterator<Item = (Family, &str, &UsageLimit, &Per)> {
    let apis = model
        .apis
        .iter()
        .map(|(name, it)| (Family::Api, name, &it.limits));
    let models = model.models.iter();
    let models = models.map(|(name, it)| (Family::Model, name, &it.limits));
    let limits = apis.chain(models).flat_map(|(family, name, limits)| {
        limits
            .iter()
            .map(move |limit| (family, name.as_str(), limit))
    });
    let limits = limits.filter(|(_, _, limit)| limit.is_limit());
    limits.filter_map(|(family, name, limit)| Some((family, name, limit, &limit.members()?.per)))
}

fn limits_of<'m>(model: &'m Model, family: Family, name: &str) -> &'m [UsageLimit] {
    let limits = match family {
        Family::Api => model.apis.get(name).map(|it| &it.limits),
        Family::Model => model.models.get(name).map(|it| &it.limits),
        _ => None,
    };
    limits.map_or(&[], |limits| limits)
}

/// Where a limit says how much it allows.
fn span_of(root: &Root, family: Family, name: &str, id: &str) -> Option<Span> {
    let of = |keys: LimitKeys<'_>| {
        let rate = keys.rate.map(|it| it.span);
        rate.or_else(|| keys.concurrent.map(|it| it.span))
    };
    match family {
        Family::Api => of(root.apis.get(name)?.limits.get(id)?.value.keys()),
        Family::Model => of(root.models.get(name)?.limits.get(id)?.value.keys()),
        _ => None,
    }
}
