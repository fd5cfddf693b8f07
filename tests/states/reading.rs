//! What is read of one state.

use caplint::states::{Which, read_state};

use super::helper::{
    base_texts, check, diff, failure, head_texts, listing, read, revision, state_texts,
    surroundings, work_tree,
};
use crate::support::repo::Repo;

#[test]
fn the_working_tree_is_what_is_tracked_and_what_is_not_ignored() {
    let repo = Repo::new();
    repo.write("capacity.toml", "root")
        .write("a/capacity.toml", "a")
        .write("a/other.toml", "x")
        .write("gone/capacity.toml", "gone")
        .write(".gitignore", "target/\n*.log\n!keep.log\n")
        .write("tracked/target/capacity.toml", "tracked though ignored");
    repo.git(&["add", "--force", "tracked/target/capacity.toml"]);
    repo.commit("one");
    repo.remove("gone/capacity.toml")
        .write("a/capacity.toml", "a, changed")
        .write("new/deep/capacity.toml", "untracked")
        .write("target/capacity.toml", "ignored")
        .write("tracked/target/sub/capacity.toml", "ignored too")
        .write("a/x.log", "")
        .write("a/keep.log", "")
        .write(
            "other/capacity.toml/capacity.toml",
            "in a folder of that name",
        );
    let state = work_tree(&repo);
    assert_eq!(
        state_texts(&state),
        [
            "a/capacity.toml=a, changed",
            "capacity.toml=root",
            "new/deep/capacity.toml=untracked",
            "other/capacity.toml!NotAFile",
            "other/capacity.toml/capacity.toml=in a folder of that name",
            "tracked/target/capacity.toml=tracked though ignored",
        ]
    );
    assert_eq!(
        listing(&state.head),
        [
            ".gitignore",
            "a/capacity.toml",
            "a/keep.log",
            "a/other.toml",
            "capacity.toml",
            "new/deep/capacity.toml",
            "other/capacity.toml/capacity.toml",
            "tracked/target/capacity.toml",
        ]
    );
    assert_eq!(
        (state.head.name.as_str(), state.head.commit),
        ("worktree", None)
    );
}

#[test]
fn the_index_and_a_commit_are_read_from_the_object_store() {
    let repo = Repo::new();
    let id = repo
        .write("a/capacity.toml", "committed")
        .write("x.md", "")
        .commit("one");
    repo.write("a/capacity.toml", "staged");
    repo.git(&["add", "--all"]);
    repo.write("a/capacity.toml", "on disk")
        .write("b/capacity.toml", "untracked");
    assert_eq!(read(&repo, &Which::Index), ["a/capacity.toml=staged"]);
    let state = check(&repo, &revision("HEAD")).unwrap();
    assert_eq!(state_texts(&state), ["a/capacity.toml=committed"]);
    assert_eq!(listing(&state.head), ["a/capacity.toml", "x.md"]);
    assert_eq!(
        (state.head.name, state.head.commit),
        ("HEAD".into(), Some(id))
    );
    assert_eq!(
        failure(check(&repo, &revision("HAED"))),
        (2, "unknown revision: HAED".into())
    );
}

/// A small generator of repeatable numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

#[test]
fn what_is_untracked_and_ignored_is_what_git_says() {
    let names = [
        "a",
        "b",
        "target",
        "docs",
        "x.log",
        "capacity.toml",
        "build",
        "a b",
    ];
    let rules = [
        "a",
        "/a",
        "a/",
        "*.log",
        "!x.log",
        "target/",
        "**/docs",
        "a/**",
        "!a/b",
        "build/*",
        "!build/a",
        "/b/*",
        "*",
        "!*/",
        "# comment",
        "",
        "\\!x",
        "docs/capacity.toml",
        "capacity.toml",
        "!capacity.toml",
        "a\\ b",
        "[ab]",
        "**/a/b",
        "a/**/b",
        "x.*",
        "b ",
        "/*/target",
    ];
    for seed in 0..40 {
        let mut numbers = Numbers(seed);
        let repo = Repo::new();
        let mut tracked = Vec::new();
        for _ in 0..30 {
            let depth = 1 + numbers.below(4);
            let path: Vec<&str> = (0..depth).map(|_| numbers.pick(&names)).collect();
            let path = path.join("/");
            // A file may already stand where a folder is wanted, or the other way round.
            let full = repo.path.join(&path);
            if std::fs::create_dir_all(full.parent().unwrap()).is_ok() {
                let _ = std::fs::write(&full, &path);
            }
            if numbers.below(4) == 0 && full.is_file() {
                tracked.push(path);
            }
        }
        let mut add = vec!["add", "--force", "--"];
        add.extend(tracked.iter().map(String::as_str));
        repo.git(&add);
        for folder in [".", "a", "b", "docs", "a/b", "target"] {
            if numbers.below(2) == 0 && repo.path.join(folder).is_dir() {
                let lines: Vec<&str> = (0..4).map(|_| numbers.pick(&rules)).collect();
                repo.write(&format!("{folder}/.gitignore"), lines.join("\n"));
            }
        }
        let lines: Vec<&str> = (0..2).map(|_| numbers.pick(&rules)).collect();
        repo.write(".git/info/exclude", lines.join("\n"));
        if numbers.below(2) == 0 {
            repo.write(".git/mine", numbers.pick(&rules));
            let mine = repo.path.join(".git/mine");
            repo.git(&["config", "core.excludesFile", mine.to_str().unwrap()]);
        }
        let listed = repo.git(&[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let mut expected: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        expected.sort_unstable();
        let state = work_tree(&repo);
        assert_eq!(
            listing(&state.head),
            expected,
            "seed {seed} in {}",
            repo.path.display()
        );
    }
}

#[test]
fn the_cache_of_trees_never_stands_in_for_another_tree() {
    // Many commits, each compared with each, with the index of the last.
    let repo = Repo::new();
    let mut numbers = Numbers(7);
    let mut expected = Vec::new();
    for round in 0..8 {
        for _ in 0..3 {
            let path = format!(
                "{}/{}/capacity.toml",
                numbers.pick(&["a", "b", "ab"]),
                numbers.pick(&["c", "d"])
            );
            if numbers.below(3) == 0 && repo.path.join(&path).exists() {
                repo.remove(&path);
            } else {
                repo.write(&path, format!("{round}"));
            }
        }
        let id = repo.commit("more");
        let mut texts = Vec::new();
        for path in repo.git(&["ls-files"]).lines() {
            texts.push(format!(
                "{path}={}",
                std::fs::read_to_string(repo.path.join(path)).unwrap()
            ));
        }
        expected.push((id, texts));
    }
    for (base, base_expected) in &expected {
        for (head, head_expected) in &expected {
            let comparison = diff(&repo, &[base, head]);
            assert_eq!(&base_texts(&comparison), base_expected);
            assert_eq!(&head_texts(&comparison), head_expected);
            if base == head {
                assert_eq!(comparison.sources.files().len(), head_expected.len());
            }
        }
    }
}

#[test]
fn ignore_rules_know_no_case_where_git_knows_none() {
    let repo = Repo::new();
    repo.write("Target/capacity.toml", "x")
        .write(".gitignore", "target\n");
    assert_eq!(read(&repo, &Which::WorkTree), ["Target/capacity.toml=x"]);
    repo.git(&["config", "core.ignoreCase", "true"]);
    assert!(read(&repo, &Which::WorkTree).is_empty());
}

#[test]
fn a_plain_folder_is_walked_and_its_ignore_files_hold() {
    let plain = Repo::folder();
    plain
        .write("capacity.toml", "top")
        .write("a/capacity.toml", "a")
        .write(".hidden/capacity.toml", "hidden")
        .write("target/capacity.toml", "ignored")
        .write("old/capacity.toml", "ignored")
        .write(".gitignore", "target\n")
        .write(".ignore", "old\n");
    let state = work_tree(&plain);
    assert_eq!(
        state_texts(&state),
        [
            ".hidden/capacity.toml=hidden",
            "a/capacity.toml=a",
            "capacity.toml=top"
        ]
    );
    assert_eq!(listing(&state.head).len(), 5);
    for which in [Which::Index, revision("HEAD")] {
        assert_eq!(failure(check(&plain, &which)).0, 2);
    }
}

#[test]
fn an_empty_repository_and_an_empty_folder_have_no_files() {
    for repo in [Repo::new(), Repo::folder()] {
        let state = work_tree(&repo);
        assert!(state.head.files.is_empty() && state.head.listing.is_empty());
    }
    let repo = Repo::new();
    repo.write("capacity.toml", "untracked");
    assert_eq!(read(&repo, &Which::WorkTree), ["capacity.toml=untracked"]);
    assert_eq!(
        failure(check(&repo, &revision("HEAD"))),
        (2, "HEAD has no commit yet".into())
    );
}

#[test]
fn paths_are_turned_into_paths_of_the_state() {
    let repo = Repo::new();
    repo.write("a/b/capacity.toml", "b")
        .write("a/b.toml", "")
        .write("x.md", "")
        .write(".gitignore", "out")
        .commit("one");
    std::fs::create_dir(repo.path.join("out")).unwrap();
    let state = read_state(
        &surroundings(&repo, &repo.path.join("a"), &[]),
        &Which::WorkTree,
    )
    .unwrap();
    let select = |path: &str| state.place.select(&state.head, &[path.into()]);
    let absolute = repo.path.join("a/b");
    for (given, path) in [
        ("b", "a/b"),
        ("b/", "a/b"),
        ("./b/capacity.toml", "a/b/capacity.toml"),
        ("../x.md", "x.md"),
        (".", "a"),
        ("..", ""),
        ("b/../b.toml", "a/b.toml"),
        (absolute.to_str().unwrap(), "a/b"),
    ] {
        assert_eq!(select(given).unwrap(), [path], "{given}");
    }
    assert_eq!(
        failure(select("c")),
        (2, "no such path in worktree: c".into())
    );
    assert_eq!(
        failure(select("b/cap")),
        (2, "no such path in worktree: b/cap".into())
    );
    assert_eq!(
        failure(select("../out")),
        (2, "../out holds nothing that git sees".into())
    );
    assert_eq!(
        failure(select("../..")),
        (2, "../.. is outside of the repository".into())
    );
    assert_eq!(
        failure(select("/etc")),
        (2, "/etc is outside of the repository".into())
    );
}

#[test]
fn of_the_base_only_what_differs_is_read() {
    let repo = Repo::new();
    repo.write("same/a/capacity.toml", "a")
        .write("same/b/capacity.toml", "b")
        .write("other/capacity.toml", "1")
        .commit("one");
    repo.write("other/capacity.toml", "2").commit("two");
    // Gone from the object store: whoever reads them fails.
    let ids = ["HEAD:same", "HEAD:same/a", "HEAD:same/a/capacity.toml"].map(|name| repo.id(name));
    for id in ids {
        repo.remove(&format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    }
    let comparison = diff(&repo, &["HEAD~1"]);
    assert_eq!(
        base_texts(&comparison),
        [
            "other/capacity.toml=1",
            "same/a/capacity.toml=a",
            "same/b/capacity.toml=b"
        ]
    );
    assert_eq!(comparison.sources.files().len(), 4);
}
