//! What the arguments of `diff` name, and what is compared without any.

mod missing;
mod others;

use caplint::source::Snapshot;
use caplint::states::{Base, Comparison, Environment, Surroundings, read_comparison};

use super::helper::{base_commit, base_texts, diff, diff_in, failure, head_texts, shared, staged};
use crate::support::repo::Repo;

/// A repository whose `main` and `feature` each went on from a common commit.
fn forked() -> Repo {
    let repo = Repo::new();
    repo.write("capacity.toml", "start").commit("start");
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    repo.write("feature/capacity.toml", "feature")
        .commit("feature");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("main/capacity.toml", "main").commit("main");
    repo.git(&["checkout", "--quiet", "feature"]);
    repo
}

fn short(repo: &Repo, revision: &str) -> String {
    repo.id(revision)[..10].to_owned()
}

fn base(comparison: &Comparison) -> &Snapshot {
    match &comparison.base {
        Base::Snapshot(snapshot) => snapshot,
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_commits_are_compared_and_what_is_alike_is_held_once() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", "a")
        .write("b/capacity.toml", "b");
    repo.commit("one");
    repo.write("b/capacity.toml", "b, changed")
        .write("c/capacity.toml", "c");
    repo.commit("two");
    let comparison = diff(&repo, &["HEAD~1", "HEAD"]);
    assert_eq!(
        base_texts(&comparison),
        ["a/capacity.toml=a", "b/capacity.toml=b"]
    );
    assert_eq!(
        head_texts(&comparison),
        [
            "a/capacity.toml=a",
            "b/capacity.toml=b, changed",
            "c/capacity.toml=c"
        ]
    );
    assert_eq!(shared(&comparison), ["a/capacity.toml"]);
    assert_eq!(comparison.sources.files().len(), 4);
    let (base, head) = (short(&repo, "HEAD~1"), short(&repo, "HEAD"));
    assert_eq!(
        comparison.sentence,
        format!("HEAD ({head}) is compared with HEAD~1 ({base}).")
    );
}

#[test]
fn one_revision_is_its_tip_against_the_working_tree() {
    let repo = forked();
    repo.write("capacity.toml", "edited");
    let comparison = diff(&repo, &["main"]);
    assert_eq!(
        base_texts(&comparison),
        ["capacity.toml=start", "main/capacity.toml=main"]
    );
    assert_eq!(
        head_texts(&comparison),
        ["capacity.toml=edited", "feature/capacity.toml=feature"]
    );
    assert_eq!(
        comparison.sentence,
        format!(
            "The working tree is compared with main ({}).",
            short(&repo, "main")
        )
    );
    assert_eq!(base(&comparison).name, "main");
    assert_eq!(base_commit(&comparison), repo.id("main"));
}

#[test]
fn files_of_the_working_tree_are_held_once_even_where_git_has_not_looked_at_them_since() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", "a")
        .write("b/capacity.toml", "b")
        .commit("one");
    // Written again with the same text, and just now: neither time nor inode vouch for it.
    repo.remove("a/capacity.toml")
        .write("a/capacity.toml", "a")
        .write("b/capacity.toml", "B");
    let comparison = diff(&repo, &["HEAD"]);
    assert_eq!(shared(&comparison), ["a/capacity.toml"]);
    assert_eq!(
        head_texts(&comparison),
        ["a/capacity.toml=a", "b/capacity.toml=B"]
    );
    assert_eq!(
        base_texts(&comparison),
        ["a/capacity.toml=a", "b/capacity.toml=b"]
    );
}

#[test]
fn an_edit_right_after_git_looked_is_seen() {
    // Same size, same second: only the clock's fraction and the index's own time tell.
    for round in 0..20 {
        let repo = Repo::new();
        repo.write("capacity.toml", "aaaa").commit("one");
        repo.write("capacity.toml", "bbbb");
        let comparison = diff(&repo, &["HEAD"]);
        assert_eq!(
            head_texts(&comparison),
            ["capacity.toml=bbbb"],
            "round {round}"
        );
        assert_eq!(
            base_texts(&comparison),
            ["capacity.toml=aaaa"],
            "round {round}"
        );
    }
}

#[test]
fn two_dots_are_two_commits_and_three_are_the_merge_base() {
    let repo = forked();
    repo.write("capacity.toml", "not committed");
    let two = diff(&repo, &["main..feature"]);
    assert_eq!(
        base_texts(&two),
        ["capacity.toml=start", "main/capacity.toml=main"]
    );
    assert_eq!(
        head_texts(&two),
        ["capacity.toml=start", "feature/capacity.toml=feature"]
    );
    let three = diff(&repo, &["main...feature"]);
    assert_eq!(base_texts(&three), ["capacity.toml=start"]);
    assert_eq!(head_texts(&three), head_texts(&two));
    assert_eq!(
        three.sentence,
        format!(
            "feature ({}) is compared with the merge base with main ({}).",
            short(&repo, "feature"),
            short(&repo, "feature~1")
        )
    );
    // A side that is left out is HEAD, which is the feature.
    for (open, full) in [
        ("main..", "main..HEAD"),
        ("..main", "HEAD..main"),
        ("main...", "main...HEAD"),
    ] {
        let (open, full) = (diff(&repo, &[open]), diff(&repo, &[full]));
        assert_eq!(
            (base_texts(&open), head_texts(&open)),
            (base_texts(&full), head_texts(&full))
        );
    }
}

#[test]
fn staged_is_the_index_against_head_or_another_commit() {
    let repo = forked();
    repo.write("capacity.toml", "staged");
    repo.git(&["add", "capacity.toml"]);
    repo.write("capacity.toml", "not staged")
        .write("new/capacity.toml", "untracked");
    repo.write("announced/capacity.toml", "announced");
    repo.git(&["add", "--intent-to-add", "announced/capacity.toml"]);
    let comparison = diff_in(&repo, &[], &staged(&[])).unwrap();
    assert_eq!(
        head_texts(&comparison),
        ["capacity.toml=staged", "feature/capacity.toml=feature"]
    );
    assert_eq!(
        base_texts(&comparison),
        ["capacity.toml=start", "feature/capacity.toml=feature"]
    );
    assert_eq!(shared(&comparison), ["feature/capacity.toml"]);
    assert_eq!(
        comparison.sentence,
        format!(
            "The index is compared with HEAD ({}).",
            short(&repo, "HEAD")
        )
    );
    let comparison = diff_in(&repo, &[], &staged(&["main"])).unwrap();
    assert_eq!(
        base_texts(&comparison),
        ["capacity.toml=start", "main/capacity.toml=main"]
    );
    for sides in [&["main", "feature"][..], &["main..feature"]] {
        assert_eq!(failure(diff_in(&repo, &[], &staged(sides))).0, 2);
    }
}

#[test]
fn a_file_in_conflict_can_not_be_compared_from_the_index() {
    let repo = forked();
    repo.write("main/capacity.toml", "the feature's own")
        .commit("conflict");
    assert!(
        !repo
            .try_git(&repo.path, &["merge", "main"])
            .status
            .success()
    );
    assert_eq!(
        failure(diff_in(&repo, &[], &staged(&[]))),
        (3, "main/capacity.toml is in conflict in the index".into())
    );
    // The working tree has the file, with its conflict marks.
    let comparison = diff(&repo, &["main"]);
    assert!(head_texts(&comparison)[2].contains("<<<<<<<"));
}

#[test]
fn renamed_and_deleted_files_are_on_the_side_that_has_them() {
    let repo = Repo::new();
    repo.write("old/capacity.toml", "same text")
        .write("gone/capacity.toml", "gone")
        .commit("one");
    repo.git(&["mv", "old", "new"]);
    repo.git(&["rm", "--quiet", "gone/capacity.toml"]);
    repo.commit("two");
    let comparison = diff(&repo, &["HEAD^", "HEAD"]);
    assert_eq!(
        base_texts(&comparison),
        ["gone/capacity.toml=gone", "old/capacity.toml=same text"]
    );
    assert_eq!(head_texts(&comparison), ["new/capacity.toml=same text"]);
}

#[test]
fn without_arguments_a_branch_is_compared_with_where_it_left_the_default_branch() {
    let repo = forked();
    repo.write("feature/capacity.toml", "edited");
    let comparison = diff(&repo, &[]);
    assert_eq!(base_texts(&comparison), ["capacity.toml=start"]);
    assert_eq!(
        head_texts(&comparison),
        ["capacity.toml=start", "feature/capacity.toml=edited"]
    );
    assert_eq!(
        comparison.sentence,
        format!(
            "The working tree is compared with the merge base with main ({}).",
            short(&repo, "feature~1")
        )
    );
    // On the default branch itself that is HEAD.
    repo.git(&["checkout", "--quiet", "--force", "main"]);
    let comparison = diff(&repo, &[]);
    assert_eq!(base_commit(&comparison), repo.id("HEAD"));
    assert_eq!(
        comparison.sentence,
        format!(
            "The working tree is compared with main ({}) (the merge base with main).",
            short(&repo, "main")
        )
    );
}

#[test]
fn the_default_branch_is_the_upstreams_before_the_local_one() {
    let origin = Repo::new();
    origin.write("capacity.toml", "1").commit("1");
    origin.git(&["branch", "--quiet", "-m", "trunk"]);
    let clone = origin.clone_with(&[]);
    clone.git(&["checkout", "--quiet", "-b", "main"]);
    clone.write("capacity.toml", "2").commit("2");
    clone.git(&["checkout", "--quiet", "-b", "topic"]);
    clone.write("capacity.toml", "3").commit("3");
    // origin/HEAD, which is origin/trunk.
    let comparison = diff(&clone, &[]);
    assert_eq!(
        (base_texts(&comparison), base(&comparison).name.as_str()),
        (vec!["capacity.toml=1".into()], "origin/trunk")
    );
    clone.git(&["remote", "set-head", "origin", "--delete"]);
    assert_eq!(base_texts(&diff(&clone, &[])), ["capacity.toml=2"]);
    clone.git(&["branch", "--quiet", "-m", "main", "master"]);
    assert_eq!(base(&diff(&clone, &[])).name, "master");
    clone.git(&["update-ref", "refs/remotes/origin/main", "trunk~0"]);
    assert_eq!(base(&diff(&clone, &[])).name, "origin/main");
    // None at all: HEAD.
    clone.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    clone.git(&["branch", "--quiet", "-D", "master"]);
    let comparison = diff(&clone, &[]);
    assert_eq!(base_commit(&comparison), clone.id("HEAD"));
    assert!(
        comparison
            .sentence
            .ends_with("(there is no default branch to compare with)."),
        "{}",
        comparison.sentence
    );
}

/// Runs inside a hook that git starts, with the environment that git gives it.
#[test]
#[ignore = "started by the tests of hooks"]
fn in_a_hook() {
    let here = Surroundings {
        dir: std::env::current_dir().unwrap(),
        environment: Environment::new(std::env::vars_os()),
    };
    let comparison = read_comparison(&here, &staged(&[])).unwrap();
    let told = format!(
        "{:?} -> {:?}",
        base_texts(&comparison),
        head_texts(&comparison)
    );
    std::fs::write(std::env::var_os("TOLD").unwrap(), told).unwrap();
}

#[test]
fn a_hook_sees_the_index_that_git_is_about_to_commit() {
    for (in_linked, commit, head) in [
        (
            false,
            &["commit", "--quiet", "--message=x"][..],
            ["a/capacity.toml=1", "b/capacity.toml=staged"],
        ),
        (
            false,
            &["commit", "--quiet", "--all", "--message=x"],
            ["a/capacity.toml=edited", "b/capacity.toml=edited"],
        ),
        // A commit of one path leaves out what is staged of the others.
        (
            false,
            &["commit", "--quiet", "--message=x", "--", "a/capacity.toml"],
            ["a/capacity.toml=edited", "b/capacity.toml=1"],
        ),
        (
            true,
            &["commit", "--quiet", "--all", "--message=x"],
            ["a/capacity.toml=edited", "b/capacity.toml=edited"],
        ),
    ] {
        let repo = Repo::new();
        repo.write("a/capacity.toml", "1")
            .write("b/capacity.toml", "1")
            .commit("one");
        let dir = if in_linked {
            let linked = repo.beside("linked");
            repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap()]);
            linked
        } else {
            repo.path.clone()
        };
        std::fs::write(dir.join("b/capacity.toml"), "staged").unwrap();
        assert!(repo.try_git(&dir, &["add", "--all"]).status.success());
        for file in ["a/capacity.toml", "b/capacity.toml"] {
            std::fs::write(dir.join(file), "edited").unwrap();
        }
        let told = repo.beside("told");
        let hook = format!(
            "#!/bin/sh\nTOLD='{}' exec '{}' --exact states::arguments::in_a_hook --ignored --quiet >&2\n",
            told.display(),
            std::env::current_exe().unwrap().display()
        );
        repo.write(".git/hooks/pre-commit", hook);
        make_executable(&repo.path.join(".git/hooks/pre-commit"));
        let output = repo.try_git(&dir, commit);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(
            std::fs::read_to_string(told).unwrap(),
            format!(
                "{:?} -> {head:?}",
                ["a/capacity.toml=1", "b/capacity.toml=1"]
            ),
            "{commit:?}"
        );
    }
}

fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
