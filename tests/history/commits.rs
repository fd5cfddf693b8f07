//! Which commits are listed, and what each moves.

use super::{caplint, commit, compared, history, rates, root, subjects, told};
use crate::states::histories::{Numbers, history as random};
use crate::support::repo::Repo;

const HISTORIES: u64 = 25;

#[test]
fn each_commit_moves_what_comparing_it_with_its_parent_says() {
    let mut numbers = Numbers(7);
    let (mut moved, mut still, mut unlisted) = (0, 0, 0);
    for number in 0..HISTORIES {
        let repo = random(&mut numbers);
        let all = history(&repo, &["main"]);
        let commits = all["commits"].as_array().unwrap();
        let mut listed = commits.iter().peekable();
        let chain = repo.git(&["rev-list", "--first-parent", "--reverse", "main"]);
        for id in chain.lines() {
            let parent = format!("{id}^");
            let names = repo.try_git(&repo.path, &["diff", "--name-only", &parent, id]);
            let is_first = !names.status.success();
            let names = String::from_utf8_lossy(&names.stdout);
            let touched = is_first || names.contains("capacity.toml");
            let next = listed.next_if(|commit| commit["commit"] == id);
            assert_eq!(next.is_some(), touched, "history {number}: {id}");
            let Some(next) = next else {
                unlisted += 1;
                continue;
            };
            let day = next["date"].as_str().unwrap();
            assert_eq!(day, "2023-11-14");
            let expected = compared(&repo, &parent, id, day);
            let only = expected.keys().next().map_or("", |(project, _)| project);
            assert_eq!(told(next, only), expected, "history {number}: {id}");
            match expected.is_empty() {
                true => still += 1,
                false => moved += 1,
            }
        }
        assert!(listed.next().is_none());
    }
    // Each of them happens, so that none is right by accident.
    for (what, count) in [("moved", moved), ("still", still), ("unlisted", unlisted)] {
        assert!(count >= 5, "{what}: {count}");
    }
}

#[test]
fn what_does_not_parse_is_listed_and_the_next_is_compared_with_the_last_that_did() {
    let repo = rates(&["1/day", "2/day"]);
    commit(&repo, "capacity.toml", "[project\n", "broken");
    commit(
        &repo,
        "capacity.toml",
        "[project\n# still\n",
        "still broken",
    );
    commit(&repo, "capacity.toml", &root("5/day"), "repaired");
    let all = history(&repo, &[]);
    assert_eq!(
        subjects(&all),
        ["1/day", "2/day", "broken", "still broken", "repaired"]
    );
    for broken in [2, 3] {
        let commit = &all["commits"][broken];
        let error = commit["error"].as_str().unwrap();
        assert!(error.starts_with("capacity.toml:1: "), "{error}");
        assert_eq!(commit["meters"].as_array().unwrap().len(), 0);
    }
    let repaired = &all["commits"][4];
    assert!(repaired["error"].is_null());
    let expected = compared(&repo, "HEAD~3", "HEAD", "2026-01-02");
    assert!(!expected.is_empty());
    assert_eq!(told(repaired, "t"), expected);
}

#[test]
fn a_broken_file_hides_no_other_project() {
    let repo = Repo::new();
    let named = |name: &str, rate: &str| root(rate).replace("\"t\"", &format!("\"{name}\""));
    repo.write("a/capacity.toml", named("a", "1/day"));
    commit(&repo, "b/capacity.toml", &named("b", "1/day"), "first");
    commit(&repo, "a/capacity.toml", "[project\n", "break a");
    commit(&repo, "b/capacity.toml", &named("b", "2/day"), "change b");
    commit(&repo, "a/capacity.toml", &named("a", "3/day"), "repair a");
    let all = history(&repo, &[]);
    let change = &all["commits"][2];
    assert!(change["error"].is_null(), "{change}");
    assert_eq!(change["meters"][0]["project"], "b");
    assert_eq!(change["meters"][0]["delta"], 30_000.0);
    let repair = &all["commits"][3];
    let projects = repair["meters"].as_array().unwrap().iter();
    let projects: Vec<_> = projects.map(|moved| &moved["project"]).collect();
    assert!(projects.iter().all(|name| *name == "a"), "{repair}");
    assert_eq!(repair["meters"][0]["delta"], 60_000.0);
}

#[test]
fn what_changes_beside_a_broken_file_is_moved_by_the_commit_that_repairs_it() {
    let repo = Repo::new();
    let feature = |name: &str, rate: &str| {
        format!("[features.{name}]\ncalls = [{{ endpoint = \"/e/\", rate = \"{rate}\" }}]\n")
    };
    for name in ["g", "h", "i", "j"] {
        repo.write(&format!("{name}/capacity.toml"), feature(name, "1/day"));
    }
    commit(&repo, "capacity.toml", &root("1/day"), "first");
    let change = |path: &str, text: &str| commit(&repo, path, text, path);
    change("g/capacity.toml", "[features.g\n");
    change("h/capacity.toml", &feature("h", "5/day"));
    change("g/capacity.toml", &feature("g", "2/day"));
    change("i/capacity.toml", &feature("i", "3/day"));
    let all = history(&repo, &[]);
    for (at, [base, head]) in [(3, ["HEAD~4", "HEAD~1"]), (4, ["HEAD~1", "HEAD"])] {
        let expected = compared(&repo, base, head, "2026-01-02");
        assert!(!expected.is_empty());
        assert_eq!(told(&all["commits"][at], "t"), expected);
    }
}

#[test]
fn what_changes_in_a_wide_folder_is_found_wherever_it_stands() {
    let repo = Repo::new();
    let feature = |at: usize, rate: usize| {
        let name = "f".repeat(1 + at % 7) + &at.to_string();
        let text = format!(
            "[features.{name}]\ncalls = [{{ endpoint = \"/e/\", rate = \"{rate}/day\" }}]\n"
        );
        repo.write(&format!("all/{name}/capacity.toml"), text);
        format!("all/{name}")
    };
    for at in 0..60 {
        feature(at, 1);
    }
    commit(&repo, "capacity.toml", &root("1/day"), "first");
    let done = || {
        repo.git(&["add", "--all"]);
        repo.git(&["commit", "--quiet", "-m", "change"]);
    };
    let remove = |at| std::fs::remove_dir_all(repo.path.join(feature(at, 1))).unwrap();
    for at in [0, 6, 31, 59] {
        feature(at, 5);
        done();
    }
    feature(2, 7);
    feature(58, 7);
    done();
    feature(61, 3);
    done();
    remove(30);
    done();
    remove(0);
    feature(62, 4);
    done();
    let all = history(&repo, &[]);
    let commits = all["commits"].as_array().unwrap();
    assert_eq!(commits.len(), 9);
    for (at, commit) in commits.iter().enumerate().skip(1) {
        let [base, head] = [9 - at, 8 - at].map(|back| format!("HEAD~{back}"));
        let expected = compared(&repo, &base, &head, "2026-01-02");
        assert!(!expected.is_empty());
        assert_eq!(told(commit, "t"), expected, "{at}");
    }
}

#[test]
fn a_shallow_clone_goes_as_far_as_it_goes_and_says_so() {
    let origin = rates(&["1/day", "2/day", "3/day", "4/day"]);
    let clone = origin.clone_with(&["--depth=3"]);
    let all = history(&clone, &[]);
    assert_eq!(subjects(&all), ["3/day", "4/day"]);
    assert_eq!(all["commits"][0]["meters"][0]["before"], 60_000.0);
    let note = all["notes"][0].as_str().unwrap();
    assert!(
        note.contains("shallow") && note.contains("--unshallow"),
        "{note}"
    );
    // Nothing that was asked for is missing.
    let since = history(&clone, &["--since", "HEAD~1"]);
    assert_eq!(subjects(&since), ["4/day"]);
    assert_eq!(since["notes"].as_array().unwrap().len(), 0);
    let full = history(&origin, &[]);
    assert_eq!(full["notes"].as_array().unwrap().len(), 0);
    assert_eq!(full["commits"][2], all["commits"][0]);
}

#[test]
fn pull_requests_are_read_from_subjects() {
    let repo = Repo::new();
    for (index, subject) in [
        "Add posts (#12)",
        "Merge pull request #345 from someone/branch",
        "Revert \"Add posts (#12)\" (#13)",
        "Fix (#x)",
        "Fix (#-1)",
        "See (#12) for why",
    ]
    .iter()
    .enumerate()
    {
        let rate = format!("{}/day", index + 1);
        commit(&repo, "capacity.toml", &root(&rate), subject);
    }
    let all = history(&repo, &[]);
    let commits = all["commits"].as_array().unwrap().iter();
    let numbers = commits.map(|commit| commit["pull_request"].as_u64());
    let expected = [Some(12), Some(345), Some(13), None, None, None];
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
}

#[test]
fn a_link_moves_what_the_file_that_it_leads_to_moves() {
    let repo = Repo::new();
    repo.write("shared/plan.toml", root("1/day"));
    std::os::unix::fs::symlink("shared/plan.toml", repo.path.join("capacity.toml")).unwrap();
    repo.git(&["add", "--all"]);
    repo.git(&["commit", "--quiet", "-m", "link"]);
    commit(&repo, "shared/plan.toml", &root("3/day"), "behind it");
    commit(&repo, "README", "nothing", "beside it");
    let all = history(&repo, &[]);
    assert_eq!(subjects(&all), ["link", "behind it"]);
    let expected = compared(&repo, "HEAD~2", "HEAD~1", "2026-01-02");
    assert_eq!(told(&all["commits"][1], "t"), expected);
    assert!(!expected.is_empty());
}

#[test]
fn hostile_authors_and_subjects_are_shown_escaped() {
    let repo = Repo::new();
    repo.write("capacity.toml", root("1/day"));
    repo.git(&["add", "--all"]);
    let subject = "=HYPERLINK(\"x\") \u{1b}[31m\u{202e}::error::";
    let author = "=Mallory \u{1b}[2J <m@example.org>";
    repo.git(&["commit", "--quiet", "--author", author, "-m", subject]);
    for format in ["human", "csv", "json"] {
        let output = caplint(&repo, &["history", "--format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("HYPERLINK"), "{format}: {text}");
        let acts = |character: char| matches!(character, '\u{1b}' | '\u{202e}');
        assert!(!text.contains(acts), "{format}: {text}");
    }
    let output = caplint(&repo, &["history", "--format", "csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(",'=Mallory"), "{text}");
    assert!(text.contains(",\"'=HYPERLINK"), "{text}");
}

#[test]
fn a_long_history_is_told_as_a_short_one() {
    // Long enough to be told in parts, with files that can't be read where a part would begin.
    let repo = Repo::new();
    for rate in 1..=130 {
        let text = match rate {
            45..=75 => "[project\n".to_owned() + &"#".repeat(rate),
            // Says nothing new.
            100 => root("99/day") + "# the same",
            rate => root(&format!("{rate}/day")),
        };
        commit(&repo, "capacity.toml", &text, &rate.to_string());
    }
    let all = history(&repo, &[]);
    let commits = all["commits"].as_array().unwrap();
    assert_eq!(commits.len(), 130);
    for (commit, rate) in commits.iter().zip(1_u32..) {
        assert_eq!(commit["subject"], rate.to_string());
        let meters = commit["meters"].as_array().unwrap();
        let credits = meters.iter().find(|it| it["meter"] == "apis.a.credits");
        let moved = credits.map(|it| {
            [
                it["before"].as_f64().unwrap(),
                it["after"].as_f64().unwrap(),
            ]
        });
        let was = match rate {
            1 => 0,
            76 => 44,
            rate => rate - 1,
        };
        let expected = match rate {
            45..=75 => None,
            100 => None,
            101 => Some([99, 101]),
            rate => Some([was, rate]),
        };
        let expected = expected.map(|both| both.map(|rate| f64::from(rate) * 30_000.0));
        assert_eq!(moved, expected, "{rate}: {commit}");
        assert_eq!(commit["error"].is_string(), (45..=75).contains(&rate));
    }
}
