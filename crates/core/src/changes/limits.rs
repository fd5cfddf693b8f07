//! The limits of the real world that a change takes away: what judges is the head's demand under
//! the limits that the base declares.

mod declared;
mod lent;
mod members;
mod named;
mod prices;
mod returned;

pub(crate) use declared::{Declared, GRANTED};
pub(crate) use named::named_as;

use crate::analysis::Project;
use crate::collections::HashSet;
use crate::document::TomlPath;
use crate::document::tables::{Api, Root};
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{Declarations, Model, Per, build};
use crate::source::Span;

use declared::limits_of;
use lent::{Lent, lend};
use members::{Lost, Members};
use returned::Returned;

/// What stands instead of a limit against which something else counts.
pub(crate) const RECOUNTED: &str = "counts";
/// What stands instead of a value without which nothing counts against a limit.
pub(crate) const UNMEASURED: &str = "measure";
/// What stands instead of a price that no longer counts against a budget.
pub(crate) const UNPRICED: &str = "price";

/// What stands instead of a limit that holds no longer for what something else takes over.
pub(crate) const MOVED: &str = "moved";
/// What stands instead of a price that was higher.
pub(crate) const CHEAPER: &str = "lower price";

/// A limit that a change takes away.
#[derive(Debug)]
pub(crate) struct Removed {
    /// The limit.
    pub(crate) path: TomlPath,
    pub(crate) before: Span,
    /// What the head says instead, which makes it no limit: its key, and where it stands.
    pub(crate) instead: Option<(&'static str, Option<Span>)>,
    /// The meters that it limited.
    meters: Vec<MeterId>,
    /// The thing all of whose limits need it.
    needed_by: Option<(Family, String)>,
    /// What a line that it counted is counted per, where that is why it no longer does.
    pub(crate) lost: Option<Per>,
    /// What has taken over what it limited.
    pub(crate) taker: Option<TomlPath>,
}

impl Removed {
    fn new(path: TomlPath, before: Span) -> Self {
        Self {
            path,
            before,
            instead: None,
            meters: Vec::new(),
            needed_by: None,
            lost: None,
            taker: None,
        }
    }

    /// Lets what a new thing takes over be limited as part of what it left.
    fn returned(&mut self, (family, name): (Family, &str), was: &str) {
        for id in &mut self.meters {
            if id.owner == family && id.name == name {
                *id = MeterId::new(family, was, id.kind, id.rest.clone());
            }
        }
        if let Some((owner, own)) = &mut self.needed_by
            && (*owner, own.as_str()) == (family, name)
        {
            was.clone_into(own);
        }
    }

    /// Whether it limited a meter.
    pub(crate) fn limited(&self, id: &MeterId) -> bool {
        let needs = |(owner, name): &(Family, String)| (id.owner, &id.name) == (*owner, name);
        self.meters.contains(id) || self.needed_by.as_ref().is_some_and(needs)
    }
}

/// A limit that the base declares, and what the head declares in its place: nothing where it is
/// another declaration that says the same.
pub(crate) struct Pair {
    pub(crate) before: Declared,
    pub(crate) after: Option<Declared>,
    /// What findings about what says the same are about.
    pub(crate) heirs: Vec<Vec<String>>,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It is there, however large.
    Kept,
    /// Something counted against it that no longer does.
    Recounted,
    Gone,
}

/// The base's limits beside the head's.
#[derive(Default)]
pub(crate) struct Limits {
    /// Those of the things in which they differ.
    pub(crate) pairs: Vec<Pair>,
    pub(crate) removed: Vec<Removed>,
    /// Whether demand that has moved is held against the limits of what it left.
    pub(crate) puts_back: bool,
    /// What the head declares, under the limits of the base where it takes any away.
    pub(crate) under: Option<Declarations>,
}

/// Compares the limits of both sides.
pub(crate) fn limits(base: &Project, head: &Project, threads: usize) -> Limits {
    let (old, new) = (&*named_as(base, head), &head.declarations.root);
    let mut under = new.clone();
    // Of what could not be read wholly, an error of its file speaks.
    let subjects = head.findings.iter().map(|finding| &finding.subject);
    let broken: HashSet<TomlPath> = subjects
        .filter_map(|subject| TomlPath::parse(subject).ok())
        .map(thing)
        .collect();
    let mut lent = Vec::new();
    let mut differing = lend(&mut under, &mut lent, old, new);
    let members = Members::new(base, head);
    let counted = members.as_ref().map(|it| it.lend(&mut under, old));
    differing.extend(counted.into_iter().flatten());
    differing.sort_unstable();
    differing.dedup();
    differing.retain(|(list, name)| !broken.contains(&TomlPath::new(&[list, name])));
    lent.retain(|(path, _)| !broken.contains(&thing(path.clone())));
    let unpriced = prices::unpriced(base, head, old);
    let lost = members.map_or(Vec::new(), |members| members.lost(old));
    let returned = Returned::new(base, head);
    if differing.is_empty() && unpriced.is_empty() && lost.is_empty() && returned.is_empty() {
        return Limits::default();
    }
    let mut declarations = Declarations {
        root: under,
        ..head.declarations.clone()
    };
    let model = build(&declarations, threads);
    let sides = [(old, &model), (new, &head.model)];
    let pairs = paired(sides, &differing, head.model.calendar.days_per_month);
    let mut removed: Vec<Removed> = (pairs.iter())
        .filter_map(|pair| removed(pair, old, new))
        .collect();
    for it in &removed {
        let key = it.instead.map_or("", |(key, _)| key);
        if matches!(key, "overage" | "packs") {
            let mut path = thing(it.path.clone());
            path.0.push(key.to_owned());
            declarations.root.copy(old, &path);
        }
    }
    keep(&mut declarations.root, new, &pairs, &removed);
    for it in unpriced
        .into_iter()
        .filter(|it| !broken.contains(&it.thing))
    {
        declarations.root.copy(old, &it.thing.join(it.key));
        removed.extend(it.removed);
    }
    let mut more = Vec::new();
    let root = &mut declarations.root;
    let puts_back = returned.put_back(old, (root, &mut more), &mut removed);
    removed.extend(lent.into_iter().filter_map(unmeasured));
    for lost in lost {
        if !broken.contains(&thing(lost.path.clone())) {
            lose(lost, &mut removed);
        }
    }
    Limits {
        pairs,
        puts_back,
        under: (!removed.is_empty()).then_some(declarations),
        removed,
    }
}

/// Lets what stays be what the head says it is.
fn keep(under: &mut Root, new: &Root, pairs: &[Pair], removed: &[Removed]) {
    let gone = pairs.iter().filter(|pair| pair.fate != Fate::Kept);
    let gone: HashSet<TomlPath> = gone.map(|pair| place(&pair.before)).collect();
    for pair in pairs.iter().filter(|pair| pair.fate == Fate::Kept) {
        let path = place(&pair.before);
        let is_same = pair
            .after
            .as_ref()
            .is_some_and(|after| place(after) == path);
        if is_same && !gone.contains(&path) && removed.iter().all(|it| it.path != pair.before.path)
        {
            under.copy(new, &path);
        }
    }
    // What counts is the base's; how much, what the head raises it to.
    for pair in pairs.iter().filter(|pair| pair.fate == Fate::Recounted) {
        let after = pair.after.as_ref();
        if let Some(after) = after.filter(|after| !after.is_as_tight_as(&pair.before)) {
            let mut path = after.path.clone();
            path.0.truncate(if after.key() == "limits" { 5 } else { 3 });
            under.copy(new, &path);
        }
    }
}

/// The value that declares a limit, and nothing else.
fn place(limit: &Declared) -> TomlPath {
    let mut path = limit.path.clone();
    path.0.truncate(match limit.key() {
        "limits" => 5,
        "plan" | "workers" => 4,
        _ => 3,
    });
    path
}

fn unmeasured((path, before): Lent) -> Option<Removed> {
    let [list, name] = path.0.get(..2)? else {
        return None;
    };
    let needed_by = Some((Family::of_key(list)?, name.clone()));
    Some(Removed {
        instead: Some((UNMEASURED, None)),
        needed_by,
        ..Removed::new(path, before)
    })
}

/// Adds a limit against which lines no longer count, where it is not there yet.
fn lose(lost: Lost<'_>, removed: &mut Vec<Removed>) {
    let Lost { path, before, per } = lost;
    let mut known = removed
        .iter_mut()
        .filter(|it| it.path.0.starts_with(&path.0))
        .peekable();
    if known.peek().is_some() {
        known.for_each(|it| it.lost = Some(per.clone()));
        return;
    }
    removed.push(Removed {
        instead: Some((RECOUNTED, None)),
        lost: Some(per.clone()),
        ..Removed::new(path, before)
    });
}

/// Each limit of the base's things with what the head declares in its place.
fn paired(
    sides: [(&Root, &Model); 2],
    differing: &[(&'static str, &str)],
    days_per_month: f64,
) -> Vec<Pair> {
    let limits = |list: &'static str, name: &str| {
        sides.map(|(root, model)| limits_of(root, model, (list, name), days_per_month))
    };
    let mut pairs = Vec::new();
    let mut budgets = Vec::new();
    for (list, name) in differing {
        let [mut before, after] = limits(list, name);
        budgets.extend(before.extract_if(.., |it| it.is_budget()));
        pairs.extend(pair_up(before.clone(), (&before, &after)));
    }
    if !budgets.is_empty() {
        let [before, after] = sides.map(|(root, model)| all_budgets(root, model, days_per_month));
        pairs.extend(pair_up(budgets, (&before, &after)));
    }
    pairs
}

/// The budgets of things, alone and together.
fn all_budgets(root: &Root, model: &Model, days_per_month: f64) -> Vec<Declared> {
    let mut all = Vec::new();
    macro_rules! add {
        ($($list:ident)*) => {$(
            for name in root.$list.names() {
                let limits = limits_of(root, model, (stringify!($list), name), days_per_month);
                all.extend(limits.into_iter().filter(Declared::is_budget));
            }
        )*};
    }
    add!(apis databases models queues budgets);
    all
}

/// Pairs limits with those that say the same in the head, each in its own words.
fn pair_up(limits: Vec<Declared>, (before, after): (&[Declared], &[Declared])) -> Vec<Pair> {
    let is_new = |limit: &Declared| !before.iter().any(|old| old.is(limit));
    let new: Vec<&Declared> = after.iter().filter(|limit| is_new(limit)).collect();
    let pair = |before: Declared| {
        let (after, heirs, fate) = counterpart(&before, after, &new);
        Pair {
            after: after.cloned(),
            heirs: heirs.into_iter().map(|heir| heir.about.clone()).collect(),
            before,
            fate,
        }
    };
    limits.into_iter().map(pair).collect()
}

/// What the head declares in the place of a limit, and what says the same there. `new` are those
/// that the base does not have.
fn counterpart<'d>(
    old: &Declared,
    after: &'d [Declared],
    new: &[&'d Declared],
) -> (Option<&'d Declared>, Vec<&'d Declared>, Fate) {
    let same = after.iter().find(|it| it.is(old));
    let counts_for_all =
        |it: &&Declared| it.counts_all_of(old) && it.counts.tiers == old.counts.tiers;
    if let Some(same) = same.filter(counts_for_all) {
        return (Some(same), vec![same], Fate::Kept);
    }
    let tiers = match &old.counts.tiers {
        None => vec![None],
        Some(tiers) => tiers.iter().map(|tier| Some(tier.as_str())).collect(),
    };
    let (mut raised, mut heirs) = (same, Vec::new());
    for tier in tiers {
        let mut tight =
            (after.iter()).filter(|it| it.stands_for(old, tier) && it.is_as_tight_as(old));
        if let Some(tight) = tight.next() {
            heirs.push(tight);
            continue;
        }
        // What comes in its place and allows more.
        let mut larger = new.iter().copied();
        match larger.find(|it| it.stands_for(old, tier) && it.has_window_of(old)) {
            Some(larger) => {
                raised = Some(larger);
                heirs.push(larger);
            }
            None => {
                let parts = parts(old, after);
                return match same {
                    _ if !parts.is_empty() => (None, parts, Fate::Kept),
                    Some(same) => (Some(same), vec![same], Fate::Recounted),
                    None => (None, parts, Fate::Gone),
                };
            }
        }
    }
    (raised, heirs, Fate::Kept)
}

/// The budgets that are for parts of what one is for, for all of it, and allow no more together.
fn parts<'d>(old: &Declared, after: &'d [Declared]) -> Vec<&'d Declared> {
    let of_old = |it: &&Declared| old.is_budget() && it.is_for_part_of(old);
    let mut all: Vec<&Declared> = after.iter().filter(of_old).collect();
    all.sort_by(|one, other| one.now.total_cmp(&other.now));
    let mut left = old.counts.names.clone();
    let (mut now, mut most) = (0.0, 0.0);
    all.retain(|it| {
        let had = left.len();
        left.retain(|name| !it.counts.names.contains(name));
        let counts = left.len() < had;
        if counts {
            now += it.now;
            most += it.most;
        }
        counts
    });
    if !left.is_empty() || !old.allows(now, most) {
        all.clear();
    }
    all
}

/// The limit of a pair, where the head takes it away.
fn removed(pair: &Pair, old: &Root, new: &Root) -> Option<Removed> {
    let Pair {
        before,
        after,
        fate,
        ..
    } = pair;
    // `{ now = …, max = "none" }`
    let is_open = |after: &&Declared| after.most.is_infinite() && before.most.is_finite();
    let opened = after.as_ref().filter(is_open);
    let recounted = after.as_ref().filter(|_| *fate == Fate::Recounted);
    let instead = passable(before, old, new)
        .or(opened.map(|after| ("max", after.span)))
        .or(recounted.map(|after| (RECOUNTED, after.span)));
    if *fate == Fate::Kept && instead.is_none() {
        return None;
    }
    let mut path = before.path.clone();
    let mut span = before.span;
    let mut instead = instead.map(|(key, span)| (key, Some(span)));
    if path.0.first().is_some_and(|list| list == "budgets") && !matches!(instead, Some(("max", _)))
    {
        path = thing(path);
        let of = path
            .0
            .get(1)
            .and_then(|name| old.budgets.get(name)?.of.as_ref());
        if let (Fate::Recounted, Some(of)) = (*fate, of) {
            (path, span, instead) = (path.join("of"), of.span, None);
        }
    }
    Some(Removed {
        instead,
        meters: before.meter.clone().into_iter().collect(),
        ..Removed::new(path, span)
    })
}

/// The thing that a path leads into.
fn thing(mut path: TomlPath) -> TomlPath {
    path.0.truncate(2);
    path
}

/// What newly lets a plan be passed without limit: overage, or packs of which any number can be
/// held.
fn opened(before: &Api, after: &Api) -> Option<(&'static str, Span)> {
    let open = |api: &Api| {
        let overage = api
            .overage
            .as_ref()
            .map(|overage| ("overage", overage.span));
        let packs = api.packs.iter().flat_map(|packs| &packs.value.0);
        let mut endless = packs.filter(|pack| pack.value.max.is_none());
        overage.or_else(|| endless.next().map(|pack| ("packs", pack.span)))
    };
    open(after).filter(|_| open(before).is_none())
}

/// The same, of the plan that a limit is.
fn passable(limit: &Declared, old: &Root, new: &Root) -> Option<(&'static str, Span)> {
    let id = limit
        .meter
        .as_ref()
        .filter(|id| id.kind == MeterKind::Credits)?;
    opened(old.apis.get(&id.name)?, new.apis.get(&id.name)?)
}
