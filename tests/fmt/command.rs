//! The command: which files it takes, what it prints, and what it leaves alone.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::repo::{Repo, told};

const LOOSE: &str = "[project]\nname='a'\n";
const TIGHT: &str = "[project]\nname = \"a\"\n";

fn caplint(repo: &Repo, dir: &Path, arguments: &[&str]) -> Output {
    repo.caplint()
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("caplint runs")
}

fn fmt(repo: &Repo, arguments: &[&str]) -> (i32, String, String) {
    let mut all = vec!["fmt"];
    all.extend(arguments);
    let output = caplint(repo, &repo.path, &all);
    told(output)
}

#[test]
fn files_that_git_sees_are_written_and_others_are_not() {
    let repo = Repo::new();
    repo.write("capacity.toml", LOOSE)
        .write("new/capacity.toml", LOOSE)
        .write("ignored/capacity.toml", LOOSE)
        .write("other.toml", LOOSE)
        .write(".gitignore", "ignored/\n");
    let (code, out, err) = fmt(&repo, &[]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "2 of 2 files changed\n");
    assert_eq!(repo.read("capacity.toml"), TIGHT);
    assert_eq!(repo.read("new/capacity.toml"), TIGHT);
    assert_eq!(repo.read("ignored/capacity.toml"), LOOSE);
    assert_eq!(repo.read("other.toml"), LOOSE);
    assert_eq!(fmt(&repo, &[]).2, "0 of 2 files changed\n");
}

#[test]
fn check_lists_what_would_change_and_writes_nothing() {
    let repo = Repo::new();
    repo.write("capacity.toml", TIGHT)
        .write("b/capacity.toml", LOOSE);
    let (code, out, _) = fmt(&repo, &["--check"]);
    assert_eq!((code, out.as_str()), (1, "b/capacity.toml\n"));
    let (_, out, _) = fmt(&repo, &["--check", "--verbose"]);
    assert!(out.contains("-name='a'\n+name = \"a\"\n"), "{out}");
    assert_eq!(repo.read("b/capacity.toml"), LOOSE);
    assert_eq!(fmt(&repo, &["--check", "capacity.toml"]).0, 0);
}

#[test]
fn paths_choose() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", LOOSE)
        .write("ab/capacity.toml", LOOSE);
    assert_eq!(fmt(&repo, &["a"]).0, 0);
    assert_eq!(repo.read("a/capacity.toml"), TIGHT);
    assert_eq!(repo.read("ab/capacity.toml"), LOOSE);
    assert_eq!(fmt(&repo, &["nowhere"]).0, 2);
}

#[test]
fn a_broken_file_is_reported_with_its_place_and_the_others_are_written() {
    let repo = Repo::new();
    let broken = "[project]\nname = \nhorizon='1y'\n";
    repo.write("capacity.toml", broken)
        .write("b/capacity.toml", LOOSE);
    let (code, _, err) = fmt(&repo, &[]);
    assert_eq!(code, 1);
    assert!(err.starts_with("error: capacity.toml:2:"), "{err}");
    assert_eq!(repo.read("capacity.toml"), broken);
    assert_eq!(repo.read("b/capacity.toml"), TIGHT);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let repo = Repo::new();
    let outside = repo.beside("outside.toml");
    std::fs::write(&outside, LOOSE).expect("a file");
    repo.write("a/capacity.toml", LOOSE);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(repo.path.join("a/capacity.toml"), mode).expect("permissions");
    symlink(&outside, repo.path.join("capacity.toml")).expect("a link");
    let (code, _, err) = fmt(&repo, &[]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("it is a link"), "{err}");
    assert_eq!(std::fs::read_to_string(&outside).expect("the file"), LOOSE);
    let meta = std::fs::metadata(repo.path.join("a/capacity.toml")).expect("the file");
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert_eq!(repo.read("a/capacity.toml"), TIGHT);
    let left = std::fs::read_dir(repo.path.join("a"))
        .expect("the folder")
        .count();
    assert_eq!(left, 1, "something was left behind");
}

#[test]
fn without_capacity_files_there_is_a_note() {
    let repo = Repo::new();
    let (code, out, err) = fmt(&repo, &[]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.starts_with("warning: no capacity.toml found"), "{err}");
}

#[cfg(unix)]
#[test]
fn where_one_file_cannot_be_written_none_is() {
    let repo = Repo::new();
    let long = format!("{LOOSE}# {}\n", "x".repeat(5000));
    repo.write("a/capacity.toml", LOOSE)
        .write("b/capacity.toml", &long);
    let limited = |blocks: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" fmt");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_caplint")])
            .env_clear()
            .envs(repo.environment())
            .current_dir(&repo.path)
            .output()
            .expect("sh runs");
        let err = String::from_utf8(output.stderr).expect("text");
        (output.status.code().expect("an exit code"), err)
    };
    let (code, err) = limited("2");
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`b/capacity.toml` can't be written"), "{err}");
    assert_eq!(repo.read("a/capacity.toml"), LOOSE);
    assert_eq!(repo.read("b/capacity.toml"), long);
    for folder in ["a", "b"] {
        let left = std::fs::read_dir(repo.path.join(folder)).expect("the folder");
        assert_eq!(left.count(), 1, "something was left behind in {folder}");
    }
    assert_eq!(limited("200").0, 0);
    assert_eq!(repo.read("a/capacity.toml"), TIGHT);
}
