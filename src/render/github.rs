//! The findings as GitHub's workflow commands.

use crate::finding::Severity;
use crate::report::{Finding, Project, Report, State};

use super::escape::{command, property};
use super::number::plural;
use super::view::{self, Standing};
use super::{Options, text};

/// How many annotations of one level GitHub shows for a step.
const MOST: usize = 10;

/// One command for each finding, worst first: at most ten errors, ten warnings and ten notices,
/// the last of which counts the rest. Empty if there are no findings.
pub fn github(report: &Report, options: &Options) -> String {
    let found = view::findings(report, options, Standing::Active);
    let mut out = String::new();
    let mut rest = Vec::new();
    for (severity, level, noun) in [
        (Severity::Error, "error", "error"),
        (Severity::Warning, "warning", "warning"),
        (Severity::Info, "notice", "info"),
    ] {
        let is_of = |(_, finding): &&(_, &Finding)| finding.severity == severity;
        let count = found.iter().filter(is_of).count();
        // The notice that counts the rest is one of the ten.
        let crowded = severity == Severity::Info && (count > MOST || !rest.is_empty());
        let most = if crowded { MOST - 1 } else { MOST };
        for (project, finding) in found.iter().filter(is_of).take(most) {
            out.push_str(&annotation(level, project, finding));
        }
        if count > most {
            rest.push(plural(count - most, noun));
        }
    }
    if !rest.is_empty() {
        let rest = rest.join(", ");
        out.push_str(&format!(
            "::notice title=caplint::{rest} more: see the job's summary or its log\n"
        ));
    }
    out
}

fn annotation(level: &str, project: &Project, finding: &Finding) -> String {
    let file = view::file(project, finding);
    let mut properties = format!("file={}", property(&text::clean(&file)));
    if let Some(line) = finding.line {
        properties.push_str(&format!(",line={line}"));
        // GitHub takes columns only for what ends in the line in which it begins.
        if let (Some(column), Some(end)) = (finding.column, finding.end_column)
            && finding.end_line == Some(line)
        {
            properties.push_str(&format!(",endLine={line},col={column},endColumn={end}"));
        }
    }
    let is_worse = finding.state == Some(State::Worsened);
    let worse = if is_worse { " (worse than before)" } else { "" };
    let title = format!("caplint {}{worse}", text::name(&finding.rule, 100));
    let (title, message) = (property(&title), command(&view::message(finding)));
    format!("::{level} {properties},title={title}::{message}\n")
}
