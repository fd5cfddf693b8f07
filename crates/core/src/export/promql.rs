//! Expressions of Prometheus.

use std::fmt::Write as _;

/// The increase of counters over a window, all series added up. Of several counters, one that is
/// not there counts as 0.
pub(super) fn increase(selectors: &[String], window: &str) -> String {
    let one = |selector: &String| format!("sum(increase({selector}[{window}]))");
    match selectors {
        [selector] => one(selector),
        _ => {
            let each = selectors.iter();
            let each = each.map(|selector| format!("({} or vector(0))", one(selector)));
            format!("({})", each.collect::<Vec<_>>().join(" + "))
        }
    }
}

/// A gauge, all series added up.
pub(super) fn total(gauge: &str) -> String {
    // What follows must not become part of a comment.
    let end = if gauge.contains('#') { "\n" } else { "" };
    format!("sum({gauge}{end})")
}

/// A string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '"' | '\\' => out.extend(['\\', letter]),
            _ if letter.is_ascii_control() => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\x{:02x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// A selector of a recorded series.
pub(super) fn recorded(name: &str, labels: &[(&str, &str)]) -> String {
    let labels = labels.iter();
    let labels = labels.map(|(label, value)| format!("{label}={}", quoted(value)));
    format!("{name}{{{}}}", labels.collect::<Vec<_>>().join(","))
}

/// Seconds, as Prometheus writes durations.
pub(super) fn duration(seconds: f64) -> String {
    let seconds = seconds.round();
    for (unit, length) in [("d", 86_400.0), ("h", 3600.0), ("m", 60.0)] {
        if seconds % length == 0.0 {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

/// The parts of time that amounts are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Calendar {
    /// Months of the calendar, in UTC.
    Months,
    /// Weeks from Monday on.
    Weeks,
    /// Any number of seconds, from 1970 on.
    Seconds(f64),
}

impl Calendar {
    /// A number that is another in each part, as the only value of `label`. What is counted up to
    /// the first moment of a part belongs to the part before.
    fn number(self, label: &str) -> String {
        let now = "vector(time() - 1)";
        let number = match self {
            Self::Months => format!("month({now})"),
            // 1970 began on a Thursday.
            Self::Weeks => format!("floor(({now} - 345600) / 604800)"),
            Self::Seconds(length) => format!("floor({now} / {length})"),
        };
        format!("count_values(\"{label}\", {number})")
    }

    /// The length of the longest part.
    fn window(self) -> String {
        match self {
            Self::Months => "31d".to_owned(),
            Self::Weeks => "7d".to_owned(),
            Self::Seconds(length) => duration((length / 3600.0).ceil() * 3600.0),
        }
    }

    /// Marks each hour's use with the part that it is in.
    pub(super) fn of_hour(self, label: &str, increase: &str, by_tenant: bool) -> String {
        let marked = self.number(label);
        match by_tenant {
            true => format!("{increase} * on() group_left({label}) {marked}"),
            false => format!("{increase} * on() group_right() {marked}"),
        }
    }

    /// The sum of all hours that are in the running part.
    pub(super) fn to_date(self, label: &str, hours: &str, by: &str) -> String {
        let (window, now) = (self.window(), self.number(label));
        format!(
            "sum by ({by}) (sum_over_time({hours}[{window}:1h]) * on ({label}) group_left() {now})"
        )
    }
}
