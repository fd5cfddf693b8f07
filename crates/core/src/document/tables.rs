//! The tables of the format, key by key: the one definition that the reader, the comparison
//! and the schema follow.

mod apis;
mod databases;
mod features;
mod limits;
mod models;
mod money;
mod policy;
mod project;
mod queues;
mod usage;

pub(crate) use apis::{Api, Endpoint, FlatOverage, Overage, OverageStep, Pack, Packs};
pub(crate) use databases::{BytesPrice, Database, StoragePrice, Table};
pub(crate) use features::{AnyLine, DemandLine, LineKeys, line_kinds, unknown};
pub(crate) use features::{Cache, Call, Feature, Inference, LineKind, Message, Read, Write};
pub(crate) use limits::{ApiLimit, CountedUnits, LimitKeys, LimitSlots, ModelLimit};
pub(crate) use models::{Model, UnitPrice, UnitStep};
pub(crate) use money::{Budget, Cost};
pub(crate) use policy::{
    Ceiling, ChangePolicy, LimitPolicy, Policy, Risk, Scenario, Shares, SharesOf, SoftAlert,
    Threshold, ThresholdTable, Waiver, Waivers,
};
pub(crate) use project::{Entity, Project};
pub(crate) use queues::{Queue, Workers};
pub(crate) use usage::{Metric, Usage, UsageMap, UsageMaps, UsageTarget};

use crate::document::declared::{Declared, Difference};
use crate::document::edit::{Edit, Way};
use crate::document::map::Map;
use crate::document::path::TomlPath;
use crate::document::projection::Projection;
use crate::document::reader::{At, Reader, Written};
use crate::document::values::Level;
use crate::source::Span;

crate::table! {
    /// A whole `capacity.toml`.
    Root {
        /// What the project is called, its currency and its calendar. Only in a project's root file.
        project: Project,
        /// How many tenants each tier has, today and on days to come.
        tenants: Map<Projection>,
        /// Things that are counted apart from tenants.
        entities: Map<Entity>,
        /// Metered APIs: what they cost, and what they allow.
        apis: Map<Api>,
        /// Features, and the demand that each of them makes.
        features: Map<Feature>,
        /// Databases and their limits.
        databases: Map<Database>,
        /// Tables, how long they keep rows, and their rollups.
        tables: Map<Table>,
        /// Queues and the workers that drain them.
        queues: Map<Queue>,
        /// ASR, LLM and other models that are paid by what they process.
        models: Map<Model>,
        /// Fixed costs.
        costs: Map<Cost>,
        /// What several things may cost together. Only in a project's root file.
        budgets: Map<Budget>,
        /// What may come: growth, and events. Only in a project's root file.
        scenarios: Map<Scenario>,
        /// The metrics that measure things, by path and unit. Only in a project's root file.
        metrics: Map<Metric>,
        /// Files with measured usage, and what their rows are about. Only in a project's root file.
        usage: Usage,
        /// How limits and changes are judged. Only in a project's root file.
        policy: Policy,
        /// Severities of rules. Only in a project's root file.
        rules: Map<Level>,
        /// Findings that are accepted, by whom, why, and until when.
        waivers: Waivers,
        /// What an outage costs. Only in a project's root file.
        risk: Risk,
    }
}

impl Root {
    /// Whether nothing but features and tables is written in it.
    pub(crate) fn has_only_features_and_tables(&self) -> bool {
        let Self {
            project,
            tenants,
            entities,
            apis,
            features: _,
            databases,
            tables: _,
            queues,
            models,
            costs,
            budgets,
            scenarios,
            metrics,
            usage,
            policy,
            rules,
            waivers,
            risk,
            broken,
        } = self;
        let tables = [
            tenants.span(),
            entities.span(),
            apis.span(),
            databases.span(),
            queues.span(),
            models.span(),
            costs.span(),
            budgets.span(),
            scenarios.span(),
            metrics.span(),
            rules.span(),
            project.as_ref().map(|it| it.span),
            usage.as_ref().map(|it| it.span),
            policy.as_ref().map(|it| it.span),
            waivers.as_ref().map(|it| it.span),
            risk.as_ref().map(|it| it.span),
        ];
        broken.is_empty() && tables.iter().all(Option::is_none)
    }

    /// Replaces what stands at a path by a value read from text. Fails where there is no such
    /// place, with the number of the key that is not known, and those that are.
    pub(crate) fn set(
        &mut self,
        reader: &mut Reader,
        path: &TomlPath,
        value: &Written<'_>,
    ) -> Result<(), (usize, Vec<String>)> {
        let mut missing = None;
        let edit = &mut Edit::Set {
            reader,
            value,
            missing: &mut missing,
        };
        if self.edit(None, &Way::to(path), edit) {
            return Ok(());
        }
        let (left, known) = missing.unwrap_or_default();
        Err((path.0.len().saturating_sub(left + 1), known))
    }

    /// Makes what stands at a path what it is in `other`.
    pub(crate) fn copy(&mut self, other: &Self, path: &TomlPath) {
        self.edit(Some(other), &Way::to(path), &mut Edit::Copy);
    }

    /// Where the value at a path stands. Takes what it passes for itself, as edits do.
    pub(crate) fn place(&mut self, path: &TomlPath) -> Option<Span> {
        let mut found = None;
        let is_there = self.edit(None, &Way::to(path), &mut Edit::Find(&mut found));
        found.filter(|_| is_there)
    }

    pub(crate) fn differences(&self, after: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        self.differs(after, &At::top(), &mut differences);
        differences
    }
}

/// The tables that may stand only in a project's root file.
pub(crate) const ROOT_ONLY: &[&str] = &[
    "project",
    "policy",
    "rules",
    "scenarios",
    "budgets",
    "metrics",
    "usage",
    "risk",
];
