//! A finding for a terminal: over its source, or in one line.

use miette::{
    GraphicalReportHandler, GraphicalTheme, MietteDiagnostic, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use textwrap::{WordSeparator, WordSplitter};

use crate::finding::Severity;
use crate::report::{Finding, Project, Related, Report};
use crate::source::Span;

use super::super::number::plural;
use super::super::view;
use super::super::{snippet, text, together};
use super::pen::{Ink, Pen};
use super::severity_ink;

/// The longest message that is drawn beside its place: miette does not wrap it.
const BESIDE: usize = 30;
const RELATED: usize = 4;

/// A finding with the words that are wrong underlined, its help, and other places as lines.
pub(super) fn drawn(report: &Report, project: &Project, finding: &Finding, pen: &Pen) -> String {
    let mut out = format!("{}\n", head(project, finding, pen));
    let near = finding
        .span
        .map(|span| snippet::cut(&report.sources, span, places(finding, pen), pen));
    let shown = |span| near.as_ref().is_some_and(|near| near.shows(span));
    let told = finding.related.iter().filter(|it| !shown(it.span));
    let told: Vec<_> = told.collect();
    let theme = GraphicalTheme {
        characters: characters(pen.ascii),
        styles: if pen.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(pen.width)
        .with_links(false)
        .without_primary_span_start()
        // A value or a path is there to be copied, so lines break at spaces only.
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .with_context_lines(1)
        .tab_width(4);
    let mut drawing = String::new();
    // Writing to a string cannot fail; where drawing does, the message alone is still there.
    let picture = picture(finding, near, pen);
    if handler
        .render_report(&mut drawing, picture.as_ref())
        .is_err()
    {
        drawing = pen.wrapped(
            Ink::Plain,
            &format!("  {}", text::message(&finding.message)),
            4,
        );
    }
    for line in drawing.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for related in told.iter().take(RELATED) {
        out.push_str(&pen.wrapped(Ink::Plain, &format!("  see {}", view::related(related)), 6));
    }
    if told.len() > RELATED {
        let line = format!("  and {}", plural(told.len() - RELATED, "more place"));
        out.push_str(&pen.line(Ink::Faint, &line));
    }
    out
}

/// A finding that ends with the one that is drawn: `also error[rule]: message`.
pub(super) fn also(finding: &Finding, pen: &Pen) -> String {
    let (word, rule) = (finding.severity.as_str(), text::name(&finding.rule, 60));
    let message = together::unblamed(finding);
    pen.wrapped(
        Ink::Plain,
        &format!("  also {word}[{rule}]: {}", text::message(message)),
        6,
    )
}

/// `file:line:column: error[rule]: message`.
pub(super) fn line(project: &Project, finding: &Finding, pen: &Pen) -> String {
    let message = pen.plain(&text::message(&finding.message));
    format!("{}: {message}\n", head(project, finding, pen))
}

/// A finding that does not count, in one line: why not, and what it said.
pub(super) fn aside(project: &Project, finding: &Finding, pen: &Pen) -> String {
    let mut why = "fixed".to_owned();
    if let Some(waived) = &finding.waived {
        why = "waived".to_owned();
        if let Some(reason) = &waived.reason {
            why.push_str(&format!(" ({})", text::message(reason)));
        }
        if let Some(until) = &waived.until {
            why.push_str(&format!(" until {}", text::name(until, 20)));
        }
    }
    pen.line(
        Ink::Faint,
        &format!(
            "{}: {why} [{}]: {}",
            view::place(project, finding),
            text::name(&finding.rule, 60),
            text::message(&finding.message)
        ),
    )
}

fn head(project: &Project, finding: &Finding, pen: &Pen) -> String {
    let (word, rule) = (finding.severity.as_str(), text::name(&finding.rule, 60));
    let label = format!("{word}[{rule}]");
    let state = view::state(finding).map_or_else(String::new, |state| format!(" {state}"));
    let place = pen.plain(&view::place(project, finding));
    let label = pen.paint(severity_ink(finding.severity), &pen.plain(&label));
    format!("{place}: {label}{state}")
}

fn places(finding: &Finding, pen: &Pen) -> Vec<(Span, String)> {
    let said = |message: &str| pen.plain(&text::message(message));
    let short = |it: &&Related| text::width(&it.message) <= BESIDE;
    let short = finding.related.iter().filter(short);
    short
        .filter_map(|it| Some((it.span?, said(&it.message))))
        .collect()
}

fn characters(ascii: bool) -> ThemeCharacters {
    let (error, advice, others) = if ascii {
        ("x", "-", ThemeCharacters::ascii())
    } else {
        ("×", "·", ThemeCharacters::unicode())
    };
    ThemeCharacters {
        error: error.to_owned(),
        warning: "!".to_owned(),
        advice: advice.to_owned(),
        ..others
    }
}

fn picture(finding: &Finding, snippet: Option<snippet::Snippet>, pen: &Pen) -> miette::Report {
    let mut diagnostic = MietteDiagnostic::new(pen.plain(&text::message(&finding.message)))
        .with_severity(match finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            _ => miette::Severity::Advice,
        });
    if finding.help.is_some() {
        let mut help = view::help(finding);
        // A single key is in the words already.
        help.extend(
            view::snippet(finding)
                .filter(|lines| lines.len() > 2)
                .into_iter()
                .flatten(),
        );
        diagnostic = diagnostic.with_help(pen.plain(&help.join("\n")));
    }
    let Some(mut snippet) = snippet else {
        return diagnostic.into();
    };
    let labels = std::mem::take(&mut snippet.labels);
    miette::Report::from(diagnostic.with_labels(labels)).with_source_code(snippet)
}

impl SourceCode for snippet::Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new(
            inner.data(),
            *inner.span(),
            inner.line() + self.first_line,
            inner.column(),
            inner.line_count(),
        )))
    }
}
