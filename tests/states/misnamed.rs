//! Files with nearly the name of a capacity file, which nothing reads.

use caplint::report::State as Found;
use caplint::run::{Before, Inputs, Settings, run};
use caplint::states::{Base, State, Which};
use caplint::units::Date;

use super::helper::{check, diff, revision, state_texts};
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

/// What a comparison says has left its project.
fn departed(repo: &Repo, sides: &[&str]) -> Vec<String> {
    let comparison = diff(repo, sides);
    let Base::Snapshot(base) = &comparison.base else {
        panic!("there is a base");
    };
    let inputs = Inputs {
        sources: &comparison.sources,
        head: &comparison.head,
        base: Before::State(base),
    };
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let report = run(&inputs, &settings);
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    let departed =
        findings.filter(|it| it.rule == "project-removed" && it.state == Some(Found::New));
    departed.map(|it| it.message).collect()
}

const ROOT: &str = "[project]\nname = \"t\"\n[tenants]\nfree = 1000\n[apis.a]\nrate_limit = \"9/s\"\n\
                    [apis.a.endpoints]\n\"/e/\" = {}\n";

fn calling() -> String {
    format!("{FEATURE}calls = [{{ endpoint = \"/e/\", rate = \"10/day\" }}]\n")
}

#[test]
fn demand_does_not_leave_under_a_name_that_nothing_reads() {
    let repo = Repo::new();
    repo.write("capacity.toml", ROOT)
        .write("f/capacity.toml", calling());
    let base = repo.commit("one");
    let unread = [
        "f/capacity.toml.bak",
        "f/x.toml",
        "f/Capacity.toml",
        "f/notes.md",
    ];
    for name in unread {
        repo.remove("f/capacity.toml");
        repo.write(name, format!("# kept\n{}", calling()));
        let working = departed(&repo, &[&base]);
        repo.git(&["add", "--all"]);
        repo.commit("two");
        let committed = departed(&repo, &[&base, "HEAD"]);
        for said in [working, committed] {
            assert_eq!(said.len(), 1, "{name}: {said:?}");
            for words in ["`features.f`", name, "nothing reads"] {
                assert!(said[0].contains(words), "{said:?}");
            }
        }
        repo.git(&["reset", "--quiet", "--hard", &base]);
    }
    // A feature may go, also where something else comes, and its file may move.
    let others: [(&str, String); 3] = [
        ("f/notes.md", "features: none\nf\n".to_owned()),
        ("f/readme", String::new()),
        ("g/capacity.toml", calling()),
    ];
    for (name, text) in others {
        repo.remove("f/capacity.toml").write(name, text);
        repo.git(&["add", "--all"]);
        repo.commit("two");
        assert_eq!(departed(&repo, &[&base, "HEAD"]), [""; 0], "{name}");
        repo.git(&["reset", "--quiet", "--hard", &base]);
    }
}

#[test]
fn demand_does_not_leave_behind_a_submodule_or_a_link() {
    let inner = Repo::new();
    inner.write("capacity.toml", calling()).commit("one");
    let repo = Repo::new();
    repo.write("capacity.toml", ROOT)
        .write("f/x/capacity.toml", calling());
    let base = repo.commit("one");
    repo.git(&["rm", "--quiet", "-r", "f/x"]);
    let url = format!("file://{}", inner.path.display());
    repo.git(&["submodule", "--quiet", "add", &url, "f/x"]);
    repo.commit("submodule");
    for sides in [&[&*base, "HEAD"][..], &[&*base]] {
        let said = departed(&repo, sides);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].contains("`features.f` has moved from project `t` to `f/x`"),
            "{said:?}"
        );
    }
    repo.git(&["reset", "--quiet", "--hard", &base]);
    repo.git(&["clean", "--quiet", "-ffdx"]);
    // The control: a submodule beside it.
    repo.git(&[
        "submodule",
        "--quiet",
        "add",
        "--force",
        "--name",
        "y",
        &url,
        "f/y",
    ]);
    repo.commit("beside");
    assert_eq!(departed(&repo, &[&base, "HEAD"]), [""; 0]);
}
