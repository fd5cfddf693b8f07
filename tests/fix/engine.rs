//! The engine: what is asked for is changed, and every other byte stays.

use caplint::document::TomlPath;
use caplint::edit::{Edit, Refused, apply, set, string, table_at};
use caplint::source::{FileId, Span};

const FILE: FileId = FileId(0);

fn edit(start: u32, end: u32, text: &str) -> Edit {
    let span = Span {
        file: FILE,
        start,
        end,
    };
    let text = text.to_owned();
    Edit { span, text }
}

fn path(text: &str) -> TomlPath {
    match text {
        "" => TomlPath::default(),
        text => TomlPath(text.split('.').map(str::to_owned).collect()),
    }
}

/// A text after keys of a table were set; the edits also hold nothing but what they must.
fn with(text: &str, table: &str, entries: &[(&str, &str)]) -> Option<String> {
    let edits = set(FILE, text, &path(table), entries)?;
    Some(apply(text, &edits).expect("the edits can be made"))
}

#[test]
fn a_span_is_replaced_and_every_other_byte_stays() {
    for text in [
        "# é\n[a]\nb = 1 # x\nc = 'd'",
        "\u{feff}[a]\r\nb = 1\t# x\r\n\r\nc = 2   \r\n",
    ] {
        let at = u32::try_from(text.find("b = 1").unwrap() + 4).unwrap();
        let edited = apply(text, &[edit(at, at + 1, "22")]).unwrap();
        assert_eq!(edited, text.replace("b = 1", "b = 22"));
        assert_eq!(apply(text, &[]).unwrap(), text);
    }
}

#[test]
fn edits_that_overlap_lie_outside_or_break_the_file_are_refused() {
    let text = "a = 1\nb = 'é'\n";
    let refused = |edits: &[Edit]| apply(text, edits).unwrap_err();
    let twice = [edit(4, 5, "2"), edit(4, 5, "3")];
    assert_eq!(refused(&twice), Refused::Overlap);
    assert_eq!(
        refused(&[edit(2, 6, "= 2\n"), edit(5, 5, "0")]),
        Refused::Overlap
    );
    assert_eq!(refused(&[edit(90, 91, "")]), Refused::Outside);
    assert_eq!(refused(&[edit(5, 4, "")]), Refused::Outside);
    let in_letter = u32::try_from(text.find('é').unwrap() + 1).unwrap();
    assert_eq!(
        refused(&[edit(in_letter, in_letter, "x")]),
        Refused::Outside
    );
    assert_eq!(refused(&[edit(4, 5, "")]), Refused::Broken);
    assert_eq!(refused(&[edit(0, 1, "b")]), Refused::Broken);
    let beside = [edit(4, 5, "2"), edit(5, 5, "0")];
    assert_eq!(apply(text, &beside).unwrap(), "a = 20\nb = 'é'\n");
}

#[test]
fn keys_are_put_behind_the_last_of_their_table() {
    for (text, table, after) in [
        (
            "[a]\nb = 1 # one\n\n# c\n[c]\nd = 2\n",
            "a",
            "[a]\nb = 1 # one\nk = 0\n\n# c\n[c]\nd = 2\n",
        ),
        ("[a]\nb = 1", "a", "[a]\nb = 1\nk = 0"),
        ("[a]", "a", "[a]\nk = 0"),
        ("[a] # x\n[c]\n", "a", "[a] # x\nk = 0\n[c]\n"),
        (
            "[a]\r\nb = [\r\n  1,\r\n] # l\r\n",
            "a",
            "[a]\r\nb = [\r\n  1,\r\n] # l\r\nk = 0\r\n",
        ),
        ("  [a]\n  b = 1\n", "a", "  [a]\n  b = 1\n  k = 0\n"),
        // Headers below it are not its own.
        (
            "[a]\nb = 1\n[a.c]\nd = 1\n",
            "a",
            "[a]\nb = 1\nk = 0\n[a.c]\nd = 1\n",
        ),
        (
            "[a.c]\nd = 1\n[a]\nb = 1\n",
            "a",
            "[a.c]\nd = 1\n[a]\nb = 1\nk = 0\n",
        ),
        // Dotted keys.
        (
            "[a]\nb.c = 1\nd = 2\n",
            "a.b",
            "[a]\nb.c = 1\nd = 2\nb.k = 0\n",
        ),
        ("[a]\nb.c.e = 1\n", "a", "[a]\nb.c.e = 1\nk = 0\n"),
        ("a.b = 1\n[c]\n", "a", "a.b = 1\na.k = 0\n[c]\n"),
        // Braces.
        (
            "[a]\nb = { c = 1 } # x\n",
            "a.b",
            "[a]\nb = { c = 1, k = 0 } # x\n",
        ),
        ("b = { c.d = '}' }\n", "b.c", "b = { c.d = '}', c.k = 0 }\n"),
        ("b = {}\n", "b", "b = { k = 0 }\n"),
        (
            "b = { c = [{ d = 1 }, { e = 2 }] }",
            "b.c.1",
            "b = { c = [{ d = 1 }, { e = 2, k = 0 }] }",
        ),
        // Lists of tables.
        (
            "[[a.l]]\nb = 1\n[[a.l]]\nb = 2\n",
            "a.l.0",
            "[[a.l]]\nb = 1\nk = 0\n[[a.l]]\nb = 2\n",
        ),
        ("[[l]]\nb = 1\n", "l.0.sub", "[[l]]\nb = 1\nsub.k = 0\n"),
        // The top.
        ("b = 1\n\n[a]\n", "", "b = 1\nk = 0\n\n[a]\n"),
        ("\u{feff}# x\n[a]\n", "", "\u{feff}k = 0\n# x\n[a]\n"),
        ("", "", "k = 0\n"),
        // Tables that are not there, or that have no header.
        ("[a]\nb = 1\n", "c.d", "[a]\nb = 1\n\n[c.d]\nk = 0\n"),
        ("[a]\r\nb = 1", "c", "[a]\r\nb = 1\r\n\r\n[c]\r\nk = 0\r\n"),
        (
            "[x]\n\n# about c\n[a.b.c]\nd = 1\n",
            "a.b",
            "[x]\n\n[a.b]\nk = 0\n\n# about c\n[a.b.c]\nd = 1\n",
        ),
        ("b = { c = 1 }\n", "b.d", "b = { c = 1, d.k = 0 }\n"),
    ] {
        let edited = with(text, table, &[("k", "0")]);
        assert_eq!(edited.as_deref(), Some(after), "{table} of {text:?}");
    }
}

#[test]
fn a_value_that_is_there_is_replaced() {
    let text = "[a]\nb = \"1\" # x\nc = { d = [1,\n 2] }\n";
    let edited = with(text, "a", &[("b", "2"), ("k", "0"), ("c", "3")]);
    assert_eq!(edited.as_deref(), Some("[a]\nb = 2 # x\nc = 3\nk = 0\n"));
    assert_eq!(with("a.b = 1\n", "a", &[("b", "2")]).unwrap(), "a.b = 2\n");
    let edited = with(text, "a.c", &[("d", "{}")]);
    assert_eq!(edited.unwrap(), text.replace("[1,\n 2]", "{}"));
}

#[test]
fn what_has_no_single_place_is_left_alone() {
    for (text, table) in [
        ("a = 1\n", "a"),
        ("a = [1]\n", "a.0"),
        ("[[a]]\n", "a"),
        ("[[a]]\n", "a.1"),
        ("[[a]]\n", "a.b"),
        ("[[a]]\n[a.b.c]\n", "a.0.b"),
        ("a = \n", ""),
    ] {
        assert_eq!(
            with(text, table, &[("k", "0")]),
            None,
            "{table} of {text:?}"
        );
    }
    // A table with a header, or dotted keys, is more than one value.
    assert_eq!(with("[a.b]\nc = 1\n", "a", &[("b", "2")]), None);
    assert_eq!(with("a.b.c = 1\n", "a", &[("b", "2")]), None);
    assert_eq!(with("[[a.b]]\n", "a", &[("b", "2")]), None);
}

#[test]
fn no_name_and_no_value_says_more_than_its_place() {
    let hostile = "x\"]\n[project]\nname = \"y\" # \\";
    let text = "[a]\nb = 1\n";
    for table in [vec!["a"], vec!["a", hostile], vec![hostile]] {
        let table = TomlPath::new(&table);
        let value = string(hostile);
        let edits = set(FILE, text, &table, &[(hostile, &value)]).unwrap();
        let edited: toml::Table = apply(text, &edits).unwrap().parse().unwrap();
        let mut at = &edited;
        for key in &table.0 {
            at = at[key.as_str()].as_table().unwrap();
        }
        assert_eq!(at[hostile].as_str(), Some(hostile));
        assert!(edited.len() <= 2 && !edited.contains_key("project"));
    }
    for value in ["1\nc = 2", "1 # x", "", "1, c = 2", "{", "1 2", "\"x\ny\""] {
        assert_eq!(with(text, "a", &[("k", value)]), None, "{value:?}");
    }
}

#[test]
fn edits_of_several_tables_go_together() {
    let text = "[a]\nb = 1\n[c]\nd = 1\n";
    let mut edits = set(FILE, text, &path("new"), &[("k", "0")]).unwrap();
    edits.extend(set(FILE, text, &path("c"), &[("k", "1"), ("l", "2")]).unwrap());
    edits.extend(set(FILE, text, &path("a"), &[("b", "3")]).unwrap());
    let edited = apply(text, &edits).unwrap();
    assert_eq!(
        edited,
        "[a]\nb = 3\n[c]\nd = 1\nk = 1\nl = 2\n\n[new]\nk = 0\n"
    );
}

#[test]
fn a_table_is_found_by_its_span() {
    let text = "[a]\nx.y = 1\n[[a.l]]\n[[a.l]]\nm = [{ n = 1 }]\n";
    for (words, nth, expected) in [
        ("[a]", 0, "a"),
        ("x", 0, "a.x"),
        ("[[a.l]]", 1, "a.l.1"),
        ("{ n = 1 }", 0, "a.l.1.m.0"),
    ] {
        let (at, _) = text.match_indices(words).nth(nth).unwrap();
        let start = u32::try_from(at).unwrap();
        let end = start + u32::try_from(words.len()).unwrap();
        let span = Span {
            file: FILE,
            start,
            end,
        };
        assert_eq!(table_at(text, span), Some(path(expected)), "{words}");
    }
}
