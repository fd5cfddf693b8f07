//! Repositories of every kind: how they were made, cloned, opened and owned.

mod environment;

use caplint::states::{Base, Which, read_state};

use super::helper::{
    asked, base_texts, check, diff, diff_in, failure, head_texts, help, listing, read, revision,
    state_texts, surroundings, work_tree,
};
use crate::support::repo::Repo;

/// Folders of the index and of another commit stand in for those that are the same.
#[test]
fn a_commit_lists_what_git_lists() {
    let repo = Repo::new();
    for index in 0..100 {
        repo.write(&format!("a/{index:03}"), "");
    }
    repo.write("a-b", "").write("b", "1").commit("one");
    repo.write("b", "2").commit("two");
    repo.write("a/050", "3")
        .write("a/051x/c", "3")
        .remove("a/098");
    repo.commit("three");
    for (base, head) in [("HEAD~2", "HEAD~1"), ("HEAD~1", "HEAD"), ("HEAD", "HEAD~2")] {
        let comparison = diff(&repo, &[base, head]);
        let Base::Snapshot(before) = &comparison.base else {
            panic!("{base} is a commit");
        };
        for (name, snapshot) in [(base, before), (head, &comparison.head)] {
            let listed = repo.git(&["ls-tree", "-r", "--name-only", name]);
            let listed: Vec<&str> = listed.lines().collect();
            assert_eq!(listing(snapshot), listed, "{name} of {base} and {head}");
        }
    }
}

#[test]
fn every_kind_of_index_is_read() {
    let make = || {
        let repo = Repo::new();
        let long = format!("{}/capacity.toml", "n".repeat(200));
        repo.write("a/capacity.toml", "a")
            .write("ab/capacity.toml", "ab")
            .write("capacity.toml", "top");
        repo.write(&long, "long").write("a.b/x", "").commit("one");
        repo
    };
    let expected = read(&make(), &Which::Index);
    for (name, commands) in [
        (
            "version 2",
            &[&["update-index", "--index-version=2"][..]][..],
        ),
        (
            "version 3",
            &[
                &["update-index", "--index-version=3"],
                &["update-index", "--skip-worktree", "a.b/x"],
            ],
        ),
        ("version 4", &[&["update-index", "--index-version=4"]]),
        (
            "split",
            &[
                &["config", "core.splitIndex", "true"],
                &["update-index", "--split-index"],
            ],
        ),
        (
            "untracked cache",
            &[&["update-index", "--untracked-cache"], &["status"]],
        ),
        (
            "without a checksum",
            &[
                &["config", "index.skipHash", "true"],
                &["update-index", "--force-write-index"],
            ],
        ),
        (
            "without a cache of trees",
            &[&["read-tree", "--empty"], &["add", "--all"]],
        ),
    ] {
        let repo = make();
        for command in commands {
            repo.git(command);
        }
        assert_eq!(read(&repo, &Which::Index), expected, "{name}");
        repo.write("new/capacity.toml", "new");
        assert_eq!(
            work_tree(&repo).head.files.len(),
            expected.len() + 1,
            "{name}"
        );
        // The cache of trees that came with it leads to the same comparison.
        assert_eq!(base_texts(&diff(&repo, &["HEAD"])), expected, "{name}");
    }
}

#[test]
fn an_index_that_is_none_is_said_to_be() {
    let repo = Repo::new();
    repo.write("capacity.toml", "x").commit("one");
    repo.write(".git/index", "not an index");
    let (code, message) = failure(check(&repo, &Which::WorkTree));
    assert_eq!(code, 2);
    assert!(message.contains("index"), "{message}");
    assert_eq!(failure(diff_in(&repo, &[], &asked(&[]))).0, 3);
    // Two commits need none.
    assert_eq!(
        base_texts(&diff(&repo, &["HEAD", "HEAD"])),
        ["capacity.toml=x"]
    );
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_read_from_the_index() {
    for options in [
        &["--no-cone", "/a/"][..],
        &["--cone", "a"],
        &["--cone", "--sparse-index", "a"],
    ] {
        let repo = Repo::new();
        repo.write("a/capacity.toml", "a")
            .write("b/c/capacity.toml", "b")
            .write("b/c/spec.md", "")
            .commit("one");
        let mut arguments = vec!["sparse-checkout", "set"];
        arguments.extend(options);
        repo.git(&arguments);
        assert!(!repo.path.join("b").exists());
        let state = work_tree(&repo);
        assert_eq!(
            state_texts(&state),
            ["a/capacity.toml=a", "b/c/capacity.toml=b"],
            "{options:?}"
        );
        assert_eq!(
            listing(&state.head),
            ["a/capacity.toml", "b/c/capacity.toml", "b/c/spec.md"]
        );
        assert_eq!(
            state.notes,
            ["1 capacity files are not checked out and were read from the index"]
        );
        repo.write("a/capacity.toml", "changed");
        let comparison = diff(&repo, &["HEAD"]);
        assert_eq!(
            base_texts(&comparison),
            ["a/capacity.toml=a", "b/c/capacity.toml=b"]
        );
        assert_eq!(
            head_texts(&comparison),
            ["a/capacity.toml=changed", "b/c/capacity.toml=b"]
        );
        // A file that is there all the same is what counts.
        repo.write("b/c/capacity.toml", "there");
        assert_eq!(state_texts(&work_tree(&repo))[1], "b/c/capacity.toml=there");
    }
}

#[test]
fn a_linked_working_tree_has_its_own_files_and_index() {
    let repo = Repo::new();
    repo.write("capacity.toml", "main").commit("one");
    let linked = repo.beside("linked");
    repo.git(&[
        "worktree",
        "add",
        "--quiet",
        "-b",
        "topic",
        linked.to_str().unwrap(),
    ]);
    std::fs::write(linked.join("capacity.toml"), "linked").unwrap();
    let here = surroundings(&repo, &linked, &[]);
    assert_eq!(
        state_texts(&read_state(&here, &Which::WorkTree).unwrap()),
        ["capacity.toml=linked"]
    );
    assert_eq!(
        state_texts(&read_state(&here, &Which::Index).unwrap()),
        ["capacity.toml=main"]
    );
    // And the extension that gives each its own configuration is no hindrance.
    repo.git(&["config", "extensions.worktreeConfig", "true"]);
    assert_eq!(
        state_texts(&read_state(&here, &Which::WorkTree).unwrap()),
        ["capacity.toml=linked"]
    );
}

#[test]
fn a_submodule_is_its_own_repository() {
    let inner = Repo::new();
    inner.write("capacity.toml", "inner").commit("one");
    let repo = Repo::new();
    repo.write("capacity.toml", "outer");
    let url = format!("file://{}", inner.path.display());
    repo.git(&["submodule", "--quiet", "add", &url, "lib"]);
    repo.git(&[
        "submodule",
        "--quiet",
        "add",
        "--force",
        &url,
        "odd/capacity.toml",
    ]);
    repo.commit("one");
    let expected = ["capacity.toml=outer", "odd/capacity.toml!NotAFile"];
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        assert_eq!(read(&repo, &which), expected, "{which:?}");
    }
    let inside = surroundings(&repo, &repo.path.join("lib"), &[]);
    let state = read_state(&inside, &Which::WorkTree).unwrap();
    assert_eq!(state_texts(&state), ["capacity.toml=inner"]);
    assert_eq!(state.place.prefix, "");
    // Another clone that merely lies there is not part of the repository either.
    let url = inner.path.to_str().unwrap();
    repo.git(&["clone", "--quiet", url, "vendored"]);
    assert_eq!(read(&repo, &Which::WorkTree), expected);
}

#[test]
fn repositories_that_libgit2_can_not_open_are_read_through_git() {
    for options in [&["--object-format=sha256"][..], &["--ref-format=reftable"]] {
        let repo = Repo::init(options);
        assert_eq!(
            base_texts(&diff_in(&repo, &[], &asked(&[])).unwrap()),
            ["nothing"]
        );
        repo.write("a/capacity.toml", "a")
            .write("b/capacity.toml", "b")
            .commit("one");
        repo.git(&["checkout", "--quiet", "-b", "topic"]);
        repo.write("b/capacity.toml", "B").commit("two");
        repo.write("a/capacity.toml", "A")
            .write("c/capacity.toml", "c")
            .write("x.log", "");
        repo.write(".git/info/exclude", "*.log");
        let comparison = diff(&repo, &[]);
        assert_eq!(
            base_texts(&comparison),
            ["a/capacity.toml=a", "b/capacity.toml=b"],
            "{options:?}"
        );
        assert_eq!(
            head_texts(&comparison),
            [
                "a/capacity.toml=A",
                "b/capacity.toml=B",
                "c/capacity.toml=c"
            ]
        );
        assert_eq!(listing(&comparison.head).len(), 3);
        let comparison = diff(&repo, &["HEAD^", "HEAD"]);
        assert_eq!(super::helper::shared(&comparison), ["a/capacity.toml"]);
        assert_eq!(base_texts(&diff(&repo, &["HEAD~2", "HEAD"])), ["nothing"]);
        repo.git(&["add", "--all"]);
        assert_eq!(read(&repo, &Which::Index).len(), 3);
        for (name, code) in [("topc", 3), ("--all", 2)] {
            assert_eq!(failure(diff_in(&repo, &[], &asked(&[name]))).0, code);
        }
        assert_eq!(
            help(diff_in(&repo, &[], &asked(&["topc"]))),
            "did you mean topic?"
        );
        let inside = surroundings(&repo, &repo.path.join("a"), &[]);
        assert_eq!(
            read_state(&inside, &Which::WorkTree).unwrap().place.prefix,
            "a"
        );
    }
}

#[test]
fn without_the_git_program_it_is_said_what_is_missing() {
    let repo = Repo::init(&["--object-format=sha256"]);
    let result = diff_in(&repo, &[("PATH", "/nonexistent")], &asked(&[]));
    let (code, message) = failure(result);
    assert_eq!(code, 3);
    let begin = format!("cannot open the repository at {}: ", repo.path.display());
    assert!(message.starts_with(&begin), "{message}");
    let result = diff_in(&repo, &[("PATH", "/nonexistent")], &asked(&[]));
    assert_eq!(
        help(result),
        "the `git` program may be able to read it: install git"
    );
}

#[test]
fn a_partial_clone_says_how_to_get_what_it_left_out() {
    let origin = Repo::new();
    origin.write("capacity.toml", "1").commit("1");
    origin.write("capacity.toml", "2").commit("2");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = origin.clone_with(&["--filter=blob:none"]);
    assert_eq!(read(&clone, &Which::WorkTree), ["capacity.toml=2"]);
    let blob = origin.id("HEAD~1:capacity.toml");
    let run = || diff_in(&clone, &[], &asked(&["HEAD~1"]));
    assert_eq!(
        failure(run()),
        (3, format!("the clone is partial and lacks object {blob}"))
    );
    assert_eq!(
        help(run()),
        "fetch what it left out: `git fetch --refetch --no-filter`"
    );
    clone.git(&["fetch", "--quiet", "--refetch", "--no-filter"]);
    assert_eq!(base_texts(&run().unwrap()), ["capacity.toml=1"]);
}

#[test]
fn replaced_and_grafted_history_is_read_as_git_does() {
    let repo = Repo::new();
    let first = repo.write("capacity.toml", "1").commit("1");
    let second = repo.write("capacity.toml", "2").commit("2");
    repo.write("capacity.toml", "3").commit("3");
    let base = |repo: &Repo| base_texts(&diff(repo, &["HEAD~1", "HEAD"]));
    assert_eq!(base(&repo), ["capacity.toml=2"]);
    repo.git(&["replace", &second, &first]);
    assert_eq!(repo.git(&["show", "HEAD~1:capacity.toml"]), "1");
    assert_eq!(base(&repo), ["capacity.toml=1"]);
    let with = [("GIT_NO_REPLACE_OBJECTS", "1")];
    let ignored = diff_in(&repo, &with, &asked(&["HEAD~1", "HEAD"])).unwrap();
    assert_eq!(base_texts(&ignored), ["capacity.toml=2"]);
    repo.git(&["replace", "--delete", &second]);
    assert_eq!(base(&repo), ["capacity.toml=2"]);

    let grafts = repo.path.join(".git/info/grafts");
    std::fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    std::fs::write(&grafts, format!("{} {first}\n", repo.id("HEAD"))).unwrap();
    assert_eq!(base(&repo), ["capacity.toml=1"]);
    // The first parent, as a pull request's merge is compared.
    let head = repo.id("HEAD");
    let merge = [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REF", "refs/pull/1/merge"),
        ("GITHUB_SHA", head.as_str()),
    ];
    let merged = diff_in(&repo, &merge, &asked(&[])).unwrap();
    assert_eq!(base_texts(&merged), ["capacity.toml=1"]);
}

#[test]
fn links_that_are_checked_out_as_files_stay_links() {
    let link = |target: &str| {
        let repo = Repo::new();
        repo.write("team.toml", "team").write("a/x", "");
        std::os::unix::fs::symlink("../team.toml", repo.path.join("a/capacity.toml")).unwrap();
        std::os::unix::fs::symlink(target, repo.path.join("capacity.toml")).unwrap();
        repo.commit("links");
        repo
    };
    for (target, expected) in [
        ("a/capacity.toml", "capacity.toml=team"),
        ("../outside", "capacity.toml!BadLink"),
        ("capacity.toml", "capacity.toml!BadLink"),
    ] {
        let repo = link(target);
        let expected = ["a/capacity.toml=team", expected];
        for _ in 0..2 {
            for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
                assert_eq!(read(&repo, &which), expected, "{which:?}");
            }
            // The second time round, each link is a file.
            repo.git(&["config", "core.symlinks", "false"]);
            for path in ["capacity.toml", "a/capacity.toml"] {
                repo.remove(path);
            }
            repo.git(&["checkout", "--", "."]);
        }
        assert!(repo.path.join("capacity.toml").is_file());
        // What the file says is where the changed link leads.
        repo.write("other.toml", "other")
            .write("capacity.toml", "other.toml");
        assert_eq!(read(&repo, &Which::WorkTree)[1], "capacity.toml=other");
    }
}
