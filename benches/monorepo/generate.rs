//! Git monorepos of any size, of sound input: no finding, so that what is timed
//! is the reading and the arithmetic, not the drawing of findings.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// Whether every figure is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// Plain values only.
    Certain,
    /// The tenants and so many rates have a p50 and a p90.
    Uncertain(usize),
}

/// Every feature has two lines with a rate that tenants scale.
const RATES_PER_FEATURE: usize = 2;
const FEATURES_PER_TEAM: usize = 100;
const ENDPOINTS: usize = 20;

/// A repository of `features` feature folders below `place`.
pub(crate) fn monorepo(place: &Path, features: usize, certainty: Certainty) -> Result<PathBuf> {
    let name = match certainty {
        Certainty::Certain => format!("{features}-certain"),
        Certainty::Uncertain(lines) => format!("{features}-uncertain-{lines}"),
    };
    let mut first = vec![
        ("capacity.toml".to_owned(), root_file(features, certainty)),
        (
            "README.md".to_owned(),
            "# A generated monorepo\n".to_owned(),
        ),
    ];
    let mut second = Vec::new();
    for at in 0..features {
        let folder = folder(at);
        let capacity = format!("{folder}/capacity.toml");
        first.push((capacity.clone(), feature_file(at, features, certainty, 0)));
        first.extend(sources(at, &folder));
        if at % 100 == 37 {
            second.push((capacity, feature_file(at, features, certainty, 1)));
        }
    }
    repository(&place.join(name), &[first, second])
}

/// What of a monorepo is staged.
#[derive(Clone, Copy)]
pub(crate) enum Staged {
    /// The source of one feature.
    Source,
    /// The capacity file of one feature.
    Capacity,
}

/// A monorepo with one changed file in its index.
pub(crate) fn staged(place: &Path, features: usize, staged: Staged) -> Result<PathBuf> {
    let (name, file, text) = match staged {
        Staged::Source => ("source", "src/job.rs", "pub fn run() {}\n".to_owned()),
        Staged::Capacity => {
            let text = feature_file(0, features, Certainty::Certain, 1);
            ("capacity", "capacity.toml", text)
        }
    };
    let place = monorepo(&place.join(name), features, Certainty::Certain)?;
    let path = place.join(folder(0)).join(file);
    fs::write(&path, text)?;
    git(&place, &["add", "--all"])?;
    Ok(place)
}

/// A repository of some files, in one commit.
pub(crate) fn of_files(place: &Path, files: Vec<(String, String)>) -> Result<PathBuf> {
    repository(place, &[files])
}

/// A project of one feature, in one file.
pub(crate) fn small_project() -> String {
    // Feature 2 has rates a little above the mean, which suits limits for one.
    let text = feature_file(2, 1, Certainty::Certain, 0);
    let root = root_file(1, Certainty::Certain);
    // Two endpoints are used; the rest would be findings.
    let root: String = root
        .lines()
        .filter(|line| !line.starts_with("\"/") || line.contains("-02/"))
        .fold(String::new(), |all, line| all + line + "\n");
    let text = text.replace("\"spec.md\"", "\"README.md\"");
    format!("{root}\n{text}")
}

/// A repository of one small capacity file.
pub(crate) fn single_file(place: &Path) -> Result<PathBuf> {
    let readme = "# One feature\n".to_owned();
    let files = [
        ("capacity.toml".to_owned(), small_project()),
        ("README.md".to_owned(), readme),
    ];
    of_files(place, files.into())
}

fn folder(at: usize) -> String {
    format!("teams/team-{:02}/feature-{at:05}", at / FEATURES_PER_TEAM)
}

/// The project's root file. Its limits grow with the number of features, so that
/// utilization is the same at every size: about 60% today, and no more in `10x`.
fn root_file(features: usize, certainty: Certainty) -> String {
    let n = features;
    let (free, pro) = match certainty {
        Certainty::Certain => ("900", "100"),
        Certainty::Uncertain(_) => ("{ p50 = 900, p90 = 990 }", "{ p50 = 100, p90 = 120 }"),
    };
    let mut endpoints = String::new();
    for at in 0..ENDPOINTS {
        for kind in ["objects", "lists"] {
            // Writing to a string can't fail.
            let _ = writeln!(
                endpoints,
                "\"/{kind}-{at:02}/\" = {{ credits = 1, cacheable = false, measured = 2026-11-16 }}"
            );
        }
    }
    let plan = n * 120_000;
    let (small, large) = (plan / 10, plan * 2);
    let price = |credits: usize, per_million: usize| credits * per_million / 1_000_000;
    format!(
        r#"# What all features of the monorepo share.
[project]
name = "monorepo"

[tenants]
free = {{ now = {free}, 30d = 920, 60d = 940, 90d = 960 }}
pro = {{ now = {pro}, 30d = 102, 60d = 104, 90d = 106 }}

[apis.hub]
rate_limit = {{ now = "{rate_now}/min", max = "{rate_max}/min" }}
plan = {{ credits = {plan}, price = {plan_price} }}
budget = {{ now = {budget_now}, max = {budget_max} }}
lead_time = "3d"
packs = [
  {{ name = "small", credits = {small}, price = {small_price}, max = 10 }},
  {{ name = "large", credits = {large}, price = {large_price}, max = 6 }},
]

[apis.hub.endpoints]
{endpoints}
[databases.main]
engine = "postgres"
storage = {{ now = "{storage_now}MB", max = "{storage_max}MB" }}
writes = {{ now = "{writes_now}/min", max = "{writes_max}/min" }}
overhead = 0.2
decision = "README.md"

[queues.events]
broker = "kafka"
message_size = "1KB"
retention = "7d"
replication = 3
replay = 5
partitions = {{ now = 24, max = 96 }}
storage = {{ now = "{retained_now}MB", max = "{retained_max}MB" }}
drain = "5m"
workers = {{ count = 4, max = 12, rate = "{worker}/min", scale_on = "queue-depth" }}

[scenarios.10x]
tenants = 10
require = "fit"

[scenarios.100x]
tenants = 100
require = "report"
"#,
        rate_now = n * 6,
        rate_max = n * 60,
        plan_price = price(plan, 1_000),
        budget_now = price(plan, 2_000),
        budget_max = price(plan, 10_000),
        small_price = price(small, 2_000),
        large_price = price(large, 900),
        storage_now = n * 50,
        storage_max = n * 500,
        writes_now = n * 20,
        writes_max = n * 200,
        retained_now = n * 100,
        retained_max = n * 1_000,
        worker = n * 6,
    )
}

/// One feature's file. `extra` is added to the rate of its calls: what the
/// second commit changes.
fn feature_file(at: usize, features: usize, certainty: Certainty, extra: usize) -> String {
    let calls = rate(
        at * RATES_PER_FEATURE,
        at % 4 + 1 + extra,
        features,
        certainty,
    );
    let events = rate(at * RATES_PER_FEATURE + 1, at % 3 + 1, features, certainty);
    let team = at / FEATURES_PER_TEAM;
    let endpoint = at % ENDPOINTS;
    format!(
        r#"# Feature {at}: fetches objects, keeps a snapshot of each, and tells the others.
[features.f{at:05}]
spec = "spec.md"
owner = "team-{team:02}"

[[features.f{at:05}.calls]]
id = "fetch"
endpoint = "hub:/objects-{endpoint:02}/"
rate = {calls}
peak = 2
measured = 2026-11-16

[[features.f{at:05}.calls]]
id = "refresh"
endpoint = "hub:/lists-{endpoint:02}/"
rate = "every 1h"
per = "project"
spread = "30m"
measured = 2026-11-16

[[features.f{at:05}.writes]]
table = "f{at:05}_objects"
after = "fetch"
measured = 2026-11-16

[[features.f{at:05}.messages]]
queue = "events"
rate = {events}
measured = 2026-11-16

[tables.f{at:05}_objects]
kind = "snapshot"
row_size = "200B"
indexes = 1
retention = "30d"
partition = "day"

[tables.f{at:05}_days]
kind = "rollup"
from = "f{at:05}_objects"
ratio = 0.05
row_size = "100B"
indexes = 1
retention = "1y"
"#
    )
}

/// A rate per day; uncertain for as many of all as are asked for, evenly spaced.
fn rate(line: usize, per_day: usize, features: usize, certainty: Certainty) -> String {
    let is_uncertain = match certainty {
        Certainty::Certain => false,
        Certainty::Uncertain(lines) => {
            line.is_multiple_of((features * RATES_PER_FEATURE / lines).max(1))
        }
    };
    if is_uncertain {
        let p90 = per_day as f64 * 1.5;
        format!("{{ p50 = \"{per_day}/day\", p90 = \"{p90}/day\" }}")
    } else {
        format!("\"{per_day}/day\"")
    }
}

/// Three files that are no capacity files, and that no run has to read.
fn sources(at: usize, folder: &str) -> [(String, String); 3] {
    let spec = format!(
        "# Feature {at}\n\nFetches objects for every tenant, keeps a snapshot of each for a\n\
         month, and tells the other features what changed.\n"
    );
    let handler = format!(
        "pub fn handle_{at}(id: u64) -> u64 {{\n    // Every feature has its own shape.\n    \
         id.rotate_left({}) ^ {at}\n}}\n",
        at % 64
    );
    let job = format!(
        "pub const NAME: &str = \"feature-{at}\";\n\npub fn run() -> &'static str {{\n    NAME\n}}\n"
    );
    [
        (format!("{folder}/spec.md"), spec),
        (format!("{folder}/src/handler.rs"), handler),
        (format!("{folder}/src/job.rs"), job),
    ]
}

type Files = Vec<(String, String)>;

/// A packed repository at `place` with one commit for each element of `commits`,
/// the last one checked out. One that stands there from an earlier run is kept
/// where it was made of the same files.
fn repository(place: &Path, commits: &[Files]) -> Result<PathBuf> {
    let stream = fast_import_stream(commits);
    let mut hasher = DefaultHasher::new();
    stream.hash(&mut hasher);
    let stamp = format!("{:016x}\n", hasher.finish());
    let stamp_file = place.join(".git/made-of");
    if fs::read_to_string(&stamp_file).is_ok_and(|text| text == stamp) {
        return Ok(place.to_owned());
    }
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir_all(place)?;
    git(place, &["init", "--quiet", "--initial-branch=main"])?;
    fast_import(place, &stream)?;
    git(place, &["repack", "-a", "-d", "--quiet"])?;
    git(place, &["reset", "--quiet", "--hard", "main"])?;
    fs::write(stamp_file, stamp)?;
    Ok(place.to_owned())
}

fn fast_import_stream(commits: &[Files]) -> Vec<u8> {
    let mut stream = String::new();
    for (at, files) in commits.iter().enumerate() {
        let seconds = 1_790_000_000 + at * 86_400;
        stream += "commit refs/heads/main\n";
        stream += &format!("committer bench <bench@example.com> {seconds} +0000\n");
        stream += "data 7\nchange\n";
        for (path, text) in files {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
    }
    stream.into_bytes()
}

fn fast_import(place: &Path, stream: &[u8]) -> Result<()> {
    let mut child = git_command(place)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(stream)?;
    }
    if child.wait()?.success() {
        Ok(())
    } else {
        Err("git fast-import failed".into())
    }
}

fn git(place: &Path, arguments: &[&str]) -> Result<()> {
    let status = git_command(place).args(arguments).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("git {} failed: {status}", arguments.join(" ")).into())
    }
}

/// git without the user's settings: an index of version 2, as it is by default.
fn git_command(place: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "index.version=2", "-c", "core.autocrlf=false"])
        .current_dir(place)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(
            "GIT_CONFIG_GLOBAL",
            if cfg!(windows) { "NUL" } else { "/dev/null" },
        )
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE");
    command
}
