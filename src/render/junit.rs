//! The findings as JUnit test cases.

use crate::report::{Finding, Project, Report};

use super::escape::xml;
use super::view::{self, Standing};
use super::{Options, text};

/// A suite for each project with a case for each finding: failed where it fails the run,
/// skipped where it is waived, else passed with the finding as its output. A project without
/// findings has one case that passed.
pub fn junit(report: &Report, options: &Options) -> String {
    let suite = |project| Suite::of(project, options);
    let suites: Vec<Suite> = report.projects.iter().map(suite).collect();
    let total = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failures) = (total(|suite| suite.tests), total(|suite| suite.failures));
    out.push_str(&format!(
        "<testsuites name=\"caplint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n"
    ));
    for suite in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" timestamp=\"{}T00:00:00\">\n{}  </testsuite>\n",
            xml(&text::name(&suite.name, 200)),
            suite.tests,
            suite.failures,
            suite.skipped,
            xml(&text::name(&report.as_of, 20)),
            suite.cases
        ));
    }
    out.push_str("</testsuites>\n");
    out
}

#[derive(Default)]
struct Suite {
    name: String,
    cases: String,
    tests: usize,
    failures: usize,
    skipped: usize,
}

impl Suite {
    fn of(project: &Project, options: &Options) -> Self {
        let mut suite = Self {
            name: project.name.clone(),
            ..Self::default()
        };
        for finding in &project.findings {
            if view::standing(finding, options) != Standing::Fixed {
                suite.add(project, finding, options);
            }
        }
        if suite.tests == 0 {
            suite.tests = 1;
            suite.cases = "    <testcase classname=\"caplint\" name=\"no findings\"/>\n".to_owned();
        }
        suite
    }

    fn add(&mut self, project: &Project, finding: &Finding, options: &Options) {
        let rule = xml(&text::name(&finding.rule, 100));
        let message = xml(&text::message(&finding.message));
        let inside = match view::standing(finding, options) {
            Standing::Waived => {
                self.skipped += 1;
                let reason = view::reason(finding.waived.as_ref());
                format!("<skipped message=\"{}\"/>", xml(&text::message(reason)))
            }
            _ if view::fails(finding, options) => {
                self.failures += 1;
                let body = body(project, finding);
                format!("<failure type=\"{rule}\" message=\"{message}\">{body}</failure>")
            }
            _ => format!("<system-out>{}</system-out>", body(project, finding)),
        };
        self.tests += 1;
        let subject = xml(&text::name(&finding.subject, 200));
        self.cases.push_str(&format!(
            "    <testcase classname=\"caplint.{rule}\" name=\"{rule}: {subject}\">{inside}</testcase>\n"
        ));
    }
}

fn body(project: &Project, finding: &Finding) -> String {
    let place = view::place(project, finding);
    let state = finding.state.map_or_else(String::new, |state| {
        format!(" ({})", format!("{state:?}").to_lowercase())
    });
    let (severity, message) = (finding.severity.as_str(), text::message(&finding.message));
    let mut lines = vec![format!("{place}: {severity}{state}: {message}")];
    lines.extend(view::help(finding));
    lines.extend(finding.related.iter().take(10).map(view::related));
    let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
    // No line of it can be taken for a command of a workflow.
    lines.join("\n  ")
}
