//! What other programs read: rules of Prometheus, and more.

mod fleet;
mod others;
mod page;
mod rules;
mod yaml;

use std::process::Output;

use crate::support::repo::Repo;

/// A project with something of everything that is exported.
const PROJECT: &str = include_str!("export/project/capacity.toml");

fn caplint(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint()
        .args(arguments)
        .output()
        .expect("caplint runs")
}

/// What it prints, and what it says on standard error.
fn export(repo: &Repo, arguments: &[&str]) -> (String, String) {
    let all = [&["export", "--as-of", "2026-11-22"], arguments].concat();
    let output = caplint(repo, &all);
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{arguments:?}: {err}");
    (out, err)
}

fn repo(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new();
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit("All of it");
    repo
}
