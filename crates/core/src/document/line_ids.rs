//! The ids of a feature's demand lines: as declared, else what they use; and those of limits.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::sync::Arc;

use crate::collections::HashMap;
use crate::document::limit::RateLimits;
use crate::document::lines::Lines;
use crate::document::path::dotted;
use crate::document::reader::quotable;
use crate::document::tables::{
    ApiLimit, DemandLine, Feature, LimitKeys, LineKind, ModelLimit, Root, line_kinds,
};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::Span;

/// Whether an id depends on which APIs there are: that of a call without one of its own, where
/// what stands before a `:` may be an API. Its feature is named once those are known.
pub(crate) fn depend_on_apis(feature: &Feature) -> bool {
    feature.calls.all().iter().any(|call| {
        let endpoint = call.value.endpoint.as_ref();
        call.value.id.is_none() && endpoint.is_some_and(|endpoint| endpoint.value.0.contains(':'))
    })
}

/// Gives the lines of a feature their ids. `path` is the path that an endpoint names, without its
/// API.
pub(crate) fn name_lines(
    feature: &str,
    body: &mut Feature,
    findings: &mut Vec<Finding>,
    path: impl Fn(&str) -> &str,
) {
    let mut namer = LineNamer {
        feature,
        seen: HashMap::default(),
        findings,
    };
    macro_rules! name {
        ($($kind:ident $list:ident,)*) => {
            $(namer.name(LineKind::$kind, &mut body.$list, &path);)*
        };
    }
    line_kinds!(name);
}

struct LineNamer<'a> {
    feature: &'a str,
    /// The ids so far, and where each is used: those that lines can follow together, of other
    /// lists each by itself.
    seen: HashMap<(Option<LineKind>, Arc<str>), Span>,
    findings: &'a mut Vec<Finding>,
}

impl LineNamer<'_> {
    fn name<T: DemandLine>(
        &mut self,
        kind: LineKind,
        lines: &mut Lines<T>,
        path: &impl Fn(&str) -> &str,
    ) {
        lines.name(|line, broken| {
            let keys = line.value.keys();
            let id: Arc<str> = match (keys.id, keys.uses) {
                (Some(id), _) => id.value.0.as_str().into(),
                (None, Some((endpoint, _))) if kind == LineKind::Call => path(endpoint).into(),
                (None, Some((name, _))) => name.into(),
                // What it uses could not be read, which is said elsewhere.
                (None, None) => {
                    *broken = true;
                    return None;
                }
            };
            let span = keys.id.map_or(line.span, |id| id.span);
            let list = (!kind.is_followed()).then_some(kind);
            match self.seen.entry((list, id.clone())) {
                Occupied(first) => {
                    let subject = dotted(["features", self.feature, kind.list(), &id].into_iter());
                    let (feature, id) = (quotable(self.feature), quotable(&id));
                    let message = format!("two lines of `{feature}` have the id `{id}`");
                    let help = match kind.is_followed() {
                        true => "give one of them another `id`: it is unique among the feature's calls, messages and inference",
                        false => "give one of them another `id`: it is unique in its list",
                    };
                    self.findings.push(
                        Finding::new(file_errors::DUPLICATE_NAME, Severity::Error, subject, message)
                            .at(span)
                            .also(*first.get(), "first used here")
                            .help(help),
                    );
                    None
                }
                Vacant(place) => {
                    place.insert(span);
                    Some(id)
                }
            }
        });
    }
}

/// Gives the limits of APIs and models their ids. What has the id of another, or the name of a
/// window of the API, is left out.
pub(crate) fn name_limits(root: &mut Root, findings: &mut Vec<Finding>) {
    for (name, entry) in root.apis.entries_mut() {
        if entry.body.value.limits.all().is_empty() {
            continue;
        }
        let api = &mut Arc::make_mut(&mut entry.body).value;
        let windows = api.rate_limit.as_ref().map(|limits| &limits.value);
        let windows = windows.map_or_else(HashMap::default, windows_of);
        let at = ["apis", name, "limits"];
        name_those(at, &mut api.limits, ApiLimit::keys, windows, findings);
    }
    for (name, entry) in root.models.entries_mut() {
        if entry.body.value.limits.all().is_empty() {
            continue;
        }
        let model = &mut Arc::make_mut(&mut entry.body).value;
        let (at, none) = (["models", name, "limits"], HashMap::default());
        name_those(at, &mut model.limits, ModelLimit::keys, none, findings);
    }
}

fn windows_of(limits: &RateLimits) -> HashMap<String, Span> {
    let limits = limits.0.iter();
    limits
        .filter_map(|limit| Some((limit.value.now()?.period.name().to_owned(), limit.span)))
        .collect()
}

fn name_those<T>(
    [list, thing, key]: [&str; 3],
    limits: &mut Lines<T>,
    keys: fn(&T) -> LimitKeys<'_>,
    mut seen: HashMap<String, Span>,
    findings: &mut Vec<Finding>,
) {
    limits.name(|limit, broken| {
        let Some(id) = keys(&limit.value).id else {
            *broken = true;
            return None;
        };
        match seen.entry(id.value.0.clone()) {
            Occupied(first) => {
                let id = &id.value.0;
                let subject = dotted([list, thing, key, id].into_iter());
                let message = format!("two limits of `{thing}` have the id `{id}`");
                let finding =
                    Finding::new(file_errors::DUPLICATE_NAME, Severity::Error, subject, message)
                        .at(keys(&limit.value).id.map_or(limit.span, |id| id.span))
                        .also(*first.get(), "first used here")
                        .help("give one of them another `id`: it names the limit's meter, as a window of `rate_limit` does");
                findings.push(finding);
                None
            }
            Vacant(place) => {
                place.insert(id.span);
                Some(id.value.0.as_str().into())
            }
        }
    });
}
