//! The few lines of a file around a span, made harmless, with the columns kept in step.

use miette::LabeledSpan;

use crate::source::{SourceMap, Span};

use super::human::Pen;
use super::text;

/// Other places this many lines away or nearer are drawn together with the span.
const NEAR: usize = 4;

/// Lines of a file. Offsets count bytes of [`Snippet::text`], not of the file.
pub(super) struct Snippet {
    pub(super) text: String,
    /// How many lines of the file are before it.
    pub(super) first_line: usize,
    pub(super) labels: Vec<LabeledSpan>,
    drawn: Vec<Span>,
}

impl Snippet {
    pub(super) fn shows(&self, span: Option<Span>) -> bool {
        span.is_some_and(|span| self.drawn.contains(&span))
    }
}

/// What is drawn beside a line: its number and the frame.
const BESIDE: usize = 12;

/// The lines around a span and around those of the other places that are near.
pub(super) fn cut(
    sources: &SourceMap,
    span: Span,
    others: Vec<(Span, String)>,
    pen: &Pen,
) -> Snippet {
    let source = &*sources.file(span.file).text;
    // From 0.
    let line_of = |span: Span| {
        let position = sources.position(span.file, span.start);
        position.line.saturating_sub(1) as usize
    };
    let at = line_of(span);
    let mut marks = vec![(at, span, None)];
    for (other, message) in others {
        let line = line_of(other);
        let apart = marks.iter().all(|(_, mark, _)| mark.start != other.start);
        if other.file == span.file && line.abs_diff(at) <= NEAR && apart {
            marks.push((line, other, Some(message)));
        }
    }
    marks.sort_by_key(|(line, mark, _)| (*line, mark.start));
    let first = marks.first().map_or(at, |(line, ..)| *line);
    let first = first.saturating_sub(1);
    let last = marks.last().map_or(at, |(line, ..)| *line) + 1;
    let mut snippet = Snippet {
        text: String::new(),
        first_line: first,
        labels: Vec::new(),
        drawn: Vec::new(),
    };
    let mut start = 0;
    for (number, line) in source.split('\n').enumerate().take(last + 1) {
        // Nothing is after the last line break, unless the finding is there.
        if number >= first && (start < source.len() || number <= at) {
            let marks = marks.iter().filter(|(at, ..)| *at == number);
            snippet.push(line.trim_end_matches('\r'), start, marks, pen);
        }
        start += line.len() + 1;
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
        pen: &Pen,
    ) {
        let marks: Vec<_> = marks.collect();
        let focus = marks.first().map_or(0, |(_, span, _)| {
            (span.start as usize).saturating_sub(offset).min(line.len())
        });
        let (from, to) = window(line, focus, pen);
        let more = if pen.ascii { ".." } else { "…" };
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
                _ => self.text.push_str(&written(character, pen)),
            }
        }
        places[to - from] = self.text.len() - base;
        if to < line.len() {
            self.text.push_str(more);
        }
        self.text.push('\n');
        for (_, span, message) in marks {
            let inside = |offset_in_file: u32| {
                let at = (offset_in_file as usize).saturating_sub(offset);
                base + places[at.clamp(from, to) - from]
            };
            let (start, end) = (inside(span.start), inside(span.end));
            let length = end.saturating_sub(start);
            let label = LabeledSpan::new(message.clone(), start, length);
            self.labels.push(label);
            self.drawn.push(*span);
        }
    }
}

/// The part of a line around a place that is no wider than this, as offsets in the line.
fn window(line: &str, focus: usize, pen: &Pen) -> (usize, usize) {
    let width = pen.width.saturating_sub(BESIDE);
    let wide = |character| text::width(&written(character, pen));
    if line.len() <= 4 * width && line.chars().map(wide).sum::<usize>() <= width {
        return (0, line.len());
    }
    let mut from = focus.saturating_sub(width / 4);
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    let mut room = width.saturating_sub(4);
    let mut to = from;
    for character in line[from..].chars() {
        let wide = wide(character);
        if wide > room {
            break;
        }
        room -= wide;
        to += character.len_utf8();
    }
    (from, to)
}

/// A character as it is shown; a tab counts as wide as it can be drawn.
fn written(character: char, pen: &Pen) -> String {
    if character == '\t' {
        return "    ".to_owned();
    }
    pen.plain(&text::clean(character.encode_utf8(&mut [0; 4])))
}
