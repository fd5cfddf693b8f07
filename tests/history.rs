//! `history`: what every commit moved, held against comparing each with its parent.

mod commits;
mod options;

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;

use crate::support::repo::Repo;

/// A meter's before, after and delta, by project and meter.
type Moves = BTreeMap<(String, String), [Value; 3]>;

fn caplint(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint().args(arguments).output().unwrap()
}

fn json(repo: &Repo, arguments: &[&str]) -> Value {
    let output = caplint(repo, arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn history(repo: &Repo, arguments: &[&str]) -> Value {
    let arguments = [&["history", "--json"], arguments].concat();
    json(repo, &arguments)
}

fn subjects(history: &Value) -> Vec<&str> {
    let commits = history["commits"].as_array().unwrap();
    let subjects = commits.iter().map(|commit| commit["subject"].as_str());
    subjects.map(Option::unwrap).collect()
}

/// What comparing a commit with another moves.
fn compared(repo: &Repo, before: &str, after: &str, day: &str) -> Moves {
    let report = json(repo, &["diff", before, after, "--json", "--as-of", day]);
    let mut moves = Moves::new();
    for project in report["projects"].as_array().unwrap() {
        let name = project["name"].as_str().unwrap();
        for change in project["changes"].as_array().unwrap() {
            let meter = change["meter"].as_str().unwrap();
            let figures = ["before", "after", "delta"].map(|key| change[key].clone());
            moves.insert((name.to_owned(), meter.to_owned()), figures);
        }
    }
    moves
}

/// What a history says that a commit moves. Its only project is not named.
fn told(commit: &Value, only: &str) -> Moves {
    let meters = commit["meters"].as_array().unwrap().iter();
    let moved = meters.map(|moved| {
        let project = moved["project"].as_str().unwrap_or(only).to_owned();
        let meter = moved["meter"].as_str().unwrap().to_owned();
        let figures = ["before", "after", "delta"].map(|key| moved[key].clone());
        ((project, meter), figures)
    });
    moved.collect()
}

fn root(rate: &str) -> String {
    format!(
        "[project]\nname = \"t\"\n[tenants]\npro = 1000\n[apis.a]\n\
         plan = {{ credits = 60_000_000, price = 10 }}\n[apis.a.endpoints]\n\
         \"/e/\" = {{ credits = 1, cacheable = false }}\n[features.f]\n\
         calls = [{{ endpoint = \"/e/\", rate = \"{rate}\" }}]\n"
    )
}

/// A repository of a capacity file at these rates, a commit each.
fn rates(rates: &[&str]) -> Repo {
    let repo = Repo::new();
    for rate in rates {
        commit(&repo, "capacity.toml", &root(rate), rate);
    }
    repo
}

fn commit(repo: &Repo, path: &str, text: &str, subject: &str) {
    repo.write(path, text);
    repo.git(&["add", "--all"]);
    repo.git(&["commit", "--quiet", "-m", subject]);
}
