//! Names of rules, wherever the format takes one.

use crate::document::reader::{At, values_quote};
use crate::document::values::Texts;
use crate::model::resolve::check::{Check, invalid};
use crate::model::resolve::rule_names::{NAMES, OF_DECLARATIONS, OF_FILES};
use crate::source::{Span, Spanned};

/// Checks `[rules]` and the waivers.
pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let top = At::top();
    let rules = top.key("rules");
    for (name, entry) in root.rules.entries() {
        let at = rules.key(name);
        rule(check, &at, entry.name, name, "set to a severity");
    }
    let waivers = top.key("waivers");
    let all = root.waivers.iter().flat_map(|waivers| &waivers.value.0);
    for (index, waiver) in all.enumerate() {
        let number = index.to_string();
        let at = waivers.key(&number);
        if let Some(name) = &waiver.value.rule {
            rule(check, &at.key("rule"), name.span, &name.value.0, "waived");
        }
    }
}

/// Checks the rules that do not apply to a line or table.
pub(super) fn allow(check: &mut Check<'_>, at: &At<'_>, allow: Option<&Spanned<Texts>>) {
    let at = at.key("allow");
    for name in allow.iter().flat_map(|allow| &allow.value.0) {
        let known = rule(check, &at, name.span, &name.value, "allowed");
        if !known || OF_DECLARATIONS.contains(&name.value.as_str()) {
            continue;
        }
        check.report(invalid(
            &at,
            name.span,
            format!("`{}` cannot stand in `allow`", values_quote(&name.value)),
            "`allow` is for rules about how a line or table is declared; accept this finding with `[[waivers]]`, or change `[rules]`",
        ));
    }
}

/// Checks that a rule exists and that there is a choice about it.
fn rule(check: &mut Check<'_>, at: &At<'_>, span: Span, name: &str, treated: &str) -> bool {
    if OF_FILES.contains(&name) {
        check.report(invalid(
            at,
            span,
            format!("`{name}` cannot be {treated}: a file's own errors are always errors"),
            "remove it, and mend what the rule finds",
        ));
        return false;
    }
    if NAMES.contains(&name) {
        return true;
    }
    let known = NAMES.iter().chain(OF_FILES).copied();
    let message = format!("there is no rule `{}`", values_quote(name));
    let otherwise = "`caplint explain` lists the rules".to_owned();
    check.unknown(at, span, message, name, known, otherwise);
    false
}
