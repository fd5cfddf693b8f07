//! Which project of the base each project of the head was.

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::report;

/// The name of what is reported of files that belong to no project.
pub(super) const OUTSIDE: &str = "outside every project";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) head: Option<usize>,
    pub(crate) base: Option<usize>,
    pub(crate) saved: Option<usize>,
}

/// Pairs projects that have the same path, then those left that have the same name, then those
/// left that declare the same; those that have changed places by their names. What is left of the base is gone, what is left of the head is new.
pub(crate) fn pairs(head: &[Project], base: &[Project], saved: &[report::Project]) -> Vec<Pair> {
    fn key(project: &Project) -> (&str, &str) {
        let declarations = &project.declarations;
        (&declarations.folder, &declarations.name)
    }
    let heads: Vec<(&str, &str)> = head.iter().map(key).collect();
    let bases: Vec<(&str, &str)> = base.iter().map(key).collect();
    let mut of_base = matches(&heads, &bases);
    same(head, base, &mut of_base);
    exchanged(head, base, &mut of_base);
    let reports = saved.iter().map(|it| (it.root.as_str(), it.name.as_str()));
    let reports: Vec<(&str, &str)> = reports.collect();
    let is_project = |index: &usize| reports[*index].1 != OUTSIDE;
    let known: Vec<usize> = (0..reports.len()).filter(is_project).collect();
    let known_reports: Vec<(&str, &str)> = known.iter().map(|index| reports[*index]).collect();
    let of_saved = matches(&heads, &known_reports);
    let mut pairs: Vec<Pair> = (0..head.len())
        .map(|index| Pair {
            head: Some(index),
            base: of_base[index],
            saved: of_saved[index].map(|at| known[at]),
        })
        .collect();
    let gone = |matched: &[Option<usize>], count: usize| -> Vec<usize> {
        let mut left = vec![true; count];
        for index in matched.iter().flatten() {
            left[*index] = false;
        }
        (0..count).filter(|index| left[*index]).collect()
    };
    pairs.extend(gone(&of_base, base.len()).into_iter().map(|index| Pair {
        base: Some(index),
        ..Pair::default()
    }));
    pairs.extend(gone(&of_saved, known.len()).into_iter().map(|at| Pair {
        saved: Some(known[at]),
        ..Pair::default()
    }));
    pairs
}

/// Pairs what is left where one project of each side declares the same, `[project]` aside: it has
/// moved, and was called by its folder, or it has got a name.
fn same(head: &[Project], base: &[Project], matched: &mut [Option<usize>]) {
    // Projects that may be the same: of the head, and of the base.
    type Alike<'p> = HashMap<(&'p str, usize), [Vec<usize>; 2]>;
    let mut alike: Alike<'_> = HashMap::default();
    let taken: HashSet<usize> = matched.iter().flatten().copied().collect();
    let heads = (0..head.len()).filter(|index| matched[*index].is_none());
    let bases = (0..base.len()).filter(|index| !taken.contains(index));
    let all = heads.map(|index| (0, index, &head[index]));
    for (side, index, project) in all.chain(bases.map(|index| (1, index, &base[index]))) {
        let features = &project.declarations.root.features;
        if let Some(first) = features.names().min() {
            let sides = alike.entry((first, features.len())).or_default();
            sides[side].push(index);
        }
    }
    for [heads, bases] in alike.into_values() {
        if let ([after], [before]) = (&heads[..], &bases[..])
            && declares_the_same(&base[*before], &head[*after])
        {
            matched[*after] = Some(*before);
        }
    }
}

/// Pairs projects by their names that are in each other's folders, where they declare the same.
fn exchanged(head: &[Project], base: &[Project], matched: &mut [Option<usize>]) {
    let name = |project: &'_ Project| project.declarations.name.clone();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::default();
    let moved = matched.iter().zip(head);
    let moved: Vec<bool> = moved
        .map(|(before, after)| before.is_some_and(|it| name(&base[it]) != name(after)))
        .collect();
    for (index, _) in moved.iter().enumerate().filter(|(_, moved)| **moved) {
        if let Some(before) = matched[index] {
            by_name.entry(name(&base[before])).or_default().push(before);
        }
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (after, _) in moved.iter().enumerate().filter(|(_, moved)| **moved) {
        if let Some([before]) = by_name.get(&name(&head[after])).map(|it| &it[..])
            && declares_the_same(&base[*before], &head[after])
        {
            pairs.push((after, *before));
        }
    }
    let left: HashSet<usize> = pairs.iter().filter_map(|(it, _)| matched[*it]).collect();
    let taken: HashSet<usize> = pairs.iter().map(|(_, before)| *before).collect();
    if left == taken {
        for (after, before) in pairs {
            matched[after] = Some(before);
        }
    }
}

/// Whether a project declares what it did, `[project]` aside.
fn declares_the_same(before: &Project, after: &Project) -> bool {
    let [old, new] = [before, after].map(|it| &it.declarations.root);
    let differences = old.differences(new);
    let mut paths = differences.iter().map(|difference| &difference.path.0);
    paths.all(|path| path.first().is_some_and(|key| key == "project"))
}

/// For each project of the head, the one of the base with its path, else one with its name.
fn matches(head: &[(&str, &str)], base: &[(&str, &str)]) -> Vec<Option<usize>> {
    let last_first = base.iter().enumerate().rev();
    let mut by_path: HashMap<&str, usize> = last_first
        .map(|(index, (path, _))| (*path, index))
        .collect();
    let mut matched: Vec<Option<usize>> =
        head.iter().map(|(path, _)| by_path.remove(path)).collect();
    let mut by_name: HashMap<&str, usize> = by_path
        .into_values()
        .map(|index| (base[index].1, index))
        .fold(HashMap::default(), |mut names, (name, index)| {
            let first = names.entry(name).or_insert(index);
            *first = index.min(*first);
            names
        });
    for ((_, name), matched) in head.iter().zip(&mut matched) {
        if matched.is_none() {
            *matched = by_name.remove(name);
        }
    }
    matched
}
