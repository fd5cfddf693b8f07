//! Which of what comes in a change is which of what goes: the one place that decides it.
//!
//! What is declared the same and asked for as much is the same, whatever it is called; then what is
//! declared the same and has a user in common; then what has most users in common: each one to one.
//! Only what is left over may be a part of something that another is already.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::collections::HashMap;

/// How many things may have a mark in common for it to tell which of them was renamed.
pub(crate) const TELLING: usize = 100;

/// What tells what something is, apart from its name.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    /// What is declared, without names.
    pub(super) declared: String,
    /// What is asked of it, without names.
    pub(super) asked: String,
    /// Its users and parts.
    pub(super) marks: BTreeSet<String>,
}

/// What is new, with what it was.
#[derive(Debug, Default)]
pub(crate) struct Pairing<'a> {
    /// By what is new.
    pub(crate) was: BTreeMap<&'a str, &'a str>,
    /// Those that are all of what one was, and that nothing else may have become.
    pub(crate) whole: BTreeSet<&'a str>,
    /// Where it may have been any of several: all of them.
    pub(crate) may_be: BTreeMap<&'a str, Vec<&'a str>>,
}

/// How well two fit: the better the greater.
type Rank = (u8, usize, bool);

/// One that is gone and one that has come, by their places.
type Edge = (usize, usize);

/// Pairs what is gone with what has come.
pub(super) fn pair<'a>(gone: &[Known<'a>], come: &[Known<'a>]) -> Pairing<'a> {
    let mut pairing = Pairing::default();
    if gone.is_empty() || come.is_empty() {
        return pairing;
    }
    let shared = shared(gone, come);
    let mut taken: Vec<Option<usize>> = vec![None; gone.len()];
    let mut was: Vec<Option<usize>> = vec![None; come.len()];
    // Those of which nothing tells which is which are a group.
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    let mut groups_of: HashMap<usize, Vec<usize>> = HashMap::default();
    for ((_, common, _), edges) in ranked(gone, come, &shared).into_iter().rev() {
        let free = edges.into_iter();
        let free: Vec<Edge> = free
            .filter(|(old, new)| taken[*old].is_none() && was[*new].is_none())
            .collect();
        let mut untold: BTreeSet<usize> = BTreeSet::new();
        for (olds, news) in components(&free) {
            if olds.len() != news.len() {
                // What nobody uses is none of several that are alike, nor is one of very many.
                if common == 0 || news.len() > TELLING {
                    untold.extend(&news);
                }
                if news.len() <= TELLING {
                    for new in &news {
                        groups_of.entry(*new).or_default().push(groups.len());
                    }
                    groups.push(news);
                }
            }
        }
        for (old, new) in free.into_iter().filter(|(_, new)| !untold.contains(new)) {
            if taken[old].is_none() && was[new].is_none() {
                (taken[old], was[new]) = (Some(new), Some(old));
            }
        }
    }
    let count = |old: usize, new: usize| shared[new].get(&old).copied().unwrap_or(0);
    for (new, known) in come.iter().enumerate() {
        let best = shared[new]
            .iter()
            .max_by_key(|(old, count)| (**count, Reverse(**old)));
        let Some(old) = was[new].or(best.map(|(old, _)| *old)) else {
            continue;
        };
        let mut others = shared[new].keys();
        if was[new].is_some() && others.all(|it| *it == old || taken[*it].is_some()) {
            pairing.whole.insert(known.name);
        }
        pairing.was.insert(known.name, gone[old].name);
        let own = count(old, new);
        let mut all = BTreeSet::from([old]);
        let left = shared[new]
            .iter()
            .filter(|(_, count)| **count >= own && own > 0);
        all.extend(
            left.map(|(old, _)| *old)
                .filter(|old| taken[*old].is_none()),
        );
        let own_groups = groups_of.get(&new).into_iter().flatten();
        let mates = own_groups.flat_map(|group| &groups[*group]);
        all.extend(mates.filter_map(|mate| was[*mate]));
        if all.len() > 1 {
            let names = all.into_iter().map(|old| gone[old].name);
            pairing.may_be.insert(known.name, names.collect());
        }
    }
    pairing
}

/// How many marks each new one has in common with those that are gone.
fn shared(gone: &[Known<'_>], come: &[Known<'_>]) -> Vec<BTreeMap<usize, usize>> {
    let mut by_mark: HashMap<&str, Vec<usize>> = HashMap::default();
    for (old, known) in gone.iter().enumerate() {
        for mark in &known.marks {
            by_mark.entry(mark).or_default().push(old);
        }
    }
    by_mark.retain(|_, olds| olds.len() <= TELLING);
    let of = |known: &Known<'_>| {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let marks = known.marks.iter();
        for old in marks
            .filter_map(|mark| by_mark.get(mark.as_str()))
            .flatten()
        {
            *counts.entry(*old).or_default() += 1;
        }
        counts
    };
    come.iter().map(of).collect()
}

/// What may be one, by how well it fits.
fn ranked(
    gone: &[Known<'_>],
    come: &[Known<'_>],
    shared: &[BTreeMap<usize, usize>],
) -> BTreeMap<Rank, Vec<Edge>> {
    let mut alike: HashMap<(&str, &str), Vec<usize>> = HashMap::default();
    for (old, known) in gone.iter().enumerate() {
        let olds = alike.entry((&known.declared, &known.asked)).or_default();
        olds.push(old);
    }
    let mut ranked: BTreeMap<Rank, Vec<Edge>> = BTreeMap::new();
    for (new, known) in come.iter().enumerate() {
        let most = shared[new].values().max().copied().unwrap_or(0);
        for (old, count) in &shared[new] {
            let before = &gone[*old];
            let is_declared = before.declared == known.declared;
            let is_asked = before.asked == known.asked;
            if is_declared || *count == most {
                let level = 1 + u8::from(is_declared) + u8::from(is_declared && is_asked);
                let edges = ranked.entry((level, *count, is_asked)).or_default();
                edges.push((*old, new));
            }
        }
        let same = alike.get(&(&*known.declared, &*known.asked));
        let same = same
            .filter(|olds| olds.len() <= TELLING)
            .into_iter()
            .flatten();
        for old in same.filter(|old| !shared[new].contains_key(*old)) {
            ranked.entry((3, 0, true)).or_default().push((*old, new));
        }
    }
    for edges in ranked.values_mut() {
        edges.sort_unstable();
    }
    ranked
}

/// What edges connect.
fn components(edges: &[Edge]) -> Vec<(BTreeSet<usize>, BTreeSet<usize>)> {
    let mut places: HashMap<(bool, usize), usize> = HashMap::default();
    let mut all: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
    for (old, new) in edges {
        let known = [(false, *old), (true, *new)].map(|key| places.get(&key).copied());
        let place = match known {
            [Some(one), Some(other)] if one != other => {
                // The smaller joins the larger, so that each moves seldom.
                let size = |at: usize| all[at].0.len() + all[at].1.len();
                let (one, other) = match size(one) < size(other) {
                    true => (other, one),
                    false => (one, other),
                };
                let (olds, news) = std::mem::take(&mut all[other]);
                places.extend(olds.iter().map(|old| ((false, *old), one)));
                places.extend(news.iter().map(|new| ((true, *new), one)));
                all[one].0.extend(olds);
                all[one].1.extend(news);
                one
            }
            [Some(one), _] | [None, Some(one)] => one,
            [None, None] => {
                all.push(Default::default());
                all.len() - 1
            }
        };
        places.extend([((false, *old), place), ((true, *new), place)]);
        all[place].0.insert(*old);
        all[place].1.insert(*new);
    }
    all
}

/// A text without what stands in quotes: names, and what they lead to.
pub(super) fn nameless(text: &str) -> String {
    let parts = text.split('"').step_by(2);
    parts.collect()
}
