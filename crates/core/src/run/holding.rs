//! What of the base judges the head: its scenarios, and what of `[project]` the head lowers.

use crate::analysis::Project;
use crate::changes::followed::Names;
use crate::changes::pairing::TELLING;
use crate::changes::{moved, renamed};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::document::tables::Root;
use crate::model::resolve::scenarios_of;
use crate::model::scenarios::{sets, with_set, without_scenarios};
use crate::model::{Declarations, Multiplier, Scenario, Timing, build};
use crate::rules::loosening::project::{fewer_specs, lowered};

/// Lets the base's scenarios and the larger calendar of both sides judge the head, whose own words
/// stay as they are.
pub(crate) fn hold(head: &mut Project, base: &Project, threads: usize) {
    let [old, new] = [base, &*head].map(|project| &project.declarations.root);
    let calendar: Vec<&str> = lowered(old, new).map(|key| key.name).collect();
    let specs = fewer_specs(old, new);
    // Too many of them are an error, and none is judged.
    let refused =
        |side: &Project, root: &Root| side.scenarios.is_empty() && !root.scenarios.is_empty();
    let are_refused = refused(base, old) || refused(head, new);
    let declared = old.scenarios.span().is_some() && !are_refused;
    let looks = declared && (old.scenarios != new.scenarios || sets(old));
    let held = looks.then(|| Names::new(base, head).scenarios());
    let held = held.filter(|held| {
        let mut entries = held.entries();
        entries.any(|(name, it)| new.scenarios.get(name) != Some(&it.body.value))
    });
    if !calendar.is_empty() || specs || held.is_some() {
        let mut judged = head.declarations.clone();
        let mut copy = |path: &[&str]| judged.root.copy(old, &TomlPath::new(path));
        calendar.iter().for_each(|key| copy(&["project", key]));
        if specs {
            copy(&["project", "specs"]);
        }
        if let Some(held) = held {
            for (name, entry) in held.entries() {
                let scenarios = &mut judged.root.scenarios;
                scenarios.insert(name.to_owned(), entry.clone());
            }
        }
        if !calendar.is_empty() {
            head.model = build(&judged, threads);
        }
        if !refused(head, &head.declarations.root) {
            hold_scenarios(head, &judged, calendar.is_empty(), threads);
        }
        head.held = Some(Box::new(judged.root));
    }
    if declared {
        follow_renames(head, base);
        follow_moves(head, base);
    }
    require_at_least(head, base);
}

impl Project {
    /// Whether it says the same as another about how both are judged, so that holding that one
    /// changes nothing: the calendar, scenarios and what they name, and the policy.
    pub(crate) fn judges_alike(&self, head: &Self) -> bool {
        let [old, new] = [self, head].map(|project| &project.declarations.root);
        let mut names = new.features.names();
        self.policy == head.policy
            && old.project == new.project
            && old.scenarios == new.scenarios
            && old.tenants == new.tenants
            && old.features.len() == new.features.len()
            && names.all(|name| old.features.get(name).is_some())
            && (old.features == new.features || !(sets(old) || multiplies(self)))
    }
}

/// Lets what the base's scenarios multiply be multiplied under its new name: by what was
/// said for what is gone, or by what the head says for it where that is more.
fn follow_renames(head: &mut Project, base: &Project) {
    let own = scenarios_of(&head.declarations);
    let names = Names::new(base, head);
    let (old, new) = (&base.model.tiers, &head.model.tiers);
    let left: Vec<(usize, Vec<usize>)> = (old.keys().enumerate())
        .map(|(index, tier)| {
            let heirs = names.heirs("tenants", tier).iter();
            let heirs = heirs.filter_map(|heir| new.get_index_of(*heir));
            (index, heirs.collect())
        })
        .collect();
    let gone = old.keys().enumerate();
    let gone = gone.filter(|(_, tier)| !new.contains_key(*tier));
    let gone: Vec<usize> = gone.map(|(index, _)| index).collect();
    let come = new.keys().enumerate();
    let come = come.filter(|(_, tier)| !old.contains_key(*tier));
    let come: Vec<usize> = come.map(|(index, _)| index).collect();
    let features = renamed::heirs(base, head).into_iter();
    let features: Vec<(String, String)> = features
        .map(|(new, old)| (new.to_owned(), old.to_owned()))
        .collect();
    for (scenario, _) in &mut head.scenarios {
        let name = &scenario.name;
        let Some(before) = named(base, name) else {
            continue;
        };
        let found = own.binary_search_by(|own| own.name.cmp(name));
        let own = found.ok().and_then(|index| own.get(index));
        for (feature, was) in &features {
            let said = own.and_then(|own| own.rates.get(feature));
            let times = [said, before.rates.get(was)].into_iter().flatten();
            if let Some(times) = times.copied().max_by(f64::total_cmp) {
                scenario.rates.insert(feature.clone(), times);
            }
        }
        let Multiplier::Tiers(times) = &mut scenario.tenants else {
            continue;
        };
        // Too many can't be told apart: each may be the one that grows most.
        let most = gone.iter().filter(|_| gone.len().max(come.len()) > TELLING);
        let most = most.map(|gone| before.tenants.of(*gone));
        let most = most.fold(1.0, f64::max);
        for index in &come {
            if let Some(times) = times.get_mut(*index) {
                *times = own.map_or(1.0, |own| own.tenants.of(*index)).max(most);
            }
        }
        for (gone, heirs) in &left {
            for heir in heirs {
                if let Some(times) = times.get_mut(*heir) {
                    *times = times.max(before.tenants.of(*gone));
                }
            }
        }
    }
}

fn multiplies(project: &Project) -> bool {
    let mut scenarios = project.scenarios.iter();
    scenarios.any(|(scenario, _)| !scenario.rates.is_empty())
}

/// Lets what lines take over from those of other features be multiplied as it was there.
fn follow_moves(head: &mut Project, base: &Project) {
    if !multiplies(base) {
        return;
    }
    let moved = moved::moved(base, head).into_iter();
    let moved = moved.filter(|it| matches!(it.line.timing, Timing::Rate { .. }));
    let moved: Vec<_> = moved
        .map(|it| {
            let from = it.from.iter().filter(|giver| giver.most);
            let from = from.map(|giver| (giver.feature.to_owned(), giver.part * it.more));
            let from: Vec<_> = from.collect();
            (it.line.path(it.feature), it.feature.to_owned(), from)
        })
        .collect();
    for (scenario, _) in &mut head.scenarios {
        let Some(before) = named(base, &scenario.name) else {
            continue;
        };
        let times = |of: &Scenario, feature: &str| of.rates.get(feature).copied().unwrap_or(1.0);
        for (path, feature, from) in &moved {
            let own = times(scenario, feature);
            let more = from
                .iter()
                .map(|(was, share)| share * (times(before, was) - own).max(0.0));
            let more: f64 = more.sum();
            if more > 0.0 {
                scenario.taken.insert(path.clone(), own + more);
            }
        }
    }
}

/// Resolves the scenarios that judge. What the head made of those that are its own is kept, where
/// the same model holds in them.
fn hold_scenarios(head: &mut Project, judged: &Declarations, same_model: bool, threads: usize) {
    let own = &head.declarations.root.scenarios;
    let made = std::mem::take(&mut head.scenarios);
    let mut made: HashMap<_, _> = made
        .into_iter()
        .map(|(scenario, model)| (scenario.name.clone(), (scenario, model)))
        .collect();
    let bare = without_scenarios(judged);
    head.scenarios = scenarios_of(judged)
        .into_iter()
        .map(|scenario| {
            let name = &scenario.name;
            let is_own = own.get(name) == judged.root.scenarios.get(name);
            if let Some(made) = made.remove(name).filter(|_| is_own && same_model) {
                return made;
            }
            // What is wrong with what the base sets is no matter of the head.
            let model = scenario
                .sets
                .then(|| build(&with_set(&bare, judged.root.scenarios.get(name)).0, threads));
            (scenario, model)
        })
        .collect();
}

/// Of a scenario that the base only assumed the stricter `require` of both sides counts.
fn require_at_least(head: &mut Project, base: &Project) {
    for (scenario, _) in &mut head.scenarios {
        let before = named(base, &scenario.name).filter(|before| before.assumed);
        if let Some(before) = before
            && before.require.is_stricter_than(scenario.require)
        {
            scenario.require = before.require;
        }
    }
}

/// The scenario of a project with a name.
fn named<'p>(project: &'p Project, name: &str) -> Option<&'p Scenario> {
    let by_name = |(scenario, _): &(Scenario, _)| scenario.name.as_str().cmp(name);
    let found = project.scenarios.binary_search_by(by_name).ok()?;
    project.scenarios.get(found).map(|(scenario, _)| scenario)
}
