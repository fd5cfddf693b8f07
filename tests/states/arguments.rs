//! What the arguments of `diff` name.

use crate::helper::{base_texts, diff, head_texts, shared};
use crate::support::Repo;

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
    let (base, head) = (repo.id("HEAD~1"), repo.id("HEAD"));
    assert_eq!(
        comparison.case,
        format!(
            "HEAD ({}) is compared with HEAD~1 ({}).",
            &head[..10],
            &base[..10]
        )
    );
}
