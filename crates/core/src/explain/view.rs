//! A project in one situation, at point values, with the places of what it declares.

use crate::analysis::Project;
use crate::document::TomlPath;
use crate::document::tables::Root;
use crate::fit::Meters;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::storage::Sources;
use crate::forecast::{Flow, Situation};
use crate::meter::Family;
use crate::model::lines::events::Amount;
use crate::model::scenarios::with_set;
use crate::model::{Feature, Id, Line, Model};
use crate::quantity::{Graph, Quantity};
use crate::source::{SourceMap, Span};

use super::{Input, Place};

/// The longest value that is shown as it is written.
const LONGEST: usize = 60;

pub(super) struct View<'a> {
    pub(super) model: &'a Model,
    pub(super) situation: Situation<'a>,
    pub(super) forecast: Forecast,
    pub(super) sources: Sources,
    /// Of point values: quantities are numbers.
    pub(super) graph: Graph,
    pub(super) meters: &'a Meters,
    /// The one line that is asked for; all where there is none.
    pub(super) only: Option<(String, usize)>,
    /// What is declared, with what a scenario sets.
    pub(super) root: Root,
    files: &'a SourceMap,
}

/// A demand line by its feature and its index.
pub(super) type At<'n> = (&'n str, usize);

impl<'a> View<'a> {
    pub(super) fn new(
        project: &'a Project,
        situation: Situation<'a>,
        set: Option<&'a Model>,
        meters: &'a Meters,
        files: &'a SourceMap,
    ) -> Self {
        let model = set.unwrap_or(&project.model);
        let mut graph = Graph::at_points();
        let forecast = Forecast::new(model, situation, Keep::Lines, &mut graph);
        let root = match (situation, set) {
            (Situation::Scenario(scenario), Some(_)) => {
                with_set(
                    &project.declarations,
                    project.declarations.root.scenarios.get(&scenario.name),
                )
                .0
                .root
            }
            _ => project.declarations.root.clone(),
        };
        Self {
            model,
            situation,
            sources: Sources::new(model, &mut graph),
            forecast,
            graph,
            meters,
            only: None,
            root,
            files,
        }
    }

    pub(super) fn point(&self, quantity: Quantity) -> f64 {
        self.graph.point(quantity)
    }

    pub(super) fn feature(&self, name: &str) -> &'a Feature {
        &self.model.features[name]
    }

    pub(super) fn line(&self, (feature, index): At<'_>) -> &'a Line {
        &self.feature(feature).lines[index]
    }

    pub(super) fn flow(&self, (feature, index): At<'_>) -> &Flow {
        &self.forecast.flows[feature][index]
    }

    /// The lines that use a thing, in the model's order.
    pub(super) fn users(&self, family: Family, id: Id) -> Vec<(String, usize)> {
        let mut users = Vec::new();
        for (name, flows) in &self.forecast.flows {
            let of_it = flows.iter().enumerate();
            let of_it = of_it.filter(|(_, flow)| (flow.kind.family(), flow.thing) == (family, id));
            users.extend(of_it.map(|(index, _)| (name.clone(), index)));
        }
        if let Some(only) = &self.only {
            users.retain(|user| user == only);
        }
        users
    }

    /// What all lines ask of a thing.
    pub(super) fn asked(&mut self, family: Family, id: Id, amount: Amount) -> f64 {
        let sinks = self.forecast.demand.of(family, id);
        let sum = sinks.sum(amount, &mut self.graph);
        self.point(sum)
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place {
            file: self.files.file(span.file).path.to_string(),
            line: self.files.position(span.file, span.start).line,
        }
    }

    /// Where something is declared.
    pub(super) fn place_of(&mut self, path: &str) -> Option<Place> {
        let span = self.root.place(&TomlPath::parse(path).ok()?)?;
        Some(self.place(span))
    }

    pub(super) fn input(&mut self, keys: &[&str]) -> Option<Input> {
        let path = TomlPath::new(keys);
        let span = self.root.place(&path)?;
        let text = self.files.text(span);
        let mut written = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if written.chars().count() > LONGEST {
            written = written.chars().take(LONGEST - 1).collect();
            written.push('…');
        }
        Some(Input {
            path: path.to_string(),
            written,
            place: self.place(span),
        })
    }

    /// Those of several values that are declared.
    pub(super) fn inputs<const N: usize>(&mut self, all: [&[&str]; N]) -> Vec<Input> {
        all.into_iter()
            .filter_map(|keys| self.input(keys))
            .collect()
    }

    /// The first of several values that is declared.
    pub(super) fn first<const N: usize>(&mut self, all: [&[&str]; N]) -> Vec<Input> {
        let first = all.into_iter().find_map(|keys| self.input(keys));
        first.into_iter().collect()
    }

    /// What a scenario declares.
    pub(super) fn declares(&mut self, scenario: &[&str; 2]) -> Vec<Input> {
        let [table, name] = *scenario;
        let mut keys = vec![
            vec![table, name, "tenants"],
            vec![table, name, "payload"],
            vec![table, name, "lasts"],
        ];
        let rates: Vec<String> = match self.root.scenarios.get(name) {
            Some(declared) => declared.rates.names().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        let set: Vec<String> = match self.root.scenarios.get(name) {
            Some(declared) => declared.set.names().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        keys.extend(rates.iter().map(|rate| vec![table, name, "rates", rate]));
        keys.extend(set.iter().map(|path| vec![table, name, "set", path]));
        keys.iter().filter_map(|keys| self.input(keys)).collect()
    }
}
