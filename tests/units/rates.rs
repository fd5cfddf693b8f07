//! Sizes, rates and throughputs.

use caplint::units::*;

use super::{bytes, per_day};

#[test]
fn sizes_tell_thousands_from_1024() {
    assert_eq!(bytes("400B"), 400.0);
    assert_eq!(bytes("400"), 400.0);
    assert_eq!(bytes("60KB"), 60_000.0);
    assert_eq!(bytes("1.4TB"), 1.4e12);
    assert_eq!(bytes("2GiB"), 2_147_483_648.0);
    assert_eq!(bytes("1_000 MB"), 1e9);
    assert_eq!(bytes("3PB"), 3e15);
    assert_eq!(bytes("1PiB"), 1_125_899_906_842_624.0);
    assert_eq!(bytes("1EiB"), 1_152_921_504_606_846_976.0);
    assert_eq!(bytes("1EB"), 1e18);
    assert_eq!(Size::from_number(400.0).unwrap().bytes, 400.0);
    assert!(Size::from_number(-1.0).is_err());
}

#[test]
fn sizes_in_the_wrong_case_are_told_the_right_one() {
    for (text, right) in [
        ("60kb", "`60KB`"),
        ("60Kb", "`60KB`"),
        ("2gib", "`2GiB`"),
        ("5M", "`5MB` or `5MiB`"),
        ("8b", "`B`"),
    ] {
        let error = Size::parse(text).unwrap_err();
        assert!(error.contains(&format!("write {right}")), "{text}: {error}");
    }
    assert!(Size::parse("5 apples").unwrap_err().contains("`60KB`"));
}

#[test]
fn rates_read_every_usual_spelling() {
    assert_eq!(per_day("4/day"), 4.0);
    assert_eq!(per_day("200/min"), 288_000.0);
    assert_eq!(per_day("20M/day"), 20e6);
    assert_eq!(per_day("1_000/s"), 86_400_000.0);
    assert_eq!(per_day("1/15m"), 96.0);
    assert_eq!(per_day("1.1k / day"), 1_100.0);
    assert_eq!(per_day("2G/week"), 2e9 / 7.0);
    assert_eq!(per_day("0/h"), 0.0);
    assert_eq!(Rate::parse("30/month").unwrap().per_day(30.0), 1.0);
    assert_eq!(Rate::parse("31/mo").unwrap().per_day(31.0), 1.0);
    assert_eq!(Rate::parse("1/1mo").unwrap().per_day(31.0), 1.0 / 30.0);
    for (text, name) in [
        ("1/sec", "s"),
        ("1/seconds", "s"),
        ("1/minutes", "min"),
        ("1/hour", "h"),
        ("1/d", "day"),
        ("1/days", "day"),
        ("1/w", "week"),
        ("1/mo", "month"),
        ("1/months", "month"),
        ("1/15m", "15m"),
        ("1/250ms", "250ms"),
        ("1/2weeks", "2weeks"),
    ] {
        assert_eq!(Rate::parse(text).unwrap().period.name(), name, "{text}");
    }
}

#[test]
fn batches_come_once_each_period() {
    let batch = Rate::parse("every 15m").unwrap();
    assert!(batch.batch);
    assert_eq!(batch.count, 1.0);
    assert_eq!(batch.period.seconds(30.0), 900.0);
    assert_eq!(batch.per_day(30.0), 96.0);
    let seconds = |text: &str| Rate::parse(text).unwrap().period.seconds(28.0);
    assert_eq!(seconds("every day"), DAY);
    assert_eq!(seconds("every month"), 28.0 * DAY);
    assert!(!Rate::parse("96/day").unwrap().batch);
}

#[test]
fn a_bare_m_is_asked_about() {
    assert_eq!(
        Rate::parse("200/m").unwrap_err(),
        "a bare `m` could be minute or month: write `200/min` or `200/month`"
    );
    assert_eq!(
        Rate::parse("every m").unwrap_err(),
        "a bare `m` could be minute or month: write `every min` or `every month`"
    );
    assert_eq!(
        Throughput::parse("4MB/m").unwrap_err(),
        "a bare `m` could be minute or month: write `4MB/min` or `4MB/month`"
    );
}

#[test]
fn rates_refuse_what_is_no_rate() {
    for text in [
        "4",
        "4/",
        "/day",
        "",
        "every",
        "every0",
        "every 0s",
        "1/0d",
        "4/day/day",
        "4x/day",
        "4 k 5/day",
        "_4/day",
        "4_/day",
        "1__0/day",
        "-4/day",
        "+4/day",
        "inf/day",
        "nan/day",
        "1e400/day",
        "1e3/day",
        "4/15",
        "4/days ago",
        "everyday",
    ] {
        assert!(Rate::parse(text).is_err(), "{text}");
    }
    assert!(Rate::parse("4/year").unwrap_err().contains("`4/365d`"));
    assert!(Rate::parse("4/dya").unwrap_err().contains("write `4/day`"));
    assert!(
        Rate::parse("4K/day")
            .unwrap_err()
            .contains("write `4k/day`")
    );
    assert!(
        Rate::parse("4m/day")
            .unwrap_err()
            .contains("write `4M/day`")
    );
    assert!(Rate::parse("4").unwrap_err().contains("no period"));
    assert!(Rate::parse("-4/day").unwrap_err().contains("negative"));
    let huge = format!("{}/day", "9".repeat(400));
    assert!(Rate::parse(&huge).unwrap_err().contains("too large"));
}

#[test]
fn throughputs_are_sizes_over_periods() {
    assert_eq!(
        Throughput::parse("4MB/s").unwrap().bytes_per_second(30.0),
        4e6
    );
    assert_eq!(
        Throughput::parse("86.4 KB / day")
            .unwrap()
            .bytes_per_second(30.0),
        1.0
    );
    assert_eq!(
        Throughput::parse("2592KB/month")
            .unwrap()
            .bytes_per_second(30.0),
        1.0
    );
    assert!(Throughput::parse("4MB").is_err());
    assert!(
        Throughput::parse("4mb/s")
            .unwrap_err()
            .contains("write `4MB/s`")
    );
}
