//! The few lines of a file around a span, made harmless, with the columns kept in step.

use crate::source::{SourceMap, Span};

use super::text;

/// Other places this many lines away or nearer are drawn together with the span.
const NEAR: usize = 4;

/// Lines of a file. Offsets count bytes of [`Snippet::text`], not of the file.
pub(super) struct Snippet {
    pub(super) text: String,
    /// How many lines of the file stand before it.
    pub(super) first_line: usize,
    pub(super) labels: Vec<Label>,
    drawn: Vec<Span>,
}

/// Underlined words.
pub(super) struct Label {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) message: Option<String>,
}

impl Snippet {
    /// Whether these words are among those underlined.
    pub(super) fn shows(&self, span: Option<Span>) -> bool {
        span.is_some_and(|span| self.drawn.contains(&span))
    }
}

/// How the lines are to be written.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// The widest line.
    pub(super) width: usize,
    /// Whether in ASCII alone.
    pub(super) ascii: bool,
}

/// The lines around a span and around those of the other places that are near.
pub(super) fn cut(sources: &SourceMap, span: Span, others: &[(Span, &str)], look: Look) -> Snippet {
    let source = &*sources.file(span.file).text;
    let at = line_of(source, span.start as usize);
    let mut marks = vec![(at, span, None)];
    for (other, message) in others {
        let line = line_of(source, other.start as usize);
        let apart = marks.iter().all(|(_, mark, _)| mark.start != other.start);
        if other.file == span.file && line.abs_diff(at) <= NEAR && apart {
            marks.push((line, *other, Some(text::message(message))));
        }
    }
    marks.sort_by_key(|(line, mark, _)| (*line, mark.start));
    let first = marks
        .first()
        .map_or(at, |(line, ..)| *line)
        .saturating_sub(1);
    let last = marks.last().map_or(at, |(line, ..)| *line) + 1;
    let mut snippet = Snippet {
        text: String::new(),
        first_line: first,
        labels: Vec::new(),
        drawn: Vec::new(),
    };
    let mut start = line_start(source, first);
    for number in first..=last {
        if start > source.len() || (start == source.len() && number > at) {
            break;
        }
        let end = source[start..]
            .find('\n')
            .map_or(source.len(), |length| start + length);
        let line = source[start..end].trim_end_matches('\r');
        snippet.push(
            line,
            start,
            marks.iter().filter(|(at, ..)| *at == number),
            look,
        );
        start = end + 1;
    }
    snippet
}

impl Snippet {
    /// Adds a line with what is marked in it.
    fn push<'a>(
        &mut self,
        line: &str,
        offset: usize,
        marks: impl Iterator<Item = &'a (usize, Span, Option<String>)>,
        look: Look,
    ) {
        let marks: Vec<_> = marks.collect();
        let focus = marks.first().map_or(0, |(_, span, _)| {
            (span.start as usize).saturating_sub(offset).min(line.len())
        });
        let (from, to) = window(line, focus, look);
        let more = if look.ascii { ".." } else { "…" };
        let base = self.text.len();
        // Where each byte of the window went: hazards become longer.
        let mut places = vec![0; to - from + 1];
        if from > 0 {
            self.text.push_str(more);
        }
        for (at, character) in line[from..to].char_indices() {
            let place = self.text.len() - base;
            for slot in &mut places[at..at + character.len_utf8()] {
                *slot = place;
            }
            match character {
                '\t' => self.text.push('\t'),
                _ => self.text.push_str(&written(character, look)),
            }
        }
        places[to - from] = self.text.len() - base;
        if to < line.len() {
            self.text.push_str(more);
        }
        self.text.push('\n');
        for (_, span, message) in marks {
            let inside = |offset_in_file: u32| {
                let at = (offset_in_file as usize)
                    .saturating_sub(offset)
                    .clamp(from, to);
                base + places[at - from]
            };
            let (start, end) = (inside(span.start), inside(span.end));
            self.labels.push(Label {
                start,
                length: end.saturating_sub(start),
                message: message.clone(),
            });
            self.drawn.push(*span);
        }
    }
}

/// The part of a line around a place that is no wider than this, as offsets in the line.
fn window(line: &str, focus: usize, look: Look) -> (usize, usize) {
    let width = look.width;
    let full = |line: &str| {
        line.chars()
            .map(|character| text::width(&written(character, look)))
            .sum::<usize>()
    };
    if line.len() <= 4 * width && full(line) <= width {
        return (0, line.len());
    }
    let mut from = focus.saturating_sub(width / 4);
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    let mut room = width.saturating_sub(4);
    let mut to = from;
    for character in line[from..].chars() {
        let wide = text::width(&written(character, look));
        if wide > room {
            break;
        }
        room -= wide;
        to += character.len_utf8();
    }
    (from, to)
}

/// A character as it is shown; a tab counts as wide as it can be drawn.
fn written(character: char, look: Look) -> String {
    if character == '\t' {
        return "    ".to_owned();
    }
    let mut buffer = [0; 4];
    let clean = text::clean(character.encode_utf8(&mut buffer));
    if look.ascii {
        text::ascii(&clean).into_owned()
    } else {
        clean.into_owned()
    }
}

/// How many lines stand before a byte.
fn line_of(source: &str, offset: usize) -> usize {
    let offset = offset.min(source.len());
    source.as_bytes()[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

/// The first byte of a line.
fn line_start(source: &str, line: usize) -> usize {
    if line == 0 {
        return 0;
    }
    source
        .bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b'\n')
        .nth(line - 1)
        .map_or(source.len(), |(at, _)| at + 1)
}
