//! The command line: arguments in, bytes and an exit code out. It computes nothing itself.

pub mod args;
mod calibrate;
mod commands;
mod edit;
mod explain;
mod export;
mod fix;
mod fmt;
mod forecast;
mod history;
mod init;
mod measured;
mod output;
mod outputs;
mod planning;
mod purchases;
mod review;
mod rules;
mod schema;
mod shell;
mod usage;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};

use crate::error::Error;
use crate::render::Format;
use crate::states::Environment;
use crate::units::Date;
use crate::words::text;

use args::{Arguments, Command};

/// Everything that a run reads from outside, and where it writes.
pub struct World<'a> {
    /// The current folder.
    pub dir: PathBuf,
    /// The environment variables.
    pub environment: Environment,
    /// Today, in UTC.
    pub today: Date,
    /// Whether standard output is a terminal, and how wide it is.
    pub terminal: Option<usize>,
    /// How many threads may be used.
    pub threads: usize,
    /// Standard input.
    pub stdin: &'a mut dyn BufRead,
    /// Whether standard input is a terminal, on which somebody can be asked.
    pub asks: bool,
    /// Standard output.
    pub stdout: &'a mut dyn Write,
    /// Standard error.
    pub stderr: &'a mut dyn Write,
}

impl World<'_> {
    /// Writes lines to standard error, which nothing else in the program does. Names in them may
    /// be anybody's: what could act on a terminal is made visible, and a line that would begin a
    /// command of a CI runner is quoted. Where standard error is gone, nobody is left to tell.
    fn tell(&mut self, lines: impl Display) {
        for line in lines.to_string().lines() {
            let line = text::clean(line);
            let is_command = line.trim_start().starts_with("::");
            let quote = if is_command { "| " } else { "" };
            // Runners take commands of the old kind anywhere in a line.
            let line = line.replace("##[", "# #[");
            let _ = writeln!(self.stderr, "{quote}{line}");
        }
    }
}

/// Runs a command line and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>, world: &mut World<'_>) -> u8 {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(error, world),
    };
    run(&parsed, world).unwrap_or_else(|error| {
        if !matches!(error, Error::ClosedPipe) {
            // A line end in a name would begin a line of its own.
            let message = error.to_string();
            world.tell(format_args!("error: {}", text::clean(&message)));
            if let Some(help) = error.help() {
                world.tell(format_args!("help: {}", text::clean(help)));
            }
        }
        error.exit_code()
    })
}

fn run(arguments: &Arguments, world: &mut World<'_>) -> Result<u8, Error> {
    if let Some(dir) = &arguments.directory {
        world.dir = world.dir.join(dir);
        if !world.dir.is_dir() {
            let dir = dir.display();
            return Err(Error::usage(format!("there is no folder `{dir}`")));
        }
    }
    match &arguments.command {
        Command::Check(check) => commands::check(check, world),
        Command::Diff(diff) => commands::diff(diff, world),
        Command::Usage(usage) => usage::usage(usage, world),
        Command::Calibrate(calibrate) => calibrate::calibrate(calibrate, world),
        Command::Forecast(forecast) => forecast::forecast(forecast, world),
        Command::Review(review) => review::review(review, world),
        Command::History(history) => history::history(history, world),
        Command::Purchases(purchases) => purchases::purchases(purchases, world),
        Command::Export(export) => export::export(export, world),
        Command::Explain(explain) => explain::run(explain, world),
        Command::Rules(arguments) => rules::rules(arguments, world),
        Command::Fmt(fmt) => fmt::fmt(fmt, world),
        Command::Init(init) => init::init(init, world),
        Command::Schema(schema) => schema::schema(schema, world),
        Command::Completions(completions) => shell::completions(completions, world),
        Command::Man(man) => shell::man(man, world),
        Command::Version => shell::version(world),
    }
}

/// Help and versions go to standard output, mistakes to standard error with exit code 2.
fn refuse(mut error: clap::Error, world: &mut World<'_>) -> u8 {
    if let Some(tip) = guessed(&error) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    let text = error.render().to_string();
    if error.use_stderr() {
        world.tell(text);
        return 2;
    }
    let _ = world.stdout.write_all(text.as_bytes());
    0
}

/// What to write instead of an option that other tools have.
fn guessed(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let option = argument.strip_prefix("--")?;
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    match option {
        "base" => Some("name the base without an option: 'caplint diff BASE'".to_owned()),
        "head" => Some("name both sides without options: 'caplint diff BASE HEAD'".to_owned()),
        "csv" => Some("write '--format csv', which 'caplint forecast' has".to_owned()),
        format => Format::from_str(format, false)
            .is_ok()
            .then(|| format!("write '--format {format}'")),
    }
}
