//! Colours, marks, bars and wrapping for a terminal.

use crate::report::Verdict;

use super::super::{Options, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Ink {
    Plain,
    Bold,
    Faint,
    Red,
    Yellow,
    Green,
    Blue,
}

pub(in super::super) struct Pen {
    pub(in super::super) width: usize,
    pub(super) color: bool,
    pub(in super::super) ascii: bool,
}

impl Pen {
    /// Plain text of any width.
    pub(in super::super) const UNBOUNDED: Self = Self {
        width: usize::MAX,
        color: false,
        ascii: false,
    };

    pub(in super::super) fn within(self, width: usize) -> Self {
        Self { width, ..self }
    }

    pub(in super::super) fn new(options: &Options) -> Self {
        Self {
            width: options.width.clamp(60, 200),
            color: options.color,
            ascii: options.ascii,
        }
    }

    pub(in super::super) fn plain(&self, text: &str) -> String {
        if self.ascii {
            text::ascii(text).into_owned()
        } else {
            text.to_owned()
        }
    }

    pub(in super::super) fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            _ if !self.color || text.is_empty() => return text.to_owned(),
            Ink::Plain => return text.to_owned(),
            Ink::Bold => "1",
            Ink::Faint => "2",
            Ink::Red => "31;1",
            Ink::Yellow => "33",
            Ink::Green => "32",
            Ink::Blue => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    pub(in super::super) fn line(&self, ink: Ink, text: &str) -> String {
        format!("{}\n", self.paint(ink, &self.plain(text)))
    }

    /// Lines no wider than the terminal; those after the first are indented.
    pub(in super::super) fn wrapped(&self, ink: Ink, text: &str, indent: usize) -> String {
        let text = self.plain(text);
        let start = text.len() - text.trim_start_matches(' ').len();
        let mut out = String::new();
        let mut line = text[..start].to_owned();
        let mut used = start;
        let mut empty = true;
        let words: Vec<&str> = text[start..].split(' ').collect();
        let mut next = 0;
        while let Some(first) = words.get(next) {
            // A unit never begins a line.
            let is_number = first.ends_with(|last: char| last.is_ascii_digit());
            let is_unit = |word: &str| word.starts_with('%') || is_number && text::is_unit(word);
            let joined = words.get(next + 1).filter(|word| is_unit(word));
            next += 1 + usize::from(joined.is_some());
            let word = &joined.map_or((*first).to_owned(), |sign| format!("{first} {sign}"));
            for piece in self.pieces(word, self.width.saturating_sub(indent + 1)) {
                let wide = text::width(&piece);
                if !empty && used + 1 + wide > self.width {
                    out.push_str(&self.paint(ink, line.trim_end()));
                    out.push('\n');
                    line = " ".repeat(indent);
                    used = indent;
                    empty = true;
                }
                // The gap between columns that a line ends in begins no other.
                if empty && piece.is_empty() {
                    continue;
                }
                if !empty {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(&piece);
                used += wide;
                empty = false;
            }
        }
        out.push_str(&self.paint(ink, line.trim_end()));
        out.push('\n');
        out
    }

    fn pieces(&self, word: &str, most: usize) -> Vec<String> {
        if text::width(word) <= most {
            return vec![word.to_owned()];
        }
        let mut pieces = vec![String::new()];
        let mut used = 0;
        for character in word.chars() {
            let wide = text::width(character.encode_utf8(&mut [0; 4]));
            if used + wide > most {
                pieces.push(String::new());
                used = 0;
            }
            used += wide;
            if let Some(piece) = pieces.last_mut() {
                piece.push(character);
            }
        }
        pieces
    }

    /// A verdict in one character, clear without colour.
    pub(in super::super) fn mark(&self, verdict: Verdict) -> &'static str {
        match (verdict, self.ascii) {
            (Verdict::Breaks, false) => "✗",
            (Verdict::Breaks, true) => "X",
            (Verdict::Tight, _) => "!",
            (Verdict::Unknown, _) => "?",
            (Verdict::Fits, false) => "✓",
            (Verdict::Fits, true) => "+",
            (Verdict::Unlimited, false) => "·",
            (Verdict::Unlimited, true) => "-",
        }
    }

    /// A bar of ten cells; its end is an arrow where the limit is passed.
    pub(super) fn bar(&self, share: Option<f64>, verdict: Verdict) -> String {
        const CELLS: usize = 10;
        let (full, empty, over) = if self.ascii {
            ("#", ".", ">")
        } else {
            ("█", "░", "▶")
        };
        let share = match (share, verdict) {
            (Some(share), _) => share,
            (None, Verdict::Breaks) => f64::INFINITY,
            (None, _) => return String::new(),
        };
        if share > 1.0 {
            return format!("{}{over}", full.repeat(CELLS));
        }
        // Any use is visible, and only the whole limit fills the bar.
        let cells = (share * CELLS as f64).round() as usize;
        let cells = match cells {
            0 if share > 0.0 => 1,
            CELLS if share < 1.0 => CELLS - 1,
            cells => cells,
        };
        format!("{}{}", full.repeat(cells), empty.repeat(CELLS - cells))
    }
}
