//! Patterns in which `*` stands for any text.

/// Whether a text matches a pattern in which `*` stands for any text.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).matches(text)
}

/// A pattern in which `*` stands for any text, taken apart for many texts.
pub(crate) struct Pattern<'a> {
    pub(crate) first: &'a str,
    between: Vec<&'a str>,
    /// What follows the last `*`, where there is one.
    last: Option<&'a str>,
    /// The fewest bytes that match.
    least: usize,
}

impl<'a> Pattern<'a> {
    pub(crate) fn new(pattern: &'a str) -> Self {
        let mut parts = pattern.split('*');
        let first = parts.next().unwrap_or_default();
        let last = parts.next_back();
        let between: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let all = between.iter().copied().chain([first]).chain(last);
        Self {
            least: all.map(str::len).sum(),
            first,
            between,
            last,
        }
    }

    /// Takes time in proportion to the text: what stands between two `*` is found where it first
    /// occurs, as what is left after that is the longest.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(last) = self.last else {
            return text == self.first;
        };
        let inner = || text.strip_prefix(self.first)?.strip_suffix(last);
        if text.len() < self.least {
            return false;
        }
        let Some(mut rest) = inner() else {
            return false;
        };
        self.between.iter().all(|part| match rest.split_once(part) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    }
}
