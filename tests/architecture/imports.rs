//! Which file names which: paths in `use` and in code.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{File, Token};

/// The paths of a file, those in groups (`use a::{b, c}`) written out.
pub(super) fn paths(tokens: &[(usize, Token)]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if matches!(tokens[at].1, Token::Word(_)) {
            at = path(tokens, at, &[], &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

fn is(tokens: &[(usize, Token)], at: usize, mark: char) -> bool {
    tokens
        .get(at)
        .is_some_and(|(_, token)| *token == Token::Mark(mark))
}

/// Adds the paths that begin at a token, after what stands before a group, and gives where they
/// end.
fn path(
    tokens: &[(usize, Token)],
    mut at: usize,
    before: &[String],
    into: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = before.to_vec();
    while let Some((_, Token::Word(word))) = tokens.get(at) {
        path.push(word.clone());
        at += 1;
        if !(is(tokens, at, ':') && is(tokens, at + 1, ':')) {
            break;
        }
        at += 2;
        if is(tokens, at, '{') {
            at += 1;
            while at < tokens.len() && !is(tokens, at, '}') {
                at = match tokens[at].1 {
                    Token::Word(_) => self::path(tokens, at, &path, into),
                    _ => at + 1,
                };
            }
            return at + 1;
        }
    }
    into.push(path);
    at
}

/// The circles in which files of more than one top-level module name each other.
pub(super) fn circles(files: &[File]) -> Vec<Vec<&File>> {
    let modules: BTreeMap<&[String], usize> = files
        .iter()
        .enumerate()
        .filter(|(_, file)| !file.module.is_empty())
        .map(|(at, file)| (&file.module[..], at))
        .collect();
    let named: Vec<BTreeSet<usize>> = files.iter().map(|file| named(file, &modules)).collect();
    let reached: Vec<BTreeSet<usize>> = (0..files.len()).map(|at| reached(at, &named)).collect();
    let mut circles: Vec<Vec<&File>> = Vec::new();
    let mut seen = BTreeSet::new();
    for at in 0..files.len() {
        let circle: Vec<usize> = reached[at]
            .iter()
            .copied()
            .filter(|other| reached[*other].contains(&at))
            .collect();
        let tops: BTreeSet<_> = circle.iter().map(|at| files[*at].module.first()).collect();
        if tops.len() > 1 && seen.insert(circle.clone()) {
            circles.push(circle.into_iter().map(|at| &files[at]).collect());
        }
    }
    circles
}

/// The files of the same crate that a file names, by its deepest module in each path.
fn named(file: &File, modules: &BTreeMap<&[String], usize>) -> BTreeSet<usize> {
    let mut named = BTreeSet::new();
    let children = file.declared();
    for path in paths(&file.tokens) {
        let full: Vec<String> = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self") => [&file.module[..], &path[1..]].concat(),
            Some("super") => {
                let up = path.iter().take_while(|part| *part == "super").count();
                let kept = file.module.len().saturating_sub(up);
                [&file.module[..kept], &path[up..]].concat()
            }
            Some(first) if path.len() > 1 && children.iter().any(|child| child == first) => {
                [&file.module[..], &path[..]].concat()
            }
            _ => continue,
        };
        let deepest = (1..=full.len())
            .rev()
            .find_map(|end| modules.get(&full[..end]));
        named.extend(deepest);
    }
    named
}

/// All files that a file names, and those that they name.
fn reached(from: usize, named: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut left = vec![from];
    while let Some(at) = left.pop() {
        for next in &named[at] {
            if reached.insert(*next) {
                left.push(*next);
            }
        }
    }
    reached
}

#[test]
fn a_circle_is_found_through_groups_children_and_parents() {
    let file = |module: &[&str], text: &str| File::new(module, text);
    let files = [
        file(&[], "mod a; mod b; mod c; pub use a::A;"),
        file(&["a"], "mod x;\nuse crate::{b::{self, B}, d};"),
        file(&["a", "x"], "use super::A;"),
        file(&["b"], "fn f() { super::a::x::g(); }"),
        file(&["c"], "// crate::a\nuse crate::a;"),
    ];
    let circles = circles(&files);
    let members: Vec<_> = circles[0]
        .iter()
        .map(|file| file.module.join("::"))
        .collect();
    assert_eq!(
        (circles.len(), members),
        (1, vec!["a".into(), "a::x".into(), "b".into()])
    );
    // Files of one module may name each other.
    assert!(super::imports::circles(&files[..3]).is_empty());
}
