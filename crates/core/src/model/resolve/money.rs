//! `[costs.NAME]` and `[budgets.NAME]`.

use crate::document::reader::{At, quotable};
use crate::document::tables::{self, Root};
use crate::document::{Entry, Table as _, dotted};
use crate::meter::TOTAL;
use crate::model::builder::{bound, value_of};
use crate::model::resolve::check::{Check, Named};
use crate::model::things::Budget;
use crate::source::Spanned;
use crate::wildcard::wildcard;

pub(crate) fn cost(_: &mut Check<'_>, _: &At<'_>, entry: &Entry<tables::Cost>) -> Option<f64> {
    // Of one that could not be read at least nothing.
    let price = value_of(&entry.body.value.price);
    Some(price.map_or(0.0, |price| price.to_f64()))
}

pub(crate) fn budget(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<tables::Budget>,
) -> Option<Budget> {
    let budget = &entry.body.value;
    let is_total = at.name() == TOTAL;
    match &budget.of {
        Some(of) if is_total => {
            let message = "the budget `total` has no `of`: it is for everything";
            let help = "remove `of`, or rename the budget";
            check.invalid(&at.key("of"), of.span, message, help);
        }
        Some(of) if of.value.0.is_empty() => {
            let message = format!("{} is for nothing: its `of` is empty", at.words());
            let help = "write the paths of what it is for, such as `[\"databases.*\"]`";
            check.invalid(&at.key("of"), of.span, message, help);
        }
        Some(of) => {
            for pattern in &of.value.0 {
                matches_something(check, &at.key("of"), pattern);
            }
        }
        None if !is_total && !budget.is_broken("of") => {
            let message = format!("{} has no `of`", at.words());
            let help = "add `of` with paths, such as `of = [\"databases.*\"]`; the budget of everything is called `total`";
            check.missing(at, "of", entry.name, message, help);
        }
        None => {}
    }
    let patterns = budget.of.as_ref().map(|of| {
        let patterns = of.value.0.iter();
        patterns.map(|pattern| pattern.value.clone()).collect()
    });
    Some(Budget {
        bound: bound(&budget.budget, |money| money.to_f64()),
        of: match is_total {
            true => None,
            false => Some(patterns.unwrap_or_default()),
        },
    })
}

/// The path of each thing of a family.
fn paths<F: Named + 'static>(root: &Root) -> impl Iterator<Item = String> {
    let names = F::declared(root).names();
    names.map(|name| dotted([F::TABLE, name].into_iter()))
}

/// Says so where a pattern matches nothing that can have a price.
fn matches_something(check: &mut Check<'_>, at: &At<'_>, pattern: &Spanned<String>) {
    let root = check.root;
    fn any<F: Named + 'static>(root: &Root, pattern: &str) -> bool {
        paths::<F>(root).any(|path| wildcard(pattern, &path))
    }
    fn broken<F: Named>(root: &Root) -> bool {
        root.is_broken(F::TABLE) || F::declared(root).broken().next().is_some()
    }
    macro_rules! of_any {
        ($test:ident $($argument:expr)?) => {
            $test::<tables::Api>(root $(, $argument)?)
                || $test::<tables::Model>(root $(, $argument)?)
                || $test::<tables::Database>(root $(, $argument)?)
                || $test::<tables::Queue>(root $(, $argument)?)
                || $test::<tables::Cost>(root $(, $argument)?)
        };
    }
    let text = pattern.value.as_str();
    if of_any!(any text) || of_any!(broken) || check.is_lossy() {
        return;
    }
    let message = format!("`{}` matches nothing that can have a price", quotable(text));
    let otherwise = "write paths of APIs, models, databases, queues and costs, such as `databases.main` or `costs.*`";
    let known: Vec<String> = paths::<tables::Api>(root)
        .chain(paths::<tables::Model>(root))
        .chain(paths::<tables::Database>(root))
        .chain(paths::<tables::Queue>(root))
        .chain(paths::<tables::Cost>(root))
        .collect();
    let known = known.iter().map(String::as_str);
    check.unknown(at, pattern.span, message, text, known, otherwise.to_owned());
}
