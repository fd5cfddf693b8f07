#![no_main]
#[path = "../../tests/fuzz/properties.rs"]
#[allow(dead_code, clippy::expect_used, clippy::unwrap_used)]
mod properties;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// A repository with one commit, and its id.
fn repository() -> &'static (TempDir, String) {
    static REPOSITORY: OnceLock<(TempDir, String)> = OnceLock::new();
    REPOSITORY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("capacity.toml"), "[project]\n").expect("a file");
        git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
        git(folder.path(), &["add", "capacity.toml"]);
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        git(
            folder.path(),
            &[&who[..], &["commit", "--quiet", "--message=one"]].concat(),
        );
        let commit = git(folder.path(), &["rev-parse", "HEAD"]);
        (folder, commit)
    })
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (folder, commit) = repository();
    properties::events(folder.path(), commit, bytes);
});
