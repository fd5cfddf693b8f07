//! Names of rules, wherever the format takes one: `[rules]`, waivers, and the `allow` of lines and
//! tables.

use std::sync::LazyLock;

use crate::advice::Advice;
use crate::document::TomlPath;
use crate::document::reader::{list, quotable};
use crate::exceptions::{AllowedOn, allows};
use crate::finding::{Finding, Severity, file_errors};
use crate::limits::SUGGESTION_COMPARISONS;
use crate::model::Declarations;
use crate::rules::{RULES, Rule, rule};
use crate::source::Span;
use crate::suggest::{Comparisons, Meant, did_you_mean};

/// The rules that `[rules]` and waivers may name, sorted.
pub fn choosable() -> impl Iterator<Item = &'static str> {
    CHOOSABLE.iter().copied()
}

/// The rules that `allow` may name there, sorted.
pub fn allowable(on: AllowedOn) -> Vec<&'static str> {
    choosable().filter(|name| is_allowable(name, on)).collect()
}

pub(crate) fn is_allowable(name: &str, on: AllowedOn) -> bool {
    rule(name).is_some_and(|rule| rule.allowed_on == Some(on))
}

static CHOOSABLE: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let rules = RULES.iter().filter(|rule| !rule.is_binding());
    let mut names: Vec<&str> = rules.map(|rule| rule.name).collect();
    names.sort_unstable();
    names
});

/// What is wrong with the names of rules in a project.
pub fn check(declarations: &Declarations) -> Vec<Finding> {
    let root = &declarations.root;
    let mut names = Names {
        findings: Vec::new(),
        comparisons: Comparisons(SUGGESTION_COMPARISONS),
    };
    for (name, entry) in root.rules.entries() {
        let path = TomlPath::new(&["rules", name]);
        names.rule(&path, entry.name, name, "set to a severity");
    }
    let waivers = root.waivers.iter().flat_map(|waivers| &waivers.value.0);
    for (index, waiver) in waivers.enumerate() {
        if let Some(name) = &waiver.value.rule {
            let path = TomlPath::new(&["waivers", &index.to_string(), "rule"]);
            names.rule(&path, name.span, &name.value.0, "waived");
        }
    }
    for (on, path, (allow, _)) in allows(root) {
        let path = path.join("allow");
        for name in allow.iter().flat_map(|allow| &allow.value.0) {
            if names.rule(&path, name.span, &name.value, "allowed") {
                names.allowed(on, &path, name.span, &name.value);
            }
        }
    }
    names.findings
}

struct Names {
    findings: Vec<Finding>,
    comparisons: Comparisons,
}

impl Names {
    /// Checks that a rule exists and that there is a choice about it.
    fn rule(&mut self, path: &TomlPath, span: Span, name: &str, treated: &str) -> bool {
        let (error, message, help) = match rule(name) {
            Some(rule) if rule.is_file_error() => (
                file_errors::INVALID_VALUE,
                format!("`{name}` cannot be {treated}: a file's own errors are always errors"),
                "remove it, and fix what the rule finds".into(),
            ),
            Some(rule) if rule.is_binding() => (
                file_errors::INVALID_VALUE,
                format!("`{name}` cannot be {treated}: only `--accept-policy` accepts it"),
                "remove it".into(),
            ),
            Some(_) => return true,
            None => (
                file_errors::UNKNOWN_REFERENCE,
                format!("there is no rule `{}`", quotable(name)),
                self.meant(name)
                    .map_or_else(|| "`caplint explain` lists the rules".into(), did_you_mean),
            ),
        };
        self.report(error, path, span, message, help);
        false
    }

    /// Checks that a rule may stand in the `allow` of a line or a table.
    fn allowed(&mut self, on: AllowedOn, path: &TomlPath, span: Span, name: &str) {
        if is_allowable(name, on) {
            return;
        }
        let one = match on {
            AllowedOn::Lines => "a line",
            AllowedOn::Tables => "a table",
        };
        let message = format!("`{}` cannot be used in `allow`", quotable(name));
        let rules = list(&allowable(on));
        let help = format!("{one} may allow {rules}; others need `[[waivers]]`");
        self.report(file_errors::INVALID_VALUE, path, span, message, help.into());
    }

    fn report(
        &mut self,
        error: &'static str,
        path: &TomlPath,
        span: Span,
        message: String,
        help: Advice,
    ) {
        let finding = Finding::new(error, Severity::Error, path.to_string(), message);
        self.findings.push(finding.at(span).help(help));
    }

    fn meant(&mut self, name: &str) -> Option<Meant<'static>> {
        let binding = RULES.iter().filter(|rule| rule.is_binding());
        let known = choosable().chain(binding.map(|rule: &&Rule| rule.name));
        self.comparisons.closest(name, known)
    }
}
