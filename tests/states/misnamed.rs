//! Files with nearly the name of a capacity file, which nothing reads.

use caplint::run::{Before, Inputs, Settings, run};
use caplint::states::{State, Which};
use caplint::units::Date;

use super::helper::{check, revision, state_texts};
use crate::support::repo::Repo;

const FEATURE: &str = "[features.f]\nowner = \"o\"\n";

fn misnamed(state: &State) -> Vec<String> {
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let inputs = Inputs {
        sources: &state.sources,
        head: &state.head,
        base: Before::NotCompared,
    };
    let projects = run(&inputs, &settings).projects;
    let findings = projects.into_iter().flat_map(|it| it.findings);
    let misnamed = findings.filter(|it| it.rule == "file-misnamed");
    misnamed.map(|it| it.subject).collect()
}

#[test]
fn a_file_that_nothing_reads_is_said_in_every_state() {
    let repo = Repo::new();
    repo.write("capacity.toml", "[project]\n")
        .write("a/Capacity.toml", FEATURE)
        .write("b/CAPACITY.TOML", "calls = 1\n[[features.f.calls]]\n")
        .write("c/capacity.yaml", "# what it asks for\nfeatures:\n  f: 1\n")
        .write("d/capacity.yml", "tenants: {}\n")
        .write("e/capacity.json", "{\n  \"apis\": {}\n}\n")
        .write("f/capacity.tml", "features.f.owner = \"o\"\n")
        // Beside a capacity file, of something else, and of another name.
        .write("g/capacity.toml", FEATURE.replace('f', "g"))
        .write("g/capacity.yaml", "features: 1\n")
        .write("h/capacity.json", "{ \"kind\": { \"features\": 1 } }\n")
        .write("i/capacity.yaml", "spec:\n  features: 1\n")
        .write("j/Capacity.yaml", "features: 1\n")
        .write("k/my-capacity.toml", FEATURE)
        .write("l/capacity.toml.orig", FEATURE);
    repo.commit("one");
    let expected = [
        "a/Capacity.toml",
        "b/CAPACITY.TOML",
        "c/capacity.yaml",
        "d/capacity.yml",
        "e/capacity.json",
        "f/capacity.tml",
    ];
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        let state = check(&repo, &which).unwrap();
        assert_eq!(misnamed(&state), expected, "{which:?}");
        assert_eq!(state_texts(&state).len(), 2, "nothing else is read");
    }
    // Of a file that is not tracked the same is said.
    repo.write("m/Capacity.toml", FEATURE);
    let state = check(&repo, &Which::WorkTree).unwrap();
    assert_eq!(misnamed(&state).len(), expected.len() + 1);
}

#[test]
fn it_is_said_where_there_is_no_capacity_file_at_all() {
    let repo = Repo::new();
    repo.write("Capacity.toml", FEATURE).commit("one");
    let state = check(&repo, &Which::WorkTree).unwrap();
    assert_eq!(misnamed(&state), ["Capacity.toml"]);
    assert!(state.head.files.is_empty());
}
