//! Scenarios, resolved; and the model as a scenario's `set` makes it.

use crate::document::declared::TomlPath;
use crate::document::forms::PerName;
use crate::document::reader::Reader;
use crate::document::tables;
use crate::document::values::Require;
use crate::finding::Finding;
use crate::model::merge::Declarations;
use crate::model::things::{Event, Multiplier, Scenario};
use crate::source::Span;

/// The scenarios of a project, sorted by name: `10x` and `100x` where none is declared.
#[must_use]
pub fn scenarios(declarations: &Declarations) -> Vec<Scenario> {
    let root = &declarations.root;
    if root.scenarios.span().is_none() {
        return vec![
            assumed("100x", 100.0, Require::Report),
            assumed("10x", 10.0, Require::Warn),
        ];
    }
    let mut tiers: Vec<&str> = root.tenants.names().collect();
    tiers.sort_unstable();
    let mut scenarios: Vec<Scenario> = root
        .scenarios
        .iter()
        .map(|(name, scenario)| resolve(name, scenario, &tiers))
        .collect();
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    scenarios
}

/// A scenario of so many times as many tenants.
#[must_use]
pub fn assumed(name: &str, times: f64, require: Require) -> Scenario {
    Scenario {
        name: name.to_owned(),
        require,
        tenants: Multiplier::All(times),
        rates: crate::collections::IndexMap::default(),
        payload: 1.0,
        event: None,
        sets: false,
        assumed: true,
    }
}

fn resolve(name: &str, scenario: &tables::Scenario, tiers: &[&str]) -> Scenario {
    let tenants = match scenario.tenants.as_ref().map(|tenants| &tenants.value) {
        None => Multiplier::All(1.0),
        Some(PerName::Same(times)) => Multiplier::All(times.0),
        Some(PerName::By(map)) => Multiplier::Tiers(
            tiers
                .iter()
                .map(|tier| map.get(tier).map_or(1.0, |times| times.0))
                .collect(),
        ),
    };
    let rates = scenario.rates.iter();
    Scenario {
        name: name.to_owned(),
        require: scenario
            .require
            .as_ref()
            .map_or(Require::Warn, |require| require.value),
        tenants,
        rates: rates
            .map(|(feature, times)| (feature.to_owned(), times.0))
            .collect(),
        payload: scenario.payload.as_ref().map_or(1.0, |times| times.value.0),
        event: scenario.on.as_ref().map(|on| Event {
            on: on.value,
            days: scenario.lasts.as_ref().map(|lasts| lasts.value.days()),
            buffer: scenario.buffer.as_ref().map(|buffer| buffer.value.0),
        }),
        sets: !scenario.set.is_empty(),
        assumed: false,
    }
}

/// The declarations as a scenario's `set` makes them, with what is wrong in it.
#[must_use]
pub fn with_set(declarations: &Declarations, scenario: &str) -> (Declarations, Vec<Finding>) {
    let mut changed = declarations.clone();
    let mut findings = Vec::new();
    let scenario = declarations.root.scenarios.get(scenario);
    for (path, entry) in scenario.iter().flat_map(|scenario| scenario.set.entries()) {
        let body = &entry.body;
        findings.extend(set_value(
            &mut changed,
            path,
            &body.value.0,
            entry.name,
            body.span,
        ));
    }
    (changed, findings)
}

/// Replaces the value at a path of the model.
pub fn set_value(
    declarations: &mut Declarations,
    path: &str,
    value: &str,
    path_span: Span,
    value_span: Span,
) -> Vec<Finding> {
    let unknown = |message: String| {
        Finding::new(
            "unknown-reference",
            crate::finding::Severity::Error,
            path.to_owned(),
            message,
        )
        .at(path_span)
        .help("write the path of a value, such as `apis.twilio.retry_ratio` or `features.sync.calls.posts.rate`")
    };
    let parsed = match TomlPath::parse(path) {
        Ok(parsed) => parsed,
        Err(problem) => return vec![unknown(problem)],
    };
    let judging = ["scenarios", "policy", "rules", "waivers", "risk"];
    if parsed
        .0
        .first()
        .is_some_and(|first| judging.contains(&first.as_str()))
    {
        return vec![unknown(format!("`{path}` is not part of the model"))];
    }
    let mut reader = Reader::new(value_span.file, "".into());
    let root = &mut declarations.root;
    let found = reader.with_value(value, value_span.start, |reader, value| {
        root.set(reader, &parsed, value)
    });
    match found {
        Some(true) => reader.finish(),
        _ => vec![unknown(format!("the model has no `{path}`"))],
    }
}
