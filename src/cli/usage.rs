//! `usage`: what is understood of measured usage, and what is asked for it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::analysis::Project;
use crate::cli::World;
use crate::cli::commands::surroundings;
use crate::cli::forecast::warn_of_errors;
use crate::cli::measured;
use crate::cli::output::{date, print};
use crate::error::Error;
use crate::metrics::Metrics;
use crate::render::understood;
use crate::run::{Settings, resolve};
use crate::states::{Which, read_state};
use crate::usage::{Reading, Span, Usage as Measured, declared, request};

/// The key of tenants' hashes.
const KEY: &str = "CAPLINT_TENANT_KEY";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Usage {
    #[command(subcommand)]
    request: Option<Asked>,
    /// Files with measured usage: CSV, JSON Lines, FOCUS, or Prometheus responses. Default: those
    /// that `[usage] files` names.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Output format. Default: human.
    #[arg(short, long, value_enum)]
    format: Option<UsageFormat>,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Count rows after this date as outside.
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Print the usage as JSON Lines, added up by day or month.
    #[arg(long, value_enum, value_name = "SPAN")]
    by: Option<By>,
    /// Replace tenant names with hashes, keyed by the variable CAPLINT_TENANT_KEY.
    #[arg(long, requires = "by")]
    hash_tenants: bool,
    /// The cost to read from a FOCUS bill.
    #[arg(long, value_enum, default_value_t = Cost::Billed, value_name = "COST")]
    cost: Cost,
    /// Add up values that several files have for the same day.
    #[arg(long)]
    sum_files: bool,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Print the queries that fetch usage; caplint itself sends nothing.
    Request(Request),
}

#[derive(Debug, Args)]
struct Request {
    #[command(subcommand)]
    of: Of,
}

#[derive(Debug, Subcommand)]
enum Of {
    /// Print a curl configuration for the queries in `[metrics]`.
    Prometheus(Prometheus),
    /// Print a read-only psql script for a database's declared tables.
    Postgres(Postgres),
}

#[derive(Debug, Args)]
struct Prometheus {
    /// The server's address.
    #[arg(long, value_name = "URL")]
    url: String,
    /// Fetch this many whole days before today: 1 to 3660.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=3_660))]
    days: i64,
    /// The resolution: `1h` for peaks and depths.
    #[arg(long, value_enum, default_value_t = Step::Day)]
    step: Step,
    /// A curl option for each request, such as `netrc`; repeatable.
    #[arg(long, value_name = "LINE")]
    curl: Vec<String>,
    /// Use this date instead of today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
}

#[derive(Debug, Args)]
struct Postgres {
    /// The declared database. Default: the only one.
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
    /// One line per day.
    Day,
    /// One line per month.
    Month,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Cost {
    /// The billed cost.
    Billed,
    /// The effective cost, after commitments.
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
    let mut state = read_state(&surroundings(world), &Which::WorkTree)?;
    let as_of = arguments.as_of.as_deref();
    let as_of = as_of.map(|_| date(as_of, world.today)).transpose()?;
    let settings = Settings {
        threads: world.threads,
        ..Settings::new(as_of.unwrap_or(world.today))
    };
    if let Some(Asked::Request(asked)) = &arguments.request {
        let projects = resolve(&state.sources, &state.head, &settings);
        return ask(asked, &projects, world);
    }
    let declared = declared(&state.sources, &state.head.files);
    let reading = Reading {
        maps: Some(&declared.maps),
        is_effective: arguments.cost == Cost::Effective,
        is_unbounded: true,
    };
    let mut usage = Measured::default();
    if arguments.files.is_empty() {
        measured::refuse_none(&[], &state.usage)?;
        for file in &state.usage {
            usage.add_committed(file, &mut state.sources, &reading);
        }
    }
    measured::read(&mut usage, &arguments.files, &reading, world)?;
    let projects = resolve(&state.sources, &state.head, &settings);
    warn_of_errors(&projects, world);
    usage.refuse_flawed(&projects)?;
    if !arguments.sum_files {
        usage.refuse_twice()?;
        projects.iter().try_for_each(|it| usage.refuse_names(it))?;
    }
    let is_json = arguments.json || arguments.format == Some(UsageFormat::Json);
    let text = match arguments.by {
        Some(by) => {
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
        None => {
            measured::tell_shared(&usage, &projects, world);
            let found = usage.understood(&projects, as_of);
            match is_json {
                true => understood::json(&found, world.terminal.is_some()),
                false => understood::human(&found, world.terminal),
            }
        }
    };
    print(&text, world)?;
    Ok(0)
}

/// The key of hashes, as it is given to HMAC.
fn key(world: &World<'_>) -> Result<Hmac<Sha256>, Error> {
    let key = world.environment.get(KEY).filter(|key| !key.is_empty());
    let refuse = || {
        let error = Error::usage(format!("`--hash-tenants` needs a key in {KEY}"));
        error.with_help("set it to a secret; the same secret gives the same hashes")
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
            for project in projects {
                for (subject, unit, problem) in &Metrics::new(project).unusable {
                    world.tell(format_args!("left out: `{subject}.{unit}`: {problem}"));
                }
            }
            let to = date(asked.as_of.as_deref(), world.today)?;
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
