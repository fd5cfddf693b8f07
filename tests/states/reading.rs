//! What is read of one state.

use std::os::unix::ffi::OsStrExt;

use caplint::source::Flaw;
use caplint::states::{Which, read_state};

use crate::helper::{check, failure, help, listing, state_texts, surroundings, work_tree};
use crate::support::Repo;

fn revision(name: &str) -> Which {
    Which::Revision(name.into())
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
