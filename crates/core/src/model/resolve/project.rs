//! `[project]`: its currency, the versions that it needs, its globs.

use semver::{Version, VersionReq};

use crate::document::reader::{At, quotable};
use crate::document::tables::Project;
use crate::finding::{Finding, Severity, file_errors};
use crate::model::resolve::check::Check;
use crate::model::resolve::measured::globs;
use crate::model::things::Calendar;

pub(super) fn check(check: &mut Check<'_>) {
    let Some(project) = &check.root.project else {
        return;
    };
    let project = &project.value;
    let top = At::top();
    let at = top.key("project");
    if let Some(name) = &project.name
        && name.value.0.trim().is_empty()
    {
        let message = "the project's `name` is empty";
        let help = "name it, or remove the key: its name is then its path in the repository";
        check.invalid(&at.key("name"), name.span, message, help);
    }
    if let Some(horizon) = &project.horizon
        && !Calendar::HORIZON.contains(&horizon.value.days())
    {
        let message = format!(
            "`horizon` is `{}`, not 30 days to 20 years",
            horizon.value.0
        );
        let help = "write how far ahead disks are bought, such as `\"1y\"`";
        check.invalid(&at.key("horizon"), horizon.span, message, help);
    }
    if let Some(days) = &project.days_per_month
        && !Calendar::MONTH.contains(&days.value.0)
    {
        let message = format!("`days_per_month` is {}, not 28 to 31", days.value.0);
        let help = "write 30, or 31 to be safe in every month";
        check.invalid(&at.key("days_per_month"), days.span, message, help);
    }
    currency(check, &at, project);
    require(check, &at, project);
    let specs = project.specs.as_deref();
    globs(
        check,
        &at.key("specs"),
        specs.map_or(&[], |specs| &specs.value.0),
    );
}

fn currency(check: &mut Check<'_>, at: &At<'_>, project: &Project) {
    let Some(currency) = &project.currency else {
        return;
    };
    let is_code =
        |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let code = currency.value.0.as_str();
    if is_code(code) {
        return;
    }
    let upper = code.trim().to_ascii_uppercase();
    let meant = match upper.as_str() {
        "$" | "US$" | "DOLLAR" | "DOLLARS" => "USD".to_owned(),
        "€" | "EURO" | "EUROS" => "EUR".to_owned(),
        "£" => "GBP".to_owned(),
        "¥" => "JPY".to_owned(),
        _ => upper,
    };
    let help = if is_code(&meant) {
        format!("did you mean `\"{meant}\"`?")
    } else {
        "write three capital letters, such as `\"USD\"` or `\"EUR\"`".to_owned()
    };
    let message = format!("`{}` is not an ISO 4217 currency code", quotable(code));
    check.invalid(&at.key("currency"), currency.span, message, help);
}

fn require(check: &mut Check<'_>, at: &At<'_>, project: &Project) {
    let Some(require) = &project.require else {
        return;
    };
    let at = at.key("require");
    let text = quotable(&require.value.0);
    let range = match VersionReq::parse(&require.value.0) {
        Ok(range) => range,
        Err(problem) => {
            let message = format!("`{text}` is not a range of versions: {problem}");
            let help = "write a semver range, such as `\">=0.3\"` or `\"1.2\"`";
            check.invalid(&at, require.span, message, help);
            return;
        }
    };
    let running = env!("CARGO_PKG_VERSION");
    if Version::parse(running).is_ok_and(|version| !range.matches(&version)) {
        let finding = Finding::new(
            file_errors::VERSION_TOO_OLD,
            Severity::Error,
            at.path().to_string(),
            format!("the project requires caplint `{text}`, and this is {running}"),
        );
        check.report(finding.at(require.span).help(format!(
            "run a version that `{text}` allows, or widen `require` if {running} will do"
        )));
    }
}
