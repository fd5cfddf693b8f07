//! What the environment says of a repository: its owner, its places, its objects.

use std::path::Path;
use std::process::Command;

use caplint::states::{Environment, Surroundings, Which, read_state};

use crate::states::helper::{failure, revision, state_texts, surroundings};
use crate::support::repo::Repo;

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
                "states::repositories::environment::with_another_home",
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
