//! What two states have in common is evaluated once: never with another outcome than where each is
//! evaluated by itself.

use std::collections::BTreeMap;

use caplint::history::{Asked, Changed, Commit, Past, history};
use caplint::render::{Format, Options, render};
use caplint::source::FileId;
use serde_json::Value;

use super::model::{Model, Random};
use super::*;

/// A change to the files of a project.
type Step = fn(&mut Files, &mut Random);

/// The file of the project itself.
fn root(files: &mut Files) -> &mut String {
    let root = files.iter_mut().find(|(path, _)| path == "capacity.toml");
    &mut root.unwrap().1
}

/// Some file whose path begins with these words.
fn some<'f>(files: &'f mut Files, random: &mut Random, begin: &str) -> &'f mut (String, String) {
    let own = files.iter().filter(|(path, _)| path.starts_with(begin));
    let at = random.below(own.count());
    let mut own = files.iter_mut().filter(|(path, _)| path.starts_with(begin));
    own.nth(at).unwrap()
}

fn rename(file: &mut (String, String), to: &str) {
    let name = file.0.split_once('/').unwrap().0.to_owned();
    *file = (format!("{to}/capacity.toml"), file.1.replace(&name, to));
}

const STEPS: [(&str, Step); 24] = [
    ("a rate", |files, random| {
        let (_, text) = some(files, random, "features.");
        *text = text.replacen("rate = ", "peak = 2\nrate = ", 1);
    }),
    ("two rates", |files, random| {
        for _ in 0..2 {
            let (_, text) = some(files, random, "features.");
            *text = text.replacen("id = \"call\"\n", "id = \"call\"\nitems = 3\n", 1);
        }
    }),
    ("whom a feature is for", |files, random| {
        let (_, text) = some(files, random, "features.");
        *text = text.replace("adoption = 0.4\n", "adoption = 0.7\n");
        *text = text.replace("per = \"account\"", "per = \"device\"");
    }),
    ("a line that goes", |files, random| {
        let (_, text) = some(files, random, "features.");
        let end = text
            .find("\n[[features.alpha0.writes")
            .unwrap_or(text.len());
        text.truncate(end);
    }),
    ("a feature that goes", |files, random| {
        let gone = some(files, random, "features.").0.clone();
        files.retain(|(path, _)| *path != gone);
    }),
    ("a feature that comes", |files, random| {
        let mut new = some(files, random, "features.").clone();
        rename(&mut new, &format!("features.new{}", random.below(1000)));
        files.push(new);
    }),
    ("a feature under another name", |files, random| {
        let to = format!("features.other{}", random.below(1000));
        rename(some(files, random, "features."), &to);
    }),
    ("a file that moves", |files, random| {
        let (path, _) = some(files, random, "features.");
        *path = format!(
            "{}/moved{}/capacity.toml",
            path.split('/').next().unwrap(),
            random.below(1000)
        );
    }),
    ("a feature with a table of its own", |files, random| {
        let mut new = some(files, random, "features.").clone();
        let at = random.below(1000);
        let name = format!("features.own{at}");
        rename(&mut new, &name);
        new.1 +=
            &format!("[[{name}.writes]]\nid = \"own\"\ntable = \"own{at}\"\nafter = \"call\"\n");
        new.1 += &format!(
            "[tables.own{at}]\nkind = \"event\"\ndatabase = \"main\"\nrow_size = \"90B\"\nretention = \"9d\"\n"
        );
        files.push(new);
    }),
    ("a row size", |files, random| {
        let (_, text) = some(files, random, "tables.");
        *text = text.replacen("row_size = \"", "row_size = \"1", 1);
    }),
    ("the database of a table", |files, random| {
        let (_, text) = some(files, random, "tables.");
        *text = text.replace("\"main\"", "\"cold\"");
    }),
    (
        "a table that goes, with what writes to it left",
        |files, random| {
            let gone = some(files, random, "tables.").0.clone();
            files.retain(|(path, _)| *path != gone);
        },
    ),
    ("a table that is a rollup now", |files, _| {
        let table = files
            .iter_mut()
            .find(|(path, _)| path.starts_with("tables.events/"));
        let Some((_, text)) = table else { return };
        *text = "[tables.events]\nkind = \"rollup\"\ndatabase = \"main\"\nfrom = \"rows\"\nratio = 0.5\nrow_size = \"90B\"\n".to_owned();
    }),
    ("a table with a limit", |files, random| {
        let (_, text) = some(files, random, "tables.");
        text.push_str("max_size = \"1GB\"\n");
    }),
    ("a queue", |files, random| {
        let (_, text) = some(files, random, "queues.");
        *text = text.replacen("message_size = \"", "message_size = \"1", 1);
    }),
    ("tenants", |files, _| {
        let root = root(files);
        *root = root.replacen("now = ", "now = 1", 1);
    }),
    ("a scenario", |files, random| {
        let times = 2 + random.below(5);
        let at = random.below(1000);
        root(files).push_str(&format!(
            "[scenarios.s{at}]\ntenants = {times}\nrequire = \"fit\"\n"
        ));
    }),
    ("a scenario with rates", |files, random| {
        let name = some(files, random, "features.").1.clone();
        let name = name
            .lines()
            .next()
            .unwrap()
            .trim_matches(['[', ']'])
            .to_owned();
        let name = name.strip_prefix("features.").unwrap();
        let at = random.below(1000);
        root(files).push_str(&format!(
            "[scenarios.r{at}]\nrequire = \"fit\"\nrates = {{ {name} = 3 }}\n"
        ));
    }),
    ("a scenario that sets", |files, random| {
        let at = random.below(1000);
        root(files).push_str(&format!(
            "[scenarios.t{at}]\nrequire = \"fit\"\nset = {{ \"apis.north.retry_ratio\" = 0.5 }}\n"
        ));
    }),
    ("an entity", |files, _| {
        let root = root(files);
        *root = root.replacen("count = ", "count = 1", 1);
    }),
    ("an API", |files, _| {
        let root = root(files);
        *root = root.replacen("credits = ", "credits = 1", 2);
    }),
    ("the policy", |files, _| {
        let root = root(files);
        if !root.contains("[policy]") {
            root.push_str("[policy]\nconfidence = 0.9\nlimits = { storage = { breaks = 0.5, tight = 0.4 } }\n");
        }
    }),
    ("a file that can't be read", |files, random| {
        let (_, text) = some(files, random, "features.");
        text.push_str("rate = \n");
    }),
    ("a key that does not exist", |files, random| {
        let (_, text) = some(files, random, "features.");
        text.push_str("nonsense = 1\n");
    }),
];

/// How many of the steps change nothing but features and tables.
const PLAIN: usize = 11;

/// A project of some files, and what becomes of it in so many of some steps.
fn states(
    seed: u64,
    uncertain: bool,
    (some, steps): (&[(&'static str, Step)], usize),
) -> Vec<(&'static str, Files)> {
    let mut random = Random::new(seed);
    let mut files = Model::random(&mut random, uncertain).apart(5);
    let mut states = vec![("the start", files.clone())];
    for at in 0..steps {
        let first = (seed as usize * 7 + at * 5) % some.len();
        let (name, step) = some[first];
        // What broke a file is taken out by the step after it.
        for (_, text) in &mut files {
            *text = text.replace("rate = \n", "").replace("nonsense = 1\n", "");
        }
        step(&mut files, &mut random);
        files.sort();
        states.push((name, files.clone()));
    }
    states
}

/// States of files, each file once for all of them, or once for each.
struct States {
    sources: SourceMap,
    known: BTreeMap<(String, String), FileId>,
    is_shared: bool,
}

impl States {
    fn new(is_shared: bool) -> Self {
        Self {
            sources: SourceMap::default(),
            known: BTreeMap::new(),
            is_shared,
        }
    }

    fn add(&mut self, files: &Files) -> Snapshot {
        let ids = files.iter().map(|file| {
            if let Some(known) = self.known.get(file).filter(|_| self.is_shared) {
                return *known;
            }
            let (path, text) = file;
            let id = self.sources.add(SourceFile {
                path: path.as_str().into(),
                text: text.as_str().into(),
                flaw: None,
            });
            self.known.insert(file.clone(), id);
            id
        });
        Snapshot {
            name: "a state".to_owned(),
            commit: None,
            files: ids.collect(),
            listing: Listing::new(files.iter().map(|(path, _)| path.as_str()).collect()),
        }
    }
}

fn compared(base: &Files, head: &Files, figures: Figures, is_shared: bool) -> Report {
    let mut states = States::new(is_shared);
    let [base, head] = [base, head].map(|files| states.add(files));
    let inputs = Inputs {
        sources: &states.sources,
        head: &head,
        base: Before::State(&base),
    };
    let settings = Settings {
        figures,
        ..settings(2)
    };
    run(&inputs, &settings)
}

fn told(report: &Report) -> Value {
    let text = render(Format::Json, report, &Options::default());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_both_sides_have_is_evaluated_once_and_comes_to_the_same() {
    let mut moved = 0;
    for seed in projects(STEPS.len() as u64) {
        let states = states(seed, seed % 12 == 7, (&STEPS, 2));
        for pair in states.windows(2) {
            let [(_, base), (step, head)] = pair else {
                unreachable!()
            };
            for figures in [Figures::All, Figures::Judged] {
                let [once, twice] =
                    [true, false].map(|is_shared| compared(base, head, figures, is_shared));
                moved += once
                    .projects
                    .iter()
                    .map(|project| project.changes.len())
                    .sum::<usize>();
                assert_eq!(told(&once), told(&twice), "seed {seed}: {step}");
            }
        }
    }
    assert!(moved > 0);
}

#[test]
fn a_history_moves_what_comparing_each_commit_with_the_one_before_moves() {
    for seed in projects(8) {
        let all = states(seed, seed % 12 == 7, (&STEPS, STEPS.len() / 2));
        moves_what_comparing_moves(seed, &all);
    }
}

#[test]
fn a_long_history_of_features_and_tables_moves_what_comparing_each_commit_moves() {
    for seed in projects(4) {
        let all = states(seed, false, (&STEPS[..PLAIN], 3 * PLAIN));
        moves_what_comparing_moves(seed, &all);
    }
}

fn moves_what_comparing_moves(seed: u64, all: &[(&str, Files)]) {
    let mut listed = 0;
    let past = past(all);
    let asked = Asked {
        threads: 1,
        ..Asked::default()
    };
    let history = history(&past, &asked).unwrap();
    let mut told = history
        .commits
        .iter()
        .zip(&past.commits)
        .zip(all.windows(2));
    let mut last = &all[0].1;
    for ((commit, _), pair) in &mut told {
        let [_, (step, head)] = pair else {
            unreachable!()
        };
        if commit.error.is_some() {
            continue;
        }
        let report = compared(last, head, Figures::All, false);
        last = head;
        let of_history = commit.meters.iter();
        let of_history: Vec<_> = of_history
            .map(|it| (it.meter.clone(), [it.before, it.after, it.delta, it.limit]))
            .collect();
        let changes = report.projects.iter().flat_map(|project| &project.changes);
        let of_report: Vec<_> = changes
            .map(|it| {
                let limit = it.limit.after.or(it.limit.before);
                (it.meter.clone(), [it.before, it.after, it.delta, limit])
            })
            .collect();
        assert_eq!(of_history, of_report, "seed {seed}: {step}");
        listed += of_report.len();
    }
    assert!(listed > 0);
}

/// The history of states in a row.
fn past(all: &[(&str, Files)]) -> Past {
    let mut states = States::new(true);
    let start = states.add(&all[0].1).files;
    let mut commits = Vec::new();
    for pair in all.windows(2) {
        let [(_, base), (step, head)] = pair else {
            unreachable!()
        };
        states.add(head);
        let [before, after] = [base, head].map(|files| {
            let files = files.iter().map(|file| (&*file.0, states.known[file]));
            files.collect::<BTreeMap<&str, FileId>>()
        });
        let mut paths: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
        paths.sort_unstable();
        paths.dedup();
        let changed = paths.iter().map(|path| Changed {
            before: before.get(path).copied(),
            after: after.get(path).copied(),
        });
        commits.push(Commit {
            id: format!("{:040}", commits.len()),
            day: Date::parse("2026-11-22").unwrap(),
            author: "Ada".to_owned(),
            subject: (*step).to_owned(),
            is_listed: true,
            changed: changed.filter(|it| it.before != it.after).collect(),
        });
    }
    Past {
        start,
        commits,
        sources: states.sources,
        ..Past::default()
    }
}
