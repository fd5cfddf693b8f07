//! What is compared in continuous integration.

use caplint::error::Error;
use caplint::states::Comparison;

use super::helper::{asked, base_commit, base_texts, diff_in, failure, head_texts, help};
use crate::support::repo::Repo;

const ZEROS: &str = "0000000000000000000000000000000000000000";

/// What GitHub's server has: a request from `feature` that `main` has gone on beside, and the
/// merge that GitHub tries, as `refs/pull/7/merge`.
struct Server {
    repo: Repo,
    start: String,
    main: String,
    feature: String,
    merge: String,
}

fn server() -> Server {
    let repo = Repo::new();
    let start = repo.write("capacity.toml", "start").commit("start");
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    let feature = repo
        .write("feature/capacity.toml", "feature")
        .commit("feature");
    repo.git(&["checkout", "--quiet", "main"]);
    let main = repo.write("main/capacity.toml", "main").commit("main");
    repo.git(&["merge", "--quiet", "--no-ff", "--message=merge", "feature"]);
    let merge = repo.id("HEAD");
    repo.git(&["update-ref", "refs/pull/7/merge", "HEAD"]);
    repo.git(&["reset", "--quiet", "--hard", &main]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    Server {
        repo,
        start,
        main,
        feature,
        merge,
    }
}

impl Server {
    /// What `actions/checkout` makes of a reference.
    fn checkout(&self, reference: &str, depth: Option<u32>) -> Repo {
        let clone = Repo::new();
        let url = format!("file://{}", self.repo.path.display());
        clone.git(&["remote", "add", "origin", &url]);
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut fetch = vec!["fetch", "--quiet", "--no-tags"];
        let all = "+refs/heads/*:refs/remotes/origin/*";
        let one = format!("+{reference}:refs/remotes/checked/out");
        match &depth {
            Some(depth) => fetch.extend([depth.as_str(), "origin", &one]),
            None => fetch.extend(["origin", all, &one]),
        }
        clone.git(&fetch);
        clone.git(&[
            "checkout",
            "--quiet",
            "--detach",
            "refs/remotes/checked/out",
        ]);
        clone
    }
}

fn github(
    repo: &Repo,
    event: &str,
    variables: &[(&str, &str)],
    payload: &str,
) -> Result<Comparison, Error> {
    let path = repo.beside("event.json");
    std::fs::write(&path, payload).unwrap();
    let mut all = vec![
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", path.to_str().unwrap()),
    ];
    all.extend(variables);
    diff_in(repo, &all, &asked(&[]))
}

fn request(server: &Server, base: &str) -> String {
    format!(
        r#"{{"pull_request": {{"base": {{"ref": "main", "sha": "{base}"}}, "head": {{"sha": "{}"}}}}}}"#,
        server.feature
    )
}

fn short(id: &str) -> &str {
    &id[..10]
}

#[test]
fn a_requests_merge_commit_is_compared_with_its_first_parent() {
    let server = server();
    for depth in [Some(2), None] {
        let clone = server.checkout("refs/pull/7/merge", depth);
        clone.write("capacity.toml", "edited in the job");
        // The payload's base is older than what was merged with: it plays no part.
        let comparison = github(
            &clone,
            "pull_request",
            &[
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_SHA", &server.merge),
            ],
            &request(&server, &server.start),
        )
        .unwrap();
        assert_eq!(base_commit(&comparison), server.main);
        assert_eq!(
            base_texts(&comparison),
            ["capacity.toml=start", "main/capacity.toml=main"]
        );
        assert_eq!(
            head_texts(&comparison),
            [
                "capacity.toml=start",
                "feature/capacity.toml=feature",
                "main/capacity.toml=main"
            ]
        );
        assert_eq!(
            comparison.sentence,
            format!(
                "HEAD ({}) is compared with HEAD^1 ({}) (GitHub pull request, its merge commit checked out).",
                short(&server.merge),
                short(&server.main)
            )
        );
    }
}

#[test]
fn a_merge_commit_without_its_parents_is_no_first_commit() {
    let server = server();
    let clone = server.checkout("refs/pull/7/merge", Some(1));
    let run = || {
        github(
            &clone,
            "pull_request",
            &[
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_SHA", &server.merge),
            ],
            &request(&server, &server.main),
        )
    };
    assert_eq!(
        failure(run()),
        (3, "HEAD^1 is not in this shallow clone".into())
    );
    assert_eq!(
        help(run()),
        "run `git fetch --deepen=1`, or give actions/checkout `fetch-depth: 2`"
    );
}

#[test]
fn a_requests_head_is_compared_with_its_merge_base() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    let variables = [
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_SHA", server.merge.as_str()),
        ("GITHUB_BASE_REF", "main"),
    ];
    for event in ["pull_request", "pull_request_target"] {
        let comparison =
            github(&clone, event, &variables, &request(&server, &server.main)).unwrap();
        assert_eq!(base_commit(&comparison), server.start);
        assert_eq!(head_texts(&comparison)[1], "feature/capacity.toml=feature");
        assert_eq!(
            comparison.sentence,
            format!(
                "HEAD ({}) is compared with the merge base with origin/main ({}) (GitHub pull request).",
                short(&server.feature),
                short(&server.start)
            )
        );
    }
    // Without the branch, by the commit that the payload names.
    clone.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let comparison = github(
        &clone,
        "pull_request",
        &variables,
        &request(&server, &server.main),
    )
    .unwrap();
    assert_eq!(base_commit(&comparison), server.start);
    // Without a payload, by neither.
    let run = || github(&clone, "pull_request", &variables, "{}");
    assert_eq!(
        failure(run()),
        (3, "the request's base, main, is not in this clone".into())
    );
    assert_eq!(
        help(run()),
        "run `git fetch --no-tags origin +refs/heads/main:refs/remotes/origin/main`"
    );
}

#[test]
fn a_request_that_was_rebased_past_the_payloads_base_is_judged_by_its_own_changes() {
    let server = server();
    server.repo.git(&["checkout", "--quiet", "feature"]);
    server.repo.git(&["rebase", "--quiet", "main"]);
    let clone = server.checkout("refs/heads/feature", None);
    let comparison = github(
        &clone,
        "pull_request",
        &[],
        &request(&server, &server.start),
    )
    .unwrap();
    assert_eq!(base_commit(&comparison), server.main);
}

#[test]
fn a_requests_base_checked_out_is_not_a_pass() {
    let server = server();
    let clone = server.checkout("refs/heads/main", None);
    let run = || {
        github(
            &clone,
            "pull_request_target",
            &[("GITHUB_REF", "refs/heads/main")],
            &request(&server, &server.main),
        )
    };
    assert_eq!(
        failure(run()),
        (3, "the request's base is checked out, not its head".into())
    );
    assert_eq!(
        help(run()),
        "give actions/checkout `ref: ${{ github.event.pull_request.head.sha }}`"
    );
}

#[test]
fn a_shallow_request_head_says_how_to_get_its_merge_base() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", Some(1));
    let run = || github(&clone, "pull_request", &[], &request(&server, &server.main));
    assert_eq!(
        failure(run()),
        (
            3,
            format!("the base, commit {}, is not in this clone", server.main)
        )
    );
    assert_eq!(
        help(run()),
        "run `git fetch --unshallow`, or give actions/checkout `fetch-depth: 0`"
    );
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    assert_eq!(base_commit(&run().unwrap()), server.start);
}

#[test]
fn a_push_is_compared_with_what_was_there_before() {
    let server = server();
    let clone = server.checkout("refs/heads/main", None);
    let payload = |before: &str| {
        format!(
            r#"{{"before": "{before}", "ref": "refs/heads/main", "repository": {{"default_branch": "main"}}}}"#
        )
    };
    let comparison = github(&clone, "push", &[], &payload(&server.start)).unwrap();
    assert_eq!(base_commit(&comparison), server.start);
    assert_eq!(
        comparison.sentence,
        format!(
            "HEAD ({}) is compared with {} (GitHub push, what was there before).",
            short(&server.main),
            short(&server.start)
        )
    );
    let missing = "ab".repeat(20);
    let run = || github(&clone, "push", &[], &payload(&missing));
    assert_eq!(
        failure(run()),
        (
            3,
            format!("the base, commit {missing}, is not in this clone")
        )
    );
    assert_eq!(
        help(run()),
        format!(
            "run `git fetch --no-tags origin {missing}`, or give actions/checkout `fetch-depth: 0`"
        )
    );
    let broken = github(&clone, "push", &[], &payload("--output=x"));
    assert_eq!(failure(broken).0, 3);
    assert_eq!(
        failure(github(&clone, "push", &[], "{}")),
        (3, "the environment does not say the push's before".into())
    );
}

#[test]
fn a_push_of_a_new_branch_is_compared_with_where_it_left_the_default_branch() {
    let server = server();
    let payload = format!(
        r#"{{"before": "{ZEROS}", "ref": "refs/heads/feature", "repository": {{"default_branch": "main"}}}}"#
    );
    let clone = server.checkout("refs/heads/feature", None);
    let comparison = github(&clone, "push", &[], &payload).unwrap();
    assert_eq!(base_commit(&comparison), server.start);
    assert!(
        comparison.sentence.ends_with("(GitHub push to a branch)."),
        "{}",
        comparison.sentence
    );

    let shallow = server.checkout("refs/heads/feature", Some(1));
    assert_eq!(
        failure(github(&shallow, "push", &[], &payload)),
        (3, "the default branch, main, is not in this clone".into())
    );

    let first = format!(
        r#"{{"before": "{ZEROS}", "ref": "refs/heads/main", "repository": {{"default_branch": "main"}}}}"#
    );
    let comparison = github(
        &server.checkout("refs/heads/main", Some(1)),
        "push",
        &[],
        &first,
    )
    .unwrap();
    assert_eq!(base_texts(&comparison), ["nothing"]);
    assert_eq!(
        comparison.sentence,
        format!(
            "HEAD ({}) is compared with nothing: all of it is new (GitHub push, the first).",
            short(&server.main)
        )
    );
}

#[test]
fn a_merge_group_is_compared_with_its_base() {
    let server = server();
    let clone = server.checkout("refs/pull/7/merge", Some(2));
    let payload = format!(r#"{{"merge_group": {{"base_sha": "{}"}}}}"#, server.main);
    let comparison = github(
        &clone,
        "merge_group",
        &[("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7")],
        &payload,
    )
    .unwrap();
    assert_eq!(base_commit(&comparison), server.main);
    assert!(
        comparison.sentence.ends_with("(GitHub merge group)."),
        "{}",
        comparison.sentence
    );
}

#[test]
fn other_events_are_compared_as_anywhere_and_arguments_come_first() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    clone.write("capacity.toml", "edited");
    let comparison = github(&clone, "workflow_dispatch", &[], "{}").unwrap();
    assert_eq!(base_commit(&comparison), server.start);
    assert!(
        comparison.sentence.starts_with("The working tree "),
        "{}",
        comparison.sentence
    );
    let given = [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REF", "refs/pull/7/merge"),
    ];
    let comparison = diff_in(&clone, &given, &asked(&["HEAD"])).unwrap();
    assert_eq!(base_commit(&comparison), server.feature);
}

#[test]
fn a_payload_that_is_none_is_refused() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    for payload in ["", "{", "[1"] {
        let (code, message) = failure(github(&clone, "push", &[], payload));
        assert_eq!(code, 3);
        assert!(
            message.starts_with("cannot read the event that GITHUB_EVENT_PATH names: "),
            "{message}"
        );
    }
}

#[test]
fn gitlab_names_the_base() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", server.start.as_str()),
    ];
    let comparison = diff_in(&clone, &variables, &asked(&[])).unwrap();
    assert_eq!(base_commit(&comparison), server.start);
    assert_eq!(
        comparison.sentence,
        format!(
            "HEAD ({}) is compared with {} (GitLab merge request).",
            short(&server.feature),
            short(&server.start)
        )
    );
    // A pipeline for merged results checks out a merge with the target as it is now.
    let merged = server.checkout("refs/pull/7/merge", Some(2));
    let variables = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", server.start.as_str()),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result"),
    ];
    let comparison = diff_in(&merged, &variables, &asked(&[])).unwrap();
    assert_eq!(base_commit(&comparison), server.main);
    let shallow = server.checkout("refs/heads/feature", Some(1));
    let (code, message) = failure(diff_in(&shallow, &variables[..1], &asked(&[])));
    assert_eq!(
        (code, message),
        (
            3,
            format!("the base, commit {}, is not in this clone", server.start)
        )
    );
}

#[test]
fn a_base_that_is_no_commit_id_is_refused() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    let said = |base: &str| {
        let variables = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)];
        failure(diff_in(&clone, &variables, &asked(&[]))).1
    };
    assert!(said("0123456789abcdef0123456789abcdef01234567").ends_with("is not in this clone"));
    for text in [
        "0123",
        "zz23456789abcdef0123456789abcdef01234567",
        "+123456789abcdef0123456789abcdef01234567",
        "123456789abcdef0123456789abcdef01234567",
        "0123456789abcdef0123456789abcdef012345678",
        &"é".repeat(20),
    ] {
        assert!(said(text).ends_with("which is not a commit id"), "{text}");
    }
}

#[test]
fn a_push_to_gitlab_is_compared_with_what_was_there_before() {
    let server = server();
    let clone = server.checkout("refs/heads/feature", None);
    let run = |before: &str, branch: &str| {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_COMMIT_BRANCH", branch),
            ("CI_DEFAULT_BRANCH", "main"),
        ];
        diff_in(&clone, &variables, &asked(&[])).unwrap()
    };
    let main = run(&server.start, "main").sentence;
    assert!(
        main.ends_with("(GitLab push, what was there before)."),
        "{main}"
    );
    let new = run(ZEROS, "feature");
    assert_eq!(base_commit(&new), server.start);
    assert!(
        new.sentence.ends_with("(GitLab push to a branch)."),
        "{}",
        new.sentence
    );
    assert_eq!(base_texts(&run(ZEROS, "main")), ["nothing"]);
}
