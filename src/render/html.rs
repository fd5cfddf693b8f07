//! The report as one self-contained page: no scripts, nothing loaded, charts drawn here.

mod forecast;
mod shares;
mod tables;

use crate::finding::Severity;
use crate::report::{Finding, Project, Report, State, Verdict};

use super::escape::{self, html as escaped};
use super::number::plural;
use super::view::{self, Counts, Outcome, Standing};
use super::{Options, diff, text};

/// Findings that stand open, and those shown at all.
const OPEN: usize = 12;
const MOST: usize = 1000;
/// Declarations whose text is shown.
const EDITS: usize = 500;
/// The widest name.
const NAME: usize = 120;

/// The report as an HTML page, which is well-formed XML too.
#[must_use]
pub fn html(report: &Report, options: &Options) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"referrer\" content=\"no-referrer\" />\n\
         <title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
        escaped(&format!("Capacity of {}", subject(report))),
        include_str!("html/style.css")
    );
    page.push_str(&header(report, options));
    page.push_str("<main id=\"main\">\n");
    page.push_str(&findings(report, options));
    for (index, project) in report.projects.iter().enumerate() {
        page.push_str(&project_part(report, project, index));
    }
    page.push_str("</main>\n");
    page.push_str(&footer(report));
    page.push_str("</body>\n</html>\n");
    page
}

/// What the page is about.
fn subject(report: &Report) -> String {
    match report.projects.as_slice() {
        [project] => text::name(&project.name, NAME),
        projects => plural(projects.len(), "project"),
    }
}

fn header(report: &Report, options: &Options) -> String {
    let counts = Counts::of(report, options);
    let (class, mark) = match view::outcome(report, &counts) {
        Outcome::Fail => ("fail", "✗"),
        Outcome::Warn => ("warn", "!"),
        Outcome::Pass => ("pass", "✓"),
    };
    let limits = view::limits(report);
    format!(
        "<header>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n\
         <h1>Capacity of {}</h1>\n\
         <p class=\"verdict {class}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span> {}</p>\n\
         <p class=\"lead\">{}.</p>\n<p class=\"note\">{}</p>\n</header>\n",
        escaped(&subject(report)),
        escaped(&view::headline(report, options)),
        escaped(&view::capital(&limits)),
        escaped(&compared(report)),
    )
}

/// What was compared with what.
fn compared(report: &Report) -> String {
    let verb = if report.base.is_some() {
        "Compared"
    } else {
        "Checked"
    };
    format!("{verb} {}", view::compared(report))
}

fn footer(report: &Report) -> String {
    let notes: String = report
        .notes
        .iter()
        .take(10)
        .map(|note| {
            format!(
                "<p>{}.</p>\n",
                escaped(&view::capital(text::message(note).trim_end_matches('.')))
            )
        })
        .collect();
    format!(
        "<footer>\n{notes}<p>{}</p>\n</footer>\n",
        escaped(&compared(report))
    )
}

fn project_part(report: &Report, project: &Project, index: usize) -> String {
    let comparing = report.base.is_some();
    let mut out = String::new();
    for part in [
        if comparing {
            tables::changes(project)
        } else {
            String::new()
        },
        tables::causes(project),
        forecast::forecasts(project, index),
        shares::shares(project, index),
        tables::scenarios(project),
        tables::meters(project),
        edits(project),
        assumptions(project),
    ] {
        out.push_str(&part);
    }
    if report.projects.len() < 2 || out.is_empty() {
        return out;
    }
    let name = escaped(&text::name(&project.name, NAME));
    format!(
        "<section aria-label=\"{name}\">\n<h2>Project <code>{name}</code> {}</h2>\n{out}</section>\n",
        badge(project.verdict)
    )
}

/// A verdict as a mark and a word.
fn badge(verdict: Verdict) -> String {
    let (mark, word) = match verdict {
        Verdict::Breaks => ("✗", "breaks"),
        Verdict::Tight => ("!", "tight"),
        Verdict::Unknown => ("?", "unknown"),
        Verdict::Fits => ("✓", "fits"),
        Verdict::Unlimited => ("·", "no limit"),
    };
    format!(
        "<span class=\"badge {}\">{mark} {word}</span>",
        verdict.as_str()
    )
}

/// A name in the report's own typeface for names.
fn code(name: &str) -> String {
    let mut out = String::new();
    for character in escaped(&text::name(name, NAME)).chars() {
        out.push(character);
        // A line may end here; entities hold none of these.
        if ['.', '_', '/'].contains(&character) {
            out.push_str("<wbr />");
        }
    }
    format!("<code>{out}</code>")
}

fn findings(report: &Report, options: &Options) -> String {
    let active = view::findings(report, options, Standing::Active);
    let (serious, infos): (Vec<_>, Vec<_>) = active
        .into_iter()
        .partition(|(_, finding)| finding.severity > Severity::Info);
    let mut out =
        String::from("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n");
    if serious.is_empty() {
        out.push_str("<p>None.</p>\n");
    }
    out.push_str(&list(&serious[..serious.len().min(OPEN)], options));
    let rest = &serious[serious.len().min(OPEN)..];
    out.push_str(&folded(
        &plural(rest.len(), "finding").replacen(' ', " more ", 1),
        rest,
        options,
    ));
    out.push_str(&folded(&plural(infos.len(), "info"), &infos, options));
    for (standing, word) in [
        (Standing::Existing, "existing"),
        (Standing::Waived, "waived"),
        (Standing::Fixed, "fixed"),
    ] {
        let found = view::findings(report, options, standing);
        let title = plural(found.len(), "finding").replacen(' ', &format!(" {word} "), 1);
        out.push_str(&folded(&title, &found, options));
    }
    out.push_str("</section>\n");
    out
}

fn folded(title: &str, found: &[(&Project, &Finding)], options: &Options) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>{title}</summary>\n{}</details>\n",
        list(found, options)
    )
}

fn list(found: &[(&Project, &Finding)], options: &Options) -> String {
    if found.is_empty() {
        return String::new();
    }
    let items: String = found
        .iter()
        .take(MOST)
        .map(|(project, finding)| item(project, finding, options))
        .collect();
    let more = match found.len().saturating_sub(MOST) {
        0 => String::new(),
        left => format!("<p class=\"note\">{left} more are not shown.</p>\n"),
    };
    format!("<ol class=\"findings\">\n{items}</ol>\n{more}")
}

fn item(project: &Project, finding: &Finding, options: &Options) -> String {
    let severity = finding.severity.as_str();
    let class = match finding.severity {
        Severity::Error => "breaks",
        Severity::Warning => "tight",
        _ => "unlimited",
    };
    let rule = code(&finding.rule);
    let rule = escape::address(&finding.url).map_or(rule.clone(), |url| {
        format!(
            "<a href=\"{}\" rel=\"noreferrer\">{rule}</a>",
            escaped(&url)
        )
    });
    let state = match finding.state {
        Some(State::Worsened) => " <span class=\"note\">worse than before</span>",
        _ => "",
    };
    let own = view::root_file(project);
    let mut out = format!(
        "<li class=\"{severity}\"><span class=\"badge {class}\">{severity}</span> {rule}{state} \
         <span class=\"where\">{}</span>\n<p>{}</p>\n",
        place(
            finding.file.as_deref().unwrap_or(&own),
            finding.line,
            options
        ),
        escaped(&text::message(&finding.message))
    );
    let help = text::messages(finding.help.as_deref().unwrap_or_default());
    for (index, line) in help.iter().take(12).enumerate() {
        let word = if index == 0 { "<b>Help:</b> " } else { "" };
        out.push_str(&format!("<p class=\"help\">{word}{}</p>\n", escaped(line)));
    }
    for related in finding.related.iter().take(8) {
        out.push_str(&format!(
            "<p class=\"where\">see {}: {}</p>\n",
            place(&related.file, Some(related.line), options),
            escaped(&text::message(&related.message))
        ));
    }
    if let Some(waived) = &finding.waived {
        let reason = waived
            .reason
            .as_deref()
            .unwrap_or("allowed where it is declared");
        let owner = waived
            .owner
            .as_deref()
            .map_or_else(String::new, |owner| format!(", {owner}"));
        let until = waived
            .until
            .as_deref()
            .map_or_else(String::new, |until| format!(", until {until}"));
        out.push_str(&format!(
            "<p class=\"where\">waived: {}</p>\n",
            escaped(&text::message(&format!("{reason}{owner}{until}")))
        ));
    }
    out.push_str("</li>\n");
    out
}

/// A file and line, linked where it is known where files are shown.
fn place(file: &str, line: Option<u32>, options: &Options) -> String {
    let number = line.map_or_else(String::new, |line| format!(":{line}"));
    let label = code(&format!("{}{number}", text::name(file, NAME - 10)));
    match options.link.as_deref().and_then(escape::address) {
        Some(base) => {
            let anchor = line.map_or_else(String::new, |line| format!("#L{line}"));
            let base = escaped(base.trim_end_matches('/'));
            format!(
                "<a href=\"{base}/{}{anchor}\" rel=\"noreferrer\">{label}</a>",
                escaped(&escape::uri(file))
            )
        }
        None => label,
    }
}

/// The text of what changed.
fn edits(project: &Project) -> String {
    if project.edits.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<details><summary>{} changed</summary>\n",
        plural(project.edits.len(), "declaration")
    );
    for edit in project.edits.iter().take(EDITS) {
        out.push_str(&format!(
            "<h3>{}</h3>\n<pre tabindex=\"0\">",
            escaped(&diff::title(edit))
        ));
        for line in diff::unified(edit).lines() {
            let class = match line.as_bytes().first() {
                Some(b'+') => "add",
                Some(b'-') => "del",
                Some(b'@') => "at",
                _ => "same",
            };
            out.push_str(&format!("<span class=\"{class}\">{}</span>", escaped(line)));
        }
        out.push_str("</pre>\n");
    }
    if project.edits.len() > EDITS {
        out.push_str(&format!(
            "<p class=\"note\">{} more are not shown.</p>\n",
            project.edits.len() - EDITS
        ));
    }
    out.push_str("</details>\n");
    out
}

fn assumptions(project: &Project) -> String {
    if project.assumptions.is_empty() {
        return String::new();
    }
    let items: String = project
        .assumptions
        .iter()
        .map(|assumption| format!("<li>{}</li>\n", escaped(&text::message(assumption))))
        .collect();
    format!(
        "<details><summary>{}</summary>\n<ul>\n{items}</ul>\n</details>\n",
        plural(project.assumptions.len(), "assumption")
    )
}
