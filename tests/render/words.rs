//! How numbers and names are written.

use caplint::words::number::{bytes, change, count, duration, multiplier, share};
use caplint::words::text::{clean, message, name, shorten, width};

#[test]
fn counts_are_whole_below_ten_million() {
    let written: Vec<_> = [
        0.0,
        2_088_000.0,
        69_600.4,
        9_999_999.0,
        20_880_000.0,
        12.5,
        0.05556,
        999.999,
        -18_000.0,
        1e30,
    ]
    .map(count)
    .into();
    assert_eq!(
        written,
        [
            "0",
            "2,088,000",
            "69,600",
            "9,999,999",
            "20.88M",
            "12.5",
            "0.0556",
            "1,000",
            "-18,000",
            "1.000e30"
        ]
    );
}

#[test]
fn bytes_are_decimal_with_four_digits() {
    let written: Vec<_> = [400.0, 35.04e9, 1.4016e12, 604.8e9, 1e6, 999_960.0]
        .map(bytes)
        .into();
    assert_eq!(
        written,
        ["400 B", "35.04 GB", "1.402 TB", "604.8 GB", "1 MB", "1 MB"]
    );
}

#[test]
fn percents_are_never_silly() {
    assert_eq!(change(Some(0.0), Some(5.0), None), "new");
    assert_eq!(change(Some(1.0), Some(300.0), Some(299.0)), "×300");
    assert_eq!(change(Some(100.0), Some(150.0), Some(0.5)), "+50%");
    assert_eq!(change(Some(100.0), Some(0.0), Some(-1.0)), "gone");
    assert_eq!(change(Some(1e9), Some(1e9 + 1.0), Some(1e-9)), "<0.1%");
    assert_eq!(share(Some(1.000_001)), ">100%");
    assert_eq!(share(Some(0.999_999)), "<100%");
    assert_eq!(share(Some(0.8352)), "83.5%");
    assert_eq!(share(Some(84.0)), "×84");
}

#[test]
fn a_multiplier_never_promises_too_much() {
    assert_eq!(multiplier(Some(1.197_318)), "1.197×");
    assert_eq!(multiplier(Some(4.137_931)), "4.137×");
    assert_eq!(multiplier(Some(34.999)), "34.99×");
    assert_eq!(multiplier(Some(1.999_999_5)), "2×");
    assert_eq!(multiplier(Some(0.0)), "0×");
    assert_eq!(multiplier(None), "–");
}

#[test]
fn durations_have_two_units() {
    let written: Vec<_> = [0.0, 0.25, 12.5, 320.0, 3600.0, 7260.0, 1_062_000.0]
        .map(duration)
        .into();
    assert_eq!(
        written,
        ["0s", "0.25s", "12.5s", "5m 20s", "1h", "2h 1m", "12d 7h"]
    );
}

#[test]
fn controls_and_direction_marks_become_visible() {
    assert_eq!(
        clean("a\u{1b}[31mb\nc\u{202e}d\u{9b}e"),
        "a\\u{1b}[31mb\\nc\\u{202e}d\\u{9b}e"
    );
    // What is not seen at all: a soft hyphen, fillers, a tag.
    for hidden in [
        "\u{ad}",
        "\u{34f}",
        "\u{115f}",
        "\u{2800}",
        "\u{3164}",
        "\u{ffa0}",
        "\u{e0041}",
    ] {
        assert!(clean(hidden).starts_with("\\u{"), "{hidden:?}");
    }
    assert_eq!(clean("größe ‑ 数 é ⚠\u{fe0f}"), "größe ‑ 数 é ⚠\u{fe0f}");
}

#[test]
fn long_names_lose_their_middle() {
    assert_eq!(shorten("abcdefghij", 5), "ab…ij");
    assert_eq!(shorten("数数数数", 5), "数…数");
    assert_eq!(width(&name(&"x".repeat(10_000), 40)), 40);
    assert!(message(&format!("a {} b", "y".repeat(10_000))).len() < 120);
}
