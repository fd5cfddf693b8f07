//! `usage`: what is understood of measured usage, and what is asked for it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::analysis::Project;
use crate::cli::World;
use crate::cli::commands::surroundings;
use crate::cli::measured;
use crate::cli::output::print;
use crate::error::Error;
use crate::render::{pretty, understood};
use crate::run::{Settings, resolve};
use crate::states::{Which, read_state};
use crate::units::Date;
use crate::usage::{Reading, Span, Usage as Measured, declared, request};

/// The key of tenants' hashes.
const KEY: &str = "CAPLINT_TENANT_KEY";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Usage {
    #[command(subcommand)]
    request: Option<Asked>,
    /// Files with measured usage: CSV, JSON Lines, FOCUS, or answers of Prometheus.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// How to print what was understood.
    #[arg(short, long, value_enum, default_value_t = UsageFormat::Human)]
    format: UsageFormat,
    /// Print the usage itself as JSON Lines, added up by day or month.
    #[arg(long, value_enum, value_name = "SPAN")]
    by: Option<By>,
    /// Replace tenants' names with hashes, keyed by the variable CAPLINT_TENANT_KEY.
    #[arg(long, requires = "by")]
    hash_tenants: bool,
    /// Which cost of a FOCUS bill counts.
    #[arg(long, value_enum, default_value_t = Cost::Billed, value_name = "COST")]
    cost: Cost,
    /// Add up what several files say of the same day and thing.
    #[arg(long)]
    sum_files: bool,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Print what to ask for usage: caplint sends nothing itself.
    Request(Request),
}

#[derive(Debug, Args)]
struct Request {
    #[command(subcommand)]
    of: Of,
}

#[derive(Debug, Subcommand)]
enum Of {
    /// Print a configuration of curl for what `[metrics]` declares.
    Prometheus(Prometheus),
    /// Print a read-only script of psql for the declared tables of a database.
    Postgres(Postgres),
}

#[derive(Debug, Args)]
struct Prometheus {
    /// The server's address.
    #[arg(long, value_name = "URL")]
    url: String,
    /// How many whole days before today.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=3_660))]
    days: i64,
    /// How often: `1h` for peaks and depths.
    #[arg(long, value_enum, default_value_t = Step::Day)]
    step: Step,
    /// A line of configuration for each transfer, such as `netrc`; may be given again.
    #[arg(long, value_name = "LINE")]
    curl: Vec<String>,
    /// Ask as of this date instead of today, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
}

#[derive(Debug, Args)]
struct Postgres {
    /// The database, as it is declared. Default: the only one.
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UsageFormat {
    /// For a terminal.
    Human,
    /// One JSON document.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// A line for each day.
    Day,
    /// A line for each month.
    Month,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cost {
    /// What is billed.
    Billed,
    /// What is effective, after commitments.
    Effective,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Each day.
    #[value(name = "1d")]
    Day,
    /// Each hour.
    #[value(name = "1h")]
    Hour,
}

pub(super) fn usage(arguments: &Usage, world: &mut World<'_>) -> Result<u8, Error> {
    let state = read_state(&surroundings(world), &Which::WorkTree)?;
    let settings = Settings {
        threads: world.threads,
        ..Settings::new(world.today)
    };
    let projects = || resolve(&state.sources, &state.head, &settings);
    if let Some(Asked::Request(asked)) = &arguments.request {
        return ask(asked, &projects(), world);
    }
    let declared = declared(&state.sources, &state.head.files);
    let reading = Reading {
        maps: Some(&declared.maps),
        is_effective: arguments.cost == Cost::Effective,
        is_unbounded: true,
    };
    let mut usage = Measured::default();
    measured::read(&mut usage, &arguments.files, &reading, world)?;
    if !arguments.sum_files {
        usage.refuse_twice()?;
    }
    let text = match (arguments.by, arguments.format) {
        (Some(by), _) => {
            let by = match by {
                By::Day => Span::Day,
                By::Month => Span::Month,
            };
            let key = arguments.hash_tenants.then(|| key(world)).transpose()?;
            usage.lines(by, |tenant| match &key {
                Some(key) => hashed(key, tenant),
                None => tenant.to_owned(),
            })
        }
        (None, UsageFormat::Human) => {
            understood::human(&usage.understood(&projects()), world.terminal)
        }
        (None, UsageFormat::Json) => pretty(&usage.understood(&projects())),
    };
    print(&text, world)?;
    Ok(0)
}

/// The key of hashes, as it is given to HMAC.
fn key(world: &World<'_>) -> Result<Hmac<Sha256>, Error> {
    let key = world.environment.get(KEY).filter(|key| !key.is_empty());
    let refuse = || {
        let error = Error::usage(format!("`--hash-tenants` needs a key in {KEY}"));
        error.with_help("set it to a secret that stays the same, so that hashes do")
    };
    let key = key.ok_or_else(refuse)?;
    Hmac::new_from_slice(key.as_bytes()).map_err(|_| refuse())
}

/// 128 bits of the HMAC of a name with SHA-256.
fn hashed(key: &Hmac<Sha256>, name: &str) -> String {
    let mut hash = key.clone();
    hash.update(name.as_bytes());
    let bytes = hash.finalize().into_bytes();
    bytes
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn ask(asked: &Request, projects: &[Project], world: &mut World<'_>) -> Result<u8, Error> {
    let text = match &asked.of {
        Of::Postgres(asked) => request::postgres(projects, asked.database.as_deref())?,
        Of::Prometheus(asked) => {
            let to = match &asked.as_of {
                None => world.today,
                Some(text) => Date::parse(text).map_err(Error::usage)?,
            };
            let from = to.plus_days(-asked.days).unwrap_or(to);
            let asked = request::Asked {
                url: &asked.url,
                from,
                to,
                by_hour: asked.step == Step::Hour,
                lines: &asked.curl,
            };
            request::prometheus(projects, &asked)?
        }
    };
    print(&text, world)?;
    Ok(0)
}
