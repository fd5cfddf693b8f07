//! What is written of what was measured.

use crate::analysis::Project;
use crate::calibrate::report::{Number, Value};
use crate::calibrate::rewrite::{Digits, fresh, scaled};
use crate::calibrate::values::{Found, Of};
use crate::calibrate::{Calibrated, ENOUGH_DAYS, Window};
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
        let mut all: Vec<Written> = values.map(|found| self.value(found, tolerance)).collect();
        self.dates(calibrated, &mut all);
        all.sort_by(|a, b| a.value.path.cmp(&b.value.path));
        all
    }

    fn value(&self, found: &Found, tolerance: f64) -> Written {
        let old = self.sources.text(found.span);
        let text = is_off(found, tolerance).then(|| text(old, found, Digits::Three));
        let text = text.flatten().filter(|text| text != old);
        let edit = text.map(|text| Edit {
            span: found.span,
            text,
        });
        let declared = found.declared.map(Number::Number);
        let measured = Number::Number(found.measured);
        self.written(&found.path, found.span, (declared, measured), edit)
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

    /// The dates of all that was measured.
    fn dates(&self, calibrated: &Calibrated<'_>, all: &mut Vec<Written>) {
        let root = &self.project.declarations.root;
        for line in calibrated
            .lines
            .iter()
            .filter(|it| it.days() >= ENOUGH_DAYS)
        {
            let path = TomlPath::parse(&line.path).unwrap_or_default();
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
            None => {
                let key = path.0.last()?;
                let file = self.sources.file(table.file);
                let place = edit::table_at(&file.text, table)?;
                let edits = edit::set(table.file, &file.text, &place, &[(key, &text)])?;
                let [edit] = <[Edit; 1]>::try_from(edits).ok()?;
                Some(self.written(path, edit.span, numbers, Some(edit)))
            }
        }
    }
}

fn date_of(slot: &Optional<Date>) -> Option<(Date, Span)> {
    slot.as_ref().map(|date| (date.value, date.span))
}

/// Whether a declared value is further from what was measured than is tolerated.
fn is_off(found: &Found, tolerance: f64) -> bool {
    match found.declared {
        None => true,
        Some(declared) => (found.measured - declared).abs() > tolerance * declared,
    }
}

/// A value's text with what was measured; nothing where it can't be written that way.
pub(crate) fn text(old: &str, found: &Found, digits: Digits) -> Option<String> {
    match found.declared.filter(|declared| *declared > 0.0) {
        Some(declared) => scaled(old, found.measured / declared, (found.unit, digits)),
        None if old.contains("every") => None,
        None => Some(fresh(found.measured, found.unit, digits)),
    }
}
