//! What is written of what was measured.

use crate::analysis::Project;
use crate::calibrate::report::{Number, Value};
use crate::calibrate::rewrite::{Digits, fresh, scaled};
use crate::calibrate::values::{Found, Of, Place};
use crate::calibrate::{Calibrated, Window};
use crate::document::{Optional, TomlPath};
use crate::edit::{self, Edit};
use crate::source::{SourceMap, Span};
use crate::units::Date;

/// A value as it is reported, and the edit that writes it.
pub(crate) struct Written {
    pub(crate) value: Value,
    pub(crate) edit: Option<Edit>,
}

pub(crate) struct Writing<'a> {
    pub(crate) project: &'a Project,
    pub(crate) sources: &'a SourceMap,
    pub(crate) window: Window,
}

impl Writing<'_> {
    /// All that was measured, with what is written of it.
    pub(crate) fn all(&self, calibrated: &Calibrated<'_>) -> Vec<Written> {
        let tolerance = self.project.policy.tolerance();
        let values = calibrated.found.iter();
        let values = values.filter_map(|found| self.value(found, tolerance));
        let mut all: Vec<Written> = values.collect();
        self.dates(calibrated, &mut all);
        all.sort_by(|a, b| a.value.path.cmp(&b.value.path));
        all
    }

    fn value(&self, found: &Found, tolerance: f64) -> Option<Written> {
        let old = found.text(self.sources);
        let text = is_off(found, tolerance).then(|| text(old, found, Digits::Three));
        let text = text.flatten().filter(|text| text != old);
        let declared = found.declared.map(Number::Number);
        let numbers = (declared, Number::Number(found.measured));
        match (found.place, text) {
            (Place::At(span), text) => {
                let edit = text.map(|text| Edit { span, text });
                Some(self.written(&found.path, span, numbers, edit))
            }
            (Place::In(table), Some(text)) => self.put(&found.path, table, &text, numbers),
            // What is left out and as its default is nothing to tell.
            (Place::In(_), None) => None,
        }
    }

    /// A key that a table does not have.
    fn put(
        &self,
        path: &TomlPath,
        table: Span,
        text: &str,
        numbers: (Option<Number>, Number),
    ) -> Option<Written> {
        let key = path.0.last()?;
        let file = self.sources.file(table.file);
        let place = edit::table_at(&file.text, table)?;
        let edits = edit::set(table.file, &file.text, &place, &[(key, text)])?;
        let [edit] = <[Edit; 1]>::try_from(edits).ok()?;
        Some(self.written(path, edit.span, numbers, Some(edit)))
    }

    fn written(
        &self,
        path: &TomlPath,
        span: Span,
        (declared, measured): (Option<Number>, Number),
        edit: Option<Edit>,
    ) -> Written {
        let [start, end] = [span.start, span.end].map(|at| self.sources.position(span.file, at));
        let file = self.sources.file(span.file);
        // As it comes to stand in the file.
        let newline = edit::newline(&file.text);
        let put = |edit: &Edit| edit.text.replace('\n', newline);
        let value = Value {
            project: None,
            path: path.to_string(),
            declared,
            measured,
            written: edit.as_ref().map(put),
            file: file.path.to_string(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        };
        Written { value, edit }
    }

    /// The dates of all that was measured: of a line, how often it occurs.
    fn dates(&self, calibrated: &Calibrated<'_>, all: &mut Vec<Written>) {
        let root = &self.project.declarations.root;
        for line in &calibrated.lines {
            let path = TomlPath::parse(&line.path).unwrap_or_default();
            let rates = ["rate", "fanout"].map(|key| path.join(key));
            let mut found = calibrated.found.iter();
            if !found.any(|it| rates.contains(&it.path)) {
                continue;
            }
            let measured = line.written.keys().measured;
            let old = measured.map(|it| (it.value, it.span));
            all.extend(self.date(&path.join("measured"), old, line.written.span()));
        }
        for found in calibrated.found.iter().filter(|found| found.of == Of::Cost) {
            let [_, api, _, path, _] = &found.path.0[..] else {
                continue;
            };
            let endpoint = root.apis.get(api).and_then(|api| api.endpoints.entry(path));
            let Some(endpoint) = endpoint else { continue };
            let path = TomlPath::new(&["apis", api, "endpoints", path, "measured"]);
            let old = date_of(&endpoint.body.value.measured);
            all.extend(self.date(&path, old, endpoint.body.span));
        }
        let is_counted = |tier: &str| {
            let mut found = calibrated.found.iter();
            found.any(|it| {
                it.of == Of::Population && it.path == TomlPath::new(&["tenants", tier, "now"])
            })
        };
        let mut tiers = root.tenants.names().peekable();
        if let Some(project) = &root.project
            && tiers.peek().is_some()
            && tiers.all(is_counted)
        {
            let path = TomlPath::new(&["project", "tenants_counted"]);
            let old = date_of(&project.value.tenants_counted);
            all.extend(self.date(&path, old, project.span));
        }
    }

    /// A date that is absent, or older than the window's last day.
    fn date(&self, path: &TomlPath, old: Option<(Date, Span)>, table: Span) -> Option<Written> {
        let last = self.window.last();
        let text = last.to_string();
        let declared = old.map(|(date, _)| Number::Date(date.to_string()));
        let numbers = (declared, Number::Date(text.clone()));
        match old {
            Some((date, _)) if date >= last => None,
            Some((_, span)) => {
                let edit = Edit { span, text };
                Some(self.written(path, span, numbers, Some(edit)))
            }
            None => self.put(path, table, &text, numbers),
        }
    }
}

fn date_of(slot: &Optional<Date>) -> Option<(Date, Span)> {
    slot.as_ref().map(|date| (date.value, date.span))
}

/// Whether a declared value is further from what was measured than is tolerated.
pub(super) fn is_off(found: &Found, tolerance: f64) -> bool {
    match found.declared {
        None => true,
        Some(declared) => (found.measured - declared).abs() > tolerance * declared,
    }
}

/// A value's text with what was measured; nothing where it can't be written that way.
pub(crate) fn text(old: &str, found: &Found, digits: Digits) -> Option<String> {
    let is_estimate = old.starts_with('{');
    match found.declared.filter(|declared| *declared > 0.0) {
        _ if old.contains("every") => None,
        // Nothing has no spread.
        _ if is_estimate && found.measured == 0.0 => Some(fresh(0.0, found.unit, digits)),
        Some(declared) if !old.is_empty() => {
            scaled(old, found.measured / declared, (found.unit, digits))
        }
        _ => Some(fresh(found.measured, found.unit, digits)),
    }
}
