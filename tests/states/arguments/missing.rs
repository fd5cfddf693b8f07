//! Commits that are not there: before the first, in a shallow clone, by a wrong name.

use super::{forked, short};
use crate::states::helper::{asked, base_texts, diff, diff_in, failure, head_texts, help, staged};
use crate::support::repo::Repo;

#[test]
fn before_the_first_commit_everything_is_new() {
    let repo = Repo::new();
    repo.write("capacity.toml", "first");
    repo.git(&["add", "--all"]);
    for (asked, case) in [
        (
            asked(&[]),
            "The working tree is compared with nothing: all of it is new (there is no commit yet).",
        ),
        (
            asked(&["HEAD"]),
            "The working tree is compared with nothing: all of it is new.",
        ),
        (
            staged(&[]),
            "The index is compared with nothing: all of it is new.",
        ),
    ] {
        let comparison = diff_in(&repo, &[], &asked).unwrap();
        assert_eq!(base_texts(&comparison), ["nothing"]);
        assert_eq!(head_texts(&comparison), ["capacity.toml=first"]);
        assert_eq!(comparison.sentence, case);
    }
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["HEAD", "HEAD"]))),
        (3, "there is no commit yet to compare".into())
    );
}

#[test]
fn the_parent_of_a_first_commit_is_nothing() {
    let repo = Repo::new();
    repo.write("capacity.toml", "first").commit("one");
    repo.commit("two");
    for name in ["HEAD~2", "HEAD~1^", "HEAD~1~", "HEAD^^1", "main~2"] {
        let comparison = diff(&repo, &[name, "HEAD"]);
        assert_eq!(base_texts(&comparison), ["nothing"], "{name}");
        assert_eq!(
            comparison.sentence,
            format!(
                "HEAD ({}) is compared with nothing: all of it is new.",
                short(&repo, "HEAD")
            )
        );
    }
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["HEAD~3", "HEAD"]))),
        (3, "unknown revision: HEAD~3".into())
    );
}

#[test]
fn a_shallow_clone_is_not_a_first_commit() {
    let repo = Repo::new();
    for number in ["one", "two", "three", "four"] {
        repo.write("capacity.toml", number).commit(number);
    }
    let clone = repo.clone_with(&["--depth=2"]);
    assert_eq!(
        base_texts(&diff(&clone, &["HEAD~1", "HEAD"])),
        ["capacity.toml=three"]
    );
    for (name, command) in [
        ("HEAD~2", "run `git fetch --deepen=1`"),
        ("HEAD~3", "run `git fetch --deepen=2`"),
        ("HEAD~1^", "run `git fetch --deepen=1`"),
    ] {
        let asked = asked(&[name, "HEAD"]);
        assert_eq!(
            failure(diff_in(&clone, &[], &asked)),
            (3, format!("{name} is not in this shallow clone"))
        );
        assert_eq!(help(diff_in(&clone, &[], &asked)), command);
    }
    assert_eq!(
        help(diff_in(
            &clone,
            &[("GITHUB_ACTIONS", "true")],
            &asked(&["HEAD~2", "HEAD"])
        )),
        "run `git fetch --deepen=1`, or give actions/checkout `fetch-depth: 2`"
    );
    // The command helps.
    clone.git(&["fetch", "--quiet", "--deepen=2"]);
    assert_eq!(
        base_texts(&diff(&clone, &["HEAD~3", "HEAD"])),
        ["capacity.toml=one"]
    );
    assert_eq!(base_texts(&diff(&clone, &["HEAD~3^", "HEAD"])), ["nothing"]);
}

#[test]
fn a_commit_that_a_clone_lacks_can_be_fetched_by_the_command_that_is_said() {
    let repo = forked();
    let missing = repo.id("feature");
    let clone = repo.clone_with(&["--depth=1", "--branch=main"]);
    let asked = asked(&[missing.as_str(), "HEAD"]);
    assert_eq!(
        failure(diff_in(&clone, &[], &asked)),
        (3, format!("commit {missing} is not in this clone"))
    );
    let said = help(diff_in(&clone, &[], &asked));
    assert_eq!(
        said,
        format!("run `git fetch --no-tags --depth=1 origin {missing}`")
    );
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let command = said.split('`').nth(1).unwrap();
    clone.git(&command.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(
        base_texts(&diff_in(&clone, &[], &asked).unwrap()),
        ["capacity.toml=start", "feature/capacity.toml=feature"]
    );
}

#[test]
fn histories_without_a_common_commit_are_not_compared() {
    let repo = forked();
    repo.git(&["checkout", "--quiet", "--orphan", "other"]);
    repo.commit("another beginning");
    let message = format!(
        "main ({}) and HEAD ({}) have no common ancestor",
        short(&repo, "main"),
        short(&repo, "HEAD")
    );
    for asked in [asked(&[]), asked(&["main..."])] {
        assert_eq!(failure(diff_in(&repo, &[], &asked)), (3, message.clone()));
        assert_eq!(
            help(diff_in(&repo, &[], &asked)),
            "name what to compare with: `caplint diff BASE`"
        );
    }
    // In a shallow clone, it may be that only history is missing.
    let origin = forked();
    origin.git(&["checkout", "--quiet", "main"]);
    let clone = origin.clone_with(&["--depth=1", "--no-single-branch", "--branch=feature"]);
    let asked = asked(&[]);
    let (code, message) = failure(diff_in(&clone, &[], &asked));
    assert_eq!(code, 3);
    assert!(
        message.ends_with("have no common ancestor in this shallow clone"),
        "{message}"
    );
    assert_eq!(
        help(diff_in(&clone, &[], &asked)),
        "run `git fetch --unshallow`"
    );
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    assert_eq!(base_texts(&diff(&clone, &[])), ["capacity.toml=start"]);
}

#[test]
fn a_shallow_clone_of_one_branch_does_not_pass_for_want_of_a_base() {
    let origin = forked();
    origin.git(&["checkout", "--quiet", "main"]);
    let clone = origin.clone_with(&["--depth=1", "--single-branch", "--branch=feature"]);
    assert_eq!(
        failure(diff_in(&clone, &[], &asked(&[]))),
        (3, "the default branch is not in this shallow clone".into())
    );
    assert_eq!(
        help(diff_in(&clone, &[], &asked(&[]))),
        "run `git fetch --unshallow && git fetch --no-tags origin +refs/heads/main:refs/remotes/origin/main`"
    );
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let repo = forked();
    repo.git(&["tag", "v1.2.0"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    for (name, code, said) in [
        ("mian", 3, "did you mean main?"),
        ("featur", 3, "did you mean feature?"),
        ("v1.2.1", 3, "did you mean v1.2.0?"),
        ("origin/mian", 3, "did you mean origin/main?"),
        (
            "origin/release-2026",
            3,
            "run `git fetch --no-tags origin +refs/heads/release-2026:refs/remotes/origin/release-2026`",
        ),
        (
            "nothing-like-it",
            3,
            "name a branch, a tag or a commit; a folder or a saved report begins with `./`",
        ),
    ] {
        let result = diff_in(&repo, &[], &asked(&[name]));
        assert_eq!(failure(result), (code, format!("unknown revision: {name}")));
        assert_eq!(help(diff_in(&repo, &[], &asked(&[name]))), said);
    }
    let range = diff_in(&repo, &[], &asked(&["main..featur"]));
    assert_eq!(failure(range), (3, "unknown revision: featur".into()));
    let tree = diff_in(&repo, &[], &asked(&["HEAD^{tree}"]));
    assert_eq!(failure(tree), (2, "HEAD^{tree} is not a commit".into()));
    let option = diff_in(&repo, &[], &asked(&["--upload-pack=touch x"]));
    assert_eq!(failure(option).0, 2);
}
