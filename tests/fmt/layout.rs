//! The layout itself.

use std::path::Path;

use caplint::format::{Refused, format};
use proptest::prelude::*;

/// What a text becomes; laying that out again changes nothing.
fn laid_out(text: &str) -> String {
    let once = format(text).unwrap_or_else(|refused| panic!("{refused:?}\n{text}"));
    assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "not stable");
    once
}

fn same(text: &str) {
    assert_eq!(laid_out(text), text);
}

#[test]
fn the_examples_are_laid_out() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("capacity.toml") {
                same(&std::fs::read_to_string(path).expect("an example"));
                seen += 1;
            }
        }
    }
    assert!(seen >= 20, "the examples have moved");
}

#[test]
fn spaces_indentation_and_quotes_are_made_alike() {
    assert_eq!(
        laid_out(
            "\u{feff}\n\n  [ features . \"sync\" ]  \n\tspec='a.md'\n   owner   =  'o\\k'\n  'a b' . c={x=1,'y'= 2 , }\n"
        ),
        "[features.sync]\nspec = \"a.md\"\nowner = 'o\\k'\n\"a b\".c = { x = 1, y = 2 }\n"
    );
}

#[test]
fn one_blank_line_stands_before_tables_and_none_behind_headers() {
    assert_eq!(
        laid_out(
            "# first\n[a]\n\n\nx = 1\n\n\n\ny = 2\n# of b\n[b]\n[[c]]\n\n# about z\nz = 1\n\n\n"
        ),
        "# first\n[a]\nx = 1\n\ny = 2\n\n# of b\n[b]\n\n[[c]]\n# about z\nz = 1\n"
    );
    same("# a heading\n\n[a]\nx = 1\n\n# ---- next\n\n# of b\n[b]\n");
}

#[test]
fn comments_keep_their_column_where_they_were_aligned() {
    assert_eq!(
        laid_out("a=1 # one\nlong = 22   # two\nb=3         # three\n[t]   # t\n"),
        "a = 1 # one\nlong = 22   # two\nb = 3       # three\n\n[t]   # t\n"
    );
    assert_eq!(laid_out("a=[1,2,3,4]  # c\n"), "a = [1, 2, 3, 4] # c\n");
}

#[test]
fn lists_keep_to_one_line_or_to_one_line_an_item() {
    same("a = [1, 2]\nb = []\nc = [\n  1,\n  2,\n]\n");
    assert_eq!(
        laid_out("a = [ 1 ,2, ]\nb = [\n]\nc = [1,\n2]"),
        "a = [1, 2]\nb = []\nc = [\n  1,\n  2,\n]\n"
    );
    let item = "{ name = \"pack\", credits = 100_000, price = 90.00 }";
    assert_eq!(
        laid_out(&format!("packs = [{item}, {item}]")),
        format!("packs = [\n  {item},\n  {item},\n]\n")
    );
}

#[test]
fn comments_in_lists_stay_where_they_are() {
    let text =
        "a = [ # open\n  1, # one\n\n\n  # above two\n  2 # two\n  , # after\n # end\n] # close\n";
    let expected =
        "a = [\n  # open\n  1, # one\n\n  # above two\n  2, # two\n  # after\n  # end\n] # close\n";
    assert_eq!(laid_out(text), expected);
}

#[test]
fn what_only_toml_1_1_can_say_stays_as_it_is_and_the_rest_becomes_1_0() {
    assert_eq!(
        laid_out("a = {\n  x = 1,\n  y = [\n    2,\n  ],\n}\n"),
        "a = { x = 1, y = [2] }\n"
    );
    assert_eq!(laid_out("a = \"\\e\\x41\"\n"), "a = \"\\u001BA\"\n");
    same("a = {\n  x = 1, # why\n}\n");
}

#[test]
fn numbers_dates_and_long_strings_stay_as_they_are_written() {
    same(
        "a = 1_000\nb = 1499.50\nc = 0xFF\nd = 2026-11-22\ne = \"\"\"\n  x\n\"\"\"\nf = 1e3\ng = +1.0\n",
    );
}

#[test]
fn ends_of_lines_are_those_of_the_file() {
    assert_eq!(
        laid_out("a=1\r\n\r\n\r\nb=[\r\n1]\r\n"),
        "a = 1\r\n\r\nb = [\r\n  1,\r\n]\r\n"
    );
    assert_eq!(laid_out("a=1"), "a = 1\n");
    assert_eq!(laid_out("\n\n"), "");
}

#[test]
fn what_is_no_toml_is_refused() {
    for text in ["a = ", "a = 1\na = 2\n", "[a]\n[a]\n", "a = [1\n"] {
        assert_eq!(format(text), Err(Refused::Broken), "{text}");
    }
}

/// Pieces of files that go together in any order and number of spaces.
fn pieces() -> impl Strategy<Value = String> {
    let space = prop_oneof![Just(""), Just(" "), Just("  "), Just("\t")];
    let value = prop_oneof![
        Just("1"),
        Just("'x'"),
        Just("\"a\\nb\""),
        Just("[1,2]"),
        Just("[\n1 # c\n,\n\n2]"),
        Just("{a=1, b={c=[ 1 ]}}"),
        Just("[{a=1},\n{b = 2}]"),
        Just("\"\"\"a\n b\"\"\""),
        Just("2026-11-22"),
        Just("nan"),
        Just("[[],[[1]]]"),
        Just("{\n a=1 }"),
    ];
    let end = prop_oneof![
        Just("\n"),
        Just(" # c\n"),
        Just("    # é\n"),
        Just("\n\n\n"),
        Just("\n# own\n"),
        Just("\r\n")
    ];
    let line =
        (0..1000_u32, 0..4_u8, space, value, end).prop_map(|(number, kind, space, value, end)| {
            match kind {
                0 => format!("{space}[{space}t{number}.\"x\"{space}]{end}"),
                1 => format!("[[list]]{end}"),
                _ => format!("{space}k{number}{space}={space}{value}{end}"),
            }
        });
    proptest::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn any_file_is_laid_out_once_and_for_all(text in pieces()) {
        match format(&text) {
            Ok(once) => {
                prop_assert_eq!(format(&once), Ok(once.clone()));
                let values = |text: &str| format!("{:?}", text.parse::<toml::Table>());
                prop_assert_eq!(values(&text), values(&once));
                prop_assert_eq!(text.matches('#').count(), once.matches('#').count());
            }
            Err(Refused::Broken) => {}
            Err(Refused::Changed) => prop_assert!(false, "it would have changed"),
        }
    }
}
