//! From options to settings, and from a report to bytes in the right places.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use clap::ValueEnum;

use crate::cli::World;
use crate::cli::args::{Color, FailOn, Level, ReportOptions};
use crate::cli::edit::{Beside, unwritable};
use crate::cli::outputs::Outputs;
use crate::error::Error;
use crate::finding::Severity;
use crate::pages;
use crate::parallel;
use crate::render::{self, Format, Options, RuleInfo};
use crate::report::Report;
use crate::rules;
use crate::run::Settings;
use crate::suggest::did_you_mean_or;
use crate::units::Date;

pub(super) fn settings(options: &ReportOptions, world: &World<'_>) -> Result<Settings, Error> {
    let as_of = date(options.as_of.as_deref(), world.today)?;
    let overrides = options.rule.iter().map(|text| rule_level(text));
    Ok(Settings {
        fail_on: match options.fail_on {
            FailOn::Info => Severity::Info,
            FailOn::Warning => Severity::Warning,
            FailOn::Error => Severity::Error,
            FailOn::Never => Severity::Off,
        },
        overrides: overrides.collect::<Result<_, _>>()?,
        projects: options.project.clone(),
        owners: options.owner.clone(),
        figures: Outputs::of(options)?.figures(),
        advise: true,
        threads: world.threads,
        sum_files: options.sum_files,
        ..Settings::new(as_of)
    })
}

/// The date that an option names, or else another.
pub(super) fn date(text: Option<&str>, otherwise: Date) -> Result<Date, Error> {
    text.map_or(Ok(otherwise), |text| {
        Date::parse(text).map_err(Error::usage)
    })
}

fn rule_level(text: &str) -> Result<(String, Severity), Error> {
    let Some((name, level)) = text.split_once('=') else {
        let error = Error::usage(format!("`--rule {text}` has no severity"));
        return Err(error.with_help("write `--rule NAME=LEVEL`, such as `--rule near-limit=off`"));
    };
    let rule = find_rule(name)?;
    if rule.is_file_error() {
        let error = Error::usage(format!(
            "`{name}` cannot be set to a severity: a file's own errors are always errors"
        ));
        return Err(error.with_help("remove it, and fix what the rule finds"));
    }
    if rule.is_binding() {
        let why = "only `--accept-policy` accepts it";
        let refused = Error::usage(format!("`{name}` cannot be set to a severity: {why}"));
        return Err(refused.with_help("leave it out"));
    }
    let Ok(level) = Level::from_str(level, false) else {
        let error = Error::usage(format!("`{level}` is not a severity"));
        return Err(error.with_help("it is one of off, info, warning and error"));
    };
    Ok((name.to_owned(), level.into()))
}

pub(super) fn find_rule(name: &str) -> Result<&'static rules::Rule, Error> {
    rules::rule(name).ok_or_else(|| {
        let known = rules::RULES.iter().map(|rule| rule.name);
        let help = did_you_mean_or(name, known, || "`caplint rules` lists them all".to_owned());
        Error::usage(format!("there is no rule `{name}`")).with_help(help)
    })
}

pub(super) fn is_colored(choice: Color, world: &World<'_>) -> bool {
    let set = |name: &str| {
        let value = world.environment.get(name);
        value.is_some_and(|value| !value.is_empty())
    };
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => set("CLICOLOR_FORCE") || world.terminal.is_some(),
    }
}

fn render_options(
    options: &ReportOptions,
    outputs: &Outputs<'_>,
    settings: &Settings,
    world: &World<'_>,
) -> Options {
    // Their pages take a small project's run to gather.
    let rules = match outputs.has(Format::Sarif) {
        true => rules::RULES.iter().map(|rule| rule_info(rule)).collect(),
        false => Vec::new(),
    };
    Options {
        width: world.terminal.unwrap_or(100),
        color: is_colored(options.color, world),
        pretty: options.pretty || world.terminal.is_some(),
        ascii: options.ascii,
        verbose: options.verbose,
        quiet: options.quiet,
        all: settings.all,
        fail_on: settings.fail_on,
        max_bytes: options.max_bytes,
        link: options.link.clone(),
        comment_id: options.comment_id.clone(),
        rules,
    }
}

fn rule_info(rule: &rules::Rule) -> RuleInfo {
    RuleInfo {
        name: rule.name.to_owned(),
        summary: pages::summary(rule).to_owned(),
        help: pages::shown(rule),
        severity: rule.severity,
        url: rule.url(),
    }
}

/// Writes a report to standard output and to all files that were asked for, and returns the
/// exit code.
pub(super) fn write(
    report: &mut Report,
    options: &ReportOptions,
    settings: &Settings,
    world: &mut World<'_>,
) -> Result<u8, Error> {
    if options.exit_zero && report.summary.exit_code == 1 {
        report.summary.exit_code = 0;
    }
    let outputs = Outputs::of(options)?;
    let look = render_options(options, &outputs, settings, world);
    let plain = Options {
        color: false,
        pretty: options.pretty,
        ..look.clone()
    };
    let (files, dir) = (&outputs.files, &*world.dir);
    let report = &*report;
    let to_files = parallel::map(
        files.len(),
        world.threads,
        || (),
        |(), i| {
            let (format, file) = files[i];
            to_file(file, dir, |out| render::write(format, report, &plain, out))
        },
    );
    to_files.into_iter().collect::<Result<(), _>>()?;
    let mut stdout = BufWriter::new(&mut world.stdout);
    render::write(outputs.printed, report, &look, &mut stdout)
        .and_then(|()| stdout.flush())
        .map_err(unprintable)?;
    Ok(report.summary.exit_code)
}

/// Writes a file that an option names.
pub(super) fn write_file(file: &str, text: &str, world: &World<'_>) -> Result<(), Error> {
    to_file(file, &world.dir, |out| out.write_all(text.as_bytes()))
}

fn to_file(
    file: &str,
    dir: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let path = dir.join(file);
    refuse_links(dir, &path, file)?;
    Beside::write(&path, content)
        .and_then(Beside::rename)
        .map_err(unwritable(file))
}

/// Refuses to write through a link: a pull request may have committed one that leads to a file of
/// the job's own.
fn refuse_links(dir: &Path, path: &Path, file: &str) -> Result<(), Error> {
    let below = path.ancestors().take_while(|at| *at != dir);
    let is_link = |at: &Path| at.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    // Of a path elsewhere, the folders are the user's own.
    let mut checked: Vec<&Path> = if path.starts_with(dir) {
        below.collect()
    } else {
        vec![path]
    };
    checked.retain(|at| is_link(at));
    match checked.first() {
        None => Ok(()),
        Some(link) => Err(Error::usage(format!(
            "`{file}` can't be written: {} is a link",
            link.display()
        ))
        .with_help("write to a file that is not behind a link")),
    }
}

pub(super) fn print(text: &str, world: &mut World<'_>) -> Result<(), Error> {
    let written = world.stdout.write_all(text.as_bytes());
    let written = written.and_then(|()| world.stdout.flush());
    written.map_err(unprintable)
}

pub(super) fn unprintable(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::BrokenPipe => Error::ClosedPipe,
        _ => Error::usage(format!("standard output can't be written: {error}")),
    }
}

/// The format that was asked for, or that of the ending of the file that is written.
pub(super) fn format_of<F: Copy>(
    asked: Option<F>,
    output: Option<&str>,
    otherwise: F,
    endings: &[(&str, F)],
) -> Result<F, Error> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let Some(file) = output else {
        return Ok(otherwise);
    };
    let ending = Path::new(file).extension().and_then(|it| it.to_str());
    let known = endings.iter().find(|(known, _)| Some(*known) == ending);
    known.map(|(_, format)| *format).ok_or_else(|| {
        let endings: Vec<String> = endings
            .iter()
            .map(|(known, _)| format!(".{known}"))
            .collect();
        let error = Error::usage(format!("`--output {file}` does not say which format"));
        error.with_help(format!(
            "add `--format`, or end the name in {}",
            endings.join(", ")
        ))
    })
}
