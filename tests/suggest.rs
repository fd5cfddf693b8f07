//! "Did you mean": which word is close enough to be meant.

use caplint::suggest::closest;

fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest(word, known).map(|meant| meant.word)
}

#[test]
fn nearest_wins_and_ties_go_to_the_first() {
    let keys = ["retention", "replication", "replay", "row_size", "rows"];
    assert_eq!(nearest("retenton", keys), Some("retention"));
    assert_eq!(nearest("erplay", keys), Some("replay"));
    assert_eq!(nearest("rowsize", keys), Some("row_size"));
    assert_eq!(nearest("bar", ["car", "far"]), Some("car"));
    assert_eq!(nearest("bar", ["far", "car"]), Some("far"));
}

#[test]
fn case_is_forgiven_first() {
    assert_eq!(nearest("mb", ["kB", "MB"]), Some("MB"));
    assert_eq!(nearest("Owner", ["owners", "owner"]), Some("owner"));
}

#[test]
fn far_words_and_long_words_get_nothing() {
    assert_eq!(nearest("budget", ["retention", "packs"]), None);
    assert_eq!(nearest("xy", ["ab", "xz"]), None);
    assert_eq!(nearest("", ["a"]), None);
    let long = "a".repeat(1_000_000);
    assert_eq!(nearest(&long, [long.as_str()]), None);
    assert_eq!(nearest("aaa", [long.as_str(), "aab"]), Some("aab"));
}

#[test]
fn what_is_meant_is_certain_where_no_other_word_is_as_near() {
    let alone = |word, known: &[&'static str]| closest(word, known.iter().copied()).unwrap().alone;
    assert!(alone("retenton", &["retention", "replay"]));
    assert!(!alone("bar", &["car", "far"]));
    assert!(alone("bar", &["car", "zar", "bar"]));
    // A name that several places give is one name.
    assert!(alone("bar", &["car", "car"]));
    // The nearest by its letters, whatever their case.
    assert!(!alone("MB", &["mB", "Mb"]));
}
