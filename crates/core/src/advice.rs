//! What to do about a finding: in words, and where a text in its place ends it, that text.

use std::sync::Arc;

use crate::source::{FileId, Span};
use crate::words::number;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    words: String,
    write: Option<Write>,
}

/// A text that has one meaning, for a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Write {
    /// What is replaced; the finding's own place, where there is none.
    pub(crate) span: Option<Span>,
    pub(crate) what: Written,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Written {
    /// A key or a string, in quotes where what stands there is.
    Name(String),
    /// A value as TOML writes it.
    Value(String),
}

impl Advice {
    /// Words, and the name that they name.
    pub(crate) fn name(words: impl Into<String>, name: &str) -> Self {
        Self::of(words, Written::Name(name.to_owned()))
    }

    /// Words, and the value that they name.
    pub(crate) fn value(words: impl Into<String>, value: impl Into<String>) -> Self {
        Self::of(words, Written::Value(value.into()))
    }

    fn of(words: impl Into<String>, what: Written) -> Self {
        Self {
            words: words.into(),
            write: Some(Write { span: None, what }),
        }
    }

    /// The same, for another place than the finding's.
    pub(crate) fn at(mut self, span: Span) -> Self {
        if let Some(write) = &mut self.write {
            write.span = Some(span);
        }
        self
    }

    /// The same in other words.
    pub(crate) fn say(mut self, words: impl FnOnce(&str) -> String) -> Self {
        self.words = words(&self.words);
        self
    }

    pub(crate) fn into_parts(self) -> (String, Option<Write>) {
        (self.words, self.write)
    }
}

impl From<String> for Advice {
    fn from(words: String) -> Self {
        Self { words, write: None }
    }
}

impl From<&str> for Advice {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

impl From<Advice> for String {
    fn from(advice: Advice) -> Self {
        advice.words
    }
}

/// A change of what is declared that may end a finding. It is tried before it is named.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What it changes, in words that name the value: `raise `apis.maps.budget` to 240.00`.
    pub(crate) words: String,
    /// What it is one of: of the ways of one kind, from the one that carries furthest on, the
    /// first that goes is named.
    pub(crate) kind: &'static str,
    /// All of it is written, or nothing.
    pub(crate) sets: Vec<Set>,
    /// What it is enough for, where ways of its kind differ in that, and the values that it names.
    pub(crate) reach: Option<Reach>,
    pub(crate) values: Vec<String>,
    /// How much each of its values asks for: the more, the higher a limit or the slower a rate.
    pub(crate) asks: Vec<f64>,
    /// What is left to do by hand once it is written.
    pub(crate) reminder: Option<String>,
}

/// What a meter fits in once its limit is raised, or its demand lowered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reach {
    pub(crate) meters: Vec<Arc<str>>,
    /// Today, with this share of the limit left unused where that is asked for.
    pub(crate) today: Option<Today>,
    /// The last day to come, where more or less is used then.
    pub(crate) days: Option<u32>,
    pub(crate) scenarios: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Today {
    Fits,
    /// It takes at most this share of its limit.
    Below(f64),
}

impl Reach {
    /// What is enough: ``for `10x` and 90 days``, `to stay at 75% of the limit`.
    pub(crate) fn words(&self) -> String {
        const NAMED: usize = 3;
        let names = self.scenarios.iter().take(NAMED);
        let mut parts: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        match self.scenarios.len().saturating_sub(NAMED) {
            0 => {}
            more => parts.push(number::plural(more, "more scenario")),
        }
        parts.extend(self.days.map(|days| format!("{days} days")));
        match (parts.pop(), self.today) {
            (Some(last), _) if parts.is_empty() => format!("for {last}"),
            (Some(last), _) => format!("for {} and {last}", parts.join(", ")),
            (None, Some(Today::Below(share))) => {
                format!("to stay at {} of the limit", number::share(Some(share)))
            }
            (None, _) => "for today".to_owned(),
        }
    }

    /// What a value is that is enough for no more than this: ``today``, `` `sale` alone``.
    pub(crate) fn label(&self) -> String {
        let words = self.words();
        let words = words.strip_prefix("for ").unwrap_or(&words);
        let alone = if self.today.is_none() { " alone" } else { "" };
        format!("{words}{alone}")
    }
}

/// A place in a file, and what is written there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Set {
    /// A value in place of the one that stands there.
    Value { span: Span, value: String },
    /// A limit, now and as far as it can be raised: the value itself where that is all there is.
    Limit {
        span: Span,
        now: Option<String>,
        max: Option<String>,
    },
    /// Keys of a table in a file, by its path there.
    Keys {
        file: FileId,
        table: Vec<String>,
        entries: Vec<(&'static str, String)>,
    },
    /// Keys of the table that a span is of.
    Within {
        span: Span,
        entries: Vec<(&'static str, String)>,
    },
}

impl Way {
    pub(crate) fn new(kind: &'static str, words: impl Into<String>, set: Set) -> Self {
        Self {
            words: words.into(),
            kind,
            sets: vec![set],
            reach: None,
            values: Vec::new(),
            asks: Vec::new(),
            reminder: None,
        }
    }

    /// The same, with what it is enough for.
    pub(crate) fn enough_for(mut self, reach: Reach) -> Self {
        self.reach = Some(reach);
        self
    }

    /// Whether each of its values is as easy as the other's, and one easier.
    pub(crate) fn asks_less_than(&self, other: &Self) -> bool {
        let pairs = || self.asks.iter().zip(&other.asks);
        pairs().all(|(one, other)| one <= other) && pairs().any(|(one, other)| one < other)
    }

    /// Both ways at once.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.words = format!("{}, and {}", self.words, other.words);
        self.sets.extend(other.sets);
        self.values.extend(other.values);
        self.asks.extend(other.asks);
        self.reminder = self.reminder.or(other.reminder);
        if let (Some(reach), Some(other)) = (&mut self.reach, other.reach) {
            reach.meters.extend(other.meters);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(asks: &[f64]) -> Way {
        let span = Span {
            file: FileId(0),
            start: 0,
            end: 0,
        };
        let value = String::new();
        let mut way = Way::new("kind", "words", Set::Value { span, value });
        way.asks.extend(asks);
        way
    }

    #[test]
    fn what_asks_for_less_is_nowhere_harder() {
        let asks = way(&[-7.2, 0.0]);
        assert!(way(&[-8.0, 0.0]).asks_less_than(&asks));
        for other in [[-7.05, 0.0], [-7.2, 0.0], [-8.0, 1.0]] {
            assert!(!way(&other).asks_less_than(&asks), "{other:?}");
        }
    }
}
