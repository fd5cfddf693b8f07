//! What the arguments of `diff` name, and what is compared without any.

use caplint::source::Snapshot;
use caplint::states::{Base, Comparison, Environment, Surroundings, read_comparison};

use super::helper::{
    asked, base_commit, base_texts, diff, diff_in, failure, head_texts, help, shared, staged,
    surroundings,
};
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
        comparison.case,
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
        comparison.case,
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
        three.case,
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
        comparison.case,
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
        assert_eq!(comparison.case, case);
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
            comparison.case,
            format!(
                "HEAD ({}) is compared with nothing: all of it is new.",
                short(&repo, "HEAD")
            )
        );
    }
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["HEAD~3", "HEAD"]))),
        (2, "unknown revision or path: HEAD~3".into())
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
        comparison.case,
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
        comparison.case,
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
            .case
            .ends_with("(there is no default branch to compare with)."),
        "{}",
        comparison.case
    );
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
        ("mian", 2, "did you mean main?"),
        ("featur", 2, "did you mean feature?"),
        ("v1.2.1", 2, "did you mean v1.2.0?"),
        ("origin/mian", 2, "did you mean origin/main?"),
        (
            "origin/release-2026",
            3,
            "run `git fetch --no-tags origin +refs/heads/release-2026:refs/remotes/origin/release-2026`",
        ),
        (
            "nothing-like-it",
            2,
            "name a branch, a tag, a commit, a folder or a saved report",
        ),
    ] {
        let result = diff_in(&repo, &[], &asked(&[name]));
        assert_eq!(
            failure(result),
            (code, format!("unknown revision or path: {name}"))
        );
        assert_eq!(help(diff_in(&repo, &[], &asked(&[name]))), said);
    }
    let range = diff_in(&repo, &[], &asked(&["main..featur"]));
    assert_eq!(
        failure(range),
        (2, "unknown revision or path: featur".into())
    );
    let tree = diff_in(&repo, &[], &asked(&["HEAD^{tree}"]));
    assert_eq!(failure(tree), (2, "HEAD^{tree} is not a commit".into()));
    let option = diff_in(&repo, &[], &asked(&["--upload-pack=touch x"]));
    assert_eq!(failure(option).0, 2);
}

#[test]
fn a_side_may_be_a_folder() {
    let repo = Repo::new();
    repo.write("before/capacity.toml", "1")
        .write("before/same/capacity.toml", "s");
    repo.write("after/capacity.toml", "2")
        .write("after/same/capacity.toml", "s");
    repo.commit("one");
    for sides in [["before", "after"], ["./before", "./after/"]] {
        let comparison = diff(&repo, &sides);
        assert_eq!(
            base_texts(&comparison),
            ["capacity.toml=1", "same/capacity.toml=s"]
        );
        assert_eq!(
            head_texts(&comparison),
            ["capacity.toml=2", "same/capacity.toml=s"]
        );
        assert_eq!(shared(&comparison), ["same/capacity.toml"]);
        assert_eq!(
            comparison.case,
            format!(
                "The folder {} is compared with the folder {}.",
                sides[1], sides[0]
            )
        );
        assert_eq!(comparison.head.name, sides[1]);
    }
    // A commit against a folder, and a folder against the working tree.
    assert_eq!(
        head_texts(&diff(&repo, &["HEAD", "after"]))[0],
        "capacity.toml=2"
    );
    assert_eq!(base_texts(&diff(&repo, &["before"]))[0], "capacity.toml=1");
    // Outside of any repository.
    let plain = Repo::folder();
    plain
        .write("a/capacity.toml", "a")
        .write("b/capacity.toml", "b");
    let comparison = diff(&plain, &["a", "b"]);
    assert_eq!(
        (base_texts(&comparison), head_texts(&comparison)),
        (
            vec!["capacity.toml=a".into()],
            vec!["capacity.toml=b".into()]
        )
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &asked(&["a", "c"]))),
        (2, "no such folder: c".into())
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &asked(&[]))),
        (2, "this is not a git repository".into())
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &staged(&[]))),
        (2, "--staged needs a git repository".into())
    );
}

#[test]
fn a_name_that_is_a_revision_and_a_folder_is_the_revision_and_a_note_says_so() {
    let repo = forked();
    repo.write("main/extra.txt", "so that the folder is there")
        .write("main/capacity.toml", "folder");
    let comparison = diff(&repo, &["main"]);
    assert_eq!(base_commit(&comparison), repo.id("main"));
    assert_eq!(
        comparison.notes,
        ["main is a revision and a folder: the revision was taken; ./main is the folder"]
    );
    assert_eq!(
        base_texts(&diff(&repo, &["./main"])),
        ["capacity.toml=folder"]
    );
}

const REPORT: &str = r#"{"format": "caplint.report/1", "caplint": "0.1.0", "as_of": "2026-11-22",
    "base": null, "head": {"name": "main", "commit": null}, "projects": [],
    "summary": {"errors": 0, "warnings": 0, "infos": 0, "waived": 0, "exit_code": 0}}"#;

#[test]
fn a_saved_report_may_be_the_base() {
    let repo = forked();
    repo.write("base.json", REPORT);
    for sides in [&["base.json"][..], &["base.json", "HEAD"]] {
        let comparison = diff(&repo, sides);
        let Base::SavedReport(report) = &comparison.base else {
            panic!("{:?}", comparison.base);
        };
        assert_eq!(report.head.name, "main");
        assert_eq!(
            head_texts(&comparison),
            ["capacity.toml=start", "feature/capacity.toml=feature"]
        );
        assert!(
            comparison
                .case
                .ends_with("is compared with the saved report base.json.")
        );
    }
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["HEAD", "base.json"]))),
        (
            2,
            "base.json is a file; the side that is judged is a revision or a folder".into()
        )
    );
    repo.write("newer.json", REPORT.replace("report/1", "report/2"));
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["newer.json"]))),
        (2, "newer.json has the format \"caplint.report/2\"".into())
    );
    repo.write("other.json", "{}");
    let (code, message) = failure(diff_in(&repo, &[], &asked(&["other.json"])));
    assert_eq!(code, 2);
    assert!(
        message.starts_with("other.json is neither a revision nor a folder nor a report"),
        "{message}"
    );
}

#[test]
fn a_bare_repository_needs_both_sides() {
    let bare = forked().clone_with(&["--bare"]);
    assert_eq!(
        base_texts(&diff(&bare, &["main", "feature"])),
        ["capacity.toml=start", "main/capacity.toml=main"]
    );
    assert_eq!(
        base_texts(&diff(&bare, &["main...feature"])),
        ["capacity.toml=start"]
    );
    for asked in [asked(&[]), asked(&["main"]), staged(&[])] {
        assert_eq!(
            failure(diff_in(&bare, &[], &asked)),
            (
                2,
                "a bare repository has no working tree and no index".into()
            )
        );
    }
}

#[test]
fn a_base_whose_files_are_broken_is_read_all_the_same() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", "[[[")
        .write("b/capacity.toml", b"x = \"\xff\"")
        .commit("broken");
    repo.write("a/capacity.toml", "")
        .write("b/capacity.toml", "x = 1")
        .commit("mended");
    assert_eq!(
        base_texts(&diff(&repo, &["HEAD^", "HEAD"])),
        ["a/capacity.toml=[[[", "b/capacity.toml!NotUtf8 { at: 5 }"]
    );
}

#[test]
fn it_works_from_any_folder_of_the_repository() {
    let repo = forked();
    let dir = repo.path.join("feature");
    let comparison = read_comparison(&surroundings(&repo, &dir, &[]), &asked(&[])).unwrap();
    assert_eq!(base_texts(&comparison), ["capacity.toml=start"]);
    assert_eq!(comparison.place.prefix, "feature");
    let nowhere = surroundings(&repo, &repo.path.join("nowhere"), &[]);
    let (code, message) = failure(read_comparison(&nowhere, &asked(&[])));
    assert_eq!(code, 2);
    assert!(message.starts_with("no such folder: "), "{message}");
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
