//! Makes a broken file readable past a bracket that is not closed, which takes the rest of the file
//! with it. What the bracket is part of is blanked, byte by byte, so that every place stays where it
//! is.

use std::ops::Range;

use crate::document::tree::{Problem, parse};

/// The most places of one file that are blanked. What follows more of them is lost.
const MOST_REPAIRS: usize = 16;

/// The text with everything blanked that a bracket leaves open, and the problems that were in it.
/// Nothing where every bracket is closed.
pub(crate) fn repair(text: &str, problems: &[Problem]) -> Option<(String, Vec<Problem>)> {
    let mut first = first_unclosed(text, problems);
    let mut blanked = Vec::new();
    let mut repaired: Option<String> = None;
    while let Some((range, problem)) = first.take().filter(|_| blanked.len() < MOST_REPAIRS) {
        // The parser's other problems in the words that a bracket swallowed follow from this one.
        blanked.push(problem);
        let next = blank(repaired.as_deref().unwrap_or(text), &range);
        first = first_unclosed(&next, &parse(&next).1);
        repaired = Some(next);
    }
    repaired.map(|text| (text, blanked))
}

/// The first bracket that is not closed: what has to be blanked because of it, and the problem as
/// it is reported.
fn first_unclosed(text: &str, problems: &[Problem]) -> Option<(Range<usize>, Problem)> {
    let unclosed = problems.iter().filter(|problem| problem.is_unclosed());
    let openings = unclosed.filter_map(|problem| opening(text, problem.range.start));
    let line = line_around(text, openings.min()?);
    let bracket = text[line.clone()].find(['[', '{']).unwrap_or(0) + line.start;
    let what = match text.as_bytes().get(bracket) {
        Some(b'{') => "unclosed inline table",
        _ => "unclosed array",
    };
    let end = end_of_block(text, line.end, begins_something);
    Some((line.start..end, Problem::new(bracket..bracket + 1, what)))
}

/// The last line before a place that begins something and leaves a bracket open.
fn opening(text: &str, before: usize) -> Option<usize> {
    let mut end = 0;
    let mut depth = 0_i64;
    let mut open = None;
    for line in text.get(..before)?.split_inclusive('\n') {
        let start = end;
        end += line.len();
        let content = line.trim();
        if content.starts_with('#') {
            continue;
        }
        let is_header =
            content.starts_with('[') && content.ends_with(']') && !content.ends_with("],");
        if depth > 0 && (is_header || begins_something(content)) {
            return open;
        }
        if is_header {
            continue;
        }
        if depth == 0 {
            open = Some(start);
        }
        depth = (depth + balance(content)).max(0);
    }
    open.filter(|_| depth > 0)
}

/// Opening brackets less closing ones, outside of strings and comments.
fn balance(line: &str) -> i64 {
    let mut quote = None;
    let mut escaped = false;
    let mut balance = 0;
    for character in line.chars() {
        match (quote, character) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), close) if open == close && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') => break,
            (None, '[' | '{') => balance += 1,
            (None, ']' | '}') => balance -= 1,
            _ => {}
        }
        escaped = false;
    }
    balance
}

pub(crate) fn begins_something(line: &str) -> bool {
    let is_key =
        |character: char| character.is_ascii_alphanumeric() || "_-.\"' ".contains(character);
    let header = line.strip_prefix('[').is_some_and(|rest| {
        rest.starts_with(|first: char| first == '[' || first.is_ascii_alphabetic())
    });
    header
        || line
            .split_once('=')
            .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(is_key))
}

/// The end of the lines from `from` on before the first that begins something else.
pub(crate) fn end_of_block(text: &str, from: usize, begins: impl Fn(&str) -> bool) -> usize {
    let lines = text[from..].split_inclusive('\n');
    let block = lines.take_while(|line| !begins(line.trim_start()));
    from + block.map(str::len).sum::<usize>()
}

pub(crate) fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let rest = text[at..].find('\n').unwrap_or(text.len() - at);
    start..at + rest
}

/// The text with spaces in a range, byte for byte, so that lines stay where they are.
fn blank(text: &str, range: &Range<usize>) -> String {
    let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
    let spaces: String = text[range.clone()].bytes().map(blank).collect();
    [&text[..range.start], &spaces, &text[range.end..]].concat()
}
