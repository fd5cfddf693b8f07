use crate::report::UsageRows;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;
use crate::words::text::quotable;

pub(crate) static RULE: Rule = Rule::project("usage-unmatched", Severity::Warning, check)
    .escalates()
    .needs_usage();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(matching) = context.matching else {
        return;
    };
    let given = matching.given.as_ref();
    // Files that are committed grow old by themselves.
    let is_useless = |given: &&UsageRows| given.matched == 0 && given.rows > 0;
    let useless = given.filter(is_useless);
    let rows = useless.unwrap_or(&matching.rows);
    let none_counts = rows.matched == 0 && rows.rows > 0;
    if rows.unmatched.is_empty() && !none_counts {
        return;
    }
    let count = |count: usize| number::count(count as f64);
    let unmatched: usize = rows.unmatched.iter().map(|it| it.rows).sum();
    let window = format!("{} to {}", matching.from, context.as_of);
    let mut message = match none_counts {
        true if rows.rows < matching.rows.rows => "no row that `--usage` gives counts".to_owned(),
        true => "no row of measured usage counts".to_owned(),
        false => format!(
            "{} of {} rows of measured usage match no declaration",
            count(unmatched),
            count(rows.rows)
        ),
    };
    if none_counts && rows.outside > 0 {
        let (outside, rows) = (count(rows.outside), count(rows.rows));
        message.push_str(&format!(": {outside} of {rows} are outside {window}"));
    }
    if let Some(first) = rows.unmatched.first() {
        let (subject, unit) = (&first.subject, quotable(&first.unit));
        let place = format!("{}:{}", quotable(&first.file), first.line);
        let so_far = if message.contains(": ") { ';' } else { ':' };
        message.push_str(&format!(
            "{so_far} no declaration matches `{subject}` in `{unit}` ({place})"
        ));
    }
    let help = matching
        .help
        .clone()
        .unwrap_or_else(|| format!("pass usage from {window}, or use its last day as `--as-of`"));
    let mut finding = findings.finding("usage", message).help(help);
    if useless.is_some() {
        finding.severity = Severity::Error;
    }
    findings.push(finding.figure(unmatched as f64));
}
