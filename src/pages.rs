//! The documentation that is made from the code: the page of each rule, their index, and the
//! commands with their options.

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::rules::{Check, RULES, Rule, SECTIONS};

/// The sections of the rules with their titles, and the rules of each.
pub fn sections() -> impl Iterator<Item = (&'static str, &'static [&'static Rule])> {
    let mut rest = RULES;
    SECTIONS.iter().map(move |(section, count)| {
        let (rules, more) = rest.split_at(*count);
        rest = more;
        (title(section), rules)
    })
}

fn title(section: &'static str) -> &'static str {
    match section {
        "file" => "The file itself",
        "limits" => "Limits",
        "features" => "Features and credits",
        "tables" => "Tables",
        "queues" => "Queues",
        "models" => "ASR and LLM compute",
        "governance" => "Governance",
        "changes" => "Changes",
        other => other,
    }
}

/// The page of a rule, as Markdown.
#[must_use]
pub fn rule(rule: &Rule) -> String {
    let severity = match (rule.check, rule.severity) {
        (Check::Reading, _) => "Severity: `error`, always.".to_owned(),
        (_, Severity::Off) => "Severity: `off`; it is there to be turned on.".to_owned(),
        (_, severity) => format!("Severity: `{}` by default.", severity.as_str()),
    };
    let body = dedented(rule.docs);
    let (summary, rest) = body.split_once("\n\n").unwrap_or((&body, ""));
    format!("# {}\n\n{summary}\n\n{severity}\n\n{rest}", rule.name)
        .trim_end()
        .to_owned()
        + "\n"
}

/// A doc comment without the space that stands before each line.
fn dedented(docs: &str) -> String {
    let mut text = String::with_capacity(docs.len());
    for line in docs.trim_end().lines() {
        text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
        text.push('\n');
    }
    text
}

/// The index of all rules, as Markdown.
#[must_use]
pub fn rules() -> String {
    let mut text = String::from(
        "# Rules\n\nWritten by `caplint rules` and `caplint explain`; the text stands beside each \
         rule's code.\n",
    );
    for (title, rules) in sections() {
        let _ = write!(
            text,
            "\n## {title}\n\n| rule | severity | checks |\n| --- | --- | --- |\n"
        );
        for rule in rules {
            let summary = rule.summary().replace('|', "\\|");
            let severity = rule.severity.as_str();
            let _ = writeln!(
                text,
                "| [{0}]({0}.md) | {severity} | {summary} |",
                rule.name
            );
        }
    }
    text
}

/// All commands with their options, as Markdown.
#[must_use]
pub fn commands(mut program: clap::Command) -> String {
    // The same on every terminal.
    program = program.term_width(100);
    program.build();
    let mut text = String::from("# The command line\n\nWhat `--help` says of each command.\n");
    help(&mut program, &mut text);
    text
}

fn help(command: &mut clap::Command, text: &mut String) {
    let name = command
        .get_bin_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
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
