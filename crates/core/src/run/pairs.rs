//! Which project of the base each project of the head was.

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::report;

/// The name of what is reported of files that belong to no project.
pub(super) const OUTSIDE: &str = "outside every project";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) head: Option<usize>,
    pub(super) base: Option<usize>,
    pub(super) saved: Option<usize>,
}

/// Pairs projects that have the same path, then those left that have the same name. What is left
/// of the base is gone, what is left of the head is new.
pub(super) fn pairs(head: &[Project], base: &[Project], saved: &[report::Project]) -> Vec<Pair> {
    fn key(project: &Project) -> (&str, &str) {
        let declarations = &project.declarations;
        (&declarations.folder, &declarations.name)
    }
    let heads: Vec<(&str, &str)> = head.iter().map(key).collect();
    let bases: Vec<(&str, &str)> = base.iter().map(key).collect();
    let of_base = matches(&heads, &bases);
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
