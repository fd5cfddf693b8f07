//! A comparison is made only where it is certain what is compared. Each trick has its control: the
//! same without it.

use caplint::states::Case;

use super::helper::{
    asked, base_commit, base_texts, diff, diff_in, failure, head_texts, help, staged,
};
use crate::support::repo::Repo;

const CI: &[(&str, &str)] = &[("CI", "true")];

/// `main` loses `m`, which `topic` goes on from; `side` left before that, and is merged into
/// `topic` late.
fn with_an_older_common_commit() -> Repo {
    let repo = Repo::new();
    repo.write("capacity.toml", "root").commit("m0");
    repo.write("m/capacity.toml", "50").commit("m1");
    for number in ["2", "3"] {
        repo.write("README", number).commit(number);
    }
    repo.git(&["branch", "side"]);
    repo.git(&["rm", "--quiet", "-r", "m"]);
    repo.commit("m4");
    repo.git(&["branch", "topic"]);
    repo.git(&["checkout", "--quiet", "side"]);
    repo.write("S", "s").commit("s1");
    repo.git(&["checkout", "--quiet", "topic"]);
    for number in ["1", "2", "3", "4", "5", "6"] {
        repo.write("T", number).commit(number);
    }
    repo.git(&["merge", "--quiet", "--message=merge", "side"]);
    repo.write("n/capacity.toml", "50").commit("topic");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("README", "z").commit("m5");
    repo
}

/// A clone of `main` and `topic` of this depth, with `topic` checked out.
fn shallow(origin: &Repo, depth: &str) -> Repo {
    let clone = Repo::new();
    let url = format!("file://{}", origin.path.display());
    clone.git(&["remote", "add", "origin", &url]);
    let depth = format!("--depth={depth}");
    let branches = "+refs/heads/*:refs/remotes/origin/*";
    clone.git(&["fetch", "--quiet", &depth, "origin", branches]);
    clone.git(&["checkout", "--quiet", "-b", "topic", "origin/topic"]);
    clone
}

#[test]
fn an_older_common_commit_of_a_shallow_clone_is_no_merge_base() {
    let origin = with_an_older_common_commit();
    origin.git(&["checkout", "--quiet", "topic"]);
    let full = diff(&origin, &[]);
    assert_eq!(base_texts(&full), ["capacity.toml=root"]);
    let clone = shallow(&origin, "5");
    let run = || diff_in(&clone, &[], &asked(&[]));
    let (code, message) = failure(run());
    assert_eq!(code, 3);
    assert!(message.contains("may lack the merge base"), "{message}");
    assert_eq!(help(run()), "run `git fetch --unshallow`");
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    assert_eq!(base_commit(&diff(&clone, &[])), base_commit(&full));
}

#[test]
fn a_shallow_clone_of_any_depth_finds_the_full_clones_base_or_none() {
    let origin = with_an_older_common_commit();
    origin.git(&["checkout", "--quiet", "topic"]);
    let base = base_commit(&diff(&origin, &[]));
    let mut found = 0;
    for depth in 1..=14 {
        let clone = shallow(&origin, &depth.to_string());
        match diff_in(&clone, &[], &asked(&[])) {
            Ok(comparison) => {
                assert_eq!(base_commit(&comparison), base, "depth {depth}");
                found += 1;
            }
            Err(error) => assert_eq!(error.exit_code(), 3, "depth {depth}"),
        }
    }
    assert!(found > 0);
}

#[test]
fn ci_without_a_known_base_compares_nothing() {
    let origin = Repo::new();
    origin.write("capacity.toml", "10").commit("one");
    origin.git(&["branch", "--move", "main", "trunk"]);
    origin.git(&["checkout", "--quiet", "-b", "topic"]);
    origin.write("capacity.toml", "100").commit("two");
    let clone = Repo::new();
    let url = format!("file://{}", origin.path.display());
    clone.git(&["remote", "add", "origin", &url]);
    clone.git(&["fetch", "--quiet", "origin"]);
    clone.git(&["checkout", "--quiet", "--detach", "origin/topic"]);
    let run = || diff_in(&clone, CI, &asked(&[]));
    assert_eq!(failure(run()).0, 3);
    assert_eq!(help(run()), "name the base: `caplint diff origin/BRANCH`");
    let named = diff_in(&clone, CI, &asked(&["origin/trunk"])).unwrap();
    assert_eq!(base_texts(&named), ["capacity.toml=10"]);
    // A developer is told, and compares with HEAD.
    let local = diff(&clone, &[]);
    assert!(local.reason.is_some());
    assert_eq!(local.case, Case::Nothing);
}

#[test]
fn head_is_not_compared_with_itself_in_ci() {
    let repo = Repo::new();
    repo.write("capacity.toml", "1").commit("one");
    let run = || diff_in(&repo, CI, &asked(&[]));
    assert_eq!(
        failure(run()),
        (3, "HEAD would be compared with itself".into())
    );
    assert!(help(run()).ends_with("or run `caplint check`"));
    assert!(diff(&repo, &[]).is_empty);
    // What a build leaves behind changes nothing about that.
    repo.write("build/log.txt", "done");
    assert_eq!(failure(run()).0, 3);
    repo.write("capacity.toml", "2");
    assert!(!diff_in(&repo, CI, &asked(&[])).unwrap().is_empty);
}

#[test]
fn a_folder_with_a_branchs_name_is_not_the_branch() {
    let origin = Repo::new();
    origin.write("capacity.toml", "10").commit("one");
    let clone = origin.clone_with(&[]);
    clone.git(&["checkout", "--quiet", "--detach"]);
    clone.git(&["branch", "--quiet", "-D", "main"]);
    clone
        .write("main/capacity.toml", "planted")
        .write("capacity.toml", "15")
        .commit("two");
    let comparison = diff(&clone, &["main", "HEAD"]);
    assert_eq!(base_texts(&comparison), ["capacity.toml=10"]);
    let folder = diff(&clone, &["./main", "HEAD"]);
    assert_eq!(base_texts(&folder), ["capacity.toml=planted"]);
    let unknown = diff_in(&clone, &[], &asked(&["absent", "HEAD"]));
    assert_eq!(failure(unknown), (3, "unknown revision: absent".into()));
}

#[test]
fn a_merge_in_progress_is_compared_with_what_it_brings_in() {
    let repo = Repo::new();
    repo.write("capacity.toml", "root")
        .write("note", "")
        .commit("one");
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    repo.write("note", "t").commit("topic");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("y/capacity.toml", "y")
        .write("note", "m")
        .commit("main");
    repo.git(&["checkout", "--quiet", "topic"]);
    let merged = repo.try_git(&repo.path, &["merge", "--quiet", "main"]);
    assert!(!merged.status.success());
    repo.git(&["checkout", "--quiet", "--ours", "note"]);
    repo.git(&["add", "note"]);
    for asked in [staged(&[]), asked(&[])] {
        let comparison = diff_in(&repo, &[], &asked).unwrap();
        assert_eq!(comparison.case, Case::MergeInProgress);
        assert_eq!(base_commit(&comparison), repo.id("main"));
        assert!(comparison.others.is_empty());
    }
}

#[test]
fn a_merge_of_another_branch_is_compared_with_all_parents() {
    let repo = Repo::new();
    repo.write("capacity.toml", "root").commit("one");
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    repo.write("o/capacity.toml", "o").commit("other");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("m/capacity.toml", "m").commit("main");
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    repo.write("t/capacity.toml", "t").commit("topic");
    repo.git(&["merge", "--quiet", "--no-commit", "--no-ff", "other"]);
    let comparison = diff_in(&repo, &[], &staged(&[])).unwrap();
    assert_eq!(comparison.case, Case::MergeInProgress);
    assert_eq!(base_commit(&comparison), repo.id("topic"));
    assert_eq!(comparison.others.len(), 1);
}

#[test]
fn branches_that_were_merged_crosswise_have_several_bases() {
    let repo = Repo::new();
    repo.write("capacity.toml", "root").commit("one");
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    let topic = repo.write("t/capacity.toml", "t").commit("topic");
    repo.git(&["checkout", "--quiet", "main"]);
    let main = repo.write("m/capacity.toml", "m").commit("main");
    repo.git(&["merge", "--quiet", "--message=cross", &topic]);
    repo.git(&["checkout", "--quiet", "topic"]);
    repo.git(&["merge", "--quiet", "--message=cross", &main]);
    repo.write("n/capacity.toml", "n").commit("more");
    let comparison = diff(&repo, &[]);
    assert_eq!(comparison.case, Case::MergeBase);
    assert_eq!(comparison.others.len(), 1);
    assert_eq!(comparison.sentence.matches("merge base").count(), 2);
}

#[test]
fn pre_commit_says_what_is_compared() {
    let repo = Repo::new();
    repo.write("capacity.toml", "10").commit("one");
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    let topic = repo.write("capacity.toml", "100").commit("two");
    let refs = [
        ("PRE_COMMIT", "1"),
        ("CI", "true"),
        ("PRE_COMMIT_FROM_REF", "main"),
        ("PRE_COMMIT_TO_REF", &topic),
    ];
    let comparison = diff_in(&repo, &refs, &staged(&[])).unwrap();
    assert_eq!(base_texts(&comparison), ["capacity.toml=10"]);
    assert_eq!(head_texts(&comparison), ["capacity.toml=100"]);
    assert_eq!(failure(diff_in(&repo, &refs[..2], &staged(&[]))).0, 3);
    // By hand and with nothing staged, nothing is compared.
    let local = diff_in(&repo, &refs[..1], &staged(&[])).unwrap();
    assert!(local.is_empty);
}

#[test]
fn a_second_push_to_a_branch_answers_for_the_first() {
    let repo = Repo::new();
    repo.write("capacity.toml", "10").commit("one");
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    let first = repo.write("capacity.toml", "100").commit("two");
    repo.commit("empty");
    let event = repo.beside("event.json");
    let payload = format!(
        r#"{{"before": "{first}", "ref": "refs/heads/topic", "repository": {{"default_branch": "main"}}}}"#
    );
    std::fs::write(&event, payload).unwrap();
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ];
    let comparison = diff_in(&repo, &variables, &asked(&[])).unwrap();
    assert_eq!(base_texts(&comparison), ["capacity.toml=10"]);
}

#[test]
fn a_path_may_lie_in_another_repository() {
    let (here, there) = (Repo::new(), Repo::new());
    here.write("capacity.toml", "here").commit("one");
    there.write("a/capacity.toml", "there").commit("one");
    let path = there.path.join("a").into_os_string();
    let (dir, paths) = caplint::states::around(&here.path, std::slice::from_ref(&path));
    assert_eq!(
        dir.canonicalize().unwrap(),
        there.path.join("a").canonicalize().unwrap()
    );
    assert_eq!(paths.len(), 1);
    let own = std::ffi::OsString::from("capacity.toml");
    let (dir, _) = caplint::states::around(&here.path, &[own]);
    assert_eq!(dir, here.path);
}
