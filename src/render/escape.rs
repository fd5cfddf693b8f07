//! Untrusted text in the languages that reports are written in. (HTML is escaped by maud.)

use super::text;

pub(super) fn xml(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for character in text::clean(raw).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No XML document may hold these two.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

/// A path in a URI: all but unreserved characters and `/` percent-encoded.
pub(super) fn uri(path: &str) -> String {
    percent_encoded(path, b"-._~/")
}

/// Text with all but letters, digits and these characters percent-encoded.
fn percent_encoded(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// An address, if it is one of ours (`https`), percent-encoded so that nothing ends it early.
pub(super) fn address(url: &str) -> Option<String> {
    let rest = percent_encoded(url.strip_prefix("https://")?, b"-._~/:?#=%&+,@");
    Some(format!("https://{rest}"))
}

pub(super) fn command(raw: &str) -> String {
    raw.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

pub(super) fn property(raw: &str) -> String {
    command(raw).replace(':', "%3A").replace(',', "%2C")
}

/// Where Markdown is used: in a table, a pipe ends a cell even in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Text,
    Cell,
}

/// A name as a Markdown code span, in which nothing is read as markup, a link or a mention.
pub(super) fn code(raw: &str, context: Context) -> String {
    let clean = text::clean(raw);
    if clean.is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(backticks(&clean) + 1);
    let edge = |at_edge: Option<char>| matches!(at_edge, Some('`' | ' '));
    let spaced = edge(clean.chars().next()) || edge(clean.chars().last());
    let space = if spaced { " " } else { "" };
    let body = match context {
        Context::Text => clean.into_owned(),
        Context::Cell => clean.replace('|', "\\|"),
    };
    format!("{fence}{space}{body}{space}{fence}")
}

pub(super) fn backticks(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// A sentence as Markdown. Words that could be read as anything else become code spans, as does
/// what is between backticks.
pub(super) fn prose(raw: &str, context: Context) -> String {
    let sentence = text::unbroken(&text::message(raw));
    let mut out = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence.as_str();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('`')
            && let Some(end) = quoted.find('`')
            && end > 0
            && !quoted[end + 1..].starts_with('`')
        {
            join(&mut out, &code(&quoted[..end], context));
            rest = &quoted[end + 1..];
            continue;
        }
        // A parenthesis before quoted code is a word of its own.
        let end = if rest.starts_with("(`") {
            1
        } else {
            rest.find(' ').map_or(rest.len(), |at| at + 1)
        };
        let (piece, after) = rest.split_at(end);
        let trimmed = piece.trim_end_matches(' ');
        let word = word(trimmed, out.is_empty(), context);
        join(&mut out, &word);
        if piece.len() > trimmed.len() {
            out.push(' ');
        }
        rest = after;
    }
    out.trim_end().to_owned()
}

/// Adds a word. Code spans that touch are kept apart: their backticks would be read as one run.
fn join(out: &mut String, word: &str) {
    if out.ends_with('`') && word.starts_with('`') {
        out.push(' ');
    }
    out.push_str(word);
}

/// One word: plain if it can be nothing else, else a code span without the punctuation around it.
fn word(word: &str, first: bool, context: Context) -> String {
    let core = word.trim_start_matches('(');
    let head = &word[..word.len() - core.len()];
    let bare = core.trim_end_matches([',', '.', ';', ':', ')', '?', '!', '%']);
    let tail = &core[bare.len()..];
    if bare.is_empty() {
        let safe = tail.chars().all(|character| ".,;:)?!%".contains(character));
        return if safe && !(first && tail.starts_with(')')) {
            word.to_owned()
        } else {
            code(word, context)
        };
    }
    if first && bare.bytes().all(|byte| byte.is_ascii_digit()) && tail.starts_with(['.', ')']) {
        return code(word, context);
    }
    // caplint's own `<0.1%` and `>100%`.
    if let Some(number) = bare.strip_prefix(['<', '>'])
        && number.starts_with(|character: char| character.is_ascii_digit())
        && is_plain(number)
    {
        let sign = if bare.starts_with('<') {
            "&lt;"
        } else {
            "&gt;"
        };
        return format!("{head}{sign}{number}{tail}");
    }
    if is_plain(bare) || (matches!(bare, "=" | "+") && !first) {
        word.to_owned()
    } else {
        format!("{head}{}{tail}", code(bare, context))
    }
}

/// Whether a word is a word or a number to every reader of Markdown, GitHub included.
fn is_plain(word: &str) -> bool {
    let punctuation = "-+,./='%≥≤×→–—…∞“”‘’()\u{a0}";
    let known = |character: char| character.is_alphanumeric() || punctuation.contains(character);
    let letters = word.chars().any(char::is_alphanumeric);
    let lone = matches!(word, "→" | "–" | "—" | "…" | "×" | "≥" | "≤" | "∞");
    let lower = word.to_ascii_lowercase();
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let is_commit = word.len() >= 7
        && word.bytes().all(hex)
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && word.bytes().any(|byte| byte.is_ascii_digit());
    let digits = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_issue = lower.strip_prefix("gh-").is_some_and(digits);
    word.chars().all(known) && (letters || lone) && !is_commit && !is_issue && !is_dotted(word)
}

/// Whether a word is a path or host: a point between a letter and anything.
fn is_dotted(word: &str) -> bool {
    word.len() > 4
        && word
            .split('.')
            .filter(|part| part.chars().any(char::is_alphabetic))
            .count()
            > 1
}
