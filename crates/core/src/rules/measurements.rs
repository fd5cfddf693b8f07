//! What features rest on, and when it was measured.

use crate::collections::HashMap;
use crate::document::tables::{Api, Endpoint, Feature, Root};
use crate::document::{Entry, Map, Table, TomlPath};
use crate::model::names::Endpoints;
use crate::rules::Context;
use crate::source::{Span, Spanned};
use crate::units::Date;

/// A feature, and what was measured for it.
pub(super) struct Calibrated<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// What it declares.
    pub(super) feature: &'a Feature,
    /// Its lines, and then the costs of the endpoints that it calls.
    pub(super) facts: Vec<Fact<'a>>,
}

impl Calibrated<'_> {
    /// Its path in the model.
    pub(super) fn path(&self) -> String {
        TomlPath::new(&["features", self.name]).to_string()
    }
}

/// Something that can be measured.
pub(super) struct Fact<'a> {
    name: &'a str,
    of: Of,
    /// Where it is declared.
    pub(super) span: Span,
    /// When it was measured, where it was.
    pub(super) measured: Option<&'a Spanned<Date>>,
    /// Whether the absence of a date can be relied on.
    pub(super) is_silent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Line,
    Endpoint,
}

impl Fact<'_> {
    /// What it is, in words.
    pub(super) fn what(&self) -> String {
        match self.of {
            Of::Line => format!("`{}`", self.name),
            Of::Endpoint => format!("the cost of `{}`", self.name),
        }
    }
}

/// Every feature with what was measured for it, in the order of declaration, without the lines
/// that allow a rule.
pub(super) fn calibrated<'a>(
    context: &Context<'a>,
    rule: &'static str,
) -> impl Iterator<Item = Calibrated<'a>> {
    let declarations = &context.project.declarations;
    let root = &declarations.root;
    let mut costs = Costs::new(root);
    let judging = judging(context);
    let features = root.features.entries();
    features.map(move |(name, entry)| {
        let feature = &entry.body.value;
        let mut collector = Collector {
            rule,
            complete: !declarations.incomplete.contains(&entry.name.file),
            facts: Vec::with_capacity(8),
        };
        let base = judging.and_then(|judging| judging.features.get(name));
        collector.lines(feature, base);
        collector.endpoints(feature, &mut costs);
        Calibrated {
            name,
            feature,
            facts: collector.facts,
        }
    })
}

/// The declarations whose `allow` judge, beside those of lines that only the project has: the
/// base's, where a change is judged by the base's policy.
fn judging<'a>(context: &Context<'a>) -> Option<&'a Root> {
    let base = context.comparison?.base()?;
    let by_base = std::ptr::eq(context.policy, &base.policy);
    by_base.then_some(&base.declarations.root)
}

struct Collector<'a> {
    rule: &'static str,
    complete: bool,
    facts: Vec<Fact<'a>>,
}

impl<'a> Collector<'a> {
    fn lines(&mut self, feature: &'a Feature, base: Option<&'a Feature>) {
        for (id, line) in feature.lines() {
            let keys = line.keys();
            let before = base.and_then(|base| base.line(line.kind(), id));
            let allow = before.map_or(keys.allow, |before| before.keys().allow);
            if allow.is_some_and(|allow| allow.value.0.iter().any(|rule| rule.value == self.rule)) {
                continue;
            }
            self.facts.push(Fact {
                name: id,
                of: Of::Line,
                span: line.span(),
                measured: keys.measured,
                is_silent: self.complete && !keys.broken.contains(&"measured"),
            });
        }
    }

    fn endpoints(&mut self, feature: &'a Feature, costs: &mut Costs<'a>) {
        costs.features += 1;
        for line in feature.calls.all() {
            let written = line.value.endpoint.as_ref();
            let Some((path, entry)) = written.and_then(|written| costs.of(&written.value.0)) else {
                continue;
            };
            if costs.is_new(entry) {
                self.facts.push(Fact {
                    name: path,
                    of: Of::Endpoint,
                    span: entry.name,
                    measured: entry.body.value.measured.as_deref(),
                    is_silent: self.complete && !entry.body.value.is_broken("measured"),
                });
            }
        }
    }
}

/// The endpoints that calls mean, where they declare a cost.
struct Costs<'a> {
    apis: &'a Map<Api>,
    endpoints: Endpoints,
    /// By what a call says: lines mostly call the same few endpoints.
    known: HashMap<&'a str, Option<(&'a str, &'a Entry<Endpoint>)>>,
    /// How many features have been looked at.
    features: usize,
    /// The last of them that called an endpoint.
    last: HashMap<Span, usize>,
}

impl<'a> Costs<'a> {
    fn new(root: &'a Root) -> Self {
        let apis = &root.apis;
        Self {
            apis,
            endpoints: Endpoints::new(apis),
            known: HashMap::default(),
            features: 0,
            last: HashMap::default(),
        }
    }

    /// Whether the feature that is looked at has not called an endpoint before.
    fn is_new(&mut self, endpoint: &Entry<Endpoint>) -> bool {
        self.last.insert(endpoint.name, self.features) != Some(self.features)
    }

    fn of(&mut self, written: &'a str) -> Option<(&'a str, &'a Entry<Endpoint>)> {
        if let Some(known) = self.known.get(written) {
            return *known;
        }
        let found = self.find(written);
        self.known.insert(written, found);
        found
    }

    fn find(&self, written: &str) -> Option<(&'a str, &'a Entry<Endpoint>)> {
        let (api, path) = self.endpoints.find(self.apis, written)?;
        let (path, entry) = self.apis.get(api)?.endpoints.named(path)?;
        has_cost(&entry.body.value).then_some((path, entry))
    }
}

/// Whether an endpoint declares a cost that can be measured.
pub(super) fn has_cost(endpoint: &Endpoint) -> bool {
    endpoint.credits.is_some()
        || endpoint.credits_per_item.is_some()
        || endpoint.min_credits.is_some()
}
