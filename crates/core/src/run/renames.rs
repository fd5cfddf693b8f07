//! Findings of the base about what has another name in the head: renaming what exceeds its limit
//! breaks nothing new.

use crate::analysis::Project;
use crate::changes::Comparison;
use crate::changes::followed::tiers;
use crate::changes::limits::Limits;
use crate::changes::renamed;
use crate::collections::{HashMap, HashSet};
use crate::document::{TomlPath, dotted};
use crate::report::Finding;

/// What the head calls what findings of the base are about.
struct Names<'a> {
    /// By table and name of what is gone.
    things: HashMap<(&'a str, &'a str), &'a str>,
    tiers: HashMap<&'a str, Vec<&'a str>>,
    /// By meter, or path of a quota, in the head's names of things.
    limits: HashMap<&'a [String], Vec<&'a [String]>>,
}

impl<'a> Names<'a> {
    fn new(base: &'a Project, head: &'a Project, limits: &'a Limits) -> Self {
        let things = renamed::things(base, head).into_iter();
        let things = things.map(|((family, new), old)| ((family.as_str(), old), new));
        let features = renamed::features(base, head);
        let features = features
            .was
            .into_iter()
            .filter(|(new, _)| features.whole.contains(new));
        let things = things.chain(features.map(|(new, old)| (("features", old), new)));
        let [old, new] = [base, head].map(|side| &side.declarations.root);
        let mut names = Self {
            // Of several that one may be now, the first.
            things: things.rev().collect(),
            tiers: tiers(old, new).into_iter().collect(),
            limits: HashMap::default(),
        };
        for pair in &limits.pairs {
            let before = &*pair.before.about;
            for heir in pair.heirs.iter().filter(|heir| ***heir != *before) {
                names.limits.entry(before).or_default().push(heir);
            }
        }
        names
    }

    fn are_the_same(&self) -> bool {
        self.things.is_empty() && self.tiers.is_empty() && self.limits.is_empty()
    }

    /// A path in the head's names; none where those are the same.
    fn of(&self, path: &str) -> Vec<String> {
        let Ok(TomlPath(mut keys)) = TomlPath::parse(path) else {
            return Vec::new();
        };
        let before = keys.clone();
        for at in 1..keys.len() {
            let new = match &keys[at - 1..=at] {
                [table, name] if table == "tenant_quota" => self.tier(name),
                [table, name] => self.things.get(&(&**table, &**name)).copied(),
                _ => None,
            };
            if let Some(new) = new {
                new.clone_into(&mut keys[at]);
            }
        }
        let tail = (0..keys.len()).find_map(|at| Some((at, self.limits.get(&keys[at..])?)));
        let paths = match tail {
            Some((at, heirs)) => heirs
                .iter()
                .map(|heir| [&keys[..at], heir].concat())
                .collect(),
            None if keys == before => Vec::new(),
            None => vec![keys],
        };
        let texts = paths
            .iter()
            .map(|keys| dotted(keys.iter().map(String::as_str)));
        texts.collect()
    }

    fn tier(&self, name: &str) -> Option<&'a str> {
        self.tiers.get(name)?.first().copied()
    }

    /// A part of a finding in the head's names: a path, or a tier and a unit.
    fn part(&self, part: &str) -> Option<String> {
        let of_tier = part.split_once(' ');
        let of_tier = of_tier.and_then(|(tier, rest)| Some(format!("{} {rest}", self.tier(tier)?)));
        of_tier.or_else(|| self.of(part).into_iter().next())
    }
}

/// Lets findings of the base be about what they are about in the head, where that has the same.
pub(super) fn follow(
    old: &mut Vec<Finding>,
    findings: &[Finding],
    comparison: &Comparison<'_>,
    head: &Project,
) {
    let Some(base) = comparison.base() else {
        return;
    };
    let names = Names::new(base, head, &comparison.limits);
    if names.are_the_same() && !comparison.origins.renames_lines() {
        return;
    }
    let known: HashSet<String> = old.iter().map(|it| it.fingerprint.clone()).collect();
    let new = findings.iter();
    let new = new.filter(|finding| !known.contains(&finding.fingerprint));
    let new: HashMap<(&str, &str), &Finding> = new
        .map(|finding| ((&*finding.rule, &*finding.subject), finding))
        .collect();
    let mut followed: HashMap<&str, Finding> = HashMap::default();
    let before: HashMap<(String, String), Option<f64>> = old
        .iter()
        .map(|it| ((it.rule.clone(), it.subject.clone()), it.figure))
        .collect();
    // What may have been any of several is as bad as the best of them was.
    let least = |now: &Finding| -> Option<Vec<Option<f64>>> {
        let path = TomlPath::parse(&now.subject).ok();
        let all = path.map_or(Vec::new(), |path| comparison.origins.all(&path));
        let all = all.iter().filter(|_| all.len() > 1);
        all.map(|was| before.get(&(now.rule.clone(), was.to_string())).copied())
            .collect()
    };
    old.retain_mut(|finding| {
        for (part, _) in &mut finding.parts {
            let line = TomlPath::parse(part).ok();
            let line = line.and_then(|line| comparison.origins.line_now(&line).cloned());
            if let Some(line) = line {
                *part = line.to_string();
            } else if let Some(name) = names.part(part) {
                *part = name;
            }
        }
        let subjects = names.of(&finding.subject);
        let now: Vec<&&Finding> = (subjects.iter())
            .filter_map(|subject| new.get(&(&*finding.rule, subject)))
            .collect();
        for now in &now {
            let Some(figures) = least(now) else {
                continue;
            };
            // Several that are one now are as bad as the worst of them.
            let one = followed.entry(&now.fingerprint).or_insert_with(|| Finding {
                subject: now.subject.clone(),
                fingerprint: now.fingerprint.clone(),
                parts: Vec::new(),
                ..finding.clone()
            });
            one.figure = (one.figure.zip(finding.figure)).map(|(one, other)| one.max(other));
            for figure in figures {
                one.figure = (one.figure.zip(figure)).map(|(one, other)| one.min(other));
            }
            one.parts.extend(finding.parts.iter().cloned());
        }
        now.is_empty()
    });
    old.extend(followed.into_values());
}
