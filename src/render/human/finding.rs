//! A finding for a terminal: over its source, or in one line.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::finding::Severity;
use crate::report::{Finding, Project, Report};
use crate::source::Span;

use super::super::view;
use super::super::{snippet, text};
use super::pen::{Ink, Pen};
use super::severity_ink;

/// The longest message that is drawn beside its place: miette does not wrap it.
const BESIDE: usize = 30;
/// Related places shown before the rest is counted.
const RELATED: usize = 4;

/// A finding with the words that are wrong underlined, its help, and other places as lines.
pub(super) fn drawn(report: &Report, project: &Project, finding: &Finding, pen: &Pen) -> String {
    let mut out = format!("{}\n", head(project, finding, pen));
    let look = snippet::Look {
        width: pen.width.saturating_sub(12),
        ascii: pen.ascii,
    };
    let near = finding
        .span
        .map(|span| snippet::cut(&report.sources, span, &places(finding), look));
    let picture = Picture {
        finding,
        snippet: near.as_ref(),
        pen,
    };
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
        .with_context_lines(1)
        .tab_width(4);
    let mut drawing = String::new();
    // Writing to a string cannot fail; where drawing does, the message alone is still there.
    if handler.render_report(&mut drawing, &picture).is_err() {
        drawing = pen.wrapped(&format!("  {}", text::message(&finding.message)), 4);
    }
    for line in drawing.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let told: Vec<_> = finding
        .related
        .iter()
        .filter(|related| !near.as_ref().is_some_and(|near| near.shows(related.span)))
        .collect();
    for related in told.iter().take(RELATED) {
        out.push_str(&pen.wrapped(&format!("  see {}", view::related(related)), 6));
    }
    if told.len() > RELATED {
        out.push_str(&pen.line(
            Ink::Faint,
            &format!("  and {} more places", told.len() - RELATED),
        ));
    }
    out
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
    let label = format!(
        "{}[{}]",
        finding.severity.as_str(),
        text::name(&finding.rule, 60)
    );
    let state = view::state(finding).map_or_else(String::new, |state| format!(" {state}"));
    format!(
        "{}: {}{state}",
        pen.plain(&view::place(project, finding)),
        pen.paint(severity_ink(finding.severity), &pen.plain(&label)),
    )
}

fn places(finding: &Finding) -> Vec<(Span, &str)> {
    finding
        .related
        .iter()
        .filter(|related| text::width(&related.message) <= BESIDE)
        .filter_map(|related| Some((related.span?, related.message.as_str())))
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

/// What miette draws.
struct Picture<'a> {
    finding: &'a Finding,
    snippet: Option<&'a snippet::Snippet>,
    pen: &'a Pen,
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.pen.plain(&text::message(&self.finding.message)))
    }
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for Picture<'_> {}

impl Diagnostic for Picture<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            _ => miette::Severity::Advice,
        })
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        let lines = text::messages(self.finding.help.as_deref()?);
        Some(Box::new(self.pen.plain(&lines.join("\n"))))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet?;
        Some(Box::new(snippet.labels.iter().map(|label| {
            let said = label
                .message
                .as_ref()
                .map(|message| self.pen.plain(message));
            LabeledSpan::new(said, label.start, label.length)
        })))
    }
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
