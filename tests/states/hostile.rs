//! Names, links, sizes and trees that nobody makes by chance.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use caplint::states::{Which, read_state};

use super::helper::{
    asked, check, diff_in, failure, read, revision, state_texts, surroundings, work_tree,
};
use crate::support::repo::Repo;

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
        ("slashes", ".././real//team.toml"),
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
        "slashes/capacity.toml=team",
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

/// What lies there hangs on where the clone lies.
#[test]
fn a_stored_link_that_leads_out_and_in_again_leads_out() {
    let repo = Repo::new();
    repo.write("team.toml", "team");
    symlink("../repo/team.toml", repo.path.join("capacity.toml")).unwrap();
    repo.commit("one");
    for which in [Which::Index, revision("HEAD")] {
        assert_eq!(read(&repo, &which), ["capacity.toml!BadLink"], "{which:?}");
    }
}

#[test]
fn no_bytes_of_an_index_make_it_panic() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", "a").commit("one");
    repo.git(&["update-index", "--index-version", "4"]);
    // What this reader leaves to git fails at once.
    let surroundings = surroundings(&repo, &repo.path, &[("PATH", "/nonexistent")]);
    let file = repo.path.join(".git/index");
    let bytes = std::fs::read(&file).unwrap();
    let read = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        // The one reads its paths, the other its cache of trees.
        let _ = read_state(&surroundings, &revision("HEAD"));
        read_state(&surroundings, &Which::Index)
    };
    for at in 0..bytes.len() {
        let _ = read(&bytes[..at]);
        for flip in [0x01, 0x80, 0xff] {
            let mut broken = bytes.clone();
            broken[at] ^= flip;
            let _ = read(&broken);
        }
    }
    assert_eq!(state_texts(&read(&bytes).unwrap()), ["a/capacity.toml=a"]);
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
    let mixed = repo.path.join(OsStr::from_bytes(b"\xff\xc3\xa9\xc3"));
    std::fs::write(mixed, "").unwrap();
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
        assert!(state.head.listing.contains("\\xffé\\xc3"));
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
fn too_many_capacity_files_and_too_much_text_are_refused() {
    let repo = Repo::new();
    repo.write("small", "")
        .write("large", "#".repeat(1 << 20))
        .commit("one");
    for (name, count, message) in [
        (
            "small",
            50_001,
            "there are 50001 files named capacity.toml; caplint reads at most 50000",
        ),
        (
            "large",
            257,
            "the capacity files hold 269484032 bytes; caplint reads at most 268435456",
        ),
    ] {
        let blob = repo.id(&format!("HEAD:{name}"));
        let folder = make_tree(&repo, &format!("100644 blob {blob}\tcapacity.toml\n"));
        let items: String = (0..count)
            .map(|at| format!("040000 tree {folder}\tf{at:05}\n"))
            .collect();
        let commit = repo.git(&["commit-tree", "-m", "many", &make_tree(&repo, &items)]);
        assert_eq!(
            failure(check(&repo, &revision(&commit))),
            (2, message.into())
        );
        let run = diff_in(&repo, &[], &asked(&["HEAD", &commit]));
        assert_eq!(failure(run), (3, message.into()));
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
        let _ = diff_in(&repo, &[], &super::helper::staged(&[]));
        let _ = work_tree(&repo);
        assert_eq!(listed(&repo), before);
    }
}

#[test]
fn files_that_pose_as_a_repository_are_none() {
    let repo = Repo::new();
    repo.write("capacity.toml", "real").commit("one");
    repo.git(&["init", "--quiet", "--bare", "posing"]);
    repo.write("posing/sub/capacity.toml", "posing");
    for folder in ["posing", "posing/sub"] {
        let dir = repo.path.join(folder);
        let (code, message) = failure(read_state(
            &surroundings(&repo, &dir, &[]),
            &Which::WorkTree,
        ));
        assert_eq!(code, 2);
        assert!(
            message
                .ends_with("is laid out as a bare repository, in the working tree of another one"),
            "{message}"
        );
    }
    // Whoever names it means it, and git's own folder is no such thing.
    let named = surroundings(&repo, &repo.path.join("posing"), &[("GIT_DIR", ".")]);
    let (_, message) = failure(read_state(&named, &revision("HEAD")));
    assert!(!message.contains("laid out"), "{message}");
    let inside = surroundings(&repo, &repo.path.join(".git/refs"), &[]);
    assert!(read_state(&inside, &revision("HEAD")).is_ok());
}
