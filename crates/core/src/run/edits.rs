//! What a change says, declaration by declaration, with the text of it.

use crate::changes::{Comparison, edit_kind};
use crate::document::{Difference, DifferenceKind, TomlPath};
use crate::report::{Edit, Excerpt};
use crate::source::{SourceMap, Span};

/// The most lines of one thing that are shown.
const LINES: usize = 200;

pub(super) fn edits(sources: &SourceMap, comparison: &Comparison<'_>) -> Vec<Edit> {
    let edit = |difference: &Difference| {
        let excerpt = |span| excerpt(sources, difference, span);
        Edit {
            path: difference.path.to_string(),
            kind: edit_kind(difference.kind),
            before: difference.before.map(excerpt),
            after: difference.after.map(excerpt),
        }
    };
    comparison.differences.iter().map(edit).collect()
}

/// The whole lines that hold a value; of a thing, its header and all that stands below it.
fn excerpt(sources: &SourceMap, difference: &Difference, span: Span) -> Excerpt {
    let file = sources.file(span.file);
    let text = &*file.text;
    let newline = text[..span.start as usize].rfind('\n');
    let start = newline.map_or(0, |at| at + 1);
    let newline = text[span.end as usize..].find('\n');
    let end = newline.map_or(text.len(), |at| span.end as usize + at + 1);
    let end = match difference.kind {
        DifferenceKind::Changed => end,
        DifferenceKind::Added | DifferenceKind::Removed => block_end(text, start, end),
    };
    Excerpt {
        file: file.path.to_string(),
        line: sources.position(span.file, span.start).line,
        text: text[start..end].to_owned(),
    }
}

/// Where what a header opens ends: at the next header that is not below it. What is declared in
/// one line ends there.
fn block_end(text: &str, start: usize, first_line: usize) -> usize {
    let Some(own) = header(&text[start..first_line]) else {
        return first_line;
    };
    let mut end = first_line;
    // The end of the last line that says something: what follows belongs to the next header.
    let mut said = first_line;
    for line in text[first_line..].split_inclusive('\n').take(LINES) {
        let is_below = |path: TomlPath| path.0.len() > own.0.len() && path.0.starts_with(&own.0);
        if !header(line).is_none_or(is_below) {
            break;
        }
        end += line.len();
        let words = line.trim_start();
        if !words.trim_end().is_empty() && !words.starts_with('#') {
            said = end;
        }
    }
    said
}

/// The path of a header, of a table or of one in a list.
fn header(line: &str) -> Option<TomlPath> {
    let inner = line.trim_start().strip_prefix('[')?;
    let inner = inner.strip_prefix('[').unwrap_or(inner);
    // A comment may hold brackets too.
    let inner = inner.split("] ").next().unwrap_or(inner);
    let inner = inner.trim_end().trim_end_matches(']');
    TomlPath::parse(inner.trim()).ok()
}
