//! Real files with mistakes in them.

use std::path::Path;

use super::model::Random;

type Files = Vec<(String, String)>;

/// The projects of `examples`.
pub fn examples() -> Vec<Files> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    [
        "tiktok-pipeline/before",
        "tiktok-pipeline/after",
        "support-assistant",
        "iot-ingest",
    ]
    .iter()
    .map(|name| {
        let mut files = Vec::new();
        read(&top.join(name), "", &mut files);
        assert!(!files.is_empty(), "{name}");
        files
    })
    .collect()
}

fn read(folder: &Path, prefix: &str, files: &mut Files) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{prefix}{name}/"), files);
        } else if name == "capacity.toml" {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            files.push((format!("{prefix}{name}"), text));
        }
    }
}

/// Words that stand where others do not belong.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "1e-308",
    "nan",
    "inf",
    "\"unknown\"",
    "\"1/s\"",
    "\"every 1s\"",
    "true",
    "[]",
    "{}",
    "{ p50 = 1, p90 = 2 }",
    "{ p10 = 3, p50 = 2, p90 = 1 }",
    "{ now = 0, max = 0 }",
    "\"forever\"",
    "\"1y\"",
    "\"0s\"",
    "\"200%\"",
    "2026-02-30",
    "2026-01-01",
    "''",
    "=",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "\"",
    "'''",
    "#",
    "\n",
    "[features]",
    "[[waivers]]",
    "[project]",
    "9999999999999999999999",
    "\u{202e}",
    "\u{0}",
    "é",
    "\"tenant\"",
    "\"project\"",
    "after",
];

/// A copy with one to four mistakes: bytes, words, lines and values changed, moved or gone.
pub fn mutated(files: &Files, random: &mut Random) -> Files {
    let mut files = files.clone();
    for _ in 0..=random.below(3) {
        let index = random.below(files.len());
        let text = &mut files[index].1;
        *text = mutate(text, random);
    }
    files
}

fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let at = random.below(lines.len());
    match random.below(8) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[random.below(lines.len())].clone()),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        // Another value for a key.
        3 | 4 => {
            if let Some((key, _)) = lines[at].split_once('=') {
                let word = WORDS[random.below(WORDS.len())];
                lines[at] = format!("{key}= {word}");
            }
        }
        // A value from elsewhere.
        5 => {
            let other = lines[random.below(lines.len())].clone();
            if let (Some((key, _)), Some((_, value))) =
                (lines[at].clone().split_once('='), other.split_once('='))
            {
                lines[at] = format!("{key}={value}");
            }
        }
        6 => {
            let word = WORDS[random.below(WORDS.len())];
            let middle = boundary(&lines[at], random);
            lines[at].insert_str(middle, word);
        }
        _ => {
            let bytes = text.as_bytes();
            let mut bytes = bytes.to_vec();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    lines.join("\n")
}

fn boundary(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
