//! What caplint costs beside other programs, and how that grows.
//!
//! ```text
//! cargo bench --profile profiling --bench monorepo                # at 4,000 features
//! cargo bench --profile profiling --bench monorepo -- 1000        # a quick look
//! cargo bench --profile profiling --bench monorepo -- --write     # and into docs/performance.md
//! cargo bench --bench monorepo -- --vs BINARY                     # against another caplint
//! ```
//!
//! **What is measured.** Whole processes, from their start to their exit, with a warm page cache.
//! Programs take turns, and a ratio is the median of the rounds' ratios, so that a machine that is
//! busy with other things slows both sides of a ratio. Trust the ratios; the milliseconds are this
//! machine's. Peak memory is the kernel's high-water mark, read in a run of its own on Linux.
//!
//! **Beside what.** The *bare program* is this executable once more: it finds the capacity files in
//! `.git/index`, reads them and parses them with the `toml` crate on all cores, and does nothing
//! else. taplo and check-jsonschema come from PyPI into an environment below cargo's target
//! directory, and check the same files against `schema/capacity.schema.json`.
//!
//! **On what.** Generated git repositories, packed, of two commits: one folder per feature with a
//! `capacity.toml` of 44 lines and three other files, and a root `capacity.toml`. The second commit
//! changes a rate in 1% of them. They are kept in cargo's target directory and made again when the
//! generator changes. git has to be installed.
//!
//! **Against another binary** (`--vs`), `check`, `check` with uncertain figures, and `diff` of both
//! take turns. Build both in the same profile.
//!
//! The goals stand beside the figures. Nothing is asserted: a benchmark is no test, and a busy
//! machine is no regression.

mod extremes;
mod generate;
mod limit;
mod measure;
mod page;
mod tools;

use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use extremes::Many;
use generate::{Certainty, Staged};
use measure::{Race, format_duration, median_of_ratios};
use page::Table;
use tools::{Tools, git_status};

const CAPLINT: &str = env!("CARGO_BIN_EXE_caplint");
/// The date of the generated files: the same findings whenever this is run.
const AS_OF: &str = "2026-11-22";
const DIFF: &[&str] = &["diff", "HEAD~1", "HEAD"];
const STAGED: &[&str] = &["diff", "--staged"];
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
/// The size that the goals are stated for.
const FEATURES: usize = 4_000;
const ROUNDS: usize = 7;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("limit") => limit::main(std::env::args().skip(2)),
        _ => benchmark(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done where standard error is gone too.
            let _ = writeln!(io::stderr(), "monorepo: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    features: usize,
    rounds: usize,
    /// Whether the tables go into the page.
    writes: bool,
    /// Another caplint to compare with.
    versus: Option<PathBuf>,
}

fn benchmark() -> Result<()> {
    let Some(options) = options()? else {
        // `cargo test --all-targets` runs benches without `--bench`.
        writeln!(io::stdout(), "monorepo: run me with cargo bench")?;
        return Ok(());
    };
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("monorepo");
    let mut out = io::stdout().lock();
    if let Some(other) = &options.versus {
        return versus(&mut out, &place, options.features, other, &options);
    }
    let mut tables = Vec::new();
    for measure in [beside, growth, many] {
        let table = measure(&mut out, &place, &options)?;
        writeln!(out, "\n{}", table.markdown())?;
        tables.push(table);
    }
    if options.writes {
        page::write(Path::new(PAGE), &tables)?;
    }
    Ok(())
}

/// The options after `--`, or nothing where this is no bench run.
fn options() -> Result<Option<Options>> {
    let mut options = Options {
        features: FEATURES,
        rounds: ROUNDS,
        writes: false,
        versus: None,
    };
    let mut is_bench = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => is_bench = true,
            "--write" => options.writes = true,
            "--runs" => {
                let rounds: usize = arguments.next().ok_or("--runs needs a number")?.parse()?;
                options.rounds = rounds.max(1);
            }
            "--vs" => {
                let other = arguments.next().ok_or("--vs needs a binary")?;
                // Programs are run in the repositories, from where a relative path leads nowhere.
                options.versus = Some(Path::new(&other).canonicalize()?);
            }
            size => {
                let size: usize = size
                    .parse()
                    .map_err(|_| format!("`{size}` is no number of features"))?;
                if size == 0 || !size.is_multiple_of(400) {
                    return Err(format!("{size} is no multiple of 400").into());
                }
                options.features = size;
            }
        }
    }
    Ok(is_bench.then_some(options))
}

/// A command in the first table.
struct Entry {
    what: String,
    command: Command,
    /// The entry that it is divided by, and the goal for the ratio.
    against: Option<(usize, &'static str)>,
}

/// Commands beside each other and beside other programs.
fn beside(out: &mut dyn Write, place: &Path, options: &Options) -> Result<Table> {
    let mut entries = entries(place, options.features)?;
    let mut commands: Vec<&mut Command> =
        entries.iter_mut().map(|entry| &mut entry.command).collect();
    let race = Race::run(&mut commands, options.rounds)?;
    let mut table = Table::new(
        "beside",
        &["command", "median", "ratio", "goal", "peak memory"],
    );
    for at in 0..entries.len() {
        let against = entries[at].against;
        let (ratio, goal) = against.map_or_else(Default::default, |(base, goal)| {
            let ratio = median_of_ratios(race.times(at), race.times(base));
            (
                format!("{ratio:.2} × {}", entries[base].what),
                goal.to_owned(),
            )
        });
        let memory = peak(&mut entries[at].command)?;
        let (what, median) = (entries[at].what.clone(), format_duration(race.median(at)));
        table.row([what, median, ratio, goal, memory]);
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.what.as_str()).collect();
    notes(out, &race, &names)?;
    Ok(table)
}

fn entries(place: &Path, features: usize) -> Result<Vec<Entry>> {
    let certain = generate::monorepo(place, features, Certainty::Certain)?;
    let few = generate::monorepo(place, features, Certainty::Uncertain(200))?;
    let many = generate::monorepo(place, features, Certainty::Uncertain(2_000))?;
    let source = generate::staged(place, features, Staged::Source)?;
    let capacity = generate::staged(place, features, Staged::Capacity)?;
    let single = generate::single_file(&place.join("one-file"))?;
    let formats = ["json", "sarif", "markdown", "html"];
    let outputs = formats.map(|format| {
        let file = place.join(format!("report.{format}"));
        format!("--output={format}={}", file.display())
    });
    let four: Vec<&str> = std::iter::once("check")
        .chain(outputs.iter().map(String::as_str))
        .collect();
    const BARE: usize = 0;
    const GIT: usize = 1;
    const CHECK: usize = 2;
    let entry = |what: &str, command, against| Entry {
        what: what.to_owned(),
        command,
        against,
    };
    let run = |repository: &Path, arguments: &[&str]| caplint(CAPLINT, repository, arguments);
    let mut all = vec![
        entry(
            "the bare program",
            limit::command(&certain, limit::Parse::Table)?,
            None,
        ),
        entry("`git status`", git_status(&certain), None),
        entry("`check`", run(&certain, &["check"]), Some((BARE, "≤ 3"))),
        entry(
            "`diff HEAD~1 HEAD`, 1% changed",
            run(&certain, DIFF),
            Some((CHECK, "≤ 1.2")),
        ),
        entry(
            "`diff --staged`, no capacity file",
            run(&source, STAGED),
            Some((GIT, "≤ 0.3")),
        ),
        entry(
            "`diff --staged`, one capacity file",
            run(&capacity, STAGED),
            Some((CHECK, "≤ 1")),
        ),
        entry(
            "`check --format json`",
            run(&certain, &["check", "--json"]),
            Some((CHECK, "≤ 1.5")),
        ),
        entry(
            "`check`, text and four files",
            run(&certain, &four),
            Some((CHECK, "")),
        ),
        entry(
            "`check`, 200 uncertain rates",
            run(&few, &["check"]),
            Some((CHECK, "≤ 2")),
        ),
        entry(
            "`check`, 2,000 uncertain rates",
            run(&many, &["check"]),
            Some((CHECK, "≤ 5")),
        ),
        entry("`check` of one small file", run(&single, &["check"]), None),
    ];
    if let Some(tools) = Tools::install(place) {
        all.push(entry(
            "`taplo lint`",
            tools.taplo(&certain),
            Some((CHECK, "")),
        ));
        let schema = tools.check_jsonschema(&certain)?;
        all.push(entry("`check-jsonschema`", schema, Some((CHECK, ""))));
    }
    Ok(all)
}

/// How time and memory grow with the number of files.
fn growth(out: &mut dyn Write, place: &Path, options: &Options) -> Result<Table> {
    let titles = [
        "features",
        "`check`",
        "a feature",
        "`diff`",
        "peak memory of `check`",
    ];
    let mut table = Table::new("growth", &titles);
    for (times, by) in [(1, 4), (1, 2), (1, 1), (5, 2)] {
        let features = options.features * times / by;
        let repository = generate::monorepo(place, features, Certainty::Certain)?;
        let mut check = caplint(CAPLINT, &repository, &["check"]);
        let mut diff = caplint(CAPLINT, &repository, DIFF);
        let race = Race::run(&mut [&mut check, &mut diff], options.rounds)?;
        notes(out, &race, &["check", "diff"])?;
        let each = race.median(0).as_secs_f64() * 1e6 / features as f64;
        let times = [0, 1].map(|at| format_duration(race.median(at)));
        let [of_check, of_diff] = times;
        let memory = peak(&mut check)?;
        table.row([
            features.to_string(),
            of_check,
            format!("{each:.0} µs"),
            of_diff,
            memory,
        ]);
    }
    Ok(table)
}

/// How time grows with what there may be very many of.
fn many(_: &mut dyn Write, place: &Path, options: &Options) -> Result<Table> {
    let titles = ["many", "half as many", "all", "growth", "peak memory"];
    let mut table = Table::new("many", &titles);
    for many in Many::ALL {
        let count = many.count();
        let half = many.repository(place, count / 2)?;
        let all = many.repository(place, count)?;
        let mut half = caplint(CAPLINT, &half, &["check"]);
        let mut all = caplint(CAPLINT, &all, &["check"]);
        let race = Race::run(&mut [&mut half, &mut all], options.rounds)?;
        let growth = median_of_ratios(race.times(1), race.times(0));
        let [of_half, of_all] = [0, 1].map(|at| format_duration(race.median(at)));
        let what = format!("{count} {}", many.name());
        table.row([
            what,
            of_half,
            of_all,
            format!("{growth:.2} ×"),
            peak(&mut all)?,
        ]);
    }
    Ok(table)
}

/// This binary and another one in turn, at one size.
fn versus(
    out: &mut dyn Write,
    place: &Path,
    features: usize,
    other: &Path,
    options: &Options,
) -> Result<()> {
    let certain = generate::monorepo(place, features, Certainty::Certain)?;
    let uncertain = generate::monorepo(place, features, Certainty::Uncertain(200))?;
    let runs = [
        ("check, all certain", &certain, &["check"][..]),
        ("check, 200 uncertain", &uncertain, &["check"]),
        ("diff HEAD~1 HEAD", &certain, DIFF),
    ];
    let rounds = options.rounds;
    writeln!(out, "{features} features, {rounds} rounds")?;
    writeln!(out, "{:<21} {:>9} {:>9}  this / other", "", "this", "other")?;
    for (what, repository, arguments) in runs {
        let mut this = caplint(CAPLINT, repository, arguments);
        let mut other = caplint(other, repository, arguments);
        let race = Race::run(&mut [&mut this, &mut other], rounds)?;
        writeln!(
            out,
            "{what:<21} {:>9} {:>9}  {:.3}",
            format_duration(race.median(0)),
            format_duration(race.median(1)),
            median_of_ratios(race.times(0), race.times(1)),
        )?;
        notes(out, &race, &["this", "other"])?;
    }
    Ok(())
}

fn caplint(binary: impl AsRef<OsStr>, repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(arguments)
        .args(["--as-of", AS_OF])
        .current_dir(repository);
    command
}

fn peak(command: &mut Command) -> Result<String> {
    Ok(match measure::peak_memory(command)? {
        Some(bytes) => format!("{:.0} MB", bytes as f64 / 1e6),
        None => "not measured".to_owned(),
    })
}

/// A time is worth nothing where the program stopped early: the generated
/// projects are sound, so every process has to end with 0.
fn notes(out: &mut dyn Write, race: &Race, names: &[&str]) -> Result<()> {
    for (at, name) in names.iter().enumerate() {
        if let Some(failure) = race.failure(at) {
            writeln!(out, "  note: {name}: {failure}; its figures don't count")?;
        }
    }
    Ok(())
}
