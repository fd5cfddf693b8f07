//! The command: what is written, what is printed, and what is left alone.

use crate::support::repo::{Repo, told};

const BROKEN: &str = "# A project.\n[project]\nname = \"a\"\ncurency = \"EUR\" # ours\n";
const FIXED: &str = "# A project.\n[project]\nname = \"a\"\ncurrency = \"EUR\" # ours\n";

fn check(repo: &Repo, arguments: &[&str]) -> (i32, String, String) {
    let output = repo
        .caplint()
        .arg("check")
        .args(arguments)
        .output()
        .expect("caplint runs");
    told(output)
}

#[test]
fn files_are_fixed_and_the_report_is_of_the_result() {
    let repo = Repo::new();
    repo.write("capacity.toml", BROKEN)
        .write("b/capacity.toml", BROKEN.replace("\"a\"", "\"b\""));
    let (code, out, err) = check(&repo, &[]);
    assert_eq!(code, 1, "{out}");
    assert_eq!(err, "2 fixable with `--fix`\n");
    assert_eq!(repo.read("capacity.toml"), BROKEN);
    let (code, out, err) = check(&repo, &["--fix", "b"]);
    assert_eq!((code, &*err), (0, "Fixed 1 problem in 1 file\n"), "{out}");
    assert_eq!(repo.read("capacity.toml"), BROKEN);
    let (code, out, err) = check(&repo, &["--fix"]);
    assert_eq!((code, &*err), (0, "Fixed 1 problem in 1 file\n"), "{out}");
    assert!(!out.contains("curency"), "{out}");
    assert_eq!(repo.read("capacity.toml"), FIXED);
    let (code, _, err) = check(&repo, &["--fix"]);
    assert_eq!((code, &*err), (0, "Fixed 0 problems in 0 files\n"));
    assert_eq!(check(&repo, &[]).2, "");
}

#[test]
fn a_diff_shows_the_fixes_and_writes_nothing() {
    let repo = Repo::new();
    repo.write("capacity.toml", BROKEN);
    let (code, out, err) = check(&repo, &["--fix", "--diff"]);
    assert_eq!((code, &*err), (1, "Would fix 1 problem in 1 file\n"));
    let expected = "--- capacity.toml\n+++ capacity.toml\n@@ -1,4 +1,4 @@\n # A project.\n \
                    [project]\n name = \"a\"\n-curency = \"EUR\" # ours\n+currency = \"EUR\" # \
                    ours\n";
    assert_eq!(out.trim_end(), expected.trim_end());
    assert_eq!(repo.read("capacity.toml"), BROKEN);
    repo.write("capacity.toml", FIXED);
    assert_eq!(check(&repo, &["--diff"]).0, 0);
}

#[test]
fn only_the_working_tree_can_be_fixed() {
    let repo = Repo::new();
    repo.write("capacity.toml", BROKEN);
    for option in ["--fix", "--unsafe-fixes", "--diff"] {
        for state in [&["--staged"][..], &["--rev", "HEAD"]] {
            let (code, _, err) = check(&repo, &[&[option], state].concat());
            assert_eq!(code, 2, "{option} {state:?}");
            assert!(err.contains("cannot be used with"), "{err}");
        }
    }
}

#[test]
fn ends_of_lines_are_those_on_disk_whatever_git_holds() {
    let repo = Repo::new();
    repo.git(&["config", "core.autocrlf", "true"]);
    let windows = BROKEN.replace('\n', "\r\n");
    repo.write("capacity.toml", &windows);
    repo.commit("broken");
    let (code, out, _) = check(&repo, &["--fix"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(repo.read("capacity.toml"), FIXED.replace('\n', "\r\n"));
}

#[cfg(unix)]
#[test]
fn links_are_named_and_the_other_files_are_written() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let repo = Repo::new();
    repo.write("a/capacity.toml", BROKEN)
        .write("elsewhere.toml", BROKEN)
        .write("b/readme", "");
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(repo.path.join("a/capacity.toml"), mode).expect("permissions");
    symlink("../elsewhere.toml", repo.path.join("b/capacity.toml")).expect("a link");
    let (code, _, err) = check(&repo, &["--fix"]);
    assert_eq!(code, 1);
    assert!(
        err.contains("error: b/capacity.toml: it is a link"),
        "{err}"
    );
    assert!(err.contains("Fixed 1 problem in 1 file\n"), "{err}");
    assert_eq!(repo.read("a/capacity.toml"), FIXED);
    assert_eq!(repo.read("elsewhere.toml"), BROKEN);
    let meta = std::fs::metadata(repo.path.join("a/capacity.toml")).expect("the file");
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
}
