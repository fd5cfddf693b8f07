//! `[metrics]` and `[usage]`: what is measured has to be there, and be counted in that unit.

use crate::collections::HashMap;
use crate::document::projection::Projection;
use crate::document::reader::{At, is_name, list as list_of, quotable};
use crate::document::tables::{self, LineKind, Metric, UsageTarget};
use crate::document::values::Text;
use crate::document::{Entry, TomlPath};
use crate::limits::{MAX_NAME_BYTES, SPEC_GLOBS};
use crate::measurable::{Kind, subject_and_unit};
use crate::model::builder::TOP;
use crate::model::resolve::check::Check;
use crate::model::resolve::units_of;
use crate::selectors::{is_label, is_selector};
use crate::source::{Span, Spanned};
use crate::suggest::did_you_mean;

pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let at = TOP.key("metrics");
    let metrics = root.metrics.entries();
    let metrics = metrics.filter_map(|(key, entry)| {
        let (path, unit) = metric(check, &at.key(key), key, entry)?;
        Some((key, path, unit, entry.name))
    });
    let metrics: Vec<_> = metrics.collect();
    ties(check, &at, &metrics);
    let Some(usage) = &root.usage else { return };
    let at = TOP.key("usage");
    let files = usage.value.files.as_deref();
    globs(
        check,
        &at.key("files"),
        files.map_or(&[], |files| &files.value.0),
    );
    let maps = usage.value.map.iter().flat_map(|maps| &maps.value.0);
    for (index, map) in maps.enumerate() {
        let index = index.to_string();
        let list = at.key("map");
        let item = list.item(&index);
        if map.value.columns.is_empty() && map.value.columns.broken().next().is_none() {
            let message = "`where` names no column: it would match every row";
            let help = "name a column and its value, such as `where = { ServiceName = \"…\" }`";
            check.invalid(&item.key("where"), map.span, message, help);
        }
        if let Some(to) = &map.value.to {
            target(check, &item.key("to"), &to.value);
        }
    }
}

/// Checks that globs of files can be read as such.
pub(super) fn globs(check: &mut Check<'_>, at: &At<'_>, globs: &[Spanned<String>]) {
    for (index, glob) in globs.iter().enumerate() {
        if index == SPEC_GLOBS {
            let message = format!("`{}` has more than {SPEC_GLOBS} globs", at.name());
            let help = "write fewer that match more, such as `\"features/**/spec.md\"`";
            return check.invalid(at, glob.span, message, help);
        }
        let problem = if glob.value.is_empty() {
            "it is empty".to_owned()
        } else if glob.value.len() > MAX_NAME_BYTES {
            format!("it is longer than {MAX_NAME_BYTES} bytes")
        } else if let Err(error) = globset::Glob::new(&glob.value) {
            error.kind().to_string()
        } else {
            continue;
        };
        let message = format!("`{}` is not a glob: {problem}", quotable(&glob.value));
        let help =
            "write one such as `\"features/**/spec.md\"`; `\\` takes a special character literally";
        check.invalid(at, glob.span, message, help);
    }
}

fn target(check: &mut Check<'_>, at: &At<'_>, target: &UsageTarget) {
    let (Some(subject), Some(unit)) = (&target.subject, &target.unit) else {
        return;
    };
    let path = TomlPath::parse(&subject.value.0).map(|path| path.0);
    let path = path.unwrap_or_default();
    let at_subject = at.key("subject");
    let Some(kind) = Kind::of(&path) else {
        let message = format!(
            "`{}` is not the path of something measured",
            quotable(&subject.value.0)
        );
        let help = "write one such as `apis.tiklive` or `features.sync.calls.posts`";
        return check.invalid(&at_subject, subject.span, message, help);
    };
    if is_there(check, &at_subject, subject.span, kind, &path) {
        unit_of(
            check,
            &at.key("unit"),
            unit.span,
            kind,
            &path,
            &unit.value.0,
        );
    }
}

/// What a metric measures, and in which unit; nothing where that can't be told, which is reported.
fn metric(
    check: &mut Check<'_>,
    at: &At<'_>,
    key: &str,
    entry: &Entry<Metric>,
) -> Option<(Vec<String>, String)> {
    let parsed = subject_and_unit(key);
    let Some((path, unit, kind)) =
        parsed.and_then(|(path, unit)| Kind::of(&path).map(|kind| (path, unit, kind)))
    else {
        unreadable(check, at, entry.name);
        return None;
    };
    if !is_there(check, at, entry.name, kind, &path)
        || !unit_of(check, at, entry.name, kind, &path, &unit)
    {
        return None;
    }
    form(check, at, entry, kind, &unit);
    let tenant = entry.body.value.tenant.as_ref();
    if let Some(tenant) = tenant.filter(|it| !is_label(&it.value.0)) {
        let message = format!("`{}` is not the name of a label", quotable(&tenant.value.0));
        let help = "write a label such as `tenant`: letters, digits and `_`, first no digit";
        check.invalid(&at.key("tenant"), tenant.span, message, help);
    }
    Some((path, unit))
}

/// Says which metrics are as exact as others of the same things.
fn ties(check: &mut Check<'_>, at: &At<'_>, metrics: &[(&str, Vec<String>, String, Span)]) {
    let mut known: HashMap<(Vec<&str>, &str), Span> = HashMap::default();
    for (key, path, unit, span) in metrics {
        let path = path.iter().map(String::as_str).collect();
        if let Some(first) = known.insert((path, unit), *span) {
            tie(check, &at.key(key), *span, first);
        }
    }
    // Of a line one key can name the feature, and one the line.
    for (key, path, unit, span) in metrics {
        let [_, feature, list, line] = &path[..] else {
            continue;
        };
        let kind = LineKind::of_list(list).filter(|_| line == "*");
        let feature = check.root.features.get(feature);
        let (Some(kind), Some(feature)) = (kind, feature) else {
            continue;
        };
        let lines = feature.lines().filter(|(_, line)| line.kind() == kind);
        let mut others = lines
            .filter_map(|(id, _)| known.get(&(vec!["features", "*", list, id], unit.as_str())));
        if let Some(first) = others.next() {
            tie(check, &at.key(key), *span, *first);
        }
    }
}

fn tie(check: &mut Check<'_>, at: &At<'_>, span: Span, first: Span) {
    let message = format!(
        "{} is as exact as another key for the same thing",
        at.words()
    );
    let help = "write the names of both out, or remove one: the most exact key counts";
    check.clash(at, span, message, help, (first, "the other key"));
}

fn unreadable(check: &mut Check<'_>, at: &At<'_>, span: Span) {
    let message = format!("{} is not what a metric measures", at.words());
    let help = "write a path and a unit, such as `\"queues.*.depth\"`: `*` stands for a whole name";
    check.invalid(at, span, message, help);
}

/// Whether the things that a path names are declared. Says which is not.
fn is_there(check: &mut Check<'_>, at: &At<'_>, span: Span, kind: &Kind, path: &[String]) -> bool {
    let name = path.get(1).map_or("*", String::as_str);
    if name == "*" {
        return true;
    }
    match kind.path.first().copied() {
        Some("apis") => check.find::<tables::Api>(at, span, name).is_some(),
        Some("models") => check.find::<tables::Model>(at, span, name).is_some(),
        Some("tenants") => check.find::<Projection>(at, span, name).is_some(),
        Some("entities") => check.find::<tables::Entity>(at, span, name).is_some(),
        Some("tables") => check.find::<tables::Table>(at, span, name).is_some(),
        Some("databases") => check.find::<tables::Database>(at, span, name).is_some(),
        Some("queues") => check.find::<tables::Queue>(at, span, name).is_some(),
        _ => {
            let Some(feature) = check.find::<tables::Feature>(at, span, name) else {
                return false;
            };
            let [_, _, list, line] = path else {
                return true;
            };
            let Some(kind) = LineKind::of_list(list).filter(|_| line != "*") else {
                return true;
            };
            if feature.line(kind, line).is_some() || feature.lacks_lines() {
                return true;
            }
            let message = format!("`{name}` has no line `{}` in its `{list}`", quotable(line));
            let lines = feature.lines().filter(|(_, line)| line.kind() == kind);
            let ids: Vec<&str> = lines.map(|(id, _)| &**id).collect();
            let otherwise = match ids.is_empty() {
                true => format!("declare it, or write `features.{name}` for all of it"),
                false => format!("its lines there are {}", list_of(&ids)),
            };
            check.unknown(at, span, message, line, ids.iter().copied(), otherwise);
            false
        }
    }
}

/// Whether something is measured in a unit. Says in which it is.
fn unit_of(
    check: &mut Check<'_>,
    at: &At<'_>,
    span: Span,
    kind: &Kind,
    path: &[String],
    unit: &str,
) -> bool {
    let mut known: Vec<String> = Vec::new();
    let own = kind.counted.iter().chain(kind.sampled);
    known.extend(own.map(|unit| (*unit).to_owned()));
    if kind.of_model {
        match model_of(check, path) {
            Some(model) => known.extend(units_of(model)),
            // It may be any model's.
            None if is_name(unit) => return true,
            None => {}
        }
    }
    if known.iter().any(|known| known == unit) {
        return true;
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (subject, unit) = (TomlPath(path.to_vec()), quotable(unit));
    let message = format!("`{subject}` is not measured in `{unit}`");
    let help = match check.meant(&unit, known.iter().copied()) {
        Some(meant) => did_you_mean(meant),
        None => format!("its units are {}", list_of(&known)).into(),
    };
    check.invalid(at, span, message, help);
    false
}

/// The model that a path is about, where it is about one.
fn model_of<'a>(check: &Check<'a>, path: &[String]) -> Option<&'a tables::Model> {
    let root = check.root;
    let name = match path {
        [_, name] => name.as_str(),
        [_, feature, _, line] => {
            let line = root.features.get(feature)?.inference.get(line)?;
            line.value.model.as_ref()?.value.0.as_str()
        }
        _ => return None,
    };
    root.models.get(name)
}

/// Checks that a metric has one form, which goes with what it measures.
fn form(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<Metric>, kind: &Kind, unit: &str) {
    let metric = &entry.body.value;
    match (&metric.counter, &metric.gauge) {
        (Some(counter), Some(gauge)) => {
            let message = format!("{} has both `counter` and `gauge`", at.words());
            let help = "keep `counter` for what counts up, `gauge` for how much there is";
            let note = (counter.span, "`counter` is declared here");
            return check.clash(&at.key("gauge"), gauge.span, message, help, note);
        }
        (None, None) if metric.broken.is_empty() => {
            let message = format!("{} has neither `counter` nor `gauge`", at.words());
            let help =
                "write the series that counts up as `counter`, or how much there is as `gauge`";
            return check.missing(at, "counter", entry.name, message, help);
        }
        _ => {}
    }
    let is_sampled = kind.sampled.contains(&unit);
    if let Some(counter) = &metric.counter {
        let at = at.key("counter");
        if is_sampled {
            let message = format!("`{unit}` is sampled, and a counter only counts up");
            let help = "write `gauge` with how much there is at a time";
            return check.invalid(&at, counter.span, message, help);
        }
        if !is_selector(&counter.value.0) {
            let message = "a counter is one selector, without functions: they are put around it";
            let help = "write it alone, such as `'calls_total{feature=\"$feature\"}'`";
            return check.invalid(&at, counter.span, message, help);
        }
        variables(check, &at, counter, kind);
    }
    if let Some(gauge) = &metric.gauge {
        let at = at.key("gauge");
        if !is_sampled {
            let message = format!("`{unit}` is counted, and a gauge says how much there is");
            let help = "write `counter` with the series that counts it up";
            return check.invalid(&at, gauge.span, message, help);
        }
        if gauge.value.0.trim().is_empty() {
            let help = "write an expression, such as `sum(queue_depth{queue=\"$name\"})`";
            return check.invalid(&at, gauge.span, "the gauge is empty", help);
        }
        variables(check, &at, gauge, kind);
    }
}

/// Checks that every `$` begins a word that stands for a name.
fn variables(check: &mut Check<'_>, at: &At<'_>, query: &Spanned<Text>, kind: &Kind) {
    for after in query.value.0.split('$').skip(1) {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let word = &after[..end.unwrap_or(after.len())];
        if kind.variables.contains(&word) {
            continue;
        }
        let message = format!("`${}` is not a placeholder here", quotable(word));
        let known: Vec<String> = kind.variables.iter().map(|it| format!("${it}")).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let help = format!("the placeholders are {}", list_of(&known));
        return check.invalid(at, query.span, message, help);
    }
}
