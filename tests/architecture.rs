//! The architecture that ARCHITECTURE.md describes, where the compiler does not hold it: no import
//! cycles, no I/O in the core, short files and functions, rules named in their own files alone.
//!
//! `architecture/budget.rs` lists what still breaks a check; it only shrinks.

mod budget;
mod imports;
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use caplint::rules::RULES;

use budget::BUDGET;
use source::{File, Token, files};

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 80;

/// What breaks a check, by what it is about, with what is said of it.
type Violations = BTreeMap<String, Vec<String>>;

/// Fails where a check finds more than the budget grants, and says what it still grants.
fn hold(check: &str, violations: &Violations) {
    let granted = |subject: &str| {
        let mut entries = BUDGET.iter();
        entries
            .find(|entry| entry.0 == check && entry.1 == subject)
            .map_or(0, |entry| entry.2)
    };
    let mut said = String::new();
    for (subject, found) in violations {
        let count = found.len();
        if count > granted(subject) {
            said += &format!("{subject}: {count}, of which {} known\n", granted(subject));
            for one in found {
                said += &format!("    {one}\n");
            }
        } else {
            eprintln!("known: {check}: {subject}: {}", found.join("; "));
        }
    }
    for (of, subject, count) in BUDGET.iter().filter(|entry| entry.0 == check) {
        let left = violations.get(*subject).map_or(0, Vec::len);
        if left < *count {
            eprintln!("{of}: {subject}: {left} of {count} are left; lower the budget");
        }
    }
    assert!(said.is_empty(), "{check}:\n{said}");
}

#[test]
fn every_file_of_tests_is_in_the_binary() {
    let mut reached = Vec::new();
    for file in files("tests").iter().filter(|file| file.module.is_empty()) {
        reached.extend(file.declared());
    }
    for file in files("tests") {
        if let [name] = &file.module[..] {
            assert!(
                reached.contains(name),
                "{} is not declared in tests/main.rs, so it never runs",
                file.path
            );
        }
    }
}

#[test]
fn files_of_different_modules_do_not_import_each_other_in_a_circle() {
    let mut found = Violations::new();
    for (krate, files) in source::crates() {
        for circle in imports::circles(&files) {
            found
                .entry(krate.clone())
                .or_default()
                .extend(circle.into_iter().map(|file| file.path.clone()));
        }
    }
    hold("import circle", &found);
}

#[test]
fn no_example_stands_in_a_comment_where_it_is_not_run() {
    for (krate, files) in source::crates() {
        for file in files {
            let text = std::fs::read_to_string(source::top().join(&file.path)).unwrap();
            let fence = |line: &str| line.trim_start_matches(['/', '!', ' ']) == "```";
            // What is opened with a language, such as `text`, is closed without one.
            let (opened, fences) = text
                .lines()
                .filter(|line| line.trim_start().starts_with("//"))
                .fold((0, 0), |(opened, fences), line| match line {
                    _ if fence(line) => (opened, fences + 1),
                    _ if line.contains("```") => (opened + 1, fences),
                    _ => (opened, fences),
                });
            assert_eq!(
                opened, fences,
                "{}: documentation tests are off in {krate}: make it a test",
                file.path
            );
        }
    }
}

#[test]
fn no_unit_test_stands_where_none_is_run() {
    for (krate, files) in source::crates() {
        let manifest = source::top().join(&krate).join("Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).unwrap();
        let library = manifest.split("\n[").find(|part| part.starts_with("lib]"));
        if library.is_some_and(|part| part.contains("\ntest = false")) {
            for file in files {
                let text = std::fs::read_to_string(source::top().join(&file.path)).unwrap();
                assert!(
                    !text.contains("#[test]") && !text.contains("cfg(test)"),
                    "{}: unit tests are off in {krate}",
                    file.path
                );
            }
        }
    }
}

/// What the arithmetic and the core may not use: only `states` reads, and only `cli` prints.
const IMPURE: &[&str] = &["env", "fs", "io", "net", "os", "process", "time"];
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];

#[test]
fn the_core_is_pure() {
    let mut found = Violations::new();
    let mut add = |file: &File, what: String| {
        found.entry(file.path.clone()).or_default().push(what);
    };
    for (krate, files) in source::crates() {
        for file in &files {
            if krate == "crates/arith" || krate == "crates/core" {
                for path in imports::paths(&file.tokens) {
                    if let [first, second, ..] = &path[..]
                        && first == "std"
                        && IMPURE.contains(&second.as_str())
                    {
                        add(file, path.join("::"));
                    }
                }
            }
            if krate != "." || !file.path.starts_with("src/cli") {
                for pair in file.tokens.windows(2) {
                    if let [(_, Token::Word(word)), (line, Token::Mark('!'))] = pair
                        && PRINTING.contains(&word.as_str())
                    {
                        add(file, format!("line {line}: {word}!"));
                    }
                }
            }
        }
    }
    hold("purity", &found);
}

#[test]
fn files_are_short() {
    let mut found = Violations::new();
    let tests = ("tests".to_owned(), files("tests"));
    for (_, files) in source::crates().into_iter().chain([tests]) {
        for file in files.iter().filter(|file| file.lines > LONGEST_FILE) {
            let what = format!("{} lines", file.lines);
            found.insert(file.path.clone(), vec![what]);
        }
    }
    hold("long file", &found);
}

#[test]
fn functions_are_short() {
    let mut found = Violations::new();
    for (_, files) in source::crates() {
        for file in &files {
            for function in file.functions() {
                if function.lines > LONGEST_FUNCTION {
                    found.entry(file.path.clone()).or_default().push(format!(
                        "`{}`, line {}: {} lines",
                        function.name, function.line, function.lines
                    ));
                }
            }
        }
    }
    hold("long function", &found);
}

/// Whether a text names a rule: as all of it, or as a word of its own where no other word could
/// be meant.
fn names(text: &str, rule: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || "-_./".contains(character);
    text == rule
        || rule.contains('-')
            && text.match_indices(rule).any(|(at, _)| {
                !text[..at].ends_with(part) && !text[at + rule.len()..].starts_with(part)
            })
}

/// Words that no text of the program or its documentation uses, since readers stumble over them.
const OLD_WORDS: &[&str] = &[
    "mend",
    "mends",
    "mended",
    "for want of",
    "stands on",
    "for ever",
];

/// Whether text that people read says `is no file` where it means `is not a file`, and the like.
fn is_clumsy(line: &str) -> bool {
    let is_odd = ["so many", "nothing says"]
        .iter()
        .any(|it| line.contains(it));
    is_odd
        || [" is no ", " are no "].iter().any(|said| {
            line.match_indices(said).any(|(at, said)| {
                let (before, after) = (&line[..at], &line[at + said.len()..]);
                !before.to_lowercase().ends_with("there") && !after.starts_with("longer")
            })
        })
}

/// Plain words, and `105%` without a space, in all that people read.
#[test]
fn texts_are_in_plain_words() {
    fn is_plain(line: &str) -> bool {
        let spaced = line
            .match_indices(" %")
            .any(|(at, _)| line[..at].ends_with(|last: char| last.is_ascii_digit() || last == '}'));
        let is_word = |at: usize, word: &str| {
            let letter = |it: char| it.is_alphanumeric();
            !line[..at].ends_with(letter) && !line[at + word.len()..].starts_with(letter)
        };
        let found = |word: &&&str| line.match_indices(**word).any(|(at, _)| is_word(at, word));
        !spaced && !OLD_WORDS.iter().any(|word| found(&word))
    }
    let mut found = Vec::new();
    for (path, text) in read_texts() {
        let is_code = path.ends_with(".rs");
        let is_comment = |line: &str| is_code && line.trim_start().starts_with("//");
        let lines = text.lines();
        let odd = lines.filter(|line| !is_plain(line) || is_clumsy(line) && !is_comment(line));
        found.extend(odd.map(|line| format!("{path}: {line}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The paths and texts of all that people read.
fn read_texts() -> Vec<(String, String)> {
    fn look(path: &Path, found: &mut Vec<(String, String)>) {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("the folder is there");
            entries.for_each(|entry| look(&entry.expect("it is listed").path(), found));
        }
        let is_read = path
            .extension()
            .is_some_and(|it| it == "rs" || it == "md" || it == "toml" || it == "yml");
        let text = std::fs::read_to_string(path).ok().filter(|_| is_read);
        found.extend(text.map(|text| (path.display().to_string(), text)));
    }
    let mut found = Vec::new();
    for part in [
        "src",
        "crates",
        "docs",
        "examples",
        "action",
        "action.yml",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ] {
        look(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(part),
            &mut found,
        );
    }
    found
}

/// A text as one line, without the marks of comments.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start().trim_start_matches("//");
        line.trim_start_matches(['/', '!', '#', ' '])
    });
    let words = lines.flat_map(str::split_whitespace).collect::<Vec<_>>();
    words.join(" ").to_lowercase()
}

#[test]
fn no_sentence_comes_back_that_readers_stumbled_over() {
    let old = include_str!("data/stumbled-over.txt").to_lowercase();
    let old: Vec<&str> = old.lines().collect();
    assert!(old.len() > 80, "{} sentences", old.len());
    let all = read_texts();
    assert!(all.len() > 400, "{} files", all.len());
    let found = all.iter().flat_map(|(path, text)| {
        let text = one_line(text);
        let found = old.iter().filter(move |it| text.contains(**it));
        found.map(move |it| format!("{path}: {it}"))
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let seen = one_line("    //! Nothing says over how\n    //! long they come\n");
    assert!(old.iter().any(|it| seen.contains(it)), "{seen}");
}

#[test]
fn a_rule_is_named_in_its_own_file() {
    let mut found = Violations::new();
    for (_, files) in source::crates() {
        for file in &files {
            let own = file.module.last().map(|name| name.replace('_', "-"));
            for (line, token) in &file.tokens {
                let Token::Text(text) = token else { continue };
                for rule in RULES.iter() {
                    if names(text, rule.name) && own.as_deref() != Some(rule.name) {
                        let what = format!("line {line}: {}", rule.name);
                        found.entry(file.path.clone()).or_default().push(what);
                    }
                }
            }
        }
    }
    hold("rule named elsewhere", &found);
}
