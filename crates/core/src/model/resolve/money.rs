//! `[costs.NAME]` and `[budgets.NAME]`.

use crate::collections::IndexMap;
use crate::document::reader::{At, quotable};
use crate::document::tables::{self, Root};
use crate::document::{Entry, Table as _, TomlPath, dotted};
use crate::limits::BUDGET_PAIRS;
use crate::meter::TOTAL;
use crate::model::builder::{TOP, bound, value_of};
use crate::model::resolve::check::{Check, Named};
use crate::model::things::{Budget, Together};
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
    let of = (!is_total).then(|| {
        let of = budget.of.iter().flat_map(|of| &of.value.0);
        let (patterns, paths): (Vec<_>, Vec<_>) = of
            .map(|of| of.value.clone())
            .partition(|of| of.contains('*'));
        Together {
            paths: paths.into_iter().collect(),
            patterns,
        }
    });
    Some(Budget {
        bound: bound(&budget.budget, |money| money.to_f64()),
        of,
    })
}

/// The path of each thing of a family.
fn paths<F: Named + 'static>(root: &Root) -> impl Iterator<Item = String> {
    let names = F::declared(root).names();
    names.map(|name| dotted([F::TABLE, name].into_iter()))
}

/// How often a path is held against a budget, or a pattern of one, to add all of them up.
pub(super) fn pairs(root: &Root) -> usize {
    let patterns = root.budgets.entries().map(|(_, entry)| {
        let of = entry.body.value.of.iter().flat_map(|of| &of.value.0);
        1 + of.filter(|of| of.value.contains('*')).count()
    });
    let priced = [
        root.apis.len(),
        root.models.len(),
        root.databases.len(),
        root.queues.len(),
        root.costs.len(),
    ];
    patterns.sum::<usize>() * priced.iter().sum::<usize>()
}

/// The budgets of a project; none where they are more than can be added up.
pub(super) fn budgets(check: &mut Check<'_>) -> IndexMap<String, Budget> {
    let last = check.root.budgets.entries().last();
    match last.filter(|_| pairs(check.root) > BUDGET_PAIRS) {
        None => check.all(budget),
        Some((_, last)) => {
            let message = format!(
                "the budgets' `of` and all that has a price are more than {BUDGET_PAIRS} pairs"
            );
            let help = "declare fewer budgets or patterns, or split the project; none of them is judged until then";
            check.invalid(&TOP.key("budgets"), last.name, message, help);
            IndexMap::default()
        }
    }
}

/// Says so where a pattern matches nothing that can have a price.
fn matches_something(check: &mut Check<'_>, at: &At<'_>, pattern: &Spanned<String>) {
    let root = check.root;
    fn any<F: Named + 'static>(root: &Root, pattern: &str) -> bool {
        paths::<F>(root).any(|path| wildcard(pattern, &path))
    }
    fn declares<F: Named>(root: &Root, path: &TomlPath) -> bool {
        let [table, name] = &path.0[..] else {
            return false;
        };
        table == F::TABLE && F::declared(root).get(name).is_some()
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
    let is_declared = match text.contains('*') {
        true => of_any!(any text),
        false => TomlPath::parse(text).is_ok_and(|path| of_any!(declares & path)),
    };
    if is_declared || of_any!(broken) || check.is_lossy() {
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
