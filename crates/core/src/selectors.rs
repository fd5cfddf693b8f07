//! Prometheus selectors and labels, as far as metrics name them.

use crate::document::tables::Metric;

/// Whether what a metric asks for can be put into queries: one form that goes with what it
/// measures, and a tenant's label that is one.
pub(crate) fn is_usable(metric: &Metric, is_sampled: bool) -> bool {
    let tenant = metric.tenant.as_ref();
    let has_form = match (&metric.counter, &metric.gauge) {
        (Some(counter), None) => !is_sampled && is_selector(&counter.value.0),
        (None, Some(gauge)) => is_sampled && !gauge.value.0.trim().is_empty(),
        _ => false,
    };
    has_form && tenant.is_none_or(|label| is_label(&label.value.0))
}

/// Whether a text is one instant selector: `name`, `name{label="value"}` or `{label="value"}`.
pub(crate) fn is_selector(text: &str) -> bool {
    let text = text.trim();
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    let (name, labels) = text.split_at(end);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let labels = labels.trim_start();
    let Some(labels) = labels.strip_prefix('{') else {
        return !name.is_empty() && labels.is_empty();
    };
    // The first brace outside of a string ends it.
    let mut quote = None;
    let mut letters = labels.char_indices();
    while let Some((index, letter)) = letters.next() {
        match (quote, letter) {
            (Some('"' | '\''), '\\') => drop(letters.next()),
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '}') => return labels[index + 1..].trim().is_empty(),
            _ => {}
        }
    }
    false
}

/// Whether a text is the name of a label.
pub(crate) fn is_label(text: &str) -> bool {
    let is_of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(is_of_label)
}
