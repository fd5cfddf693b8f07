//! Source files as tokens: as much of Rust's grammar as the checks need.

use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    /// What stands between the quotes of a string.
    Text(String),
    /// Any other character. Comments, numbers, lifetimes and characters leave none.
    Mark(char),
}

pub(super) struct File {
    /// The path from the top of the repository.
    pub(super) path: String,
    /// The modules that lead to it from the root of its crate, itself included.
    pub(super) module: Vec<String>,
    pub(super) lines: usize,
    /// Each with its line. Modules for unit tests are left out.
    pub(super) tokens: Vec<(usize, Token)>,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// From `fn` to the closing brace.
    pub(super) lines: usize,
}

/// The top of the repository.
pub(super) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every crate, by its folder, with its files.
pub(super) fn crates() -> Vec<(String, Vec<File>)> {
    let mut crates = vec![(".".to_owned(), files("src"))];
    for folder in std::fs::read_dir(top().join("crates")).unwrap() {
        let name = folder.unwrap().file_name();
        let name = format!("crates/{}", name.to_str().unwrap());
        crates.push((name.clone(), files(&format!("{name}/src"))));
    }
    crates.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(crates.iter().all(|(_, files)| files.len() > 1));
    crates
}

/// The Rust files below a folder, sorted by path, but for those of unit tests.
pub(super) fn files(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    read(folder, &mut Vec::new(), &mut files);
    let tests: Vec<Vec<String>> = files.iter().flat_map(|(_, tests)| tests.clone()).collect();
    let mut files: Vec<File> = files.into_iter().map(|(file, _)| file).collect();
    files.retain(|file| !tests.iter().any(|module| file.module.starts_with(module)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Adds the files of a folder, each with the modules of unit tests that it declares.
fn read(folder: &str, modules: &mut Vec<String>, into: &mut Vec<(File, Vec<Vec<String>>)>) {
    for entry in std::fs::read_dir(top().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            modules.push(name);
            read(&path, modules, into);
            modules.pop();
        } else if let Some(stem) = name.strip_suffix(".rs") {
            let mut module = modules.clone();
            if !["lib", "main", "mod"].contains(&stem) {
                module.push(stem.to_owned());
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let mut tokens = tokens(&text);
            let tests = take_tests(&mut tokens).into_iter().map(|name| {
                let parent = module.iter().cloned();
                parent.chain([name]).collect()
            });
            let tests = tests.collect();
            let lines = text.lines().count();
            into.push((
                File {
                    path,
                    module,
                    lines,
                    tokens,
                },
                tests,
            ));
        }
    }
}

impl File {
    /// A file as the tests of this module need it.
    pub(super) fn new(module: &[&str], text: &str) -> Self {
        Self {
            path: module.join("/"),
            module: module.iter().map(|name| (*name).to_owned()).collect(),
            lines: text.lines().count(),
            tokens: tokens(text),
        }
    }

    /// The modules that are declared without a body.
    pub(super) fn declared(&self) -> Vec<String> {
        let declared = self.tokens.windows(3).filter_map(|three| match three {
            [
                (_, Token::Word(word)),
                (_, Token::Word(name)),
                (_, Token::Mark(';')),
            ] if word == "mod" => Some(name.clone()),
            _ => None,
        });
        declared.collect()
    }

    /// Every function that has a body.
    pub(super) fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for at in 0..self.tokens.len() {
            if let [(line, Token::Word(word)), (_, Token::Word(name)), rest @ ..] =
                &self.tokens[at..]
                && word == "fn"
                && let Some(last) = end_of_body(rest)
            {
                functions.push(Function {
                    name: name.clone(),
                    line: *line,
                    lines: last + 1 - line,
                });
            }
        }
        functions
    }
}

/// The line of the brace that closes an item's body, where it has one.
fn end_of_body(tokens: &[(usize, Token)]) -> Option<usize> {
    let (mut depth, mut brackets) = (0, 0);
    for (line, token) in tokens {
        match token {
            Token::Mark('(' | '[') => brackets += 1,
            Token::Mark(')' | ']') => brackets -= 1,
            Token::Mark(';') if depth == 0 && brackets == 0 => return None,
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth -= 1;
                if depth == 0 && brackets == 0 {
                    return Some(*line);
                }
            }
            _ => {}
        }
    }
    None
}

/// Removes `#[cfg(test)]` with the module that it is for, and gives the names of those that have
/// their own file.
fn take_tests(tokens: &mut Vec<(usize, Token)>) -> Vec<String> {
    let test: Vec<Token> = self::tokens("#[cfg(test)] mod")
        .into_iter()
        .map(|(_, token)| token)
        .collect();
    let mut names = Vec::new();
    while let Some(at) = tokens
        .windows(test.len())
        .position(|some| some.iter().map(|(_, token)| token).eq(&test))
    {
        let name = at + test.len();
        let mut end = name + 1;
        match (&tokens[name].1, &tokens[end].1) {
            (Token::Word(name), Token::Mark(';')) => names.push(name.clone()),
            _ => {
                let mut depth = 0;
                loop {
                    match tokens[end].1 {
                        Token::Mark('{') => depth += 1,
                        Token::Mark('}') => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    end += 1;
                }
            }
        }
        tokens.drain(at..=end);
    }
    names
}

/// The tokens of a text, each with its line, from 1.
fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, token) = token(rest, first);
        if let Some(token) = token {
            tokens.push((line, token));
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// How long the token at the beginning of a text is, and what it is.
fn token(text: &str, first: char) -> (usize, Option<Token>) {
    let word = |text: &str| {
        text.find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(text.len())
    };
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(text.len()), None);
    }
    if text.starts_with("/*") {
        return (text.find("*/").map_or(text.len(), |end| end + 2), None);
    }
    let bare = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - bare.len();
    if let Some(raw) = bare.strip_prefix('r')
        && let Some(hashes) = raw.find(|character| character != '#')
        && raw[hashes..].starts_with('"')
    {
        let close = format!("\"{}", "#".repeat(hashes));
        let inner = &raw[hashes + 1..];
        let end = inner.find(&close).unwrap();
        let length = prefix + 1 + hashes + 1 + end + close.len();
        return (length, Some(Token::Text(inner[..end].to_owned())));
    }
    if prefix <= 1 && bare.starts_with('"') {
        let end = closing(&bare[1..], '"');
        let length = prefix + end + 2;
        return (length, Some(Token::Text(bare[1..=end].to_owned())));
    }
    if first == '\'' {
        let inner = &text[1..];
        let name = word(inner);
        // `'a'` is a character, `'a` is a lifetime.
        let is_lifetime = name > 0 && !inner[name..].starts_with('\'');
        return (
            if is_lifetime {
                1 + name
            } else {
                closing(inner, '\'') + 2
            },
            None,
        );
    }
    if first.is_ascii_digit() {
        return (word(text), None);
    }
    if first.is_alphabetic() || first == '_' {
        let length = word(text);
        return (length, Some(Token::Word(text[..length].to_owned())));
    }
    let mark = (!first.is_whitespace()).then_some(Token::Mark(first));
    (first.len_utf8(), mark)
}

/// Where a quote closes what is before it, escapes aside.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at;
        }
    }
    panic!("{quote} is not closed: {text:.40}");
}

#[test]
fn tokens_are_those_of_rust() {
    let text =
        "fn f<'a>(a: &'a str) -> char { // \"no\n  g(\"a\\\"b\", r#\"c\"d\"#, '\"', 1.5e3) }";
    let texts: Vec<_> = tokens(text)
        .into_iter()
        .filter(|(_, token)| matches!(token, Token::Text(_)))
        .collect();
    assert_eq!(
        texts,
        [
            (2, Token::Text("a\\\"b".to_owned())),
            (2, Token::Text("c\"d".to_owned())),
        ]
    );
    let mut file = File::new(&[], text);
    let functions = file.functions();
    assert_eq!((functions[0].name.as_str(), functions[0].lines), ("f", 2));
    file.tokens = tokens("#[cfg(test)]\nmod a { fn x() {} }\n#[cfg(test)] mod b;\nfn y();");
    assert_eq!(take_tests(&mut file.tokens), ["b"]);
    assert!(file.functions().is_empty());
}
