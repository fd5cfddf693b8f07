//! Sides that are no commits: folders and saved reports, and repositories without a working tree.

use caplint::states::{Base, read_comparison};

use super::forked;
use crate::states::helper::{
    asked, base_commit, base_texts, diff, diff_in, failure, head_texts, shared, staged,
    surroundings,
};
use crate::support::repo::Repo;

#[test]
fn a_side_may_be_a_folder() {
    let repo = Repo::new();
    repo.write("before/capacity.toml", "1")
        .write("before/same/capacity.toml", "s");
    repo.write("after/capacity.toml", "2")
        .write("after/same/capacity.toml", "s");
    repo.commit("one");
    for sides in [["./before", "./after"], ["./before", "./after/"]] {
        let comparison = diff(&repo, &sides);
        assert_eq!(
            base_texts(&comparison),
            ["capacity.toml=1", "same/capacity.toml=s"]
        );
        assert_eq!(
            head_texts(&comparison),
            ["capacity.toml=2", "same/capacity.toml=s"]
        );
        assert_eq!(shared(&comparison), ["same/capacity.toml"]);
        assert_eq!(
            comparison.sentence,
            format!(
                "The folder {} is compared with the folder {}.",
                sides[1], sides[0]
            )
        );
        assert_eq!(comparison.head.name, sides[1]);
    }
    // A commit against a folder, and a folder against the working tree.
    assert_eq!(
        head_texts(&diff(&repo, &["HEAD", "./after"]))[0],
        "capacity.toml=2"
    );
    assert_eq!(
        base_texts(&diff(&repo, &["./before"]))[0],
        "capacity.toml=1"
    );
    // Outside of any repository.
    let plain = Repo::folder();
    plain
        .write("a/capacity.toml", "a")
        .write("b/capacity.toml", "b");
    let comparison = diff(&plain, &["./a", "./b"]);
    assert_eq!(
        (base_texts(&comparison), head_texts(&comparison)),
        (
            vec!["capacity.toml=a".into()],
            vec!["capacity.toml=b".into()]
        )
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &asked(&["./a", "./c"]))),
        (2, "no such folder: ./c".into())
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &asked(&[]))),
        (2, "this is not a git repository".into())
    );
    assert_eq!(
        failure(diff_in(&plain, &[], &staged(&[]))),
        (2, "--staged needs a git repository".into())
    );
}

#[test]
fn a_name_is_a_revision_whatever_folders_there_are() {
    let repo = forked();
    repo.write("main/extra.txt", "so that the folder is there")
        .write("main/capacity.toml", "folder");
    let comparison = diff(&repo, &["main"]);
    assert_eq!(base_commit(&comparison), repo.id("main"));
    assert_eq!(
        base_texts(&diff(&repo, &["./main"])),
        ["capacity.toml=folder"]
    );
}

const REPORT: &str = r#"{"format": "caplint.report/1", "caplint": "0.1.0", "as_of": "2026-11-22",
    "base": null, "comparison": null, "head": {"name": "main", "commit": null}, "projects": [],
    "summary": {"verdict": "passes", "errors": 0, "warnings": 0, "infos": 0, "waived": 0, "exit_code": 0}}"#;

#[test]
fn a_saved_report_may_be_the_base() {
    let repo = forked();
    repo.write("base.json", REPORT);
    for sides in [&["./base.json"][..], &["./base.json", "HEAD"]] {
        let comparison = diff(&repo, sides);
        let Base::SavedReport(report) = &comparison.base else {
            panic!("{:?}", comparison.base);
        };
        assert_eq!(report.head.name, "main");
        assert_eq!(
            head_texts(&comparison),
            ["capacity.toml=start", "feature/capacity.toml=feature"]
        );
        assert!(
            comparison
                .sentence
                .ends_with("is compared with the saved report ./base.json.")
        );
    }
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["HEAD", "./base.json"]))),
        (
            2,
            "./base.json is a file; the side that is judged is a revision or a folder".into()
        )
    );
    repo.write("newer.json", REPORT.replace("report/1", "report/2"));
    assert_eq!(
        failure(diff_in(&repo, &[], &asked(&["./newer.json"]))),
        (2, "./newer.json has the format \"caplint.report/2\"".into())
    );
    repo.write("other.json", "{}");
    let (code, message) = failure(diff_in(&repo, &[], &asked(&["./other.json"])));
    assert_eq!(code, 2);
    assert!(
        message.starts_with("./other.json is neither a revision nor a folder nor a report"),
        "{message}"
    );
}

#[test]
fn a_bare_repository_needs_both_sides() {
    let bare = forked().clone_with(&["--bare"]);
    assert_eq!(
        base_texts(&diff(&bare, &["main", "feature"])),
        ["capacity.toml=start", "main/capacity.toml=main"]
    );
    assert_eq!(
        base_texts(&diff(&bare, &["main...feature"])),
        ["capacity.toml=start"]
    );
    for asked in [asked(&[]), asked(&["main"]), staged(&[])] {
        assert_eq!(
            failure(diff_in(&bare, &[], &asked)),
            (
                2,
                "a bare repository has no working tree and no index".into()
            )
        );
    }
}

#[test]
fn a_base_whose_files_are_broken_is_read_all_the_same() {
    let repo = Repo::new();
    repo.write("a/capacity.toml", "[[[")
        .write("b/capacity.toml", b"x = \"\xff\"")
        .commit("broken");
    repo.write("a/capacity.toml", "")
        .write("b/capacity.toml", "x = 1")
        .commit("mended");
    assert_eq!(
        base_texts(&diff(&repo, &["HEAD^", "HEAD"])),
        ["a/capacity.toml=[[[", "b/capacity.toml!NotUtf8 { at: 5 }"]
    );
}

#[test]
fn it_works_from_any_folder_of_the_repository() {
    let repo = forked();
    let dir = repo.path.join("feature");
    let comparison = read_comparison(&surroundings(&repo, &dir, &[]), &asked(&[])).unwrap();
    assert_eq!(base_texts(&comparison), ["capacity.toml=start"]);
    assert_eq!(comparison.place.prefix, "feature");
    let nowhere = surroundings(&repo, &repo.path.join("nowhere"), &[]);
    let (code, message) = failure(read_comparison(&nowhere, &asked(&[])));
    assert_eq!(code, 2);
    assert!(message.starts_with("no such folder: "), "{message}");
}
