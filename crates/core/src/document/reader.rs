//! Walks a parsed file into typed declarations and collects everything that is wrong with it.

use std::ops::Range;
use std::sync::Arc;

use crate::advice::Advice;
use crate::document::declared::Declared;
use crate::document::lost::Lost;
use crate::document::meant::meant;
use crate::document::path::{TomlPath, dotted};
use crate::document::tables::Root;
pub(crate) use crate::document::tree::Written;
use crate::document::tree::{self, TomlTable, TomlValue};
use crate::document::{line_ids, repair, syntax};
use crate::finding::{Finding, Severity, file_errors};
use crate::limits;
use crate::source::{FileId, Flaw, SourceFile, Span, Spanned};
use crate::suggest::{closest, did_you_mean};
pub(crate) use crate::words::text::quotable;

/// What one file declares, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) file: FileId,
    /// What it declares, as far as it could be read.
    pub(crate) root: Root,
    /// Its errors, in order of position.
    pub findings: Vec<Finding>,
    /// What could not be read of it, where the text is broken: what is absent may be there after
    /// all.
    pub(crate) lost: Option<Arc<Lost>>,
}

impl Document {
    /// Whether its text is broken, so that not all of it could be read.
    pub(crate) fn is_broken(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether it declares what another does, wherever each value stands.
    pub fn declares_the_same(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

/// Where the reader stands: the keys from the top, linked from the inside out.
#[derive(Clone, Copy)]
pub(crate) struct At<'p> {
    parent: Option<&'p At<'p>>,
    key: &'p str,
    /// Whether the key is an index in a list.
    item: bool,
}

impl<'p> At<'p> {
    pub(crate) const fn top() -> Self {
        Self {
            parent: None,
            key: "",
            item: false,
        }
    }

    pub(crate) const fn key(&'p self, key: &'p str) -> Self {
        Self {
            parent: Some(self),
            key,
            item: false,
        }
    }

    pub(crate) const fn item(&'p self, index: &'p str) -> Self {
        Self {
            item: true,
            ..self.key(index)
        }
    }

    /// What stands here, in words: its key, or which list it is in.
    pub(crate) fn words(&self) -> String {
        match self.parent {
            Some(list) if self.item => format!("this entry of `{}`", quotable(list.key)),
            _ => format!("`{}`", quotable(self.key)),
        }
    }

    pub(crate) const fn name(&self) -> &'p str {
        self.key
    }

    pub(crate) fn path(&self) -> TomlPath {
        TomlPath(self.keys().into_iter().map(str::to_owned).collect())
    }

    pub(crate) fn dotted(&self) -> String {
        dotted(self.keys().into_iter())
    }

    fn keys(&self) -> Vec<&'p str> {
        let mut keys = Vec::with_capacity(8);
        let mut at = self;
        while let Some(parent) = at.parent {
            keys.push(at.key);
            at = parent;
        }
        keys.reverse();
        keys
    }
}

/// Collects findings while a file is walked.
pub(crate) struct Reader {
    file: FileId,
    text: Arc<str>,
    shift: i64,
    findings: Vec<Finding>,
    names: usize,
    too_many: bool,
    /// The words that the parser could not read.
    flawed: Vec<Range<usize>>,
}

impl Reader {
    pub(crate) fn new(file: FileId, text: Arc<str>) -> Self {
        Self {
            file,
            text,
            shift: 0,
            findings: Vec::new(),
            names: 0,
            too_many: false,
            flawed: Vec::new(),
        }
    }

    /// How much was found wrong so far.
    pub(crate) fn count(&self) -> usize {
        self.findings.len()
    }

    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(position);
        self.findings
    }

    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let offset = |at: usize| {
            let at = i64::try_from(at).unwrap_or(i64::MAX);
            let shifted = at.saturating_add(self.shift);
            u32::try_from(shifted.max(0)).unwrap_or(u32::MAX)
        };
        Span {
            file: self.file,
            start: offset(range.start),
            end: offset(range.end),
        }
    }

    /// Whether a value is what the parser put in place of words that it could not read: those are,
    /// touch, or stand beside the value.
    pub(crate) fn is_made_up(&self, value: &Written<'_>) -> bool {
        if matches!(value.get_ref(), TomlValue::Table(_) | TomlValue::Array(_)) {
            return false;
        }
        let span = value.span();
        let after = self.flawed.partition_point(|flaw| flaw.start <= span.end);
        let near = after.saturating_sub(2)..self.flawed.len().min(after + 1);
        self.flawed[near].iter().any(|flaw| {
            let between = span.end.min(flaw.end)..span.start.max(flaw.start);
            let between = self.text.get(between).unwrap_or_default();
            between.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
        })
    }

    pub(crate) fn text(&self, value: &Written<'_>) -> &str {
        self.text.get(value.span()).unwrap_or_default()
    }

    /// Reads one value that stands in the file from `start` on, as it is written in `text`.
    /// Returns nothing where that is not TOML.
    pub(crate) fn with_value<R>(
        &mut self,
        text: &str,
        start: u32,
        read: impl FnOnce(&mut Self, &Written<'_>) -> R,
    ) -> Option<R> {
        const KEY: &str = "v=";
        let line = format!("{KEY}{text}");
        let table = tree::parse_sound(&line)?;
        let value = table.get("v")?;
        let outer = (
            self.shift,
            std::mem::replace(&mut self.text, line.as_str().into()),
        );
        self.shift = i64::from(start) - KEY.len() as i64;
        let result = read(self, value);
        (self.shift, self.text) = outer;
        Some(result)
    }

    pub(crate) fn report(
        &mut self,
        rule: &'static str,
        at: &At<'_>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) {
        let finding = Finding::new(rule, Severity::Error, at.dotted(), message);
        self.findings.push(finding.at(span).help(help));
    }

    /// A value that is not what its key takes. Gives nothing, for what was to be read of it.
    pub(crate) fn invalid<T>(
        &mut self,
        at: &At<'_>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) -> Option<T> {
        self.report(file_errors::INVALID_VALUE, at, span, message, help);
        None
    }

    pub(crate) fn refuse<T>(
        &mut self,
        at: &At<'_>,
        value: &Written<'_>,
        message: impl Into<String>,
        help: impl Into<Advice>,
    ) -> Option<T> {
        let written = match value.get_ref() {
            TomlValue::String(text) => meant(text),
            _ => None,
        };
        let help = written.unwrap_or_else(|| help.into());
        self.invalid(at, self.span(value.span()), message, help)
    }

    pub(crate) fn wrong_type<T>(
        &mut self,
        at: &At<'_>,
        value: &Written<'_>,
        expected: impl Into<Advice>,
    ) -> Option<T> {
        let message = format!("{} is {}", at.words(), type_name(value.get_ref()));
        let help = expected.into().say(|expected| format!("write {expected}"));
        self.refuse(at, value, message, help)
    }

    /// A key that does not exist here. Returns the key that was probably meant.
    pub(crate) fn unknown_key(
        &mut self,
        at: &At<'_>,
        span: Span,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let meant = closest(at.name(), known.iter().copied());
        let message = format!("unknown key `{}`", quotable(at.name()));
        let help = match meant {
            Some(meant) => did_you_mean(meant),
            None => format!("the keys here are {}", list(known)).into(),
        };
        self.report(file_errors::UNKNOWN_KEY, at, span, message, help);
        meant.and_then(|meant| known.iter().copied().find(|key| *key == meant.word))
    }

    pub(crate) fn missing_key(&mut self, at: &At<'_>, value: &Written<'_>, key: &str, help: &str) {
        let span = self.span(value.span());
        let message = if at.name().is_empty() {
            format!("`{key}` is missing")
        } else {
            format!("{} has no `{key}`", at.words())
        };
        self.report(file_errors::MISSING_KEY, &at.key(key), span, message, help);
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Whether a name may be given to something, and one more name be held. Says why not.
    pub(crate) fn accept_name(&mut self, at: &At<'_>, span: Span) -> bool {
        self.names += 1;
        if self.names > limits::MAX_NAMES_IN_FILE {
            if !self.too_many {
                self.too_many = true;
                let most = limits::MAX_NAMES_IN_FILE;
                let message = format!("more than {most} names in one file; the rest is not read");
                self.invalid::<()>(at, span, message, "split the file");
            }
            return false;
        }
        if is_name(at.name()) {
            return true;
        }
        let message = format!("`{}` is not a name", quotable(at.name()));
        let help =
            "names are letters, digits, `_`, `.` and `-`, and begin with a letter or a digit";
        self.invalid::<()>(at, span, message, help);
        false
    }
}

/// How the text begins that Git LFS commits in place of a file.
const LFS_POINTER: &str = "version https://git-lfs.github.com/spec/";

/// Reads one file.
pub fn read(file: FileId, source: &SourceFile) -> Document {
    let mut reader = Reader::new(file, source.text.clone());
    let pointer = source.text.starts_with(LFS_POINTER);
    let flaw = source.flaw.as_ref();
    if let Some(flaw) = flaw.or(pointer.then_some(&Flaw::LfsPointer)) {
        let unreadable = !matches!(flaw, Flaw::NotUtf8 { .. });
        reader.push(flaw_finding(file, flaw));
        if unreadable {
            return Document {
                file,
                root: Root::default(),
                findings: reader.finish(),
                lost: Some(Arc::new(Lost::everything())),
            };
        }
    }
    let (table, problems) = tree::parse(&source.text);
    let repaired = repair::repair(&source.text, &problems);
    let (table, problems) = match &repaired {
        None => (table, problems),
        Some((text, blanked)) => {
            let (table, mut problems) = tree::parse(text);
            problems.extend(blanked.iter().cloned());
            (table, problems)
        }
    };
    let flaws = syntax::Flaws::of(file, &source.text, &table, problems);
    reader.flawed = flaws.lost_words().collect();
    let incomplete = flaws.lose_text() || source.flaw.is_some();
    let mut lost = incomplete.then(|| Lost::of(&source.text, &table, &flaws));
    let value = Written::top(table);
    let mut root = Root::read(&mut reader, &At::top(), &value).unwrap_or_default();
    let nothing = Root {
        broken: root.broken.clone(),
        ..Root::default()
    };
    if reader.too_many || (incomplete && root == nothing) {
        lost = Some(Lost::everything());
    }
    let mut findings = reader.finish();
    findings.retain(|finding| {
        // What the parser put in place of what it could not read says nothing.
        let span = finding.span;
        let made_up = span.is_some_and(|span| flaws.touch(span.start, span.end));
        let may_be_there = finding.rule == file_errors::MISSING_KEY
            && lost.as_ref().is_some_and(|lost| lost.holds_key_of(finding));
        (!made_up || finding.rule == file_errors::SYNTAX) && !may_be_there
    });
    name_lines(&mut root, &mut findings);
    findings.extend(flaws.into_findings());
    findings.sort_by_key(position);
    findings.dedup_by(|a, b| a.rule == b.rule && a.span == b.span && a.message == b.message);
    Document {
        file,
        root,
        findings,
        lost: lost.map(Arc::new),
    }
}

fn position(finding: &Finding) -> (u32, u32) {
    finding.span.map_or((0, 0), |span| (span.start, span.end))
}

/// Gives demand lines their ids, where the other files have no say in them.
fn name_lines(root: &mut Root, findings: &mut Vec<Finding>) {
    for (name, entry) in root.features.entries_mut() {
        if !line_ids::depend_on_apis(&entry.body.value) {
            let body = &mut Arc::make_mut(&mut entry.body).value;
            line_ids::name_lines(name, body, findings, |endpoint| endpoint);
        }
    }
    line_ids::name_limits(root, findings);
}

fn flaw_finding(file: FileId, flaw: &Flaw) -> Finding {
    let (message, help) = match flaw {
        Flaw::NotUtf8 { .. } => (
            "the file is not UTF-8 text".to_owned(),
            "TOML files are UTF-8: save it with that encoding",
        ),
        Flaw::Utf16 => (
            "the file is UTF-16 text, and TOML is UTF-8".to_owned(),
            "save it as UTF-8; in PowerShell: `Set-Content -Encoding utf8`",
        ),
        Flaw::TooLarge { size, limit } => (
            format!("the file has {size} bytes; caplint reads up to {limit}"),
            "split it: a project may have any number of capacity.toml files",
        ),
        Flaw::LfsPointer => (
            "the file is a pointer of Git LFS, and its text is not here".to_owned(),
            "keep capacity.toml out of Git LFS: remove it from .gitattributes, and commit the file itself",
        ),
        Flaw::BadLink => (
            "the file is a link to nothing, or out of the repository".to_owned(),
            "links are not followed out of the repository: commit the file itself",
        ),
        Flaw::NotAFile => (
            "capacity.toml is not a file".to_owned(),
            "rename the folder or submodule",
        ),
    };
    let start = match flaw {
        Flaw::NotUtf8 { at } => *at,
        _ => 0,
    };
    let end = start;
    Finding::new(file_errors::SYNTAX, Severity::Error, "file", message)
        .at(Span { file, start, end })
        .help(help)
}

/// Whether a name is one that the format allows.
pub fn is_name(name: &str) -> bool {
    name.len() <= limits::MAX_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

pub(crate) fn type_name(value: &TomlValue<'_>) -> &'static str {
    match value {
        TomlValue::String(_) => "a string",
        TomlValue::Integer(_) => "an integer",
        TomlValue::Float(_) => "a float",
        TomlValue::Boolean(_) => "a boolean",
        TomlValue::Datetime(_) => "a date or time",
        TomlValue::Array(_) => "a list",
        TomlValue::Table(_) => "a table",
    }
}

/// `a`, `b` and `c`.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| format!("`{}`", quotable(word)));
    let quoted: Vec<String> = quoted.collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Reads the values of a table that has these keys only, all of one type; and says whether each
/// that is there could be read.
pub(crate) fn read_keys<T, const N: usize>(
    reader: &mut Reader,
    at: &At<'_>,
    table: &TomlTable<'_>,
    keys: [&'static str; N],
    read: impl Fn(&mut Reader, &At<'_>, &Written<'_>) -> Option<T>,
) -> ([Option<T>; N], bool) {
    let mut values = std::array::from_fn(|_| None);
    let mut sound = true;
    for (key, value) in table {
        let at = at.key(key.get_ref());
        let known = keys.iter().position(|known| *known == at.name());
        if let Some(slot) = known.and_then(|index| values.get_mut(index)) {
            *slot = read(reader, &at, value);
            sound &= slot.is_some();
        } else {
            let span = reader.span(key.span());
            reader.unknown_key(&at, span, &keys);
            sound = false;
        }
    }
    (values, sound)
}

pub(crate) fn spanned<T>(reader: &Reader, value: T, written: &Written<'_>) -> Spanned<T> {
    Spanned {
        value,
        span: reader.span(written.span()),
    }
}
