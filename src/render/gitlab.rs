//! The findings as GitLab's Code Quality report.

use serde_json::{Value, json};

use crate::finding::Severity;
use crate::report::{Finding, Project, Report};

use super::view::{self, Standing};
use super::{Options, json::pretty, text};

/// The findings as an array that GitLab compares with that of the target branch, so those that
/// the base has too are among them; fixed and waived ones are not.
pub fn gitlab(report: &Report, options: &Options) -> String {
    let all = Options {
        all: true,
        ..options.clone()
    };
    let found = view::findings(report, &all, Standing::Active).into_iter();
    let issues = found.map(|(project, finding)| issue(project, finding));
    pretty(&issues.collect::<Vec<Value>>())
}

fn issue(project: &Project, finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
        Severity::Info | Severity::Off => "info",
    };
    let mut description = text::message(&finding.message);
    if finding.help.is_some() {
        description.push_str(&format!(" ({})", view::help(finding).join(" ")));
    }
    json!({
        "description": description,
        "check_name": text::name(&finding.rule, 100),
        "fingerprint": finding.fingerprint,
        "severity": severity,
        "location": { "path": view::file(project, finding), "lines": { "begin": finding.line.unwrap_or(1).max(1) } },
    })
}
