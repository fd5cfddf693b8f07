//! Random histories: a shallow clone gives the full clone's verdict, or none.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::repo::Repo;

/// How many histories: `CAPLINT_TRIES` times as many where that is set.
fn histories() -> u64 {
    let times = std::env::var("CAPLINT_TRIES").map_or(1, |times| times.parse().unwrap());
    100 * times
}

/// The files of a commit.
type Files = BTreeMap<String, String>;

/// Numbers that are the same in every run (SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

fn root(name: &str) -> String {
    format!(
        "[project]\nname = \"{name}\"\n[tenants]\nfree = 1000\n[apis.a]\nrate_limit = \"100000/min\"\n\
         plan = {{ credits = 60_000_000, price = 10 }}\n[apis.a.endpoints]\n\
         \"/e/\" = {{ credits = 1, cacheable = false }}\n[scenarios.2x]\ntenants = 2\n\
         require = \"report\"\n[policy.change]\ncredits = \"20%\"\n"
    )
}

fn feature(name: &str, rate: usize) -> String {
    format!(
        "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         calls = [{{ endpoint = \"/e/\", rate = \"{rate}/day\" }}]\n"
    )
}

fn change(files: &mut Files, numbers: &mut Numbers) {
    let folder = format!("f{}", numbers.below(4));
    let path = format!("{folder}/capacity.toml");
    match numbers.below(7) {
        0 => drop(files.remove(&path)),
        1 => {
            // The feature moves to another folder.
            if let Some(text) = files.remove(&path) {
                files.insert(format!("moved-{folder}/capacity.toml"), text);
            }
        }
        2 => {
            let name = ["t", "u"][numbers.below(2)];
            files.insert("capacity.toml".into(), root(name));
        }
        3 => drop(files.insert("README".into(), numbers.next().to_string())),
        _ => {
            files.remove(&format!("moved-{folder}/capacity.toml"));
            let rate = 10 + numbers.below(20);
            files.insert(path, feature(&folder, rate));
        }
    }
}

/// Each file as one of the two sides has it.
fn merged(files: &Files, theirs: &Files, numbers: &mut Numbers) -> Files {
    let mut merged = files.clone();
    let names: BTreeSet<&String> = files.keys().chain(theirs.keys()).collect();
    for name in names {
        if name != "capacity.toml" && numbers.below(2) == 0 {
            match theirs.get(name) {
                Some(text) => merged.insert(name.clone(), text.clone()),
                None => merged.remove(name),
            };
        }
    }
    merged
}

/// A bare repository with the branches `main` and `topic`: they are merged into each other, also
/// crosswise, while both go on.
pub(crate) fn history(numbers: &mut Numbers) -> Repo {
    let mut first = Files::from([
        ("capacity.toml".into(), root("t")),
        ("f0/capacity.toml".into(), feature("f0", 20)),
    ]);
    let mut stream = String::new();
    let mut commits: Vec<Files> = Vec::new();
    let mut add = |branch: &str, parents: &[usize], files: Files| {
        commits.push(files);
        let number = commits.len();
        stream += &format!(
            "commit refs/heads/{branch}\nmark :{number}\n\
             committer Ada <ada@example.org> {} +0000\ndata 0\n",
            1_700_000_000 + number * 60
        );
        for (at, parent) in parents.iter().enumerate() {
            let word = if at == 0 { "from" } else { "merge" };
            stream += &format!("{word} :{parent}\n");
        }
        stream += "deleteall\n";
        for (path, text) in &commits[number - 1] {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        number
    };
    let start = add("main", &[], first.clone());
    let mut tips = [(start, first.clone()), (start, first.clone())];
    change(&mut first, numbers);
    let branches = ["main", "topic"];
    tips[1] = (add("topic", &[start], first.clone()), first);
    for _ in 0..6 + numbers.below(16) {
        let before = tips.clone();
        let kind = numbers.below(8);
        // Crosswise, both sides merge what the other was.
        let sides = if kind == 0 {
            0..2
        } else {
            let side = numbers.below(2);
            side..side + 1
        };
        for side in sides {
            let (tip, mut files) = before[side].clone();
            let mut parents = vec![tip];
            if kind <= 1 {
                let (other, theirs) = &before[1 - side];
                parents.push(*other);
                files = merged(&files, theirs, numbers);
            } else {
                change(&mut files, numbers);
            }
            tips[side] = (add(branches[side], &parents, files.clone()), files);
        }
    }
    let repo = Repo::init(&["--bare"]);
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .env_clear()
        .envs(repo.environment())
        .current_dir(&repo.path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = import.stdin.take().unwrap();
    stdin.write_all(stream.as_bytes()).unwrap();
    drop(stdin);
    assert!(import.wait().unwrap().success());
    repo
}

/// A bare clone in which the history of each branch is cut off somewhere.
fn shallow(origin: &Repo, numbers: &mut Numbers) -> Repo {
    let clone = Repo::init(&["--bare"]);
    let url = format!("file://{}", origin.path.display());
    for branch in ["main", "topic"] {
        let depth = format!("--depth={}", 1 + numbers.below(12));
        let branch = format!("+refs/heads/{branch}:refs/heads/{branch}");
        clone.git(&["fetch", "--quiet", &depth, &url, &branch]);
    }
    clone
}

/// The exit code of comparing the branches, and what was found where there is a verdict.
fn verdict(repo: &Repo) -> (i32, Value) {
    let output = repo
        .caplint()
        .args([
            "diff",
            "main...topic",
            "--format=json",
            "--as-of",
            "2026-11-22",
        ])
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (code, report)
}

fn bases(report: &Value) -> BTreeSet<&str> {
    let bases = report["comparison"]["bases"].as_array();
    bases
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn a_shallow_clone_gives_the_full_clones_verdict_or_none() {
    let mut numbers = Numbers(1);
    let (mut passed, mut failed, mut refused, mut crossed) = (0, 0, 0, 0);
    for number in 0..histories() {
        let origin = history(&mut numbers);
        let (code, full) = verdict(&origin);
        let by_git = origin.git(&["merge-base", "--all", "main", "topic"]);
        assert_eq!(bases(&full), by_git.lines().collect(), "history {number}");
        crossed += u32::from(by_git.lines().count() > 1);
        let (shallow_code, shallow) = verdict(&shallow(&origin, &mut numbers));
        match shallow_code {
            3 => refused += 1,
            _ => {
                assert_eq!(shallow_code, code, "history {number}");
                for part in ["projects", "comparison", "summary"] {
                    assert_eq!(shallow[part], full[part], "history {number}: {part}");
                }
                match code {
                    0 => passed += 1,
                    1 => failed += 1,
                    _ => panic!("history {number}: exit code {code}"),
                }
            }
        }
    }
    // Each of them happens, so that none is right by accident.
    for (what, count) in [
        ("passed", passed),
        ("failed", failed),
        ("refused", refused),
        ("crossed", crossed),
    ] {
        assert!(count >= 10, "{what}: {count}");
    }
}
