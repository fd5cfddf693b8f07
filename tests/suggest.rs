//! "Did you mean": which word is close enough to be meant.

use caplint::suggest::closest;

#[test]
fn nearest_wins_and_ties_go_to_the_first() {
    let keys = ["retention", "replication", "replay", "row_size", "rows"];
    assert_eq!(closest("retenton", keys), Some("retention"));
    assert_eq!(closest("erplay", keys), Some("replay"));
    assert_eq!(closest("rowsize", keys), Some("row_size"));
    assert_eq!(closest("bar", ["car", "far"]), Some("car"));
    assert_eq!(closest("bar", ["far", "car"]), Some("far"));
}

#[test]
fn case_is_forgiven_first() {
    assert_eq!(closest("mb", ["kB", "MB"]), Some("MB"));
    assert_eq!(closest("Owner", ["owners", "owner"]), Some("owner"));
}

#[test]
fn far_words_and_long_words_get_nothing() {
    assert_eq!(closest("budget", ["retention", "packs"]), None);
    assert_eq!(closest("xy", ["ab", "xz"]), None);
    assert_eq!(closest("", ["a"]), None);
    let long = "a".repeat(1_000_000);
    assert_eq!(closest(&long, [long.as_str()]), None);
    assert_eq!(closest("aaa", [long.as_str(), "aab"]), Some("aab"));
}
