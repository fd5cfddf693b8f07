//! The list of rules for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::Severity;

/// All rules.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "caplint rules")]
pub struct RuleList {
    /// `caplint.rules/1`.
    pub format: &'static str,
    /// The rules, by section.
    pub rules: Vec<ListedRule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ListedRule {
    /// Its name, such as `over-limit`.
    pub name: &'static str,
    /// What its section is called.
    pub section: String,
    /// Its severity by default.
    pub severity: Severity,
    /// What it checks, in one sentence.
    pub summary: String,
    /// The address of its page.
    pub url: String,
}
