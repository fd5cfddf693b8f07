//! What each value reads and refuses, and that none panics and all read back what they print.

mod rates;

use caplint::units::*;
use proptest::prelude::*;

fn seconds(text: &str) -> f64 {
    Duration::parse(text).unwrap().seconds
}

fn bytes(text: &str) -> f64 {
    Size::parse(text).unwrap().bytes
}

fn per_day(text: &str) -> f64 {
    Rate::parse(text).unwrap().per_day(30.0)
}

fn money(text: &str) -> String {
    Money::parse(text).unwrap().to_string()
}

#[test]
fn durations_add_their_parts() {
    assert_eq!(seconds("15m"), 900.0);
    assert_eq!(seconds("1d12h"), 129_600.0);
    assert_eq!(seconds("90d"), 7_776_000.0);
    assert_eq!(seconds("1y"), 365.0 * DAY);
    assert_eq!(seconds("1mo"), 30.0 * DAY);
    assert_eq!(
        seconds("1y1mo1w1d1h1m1s"),
        (365.0 + 30.0 + 7.0 + 1.0) * DAY + 3_661.0
    );
    assert_eq!(seconds("1.1h"), 3_960.0);
    assert_eq!(seconds("0.5s"), 0.5);
    assert_eq!(seconds("250ms"), 0.25);
    assert_eq!(seconds("1s500ms"), 1.5);
    assert_eq!(seconds("1_000s"), 1_000.0);
    assert_eq!(seconds("0d"), 0.0);
    assert_eq!(Duration::parse("36h").unwrap().days(), 1.5);
}

#[test]
fn durations_refuse_what_could_be_read_two_ways() {
    for text in [
        "12h1d", "1d1d", "1m1mo", "1d 12h", "d", "", "1d12", "1x", ".5h", "1.h", "1__0d", "１d",
    ] {
        assert!(Duration::parse(text).is_err(), "{text}");
    }
    let bare = Duration::parse("90").unwrap_err();
    assert_eq!(
        bare,
        "`90` has no unit: write a duration such as `15min`, `1d12h`, `90d` or `1y` (units `ms s min h d w mo y`)"
    );
    assert_eq!(
        Duration::parse("15 min").unwrap_err(),
        "`15 min` has a space: write `15min`"
    );
    assert_eq!(
        Duration::parse("15M").unwrap_err(),
        "`15M` could be minutes or months: write `15min` or `15mo`"
    );
    assert!(Duration::parse("2hrs").unwrap_err().contains("write `2h`"));
    assert!(
        Duration::parse("3millis")
            .unwrap_err()
            .contains("write `3ms`")
    );
    assert!(Duration::parse("2D").unwrap_err().contains("write `2d`"));
    assert!(
        Duration::parse("12h1d")
            .unwrap_err()
            .contains("from larger to smaller")
    );
}

#[test]
fn durations_read_every_usual_spelling() {
    for (number, one, spellings) in [
        (1.0, 0.001, &["ms"][..]),
        (2.0, 1.0, &["s", "sec", "secs", "second", "seconds"]),
        (3.0, 60.0, &["m", "min", "mins", "minute", "minutes"]),
        (4.0, 3_600.0, &["h", "hour", "hours"]),
        (5.0, DAY, &["d", "day", "days"]),
        (6.0, 7.0 * DAY, &["w", "week", "weeks"]),
        (7.0, 30.0 * DAY, &["mo", "mos", "month", "months"]),
        (8.0, 365.0 * DAY, &["y", "year", "years"]),
    ] {
        for spelling in spellings {
            assert_eq!(seconds(&format!("{number}{spelling}")), number * one);
        }
    }
    assert_eq!(seconds("1day12hours"), 129_600.0);
    assert_eq!(seconds("1year2months"), 425.0 * DAY);
}

#[test]
fn of_days_or_more_a_bare_m_is_asked_about() {
    let refused = |text: &str| Duration::parse_long(text).unwrap_err();
    assert_eq!(
        refused("3m"),
        "`3m` could be minutes or months: write `3min` or `3mo`"
    );
    // Months can't come after hours.
    assert_eq!(
        refused("1h3m"),
        "`1h3m` could be minutes or months: write `1h3min`"
    );
    for text in ["3min", "3mo", "3minutes", "3months", "90ms"] {
        assert_eq!(Duration::parse_long(text), Duration::parse(text), "{text}");
    }
}

#[test]
fn what_is_suggested_reads() {
    let suggestions = |error: &str| -> Vec<String> {
        let (_, advice) = error.rsplit_once(": write ").unwrap();
        let words = advice.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    for text in [
        "4/m",
        "every m",
        "4/dya",
        "4/year",
        "4/ms",
        "every year",
        "4/",
        "every",
        "4/15",
        "4/0s",
        "4/1x",
        "every 15",
        "4k/mont",
    ] {
        let error = Rate::parse(text).unwrap_err();
        let found = suggestions(&error);
        assert!(!found.is_empty(), "{error}");
        for suggestion in found {
            assert!(Rate::parse(&suggestion).is_ok(), "{text}: {error}");
        }
    }
    for text in ["4MB/m", "4MB/sce", "4MB/", "4MB/15"] {
        let error = Throughput::parse(text).unwrap_err();
        for suggestion in suggestions(&error) {
            assert!(Throughput::parse(&suggestion).is_ok(), "{text}: {error}");
        }
    }
    for text in ["3m", "15 min", "1h3m", "15M"] {
        let error = Duration::parse_long(text).unwrap_err();
        for suggestion in suggestions(&error) {
            assert!(Duration::parse_long(&suggestion).is_ok(), "{text}: {error}");
        }
    }
}

#[test]
fn money_is_exact() {
    assert_eq!(money("1499.50"), "1499.5");
    assert_eq!(money("4_000"), "4000");
    assert_eq!(money("0.1"), "0.1");
    assert_eq!(money("1.5e3"), "1500");
    assert_eq!(money("15e-1"), "1.5");
    assert_eq!(money("0x10"), "16");
    assert_eq!(
        money("79228162514264337593543950335"),
        "79228162514264337593543950335"
    );
    assert_eq!(
        money("0.0000000000000000000000000001"),
        "0.0000000000000000000000000001"
    );
    assert_eq!(money("0e999999999999999999999"), "0");
    let sum = Money::parse("0.1").unwrap().0 + Money::parse("0.2").unwrap().0;
    assert_eq!(sum, Money::parse("0.3").unwrap().0);
    assert_eq!(Money::parse("1499.50").unwrap().to_f64(), 1499.5);
}

#[test]
fn money_beyond_a_decimal_is_refused_not_rounded() {
    for text in [
        "79228162514264337593543950336",
        "1e400",
        "1e-29",
        "1e29",
        "0.12345678901234567890123456789",
    ] {
        assert!(
            Money::parse(text)
                .unwrap_err()
                .contains("too large or too precise"),
            "{text}"
        );
    }
    for text in [
        "-1", "-0", "nan", "inf", "+inf", "", "1_", "1.", ".5", "1e", "+-1", "0x", "0x+1", "1 2",
    ] {
        assert!(Money::parse(text).is_err(), "{text}");
    }
}

#[test]
fn counts_are_finite_and_not_negative() {
    assert_eq!(parse_count("4_800"), Ok(4_800.0));
    assert_eq!(parse_count("1.5"), Ok(1.5));
    assert_eq!(parse_count("1e6"), Ok(1e6));
    assert_eq!(count(0.0), Ok(0.0));
    for bad in [f64::NAN, f64::INFINITY, -1.0, -0.0, f64::NEG_INFINITY] {
        assert!(count(bad).is_err(), "{bad}");
    }
    for text in ["1e400", "-1", "abc", "1__0", "inf"] {
        assert!(parse_count(text).is_err(), "{text}");
    }
}

#[test]
fn ratios_are_numbers_or_percentages() {
    assert_eq!(Ratio::parse("75%").unwrap().0, 0.75);
    assert_eq!(Ratio::parse("0.1 %").unwrap().0, 0.001);
    assert_eq!(Ratio::parse("250%").unwrap().0, 2.5);
    assert_eq!(Ratio(0.07).to_string(), "7%");
    assert_eq!(Ratio(0.001).to_string(), "0.1%");
    assert_eq!(Ratio(20.0).to_string(), "2000%");
    assert!(
        Ratio::parse("75")
            .unwrap_err()
            .contains("`0.75` or `\"75%\"`")
    );
    assert!(Ratio::parse("-5%").unwrap_err().contains("negative"));
    assert!(Ratio::from_number(f64::NAN).is_err());
}

#[test]
fn dates_know_the_calendar() {
    let date = |text| Date::parse(text).unwrap();
    assert_eq!(date("2026-11-22").days_since(date("2026-01-01")), 325);
    assert_eq!(date("1970-01-01").days_since(date("2000-03-01")), -11_017);
    assert_eq!(date("2024-02-28").plus_days(1), Some(date("2024-02-29")));
    assert_eq!(date("2023-02-28").plus_days(1), Some(date("2023-03-01")));
    assert_eq!(date("2026-01-01").plus_days(-1), Some(date("2025-12-31")));
    assert_eq!(date("9999-12-31").plus_days(1), None);
    assert_eq!(date("0000-01-01").plus_days(-1), None);
    assert_eq!(date("2026-01-01").plus_days(i64::MAX), None);
    assert!(date("2026-09-30") < date("2026-10-01"));
    for text in [
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-01",
        "2026/01/01",
        "+026-01-01",
        "2026-01-32",
        "２026-01-1",
    ] {
        assert!(Date::parse(text).is_err(), "{text}");
    }
    assert!(Date::parse("2000-02-29").is_ok());
}

#[test]
fn canonical_spellings_are_short() {
    for text in ["15min", "1d12h", "90d", "1y", "0s", "0.5s", "2y"] {
        assert_eq!(Duration::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "400B",
        "60KB",
        "1.4TB",
        "2GiB",
        "1KiB",
        "0B",
        "2.048MB",
        "0.5B",
        "1234.567KB",
        "1EB",
    ] {
        assert_eq!(Size::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "4/day",
        "200/min",
        "20M/day",
        "1/15m",
        "every 15m",
        "every day",
        "1500/s",
        "15k/s",
    ] {
        assert_eq!(Rate::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn hostile_text_is_short_in_messages() {
    let long = "x".repeat(10_000);
    let wide = "\u{1b}[31m".repeat(3_000);
    for text in [long.as_str(), wide.as_str()] {
        for error in [
            Duration::parse(text).unwrap_err(),
            Duration::parse(&format!("1{text}")).unwrap_err(),
            Size::parse(&format!("1{text}")).unwrap_err(),
            Rate::parse(&format!("1/{text}")).unwrap_err(),
            Rate::parse(&format!("1{text}/m")).unwrap_err(),
            Throughput::parse(text).unwrap_err(),
            Money::parse(text).unwrap_err(),
            Date::parse(text).unwrap_err(),
            Ratio::parse(text).unwrap_err(),
        ] {
            assert!(error.chars().count() < 250, "{error}");
            assert!(
                !error.chars().any(char::is_control) && !error.ends_with('.'),
                "{error}"
            );
        }
    }
    assert!(Rate::parse(&format!("1/{}15m", "0".repeat(10_000))).is_err());
    assert!(
        Rate::parse(&format!("{}/m", "1_".repeat(5_000) + "1"))
            .unwrap_err()
            .len()
            < 250
    );
}

/// Text that is nearly a value.
fn nearly() -> impl Strategy<Value = String> {
    "(every )?[-+0-9._eE]{0,8} ?(k|M|G|KB|kib|GiB|%|s|mo|m|d|é)?/?[ a-z0-9]{0,6}"
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::POSITIVE | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL,
        (0_u64..1 << 53).prop_map(|n| n as f64),
        (0_u64..1 << 40, 0_i32..12).prop_map(|(n, places)| n as f64 / 10_f64.powi(places)),
        (0_u64..2_000, 0_u32..5).prop_map(|(n, k)| n as f64 * 1024_f64.powi(k as i32)),
    ]
    .prop_map(f64::abs)
}

fn reads_back(text: &str) -> Result<(), TestCaseError> {
    if let Ok(value) = Duration::parse(text) {
        prop_assert_eq!(Duration::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Size::parse(text) {
        prop_assert_eq!(Size::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Rate::parse(text) {
        prop_assert_eq!(Rate::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Throughput::parse(text) {
        prop_assert_eq!(Throughput::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Money::parse(text) {
        prop_assert_eq!(Money::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Ratio::parse(text) {
        prop_assert_eq!(Ratio::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = Date::parse(text) {
        prop_assert_eq!(Date::parse(&value.to_string()), Ok(value));
    }
    if let Ok(value) = parse_count(text) {
        prop_assert!(value.is_finite() && value >= 0.0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        reads_back(&text)?;
    }

    #[test]
    fn nearly_right_text_is_read_or_refused(text in nearly()) {
        reads_back(&text)?;
    }

    #[test]
    fn every_number_reads_back(number in any_number(), period in prop::sample::select(vec!["s", "min", "h", "day", "week", "month", "15m", "1d12h", "0.5s"])) {
        let duration = Duration { seconds: number };
        prop_assert_eq!(Duration::parse(&duration.to_string()), Ok(duration));
        let size = Size { bytes: number };
        prop_assert_eq!(Size::parse(&size.to_string()), Ok(size));
        let ratio = Ratio(number);
        prop_assert_eq!(Ratio::parse(&ratio.to_string()), Ok(ratio));
        let period = Period::parse("", period).unwrap();
        let rate = Rate { count: number, period: period.clone(), batch: false };
        prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        let throughput = Throughput { size, period };
        prop_assert_eq!(Throughput::parse(&throughput.to_string()), Ok(throughput));
    }

    #[test]
    fn days_count_both_ways(year in 0_u16..=9_999, month in 1_u8..=12, day in 1_u8..=28, days in -400_000_i64..400_000) {
        let date = Date::new(year, month, day).unwrap();
        prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
        if let Some(other) = date.plus_days(days) {
            prop_assert_eq!(other.days_since(date), days);
            prop_assert_eq!(other > date, days > 0);
        }
    }
}

#[test]
fn what_is_computed_is_what_the_standard_library_reads() {
    let mut state = 1_u64;
    for exponent in -30..=30 {
        for _ in 0..200 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let text = format!("{}e{exponent}", state >> (state % 60));
            assert_eq!(parse_count(&text), Ok(text.parse().unwrap()), "{text}");
        }
    }
}
