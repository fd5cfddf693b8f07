//! What is read of one state.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use caplint::states::{Environment, Surroundings, Which, read_state};

use crate::helper::{
    asked, base_texts, check, diff, diff_in, failure, head_texts, help, listing, state_texts,
    surroundings, work_tree,
};
use crate::support::Repo;

fn revision(name: &str) -> Which {
    Which::Revision(name.into())
}

fn read(repo: &Repo, which: &Which) -> Vec<String> {
    state_texts(&check(repo, which).expect("it can be read"))
}

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
        (2, "unknown revision or path: HAED".into())
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
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let repo = Repo::new();
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
                repo.git(&["add", "--force", &path]);
            }
        }
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
fn links_are_followed_to_files_of_the_repository_only() {
    let repo = Repo::new();
    repo.write("real/team.toml", "team")
        .write("real/deep/capacity.toml", "deep");
    std::fs::write(repo.beside("outside.toml"), "secret").unwrap();
    for (link, target) in [
        ("inside", "../real/team.toml"),
        ("through", "../folder/team.toml"),
        ("chain", "../inside/capacity.toml"),
        ("dangling", "../real/nothing.toml"),
        ("outside", "../../outside.toml"),
        ("absolute", "/etc/hostname"),
        ("folder-target", "../real"),
        ("git", "../.git/config"),
        ("loop", "capacity.toml"),
    ] {
        std::fs::create_dir_all(repo.path.join(link)).unwrap();
        symlink(target, repo.path.join(link).join("capacity.toml")).unwrap();
    }
    symlink("real", repo.path.join("folder")).unwrap();
    let expected = [
        "absolute/capacity.toml!BadLink",
        "chain/capacity.toml=team",
        "dangling/capacity.toml!BadLink",
        "folder-target/capacity.toml!BadLink",
        "git/capacity.toml!BadLink",
        "inside/capacity.toml=team",
        "loop/capacity.toml!BadLink",
        "outside/capacity.toml!BadLink",
        "real/deep/capacity.toml=deep",
        "through/capacity.toml=team",
    ];
    assert_eq!(read(&repo, &Which::WorkTree), expected, "untracked");
    repo.commit("one");
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        assert_eq!(read(&repo, &which), expected, "{which:?}");
    }
    // A tracked file that became a link, ignored or not.
    repo.write(".git/info/exclude", "real");
    repo.remove("real/deep/capacity.toml");
    symlink("../team.toml", repo.path.join("real/deep/capacity.toml")).unwrap();
    assert!(read(&repo, &Which::WorkTree).contains(&"real/deep/capacity.toml=team".into()));
}

#[test]
fn a_folder_with_the_name_of_a_capacity_file_is_told_and_walked() {
    let repo = Repo::new();
    repo.write("a/capacity.toml/notes.md", "")
        .write("b/capacity.toml/c/capacity.toml", "c")
        .commit("one");
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        assert_eq!(
            read(&repo, &which),
            [
                "a/capacity.toml!NotAFile",
                "b/capacity.toml!NotAFile",
                "b/capacity.toml/c/capacity.toml=c"
            ],
            "{which:?}"
        );
    }
}

#[test]
fn paths_and_texts_that_are_not_utf8_are_read() {
    let repo = Repo::new();
    let folder = repo.path.join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("capacity.toml"), "latin").unwrap();
    repo.write("b/capacity.toml", b"ok = \"\xe9\"")
        .write("été/capacity.toml", "utf8")
        .commit("one");
    let expected = [
        "b/capacity.toml!NotUtf8 { at: 6 }",
        "caf\\xe9/capacity.toml=latin",
        "été/capacity.toml=utf8",
    ];
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        let state = check(&repo, &which).unwrap();
        assert_eq!(state_texts(&state), expected, "{which:?}");
        assert!(state.head.listing.contains("caf\\xe9/capacity.toml"));
        let text = &state.sources.file(state.head.files[0]).text;
        assert_eq!(&**text, "ok = \"\u{fffd}\"");
    }
}

#[test]
fn a_file_that_is_too_large_is_told_and_not_read() {
    let repo = Repo::new();
    let limit = usize::try_from(caplint::limits::FILE_BYTES).unwrap();
    repo.write("a/capacity.toml", " ".repeat(limit))
        .write("b/capacity.toml", " ".repeat(limit + 1))
        .commit("one");
    for which in [Which::WorkTree, Which::Index, revision("HEAD")] {
        let state = check(&repo, &which).unwrap();
        let told = format!(
            "b/capacity.toml!TooLarge {{ size: {}, limit: {limit} }}",
            limit + 1
        );
        assert_eq!(state_texts(&state)[1], told, "{which:?}");
        assert_eq!(state.sources.file(state.head.files[0]).text.len(), limit);
        assert_eq!(state.sources.file(state.head.files[1]).text.len(), 0);
    }
}

#[test]
fn trees_that_hold_each_other_many_times_over_are_refused() {
    // 10 folders in each of 12 levels: a million million paths in a dozen small objects.
    let repo = Repo::new();
    let blob = repo.write("x", "").commit("one");
    let blob = repo.id(&format!("{blob}:x"));
    let mut item: String = (0..1000)
        .map(|at| format!("100644 blob {blob}\tx{at}\n"))
        .collect();
    for _ in 0..12 {
        let tree = make_tree(&repo, &item);
        item = (0..10)
            .map(|at| format!("040000 tree {tree}\tf{at}\n"))
            .collect();
    }
    let top = make_tree(&repo, &item);
    let commit = repo.git(&["commit-tree", "-m", "bomb", &top]);
    let (code, message) = failure(check(&repo, &revision(&commit)));
    assert_eq!(
        (code, message.as_str()),
        (2, "the repository has more than 2000000 paths")
    );
}

#[test]
fn folders_that_nest_too_deep_are_refused() {
    let repo = Repo::new();
    repo.write("x", "").commit("one");
    let blob = repo.id("HEAD:x");
    let mut item = format!("100644 blob {blob}\tx\n");
    for _ in 0..300 {
        item = format!("040000 tree {}\td\n", make_tree(&repo, &item));
    }
    let commit = repo.git(&["commit-tree", "-m", "deep", &make_tree(&repo, &item)]);
    let (code, message) = failure(check(&repo, &revision(&commit)));
    assert_eq!(
        (code, message.as_str()),
        (2, "folders nest deeper than 256 levels")
    );
}

fn make_tree(repo: &Repo, items: &str) -> String {
    use std::io::Write;
    let mut child = Command::new("git")
        .arg("mktree")
        .env_clear()
        .envs(repo.environment())
        .current_dir(&repo.path)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(items.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
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
        assert_eq!(crate::helper::shared(&comparison), ["a/capacity.toml"]);
        assert_eq!(base_texts(&diff(&repo, &["HEAD~2", "HEAD"])), ["nothing"]);
        repo.git(&["add", "--all"]);
        assert_eq!(read(&repo, &Which::Index).len(), 3);
        for name in ["topc", "--all"] {
            assert_eq!(failure(diff_in(&repo, &[], &asked(&[name]))).0, 2);
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

/// Runs with a home of its own, because libgit2 looks there for the folders that are safe.
#[test]
#[ignore = "started by the test of another owner's repository"]
fn with_another_home() {
    let here = Surroundings {
        dir: std::env::current_dir().unwrap(),
        environment: Environment::new(std::env::vars_os()),
    };
    let told = match read_state(&here, &Which::WorkTree) {
        Ok(state) => state_texts(&state).join("\n"),
        Err(error) => format!(
            "{}\n{error}\n{}",
            error.exit_code(),
            error.help().unwrap_or_default()
        ),
    };
    std::fs::write(std::env::var_os("TOLD").unwrap(), told).unwrap();
}

#[test]
fn another_owners_repository_is_read_once_it_is_said_to_be_safe() {
    let repo = Repo::new();
    repo.write("capacity.toml", "theirs").commit("one");
    let given_away = [&repo.path, &repo.path.join(".git")]
        .iter()
        .all(|path| std::os::unix::fs::chown(path, Some(12_345), Some(12_345)).is_ok());
    if !given_away {
        // Only root can give a folder to another user.
        return;
    }
    let home = repo.beside("home");
    std::fs::create_dir(&home).unwrap();
    let told = repo.beside("told");
    let run = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "reading::with_another_home",
                "--ignored",
                "--quiet",
            ])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &home)
            .env("TOLD", &told)
            .current_dir(&repo.path)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        std::fs::read_to_string(&told).unwrap()
    };
    let path = repo.path.display();
    assert_eq!(
        run(),
        format!(
            "2\nthe repository at {path} belongs to another user\n\
             if you trust it: `git config --global --add safe.directory {path}`"
        )
    );
    std::fs::write(
        home.join(".gitconfig"),
        format!("[safe]\n\tdirectory = {path}\n"),
    )
    .unwrap();
    assert_eq!(run(), "capacity.toml=theirs");
    // A form that git knows and libgit2 does not.
    let parent = repo.path.parent().unwrap().display();
    std::fs::write(
        home.join(".gitconfig"),
        format!("[safe]\n\tdirectory = {parent}/*\n"),
    )
    .unwrap();
    assert_eq!(run(), "capacity.toml=theirs");
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
fn git_dir_and_work_tree_are_honoured() {
    let repo = Repo::new();
    repo.write("capacity.toml", "x")
        .write("sub/y", "")
        .commit("one");
    let elsewhere = Repo::folder();
    elsewhere.write("capacity.toml", "elsewhere");
    let git_dir = repo.path.join(".git");
    let git_dir = git_dir.to_str().unwrap();
    let run = |dir: &Path, more: &[(&str, &str)]| {
        let state = read_state(&surroundings(&repo, dir, more), &Which::WorkTree).unwrap();
        (state_texts(&state), state.place.prefix)
    };
    let top = elsewhere.path.to_str().unwrap();
    let theirs = (vec!["capacity.toml=elsewhere".to_owned()], String::new());
    assert_eq!(
        run(&repo.path, &[("GIT_DIR", git_dir), ("GIT_WORK_TREE", top)]),
        theirs
    );
    assert_eq!(run(&elsewhere.path, &[("GIT_DIR", git_dir)]), theirs);
    assert_eq!(
        run(&repo.path.join("sub"), &[("GIT_DIR", git_dir)]),
        (vec!["capacity.toml=x".into()], "sub".into())
    );
    assert_eq!(
        run(&repo.path, &[("GIT_DIR", ".git")]).0,
        ["capacity.toml=x"]
    );
    let wrong = surroundings(&repo, &repo.path, &[("GIT_DIR", "/nonexistent")]);
    assert_eq!(
        failure(read_state(&wrong, &Which::WorkTree)),
        (
            2,
            "GIT_DIR names /nonexistent, which is not a git repository".into()
        )
    );
}

#[test]
fn objects_that_are_not_accepted_yet_are_read_where_git_keeps_them() {
    let repo = Repo::new();
    let id = repo.write("capacity.toml", "pushed").commit("one");
    let bare = Repo::init(&["--bare"]);
    // As before an update is accepted: the objects lie in quarantine, beside the repository's.
    let quarantine = repo.path.join(".git/objects");
    let quarantine = quarantine.to_str().unwrap();
    for variable in ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"] {
        let here = surroundings(
            &bare,
            &bare.path,
            &[("GIT_DIR", "."), (variable, quarantine)],
        );
        let state = read_state(&here, &revision(&id)).unwrap();
        assert_eq!(state_texts(&state), ["capacity.toml=pushed"]);
    }
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
fn nothing_is_written() {
    let repo = Repo::new();
    repo.write("capacity.toml", "1").commit("1");
    repo.write("capacity.toml", "2")
        .write("new/capacity.toml", "new");
    let listed = |repo: &Repo| {
        let output = Command::new("find")
            .args([".", "-printf", "%p %s %T@ %C@\n"])
            .current_dir(&repo.path)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let sparse = Repo::new();
    sparse
        .write("a/capacity.toml", "a")
        .write("b/capacity.toml", "b")
        .commit("one");
    sparse.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "a"]);
    for repo in [repo, sparse, Repo::init(&["--object-format=sha256"])] {
        let before = listed(&repo);
        let _ = diff_in(&repo, &[], &asked(&[]));
        let _ = diff_in(&repo, &[], &crate::helper::staged(&[]));
        let _ = work_tree(&repo);
        assert_eq!(listed(&repo), before);
    }
}
