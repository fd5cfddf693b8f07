//! Makes a broken file readable past what stops the parser. It goes on after most errors, but
//! loses the rest of the file after a line without `=` and after a bracket that is not closed.
//! What stops it is blanked, byte by byte, so that every place stays where it is.

use std::ops::Range;

use toml::de::{DeTable, Error};

/// The most places of one file that are blanked. What follows more of them is lost.
const MOST_REPAIRS: usize = 16;

/// Something that the parser refuses: where, and in its words.
pub(crate) type Problem = (Range<usize>, String);

pub(crate) fn problems(errors: &[Error]) -> Vec<Problem> {
    let problem = |error: &Error| {
        let message = error.message().lines().collect::<Vec<_>>().join(": ");
        (error.span().unwrap_or(0..0), message)
    };
    errors.iter().map(problem).collect()
}

/// The text with everything blanked that stops the parser, and the problems that were in it.
/// Nothing where nothing stops it.
pub(crate) fn repair(text: &str, errors: &[Error]) -> Option<(String, Vec<Problem>)> {
    let mut found = problems(errors);
    let mut blanked = Vec::new();
    let mut repaired: Option<String> = None;
    for _ in 0..MOST_REPAIRS {
        let current = repaired.as_deref().unwrap_or(text);
        let stops = found.iter().filter_map(|problem| stop(current, problem));
        let Some((range, problem)) = stops.min_by_key(|(range, _)| range.start) else {
            break;
        };
        // The parser's other problems there, such as in the words that a bracket swallowed,
        // follow from this one.
        blanked.push(problem);
        let next = blank(current, &range);
        let (_, errors) = DeTable::parse_recoverable(&next);
        found = problems(&errors);
        repaired = Some(next);
    }
    repaired.map(|text| (text, blanked))
}

/// Of a problem that stops the parser, what has to be blanked because of it, and the problem as
/// it is reported.
fn stop(text: &str, problem: &Problem) -> Option<(Range<usize>, Problem)> {
    let (at, message) = problem;
    let begins = |words: &[&str]| words.iter().any(|words| message.starts_with(words));
    if begins(&["key with no value"]) {
        return Some((line_around(text, at.start), problem.clone()));
    }
    if begins(&["unclosed table", "unclosed array table"]) {
        // What stands below a broken header belongs to nothing else.
        let header = line_around(text, at.start);
        let end = end_of_block(text, header.end, |line| line.starts_with('['));
        return Some((header.start..end, problem.clone()));
    }
    if begins(&["unclosed array", "unclosed inline"]) {
        let line = line_around(text, opening(text, at.start)?);
        let bracket = text[line.clone()].find(['[', '{']).unwrap_or(0) + line.start;
        let what = match text.as_bytes().get(bracket) {
            Some(b'{') => "unclosed inline table",
            _ => "unclosed array",
        };
        let end = end_of_block(text, line.end, begins_something);
        return Some((line.start..end, (bracket..bracket + 1, what.to_owned())));
    }
    None
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
