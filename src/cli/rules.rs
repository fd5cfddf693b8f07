//! `rules`: all rules.

use std::fmt::Write as _;

use crate::cli::World;
use crate::cli::args::{ListFormat, Rules};
use crate::cli::output::print;
use crate::error::Error;
use crate::finding::Severity;
use crate::pages;
use crate::rules::listed::{ListedRule, RuleList};
use crate::rules::{Rule, SECTIONS};

pub(super) fn rules(arguments: &Rules, world: &mut World<'_>) -> Result<u8, Error> {
    let wanted = arguments.severity.map(Severity::from);
    let chosen = |rule: &&Rule| wanted.is_none_or(|wanted| rule.severity == wanted);
    let mut sections: Vec<(&str, Vec<&Rule>)> = Vec::new();
    for section in SECTIONS {
        let rules = section.rules.iter().copied();
        sections.push((section.title, rules.filter(chosen).collect()));
    }
    sections.retain(|(_, rules)| !rules.is_empty());
    let format = match arguments.json {
        true => ListFormat::Json,
        false => arguments.format,
    };
    let text = match format {
        ListFormat::Human => table(&sections, world.terminal),
        ListFormat::Json => list(&sections),
    };
    print(&text, world)?;
    Ok(0)
}

/// One line a rule. On a terminal, summaries end where it does.
fn table(sections: &[(&str, Vec<&Rule>)], terminal: Option<usize>) -> String {
    let all = || sections.iter().flat_map(|(_, rules)| rules);
    let name = all().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, (title, rules)) in sections.iter().enumerate() {
        let _ = writeln!(text, "{}{title}", if index > 0 { "\n" } else { "" });
        for rule in rules {
            let start = format!("  {:name$}  {:7}  ", rule.name, rule.severity.as_str());
            let room = terminal.map_or(usize::MAX, |width| width.saturating_sub(start.len()));
            let summary = shortened(pages::summary(rule), room.max(20));
            let _ = writeln!(text, "{start}{summary}");
        }
    }
    text
}

fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(room - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

fn list(sections: &[(&str, Vec<&Rule>)]) -> String {
    let rule = |title: &str, rule: &Rule| ListedRule {
        name: rule.name,
        section: title.to_owned(),
        severity: rule.severity,
        summary: pages::summary(rule).to_owned(),
        url: rule.url(),
    };
    let mut rules = Vec::new();
    for (title, of_section) in sections {
        rules.extend(of_section.iter().map(|it| rule(title, it)));
    }
    let list = RuleList {
        format: "caplint.rules/1",
        rules,
    };
    let json = serde_json::to_value(&list).unwrap_or_default();
    format!("{json:#}\n")
}
