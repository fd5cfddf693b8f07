//! What is asked for.

use std::process::Command;

use super::{caplint, commit, history, rates, root, subjects};
use crate::support::repo::Repo;

/// A repository with a commit on each of these days.
fn days(days: &[&str]) -> Repo {
    let repo = Repo::new();
    for (index, day) in days.iter().enumerate() {
        repo.write("capacity.toml", root(&format!("{}/day", index + 1)));
        repo.git(&["add", "--all"]);
        let date = format!("{day}T12:00:00Z");
        let made = Command::new("git")
            .args(["commit", "--quiet", "-m", day])
            .env_clear()
            .envs(repo.environment())
            .env("GIT_COMMITTER_DATE", date)
            .current_dir(&repo.path)
            .status();
        assert!(made.unwrap().success());
    }
    repo
}

#[test]
fn since_takes_days_a_date_or_a_revision() {
    let repo = days(&["2026-01-01", "2026-02-01", "2026-03-01"]);
    let since = |since: &str| {
        let arguments = ["--since", since, "--as-of", "2026-03-02"];
        let all = history(&repo, &arguments);
        subjects(&all).len()
    };
    assert_eq!(since("29d"), 2);
    assert_eq!(since("28d"), 1);
    assert_eq!(since("0d"), 0);
    assert_eq!(since("2026-02-01"), 2);
    assert_eq!(since("2026-02-02"), 1);
    assert_eq!(since("HEAD~2"), 2);
    assert_eq!(since("HEAD"), 0);
    assert_eq!(
        subjects(&history(&repo, &["HEAD~1"])),
        ["2026-01-01", "2026-02-01"]
    );
    let wrong = caplint(&repo, &["history", "--since", "nothing"]);
    assert_eq!(wrong.status.code(), Some(3), "{wrong:?}");
}

#[test]
fn a_commit_with_an_early_date_ends_nothing() {
    let repo = days(&["2026-01-01", "2026-03-01", "2025-01-01", "2026-03-02"]);
    let all = history(&repo, &["--since", "2026-02-01"]);
    assert_eq!(subjects(&all), ["2026-03-01", "2026-03-02"]);
    // What the one between moved is not told of another.
    assert_eq!(all["commits"][1]["meters"][0]["delta"], 30_000.0);
}

#[test]
fn since_a_revision_of_another_branch_is_since_it_left() {
    let repo = rates(&["1/day", "2/day"]);
    repo.git(&["checkout", "--quiet", "-b", "topic", "HEAD~1"]);
    commit(&repo, "capacity.toml", &root("9/day"), "topic");
    repo.git(&["checkout", "--quiet", "main"]);
    commit(&repo, "capacity.toml", &root("3/day"), "3/day");
    let all = history(&repo, &["--since", "topic"]);
    assert_eq!(subjects(&all), ["2/day", "3/day"]);
}

#[test]
fn meters_and_projects_narrow_what_is_listed() {
    let repo = rates(&["1/day", "2/day"]);
    commit(
        &repo,
        "capacity.toml",
        &(root("2/day") + "# said\n"),
        "words",
    );
    assert_eq!(subjects(&history(&repo, &[])), ["1/day", "2/day", "words"]);
    let one = history(&repo, &["--meter", "apis.*.credits"]);
    assert_eq!(subjects(&one), ["1/day", "2/day"]);
    let meters = one["commits"][0]["meters"].as_array().unwrap().iter();
    let ids: Vec<_> = meters
        .map(|moved| moved["meter"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["apis.a.credits"]);
    let none = history(&repo, &["--meter", "queues.*"]);
    assert_eq!(subjects(&none).len(), 0);
    assert_eq!(subjects(&history(&repo, &["--project", "t"])).len(), 2);
    let named = root("3/day").replace("\"t\"", "\"media\"");
    commit(&repo, "capacity.toml", &named, "another name");
    let unknown = caplint(&repo, &["history", "--project", "medai"]);
    assert_eq!(unknown.status.code(), Some(2));
    let told = String::from_utf8_lossy(&unknown.stderr);
    assert!(told.contains("there is no project `medai`"), "{told}");
    assert!(told.contains("did you mean `media`?"), "{told}");
}

#[test]
fn top_ranks_by_the_share_of_a_limit_that_moves() {
    let repo = rates(&["1/day", "2/day", "900/day", "903/day"]);
    let top = history(&repo, &["--top", "2"]);
    assert_eq!(subjects(&top), ["900/day", "903/day"]);
    let least = history(&repo, &["--top", "9"]);
    assert_eq!(subjects(&least), ["900/day", "903/day", "1/day", "2/day"]);
}

#[test]
fn csv_has_a_row_for_each_commit_and_meter() {
    let repo = rates(&["1/day", "2/day"]);
    let output = caplint(&repo, &["history", "--format", "csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let head =
        "commit,date,author,subject,pull_request,error,project,meter,before,after,delta,unit,limit";
    assert_eq!(lines.next(), Some(head));
    let row = lines.find(|line| line.contains("2/day") && line.contains("apis.a.credits"));
    let row = row.unwrap();
    assert!(
        row.ends_with(",30000,60000,30000,credits/month,60000000"),
        "{row}"
    );
    // A file has the format of its ending.
    caplint(&repo, &["history", "-o", "history.csv"]);
    let written = std::fs::read_to_string(repo.path.join("history.csv")).unwrap();
    assert_eq!(written, text);
}

#[test]
fn what_is_no_repository_is_said() {
    let output = caplint(&Repo::folder(), &["history"]);
    assert_eq!(output.status.code(), Some(2));
    let output = caplint(&Repo::new(), &["history"]);
    assert_eq!(output.status.code(), Some(3));
}
