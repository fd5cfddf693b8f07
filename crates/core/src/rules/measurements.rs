//! What features rest on, and when it was measured.

use crate::collections::HashMap;
use crate::document::tables::{AnyLine, Api, Endpoint, Feature, Root};
use crate::document::{Entry, Map, Table, TomlPath};
use crate::model::names::Endpoints;
use crate::rules::Context;
use crate::source::{Span, Spanned};
use crate::units::Date;

pub(super) struct Calibrated<'a> {
    name: &'a str,
    pub(super) feature: &'a Feature,
    /// Its lines, and then the costs of the endpoints that it calls.
    pub(super) facts: Vec<Fact<'a>>,
}

impl Calibrated<'_> {
    pub(super) fn path(&self) -> String {
        TomlPath::new(&["features", self.name]).to_string()
    }
}

pub(super) struct Fact<'a> {
    /// What `name` names, with a space after it; nothing for a line.
    prefix: &'static str,
    name: &'a str,
    pub(super) span: Span,
    pub(super) measured: Option<&'a Spanned<Date>>,
    /// Whether the absence of a date can be relied on.
    pub(super) is_silent: bool,
}

impl Fact<'_> {
    pub(super) fn what(&self) -> String {
        format!("{}`{}`", self.prefix, self.name)
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
        let base = judging.and_then(|judging| judging.features.get(name));
        let mut facts = Vec::with_capacity(8);
        facts.extend(line_facts(rule, feature, base));
        facts.extend(costs.facts(feature));
        if declarations.incomplete.contains(&entry.name.file) {
            facts.iter_mut().for_each(|fact| fact.is_silent = false);
        }
        Calibrated {
            name,
            feature,
            facts,
        }
    })
}

/// The declarations whose `allow` judge, beside those of lines that only the project has: the
/// base's, where a change is judged by the base's policy.
pub(super) fn judging<'a>(context: &Context<'a>) -> Option<&'a Root> {
    let base = context.comparison?.base()?;
    let by_base = std::ptr::eq(context.policy, &base.policy);
    by_base.then_some(&base.declarations.root)
}

fn line_facts<'a>(
    rule: &'static str,
    feature: &'a Feature,
    base: Option<&'a Feature>,
) -> impl Iterator<Item = Fact<'a>> {
    feature.lines().filter_map(move |(id, line)| {
        let keys = line.keys();
        (!is_allowed(rule, base, (id, line))).then(|| Fact {
            prefix: "",
            name: id,
            span: line.span(),
            measured: keys.measured,
            is_silent: !keys.broken.contains(&"measured"),
        })
    })
}

/// Whether a line allows a rule, by the feature of the base where that judges.
pub(super) fn is_allowed(
    rule: &str,
    base: Option<&Feature>,
    (id, line): (&str, AnyLine<'_>),
) -> bool {
    let before = base.and_then(|base| base.line(line.kind(), id));
    let allow = before.map_or(line.keys().allow, |before| before.keys().allow);
    let mut allowed = allow.into_iter().flat_map(|allow| &allow.value.0);
    allowed.any(|allowed| allowed.value == rule)
}

struct Costs<'a> {
    apis: &'a Map<Api>,
    endpoints: Endpoints,
    /// By what a call says: lines mostly call the same few endpoints.
    known: HashMap<&'a str, Option<(&'a str, &'a Entry<Endpoint>)>>,
    /// How many features have been collected.
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

    /// The costs of the endpoints that a feature calls, each once.
    fn facts(&mut self, feature: &'a Feature) -> impl Iterator<Item = Fact<'a>> {
        self.features += 1;
        feature.calls.all().iter().filter_map(|line| {
            let (path, entry) = self.of(&line.value.endpoint.as_ref()?.value.0)?;
            self.is_new(entry).then(|| Fact {
                prefix: "the cost of ",
                name: path,
                span: entry.name,
                measured: entry.body.value.measured.as_deref(),
                is_silent: !entry.body.value.is_broken("measured"),
            })
        })
    }

    /// Whether the feature that is being collected has not called an endpoint before.
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
        entry.body.value.has_cost().then_some((path, entry))
    }
}
