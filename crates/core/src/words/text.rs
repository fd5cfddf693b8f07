//! Text that others wrote, made harmless and fitted to its place.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const WORD: usize = 100;

const MESSAGE: usize = 1500;

/// Whether a character could act on a terminal, a viewer or the order in which text is read:
/// controls, direction marks, line separators, and characters that are not seen at all.
pub fn is_hazard(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text in one line, with each hazard as a visible escape such as `\u{202e}` or `\n`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hazard) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hazard(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// A text of JSON in which hazards are `\u` escapes, which does not change the data. Outside strings
/// JSON is ASCII, and newlines there are layout.
pub fn harmless_json(json: &str) -> Cow<'_, str> {
    let acts = |character: char| character != '\n' && is_hazard(character);
    if !json.chars().any(acts) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if !acts(character) {
            safe.push(character);
            continue;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            safe.push_str(&format!("\\u{unit:04x}"));
        }
    }
    Cow::Owned(safe)
}

/// A name, clean and at most this wide.
pub fn name(text: &str, width: usize) -> String {
    shorten(&clean(text), width).into_owned()
}

/// A sentence, clean, with overlong words cut in the middle and the whole kept to a bound.
pub fn message(text: &str) -> String {
    let text = clean(text.trim());
    let words: Vec<_> = text.split(' ').map(|word| shorten(word, WORD)).collect();
    shorten(&words.join(" "), MESSAGE).into_owned()
}

/// Whether a word is a unit, which never leaves the number before it: `GB`, `KB/s`, `USD`.
pub fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ';', ':', ')']);
    let unit = word.split('/').next().unwrap_or(word);
    !unit.is_empty() && unit.len() <= 4 && unit.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A sentence in which no line ends between a number and its unit.
pub fn unbroken(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    for word in sentence.split(' ') {
        if !out.is_empty() {
            let after_number = out.ends_with(|last: char| last.is_ascii_digit());
            out.push(if after_number && is_unit(word) {
                '\u{a0}'
            } else {
                ' '
            });
        }
        out.push_str(word);
    }
    out
}

/// Several lines, such as a help with steps: each a [`message`].
pub fn messages(text: &str) -> Vec<String> {
    let lines = text.lines().map(message);
    lines.filter(|line| !line.is_empty()).collect()
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text if it is no wider than this, else its beginning and end around `…`.
pub fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    // A text with few bytes is never too wide; that spares measuring nearly all of them.
    if text.len() <= most || text.width() <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(1);
    let head = take(text.chars(), room - room / 2);
    let tail: String = take(text.chars().rev(), room / 2).chars().rev().collect();
    Cow::Owned(format!("{head}…{tail}"))
}

/// The first characters that fit into this many columns.
fn take(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut left = width;
    characters
        .take_while(|character| {
            let wide = character.width().unwrap_or(0);
            let fits = wide <= left;
            left = left.saturating_sub(wide);
            fits
        })
        .take(4 * width)
        .collect()
}

/// The text as ASCII: what caplint itself writes by its usual replacements, other characters as
/// escapes.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '→' => out.push_str("->"),
            '≥' => out.push_str(">="),
            '≤' => out.push_str("<="),
            '×' => out.push('x'),
            '∞' => out.push_str("inf"),
            '…' => out.push_str("..."),
            '–' | '—' | '−' | '·' => out.push('-'),
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '\u{a0}' | '\u{202f}' => out.push(' '),
            _ if character.is_ascii() => out.push(character),
            _ => out.extend(character.escape_default()),
        }
    }
    Cow::Owned(out)
}

/// A word from a file, short enough for a message and on one line.
pub(crate) fn quotable(word: &str) -> String {
    let mut short: String = word.chars().take(80).collect();
    if short.len() < word.len() {
        short.push('…');
    }
    short.escape_debug().to_string().replace("\\'", "'")
}
