//! The documentation that the program carries: the pages of rules, which are written in
//! `docs/rules`, and what is made from the code, their index and the commands with their options.

use std::fmt::Write as _;

use include_dir::{Dir, File, include_dir};

use crate::finding::Severity;
use crate::rules::{Rule, SECTIONS};

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/rules");

/// The page of a rule, as Markdown: the text of `docs/rules/<name>.md`. A test holds that every
/// rule has one.
pub fn rule(rule: &Rule) -> &'static str {
    let file = PAGES.get_file(format!("{}.md", rule.name));
    file.and_then(File::contents_utf8).unwrap_or_default()
}

/// The page of a rule as it is shown: without what the marks of its examples tell the tests.
pub fn shown(rule: &Rule) -> String {
    let mut text = String::new();
    for line in self::rule(rule).lines() {
        let is_marked = line.starts_with("```toml ");
        text.push_str(if is_marked { "```toml" } else { line });
        text.push('\n');
    }
    text
}

/// What a rule checks, in one sentence: the first line below the heading of its page.
pub fn summary(rule: &Rule) -> &'static str {
    self::rule(rule).lines().nth(2).unwrap_or_default()
}

/// The line about severity at the head of a rule's page.
pub fn severity(rule: &Rule) -> String {
    match rule.severity {
        _ if rule.is_binding() => "Severity: `error`, always.".to_owned(),
        Severity::Off => "Severity: `off`; it is there to be turned on.".to_owned(),
        severity => format!("Severity: `{}` by default.", severity.as_str()),
    }
}

/// The JSON Schema of `capacity.toml`, with what each rule checks.
pub fn capacity_schema() -> serde_json::Value {
    crate::schema::capacity(&summary)
}

/// The index of all rules, as Markdown.
pub fn rules() -> String {
    let mut text = String::from(
        "# Rules\n\n`caplint rules` lists them, and `caplint explain RULE` shows the page of one.\n",
    );
    for section in SECTIONS {
        let _ = write!(
            text,
            "\n## {}\n\n| rule | severity | checks |\n| --- | --- | --- |\n",
            section.title
        );
        for rule in section.rules {
            let (name, severity) = (rule.name, rule.severity.as_str());
            let summary = summary(rule).replace('|', "\\|");
            let _ = writeln!(text, "| [{name}]({name}.md) | {severity} | {summary} |");
        }
    }
    text
}

/// All commands with their options, as Markdown.
pub fn commands(mut program: clap::Command) -> String {
    // The same on every terminal.
    program = program.term_width(100);
    program.build();
    let mut text = String::from("# The command line\n\nWhat `--help` says of each command.\n");
    help(&mut program, &mut text);
    text
}

fn help(command: &mut clap::Command, text: &mut String) {
    let name = command.get_bin_name();
    let name = name.unwrap_or_else(|| command.get_name()).to_owned();
    let page = command.render_long_help().to_string();
    let _ = write!(text, "\n## {name}\n\n```text\n");
    for line in page.trim_end().lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str("```\n");
    for below in command.get_subcommands_mut() {
        if below.get_name() != "help" {
            help(below, text);
        }
    }
}
