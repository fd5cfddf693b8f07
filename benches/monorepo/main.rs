//! How long caplint takes on a large monorepo, measured against the least that
//! any such program has to do.
//!
//! ```text
//! cargo bench --bench monorepo                  # 100, 1,000 and 10,000 features
//! cargo bench --bench monorepo -- 100 1000      # only these sizes (multiples of 100)
//! cargo bench --bench monorepo -- --runs 21     # more rounds
//! cargo bench --bench monorepo -- --vs BINARY   # against another caplint, at 10,000 features
//! ```
//!
//! **What is measured.** Whole processes, from their start to their exit, with
//! a warm page cache. The program that is timed is the `caplint` that cargo
//! built for this bench. It runs beside a *limit program*: this executable once
//! more, which finds the capacity files in `.git/index`, reads them and parses
//! them with the `toml` crate on all cores, and does nothing else. Programs take
//! turns, and a ratio is the median of the rounds' ratios, so that a machine
//! that is busy with other things slows both sides of a ratio. Trust the ratios;
//! the milliseconds are this machine's.
//!
//! **On what.** Generated git repositories, packed, of two commits: one folder
//! per feature with a `capacity.toml` of 44 lines and three other files, and a
//! root `capacity.toml`. The second commit changes a rate in 1% of them. Once
//! with certain figures only; once with 200 uncertain rates and uncertain
//! tenants. They are kept in cargo's target directory and made again when the
//! generator changes. git has to be installed.
//!
//! **What the limit is.** `values` drops every tree once it is parsed: the goals
//! are stated against that. A program that checks one file against another has
//! to keep what it read, and fresh memory takes time: `values kept` is what that
//! costs by itself, and the last note divides `check` by it.
//!
//! **Peak memory** is the kernel's high-water mark, read in a run of its own on
//! Linux, and not measured elsewhere.
//!
//! **Against another binary** (`--vs`), `check`, `check` with uncertain figures, and `diff` of both
//! take turns, 21 rounds where `--runs` does not say otherwise. Build both in the same profile:
//! `cargo bench` builds this one as a release is built.
//!
//! The goals stand beside the figures. Nothing is asserted: a benchmark is no
//! test, and a busy machine is no regression.

mod generate;
mod limit;
mod measure;

use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use generate::Certainty;
use measure::{Race, format_duration, median_of_ratios};

const CAPLINT: &str = env!("CARGO_BIN_EXE_caplint");
/// The date of the generated files: the same findings whenever this is run.
const AS_OF: &str = "2026-11-22";
const DIFF: &[&str] = &["diff", "HEAD~1", "HEAD"];
const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// The size that the goals are stated for.
const GOAL_SIZE: usize = 10_000;

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
    sizes: Vec<usize>,
    runs: Option<usize>,
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
        let mut sizes = options.sizes.iter();
        return sizes.try_for_each(|&features| versus(&mut out, &place, features, other, &options));
    }
    header(&mut out)?;
    one_file(&mut out, &place, &options)?;
    for &features in &options.sizes {
        monorepo(&mut out, &place, features, &options)?;
    }
    Ok(())
}

/// The options after `--`, or nothing where this is no bench run.
fn options() -> Result<Option<Options>> {
    let mut options = Options {
        sizes: Vec::new(),
        runs: None,
        versus: None,
    };
    let mut is_bench = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => is_bench = true,
            "--runs" => {
                let runs: usize = arguments.next().ok_or("--runs needs a number")?.parse()?;
                options.runs = Some(runs.max(1));
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
                if size == 0 || !size.is_multiple_of(100) {
                    return Err(format!("{size} is no multiple of 100").into());
                }
                options.sizes.push(size);
            }
        }
    }
    if options.sizes.is_empty() {
        options.sizes = match options.versus {
            Some(_) => vec![GOAL_SIZE],
            None => SIZES.to_vec(),
        };
    }
    Ok(is_bench.then_some(options))
}

/// The start of a process and one small file: what a hook costs in a repository
/// that hardly uses caplint.
fn one_file(out: &mut impl Write, place: &Path, options: &Options) -> Result<()> {
    let repository = generate::single_file(&place.join("one-file"))?;
    let check = caplint(CAPLINT, &repository, &["check"]);
    let race = Race::run(&mut [check], options.runs.unwrap_or(31))?;
    row(
        out,
        &Row {
            size: "1 file",
            what: "check, cold start",
            time: &format_duration(race.median(0)),
            ratio: "",
            goal: "< 20 ms",
            memory: &peak(&mut caplint(CAPLINT, &repository, &["check"]), None)?,
        },
    )?;
    notes(out, &race, &["check"])
}

fn monorepo(out: &mut impl Write, place: &Path, features: usize, options: &Options) -> Result<()> {
    let certain = generate::monorepo(place, features, Certainty::Certain)?;
    let uncertain = generate::monorepo(place, features, Certainty::Uncertain)?;
    let commands = || -> Result<[Command; 6]> {
        Ok([
            limit::command(&certain, limit::Parse::Table)?,
            limit::command(&certain, limit::Parse::Kept)?,
            limit::command(&certain, limit::Parse::Spans)?,
            caplint(CAPLINT, &certain, &["check"]),
            caplint(CAPLINT, &uncertain, &["check"]),
            caplint(CAPLINT, &certain, DIFF),
        ])
    };
    let names = [
        "limit: values",
        "limit: values kept",
        "limit: spans",
        "check, all certain",
        "check, 200 uncertain",
        "diff HEAD~1 HEAD",
    ];
    // What each is divided by, and the goal for it.
    let against = [
        None,
        Some((0, "limit", "")),
        Some((0, "limit", "")),
        Some((0, "limit", "≤ 2.5")),
        Some((3, "certain", "≤ 2")),
        Some((3, "check", "≤ 1.5")),
    ];
    let rounds = options
        .runs
        .unwrap_or(if features < 5_000 { 21 } else { 9 });
    let race = Race::run(&mut commands()?, rounds)?;
    let size = format!("{features} features");
    for (at, command) in commands()?.iter_mut().enumerate() {
        let (ratio, goal) = match against[at] {
            Some((base, name, goal)) => {
                let ratio = median_of_ratios(race.times(at), race.times(base));
                (format!("{ratio:.2} × {name}"), goal)
            }
            None => (String::new(), ""),
        };
        row(
            out,
            &Row {
                size: if at == 0 { &size } else { "" },
                what: names[at],
                time: &format_duration(race.median(at)),
                ratio: &ratio,
                goal: if features == GOAL_SIZE { goal } else { "" },
                memory: &peak(
                    command,
                    (features == GOAL_SIZE && at > 2).then_some("< 200 MB"),
                )?,
            },
        )?;
    }
    let by_kept = median_of_ratios(race.times(3), race.times(1));
    writeln!(
        out,
        "  note: check is {by_kept:.2} × the limit that keeps its values"
    )?;
    notes(out, &race, &names)
}

/// This binary and another one in turn, at one size.
fn versus(
    out: &mut impl Write,
    place: &Path,
    features: usize,
    other: &Path,
    options: &Options,
) -> Result<()> {
    let certain = generate::monorepo(place, features, Certainty::Certain)?;
    let uncertain = generate::monorepo(place, features, Certainty::Uncertain)?;
    let runs = [
        ("check, all certain", &certain, &["check"][..]),
        ("check, 200 uncertain", &uncertain, &["check"]),
        ("diff HEAD~1 HEAD", &certain, DIFF),
    ];
    let rounds = options.runs.unwrap_or(21);
    writeln!(out, "{features} features, {rounds} rounds")?;
    writeln!(out, "{:<21} {:>9} {:>9}  this / other", "", "this", "other")?;
    for (what, repository, arguments) in runs {
        let this = caplint(CAPLINT, repository, arguments);
        let other = caplint(other, repository, arguments);
        let race = Race::run(&mut [this, other], rounds)?;
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

fn peak(command: &mut Command, goal: Option<&str>) -> Result<String> {
    let measured = match measure::peak_memory(command)? {
        Some(bytes) => format!("{:.0} MB", bytes as f64 / 1e6),
        None => "not measured".to_owned(),
    };
    Ok(match goal {
        Some(goal) => format!("{measured} ({goal})"),
        None => measured,
    })
}

struct Row<'a> {
    size: &'a str,
    what: &'a str,
    time: &'a str,
    ratio: &'a str,
    goal: &'a str,
    memory: &'a str,
}

fn header(out: &mut impl Write) -> Result<()> {
    let titles = Row {
        size: "",
        what: "process",
        time: "median",
        ratio: "ratio",
        goal: "goal",
        memory: "peak memory",
    };
    row(out, &titles)
}

fn row(out: &mut impl Write, row: &Row<'_>) -> Result<()> {
    writeln!(
        out,
        "{:<15} {:<21} {:>9}  {:<14} {:<8} {}",
        row.size, row.what, row.time, row.ratio, row.goal, row.memory
    )?;
    out.flush()?;
    Ok(())
}

/// A time is worth nothing where the program stopped early: the generated
/// projects are sound, so every process has to end with 0.
fn notes(out: &mut impl Write, race: &Race, names: &[&str]) -> Result<()> {
    for (at, name) in names.iter().enumerate() {
        if let Some(failure) = race.failure(at) {
            writeln!(out, "  note: {name}: {failure}; its figures don't count")?;
        }
    }
    Ok(())
}
