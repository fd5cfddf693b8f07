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
    let rows = &matching.rows;
    let none_counts = rows.matched == 0 && rows.rows > 0;
    if rows.unmatched.is_empty() && !none_counts {
        return;
    }
    let count = |count: usize| number::count(count as f64);
    let unmatched: usize = rows.unmatched.iter().map(|it| it.rows).sum();
    let mut message = match none_counts {
        true => format!(
            "none of the {} rows of measured usage counts",
            count(rows.rows)
        ),
        false => format!(
            "{} of {} rows of measured usage match nothing that is declared",
            count(unmatched),
            count(rows.rows)
        ),
    };
    let window = format!("{} to {}", matching.from, context.as_of);
    if none_counts && rows.outside > 0 {
        message.push_str(&format!(": {} are not of {window}", count(rows.outside)));
    }
    if let Some(first) = rows.unmatched.first() {
        let (subject, unit) = (quotable(&first.subject), quotable(&first.unit));
        let place = format!("{}:{}", quotable(&first.file), first.line);
        message.push_str(&format!(", first `{subject}` in `{unit}` ({place})"));
    }
    let help = matching.help.clone().unwrap_or_else(|| {
        format!("give what was measured from {window}, or judge as of its last day with `--as-of`")
    });
    let mut finding = findings.finding("usage", message).help(help);
    if none_counts {
        finding.severity = Severity::Error;
    }
    findings.push(finding.figure(unmatched as f64));
}
