//! What is staged and read by nobody is told without a forecast; all else is compared.

use crate::support::repo::Repo;

const PROJECT: &str = "[project]\nname = \"p\"\n[apis.x]\nrate_limit = \"10/s\"\n\
    [features.f]\nspec = \"spec.md\"\nowner = \"o\"\n";

/// The exit code and the output of a comparison of what is staged.
fn diff(repo: &Repo, more: &[&str]) -> (i32, String) {
    let output = repo
        .caplint()
        .args(["diff", "--staged"])
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

fn is_brief(repo: &Repo, more: &[&str]) -> bool {
    let (code, text) = diff(repo, more);
    let is_brief = text.starts_with("No capacity change: ");
    if is_brief {
        assert_eq!(code, 0, "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        for promise in ["assed", "hold", "OK", "✓"] {
            assert!(!text.contains(promise), "{text}");
        }
    }
    is_brief
}

fn repository(root: &str) -> Repo {
    let repo = Repo::new();
    repo.write("capacity.toml", root)
        .write("spec.md", "what it does")
        .write("a/capacity.toml", "[features.g]\n")
        .write("a/src/code.rs", "1")
        .write("a/Capacity.toml.txt", "1")
        .write("b/capacity.yaml", "1")
        .write("usage/june.csv", "1");
    repo.commit("one");
    repo
}

fn stage(repo: &Repo, path: &str, content: &str) {
    repo.write(path, content);
    repo.git(&["add", "--all"]);
}

#[test]
fn a_change_of_other_files_is_no_capacity_change() {
    for path in [
        "a/src/code.rs",
        "spec.md",
        "usage/june.csv",
        "a/Capacity.toml.txt",
    ] {
        let repo = repository(PROJECT);
        stage(&repo, path, "2");
        assert!(is_brief(&repo, &[]), "{path}");
        assert!(is_brief(&repo, &["HEAD"]), "{path}");
        for whole in [
            &["--verbose"][..],
            &["--all"],
            &["--json"],
            &["--format", "markdown"],
            &["--output", "json=out.json"],
            &["--project", "p"],
        ] {
            assert!(!is_brief(&repo, whole), "{path} {whole:?}");
        }
    }
}

#[test]
fn what_may_be_read_is_compared() {
    for (path, content) in [
        ("capacity.toml", "[project]\nname = \"q\"\n"),
        ("a/capacity.toml", "[features.h]\n"),
        ("b/capacity.yaml", "2"),
        ("b/Capacity.toml", "2"),
        // A path that comes may be what a `spec` names.
        ("docs/new.md", "2"),
        ("c/capacity.toml/inner.txt", "2"),
    ] {
        let repo = repository(PROJECT);
        stage(&repo, path, content);
        assert!(!is_brief(&repo, &[]), "{path}");
    }
    let repo = repository(PROJECT);
    repo.remove("spec.md");
    repo.git(&["add", "--all"]);
    let (_, text) = diff(&repo, &[]);
    assert!(text.contains("feature-without-spec"), "{text}");
    // Nothing is staged: nothing was compared, and the text says so.
    let (code, text) = diff(&repository(PROJECT), &[]);
    assert!(code == 0 && text.contains("Nothing to check"), "{text}");
}

#[test]
fn usage_files_of_the_project_are_read() {
    let with_usage = format!("{PROJECT}[usage]\nfiles = [\"usage/*.csv\"]\n");
    let repo = repository(&with_usage);
    stage(&repo, "usage/june.csv", "2");
    assert!(!is_brief(&repo, &[]));
}

#[test]
fn links_are_followed_by_a_whole_comparison() {
    let repo = repository(PROJECT);
    std::os::unix::fs::symlink("../a/src/code.rs", repo.path.join("b/capacity.toml")).unwrap();
    repo.git(&["add", "--all"]);
    repo.commit("a link");
    stage(&repo, "a/src/code.rs", "[features.h]\n");
    assert!(!is_brief(&repo, &[]));
}
