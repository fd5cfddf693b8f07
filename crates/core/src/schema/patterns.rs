//! The spellings of the format's values as regular expressions, in the part of the language that
//! ECMAScript, Python and Rust agree on. Each says what the parser of [`crate::units`] accepts.

/// A decimal number with `_` between digits.
const NUMBER: &str = "[0-9]+(?:_[0-9]+)*(?:\\.[0-9]+(?:_[0-9]+)*)?";

/// Units of sizes; without one it is bytes.
const SIZE_UNIT: &str = "(?:(?:[KMGTPE]i?)?B)?";

/// The periods that have a name.
const PERIOD_NAME: &str = "s|secs?|seconds?|mins?|minutes?|h|hours?|d|days?|w|weeks?|mos?|months?";

/// Units of durations from larger to smaller, minutes left out.
const LARGER: [&str; 5] = [
    "(?:y|years?)",
    "(?:mos?|months?)",
    "(?:w|weeks?)",
    "(?:d|days?)",
    "(?:h|hours?)",
];
const SMALLER: [&str; 2] = ["(?:s|secs?|seconds?)", "ms"];

/// Anchors a pattern; around values may be spaces.
fn whole(pattern: &str) -> String {
    format!("^\\s*{pattern}\\s*$")
}

/// Parts from larger to smaller units, each at most once, and not all of them 0.
fn duration_parts() -> String {
    parts("(?:m|mins?|minutes?)")
}

fn parts(minutes: &str) -> String {
    let part = |unit: &&str| format!("(?:{NUMBER}{unit})?");
    let units = LARGER.iter().chain([&minutes]).chain(&SMALLER);
    let parts: String = units.map(part).collect();
    format!("(?=[^1-9]*[1-9]){parts}")
}

fn period() -> String {
    // A period's text is its name in ids of meters, so it is short.
    let short = "(?=\\S{1,32}\\s*$)";
    format!("(?:{PERIOD_NAME}|{short}{})", duration_parts())
}

pub(super) fn duration() -> String {
    whole(&duration_parts())
}

/// A duration without a bare `m`.
pub(super) fn days() -> String {
    whole(&parts("(?:mins?|minutes?)"))
}

/// `N/period`.
pub(super) fn flow() -> String {
    whole(&format!("{NUMBER}\\s*[kMG]?\\s*/\\s*{}", period()))
}

/// `N/period`, or `every period`.
pub(super) fn rate() -> String {
    whole(&format!(
        "(?:every\\s+|{NUMBER}\\s*[kMG]?\\s*/\\s*){}",
        period()
    ))
}

/// A batch: what [`rate`] accepts and [`flow`] does not.
pub(super) fn batch() -> String {
    "^\\s*every\\s".to_owned()
}

pub(super) fn size() -> String {
    whole(&format!("{NUMBER}\\s*{SIZE_UNIT}"))
}

pub(super) fn throughput() -> String {
    whole(&format!("{NUMBER}\\s*{SIZE_UNIT}\\s*/\\s*{}", period()))
}

pub(super) fn percentage() -> String {
    whole(&format!("{NUMBER}\\s*%"))
}

/// A percentage of at most 100.
pub(super) fn portion() -> String {
    whole(&format!("{}\\s*%", hundred()))
}

/// A number of at most 100.
fn hundred() -> String {
    let zeros = "(?:0_?)*";
    let hundred = "1_?0_?0(?:\\.0(?:_?0)*)?";
    let below = "[0-9](?:_?[0-9])?(?:\\.[0-9]+(?:_[0-9]+)*)?";
    format!("{zeros}(?:{hundred}|{below})")
}

/// A ratio over a period, at least -100%; a bare one is at most 1.
pub(super) fn growth() -> String {
    let one = "(?:0_?)*(?:1(?:\\.0(?:_?0)*)?|0(?:\\.[0-9]+(?:_[0-9]+)*)?)";
    let ratio = format!(
        "(?:\\+?\\s*{NUMBER}\\s*%|-\\s*{}\\s*%|[-+]?\\s*{one})",
        hundred()
    );
    whole(&format!("{ratio}\\s*/\\s*(?:y|years?|{})", period()))
}

pub(super) fn date() -> &'static str {
    "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
}

/// `now`, or a day up to [`crate::limits::MAX_DAYS`].
pub(super) fn day() -> &'static str {
    "^(?:now|(?:[1-9][0-9]{0,3}|[12][0-9]{4}|3[0-5][0-9]{3}|36[0-4][0-9]{2}|36500)d)$"
}

/// A name of at most [`crate::limits::MAX_NAME_BYTES`].
pub(super) fn name() -> &'static str {
    "^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$"
}
