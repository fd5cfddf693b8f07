//! Tenants: which cost most, and which grow fast.

use std::collections::BTreeMap;

use crate::document::TomlPath;
use crate::model::{Line, LineKind};
use crate::usage::{Measured, Series};

use super::Own;
use super::report::{Spender, Tripling};

/// How many tenants are named that cost most.
const TOP: usize = 10;

/// The days that are compared with as many before them.
const DAYS: i64 = 30;

/// The least share of all use that a tenant is told from.
const LEAST: f64 = 0.01;

impl Own<'_> {
    /// The tenants that cost most in the window.
    pub(super) fn spenders(&self) -> Vec<Spender> {
        let (usage, window) = (self.inputs.usage, self.inputs.window);
        let measured = usage.measured(self.then);
        let mut costs: BTreeMap<u32, f64> = BTreeMap::new();
        let mut all = 0.0;
        for [own, lines] in self.costs(&measured) {
            let whole = if own.is_empty() { &lines } else { &own };
            for series in whole {
                let days = series.days().filter(|(day, _)| window.has(*day));
                all += days.map(|(_, cost)| cost).sum::<f64>();
            }
            let names = |series: &&&Series| series.by_tenant().next().is_some();
            let is_named = own.iter().any(|series| names(&series));
            let by_tenant = if is_named { own } else { lines };
            for (tenant, day, cost) in by_tenant.iter().flat_map(|series| series.by_tenant()) {
                if window.has(day) {
                    *costs.entry(tenant).or_default() += cost;
                }
            }
        }
        let mut spenders: Vec<(u32, f64)> = costs.into_iter().filter(|it| it.1 > 0.0).collect();
        spenders.sort_by(|one, other| other.1.total_cmp(&one.1));
        let top = spenders.into_iter().take(TOP);
        top.filter_map(|(tenant, cost)| {
            let (name, tier) = usage.tenant(tenant)?;
            Some(Spender {
                tenant: name.to_owned(),
                tier: Some(tier.to_owned()).filter(|tier| !tier.is_empty()),
                cost,
                share: cost / all,
            })
        })
        .collect()
    }

    /// What each model and API was measured to cost: as a whole, and by the lines that use it.
    fn costs<'m>(&self, measured: &'m Measured<'_>) -> Vec<[Vec<&'m Series>; 2]> {
        let model = &self.then.model;
        let cost = |path: &TomlPath| measured.get(path, "cost");
        let things = model.models.keys().map(|name| (LineKind::Inference, name));
        let things = things.chain(model.apis.keys().map(|name| (LineKind::Call, name)));
        let both = things.map(|(kind, name)| {
            let own = cost(&TomlPath::new(&[kind.family().as_str(), name]));
            let lines = model.features.iter().flat_map(|(feature, body)| {
                let uses = |line: &&Line| line.kind == kind && *line.uses.thing == **name;
                let lines = body.lines.iter().filter(uses);
                lines.map(move |line| TomlPath::new(&["features", feature, kind.list(), &line.id]))
            });
            let lines = lines.filter_map(|path| cost(&path));
            [own.into_iter().collect(), lines.collect()]
        });
        both.collect()
    }

    /// Tenants whose use of something in the last 30 days is at least three times that of the 30
    /// before, and 1% of all use of it, whether rows say whose that is or not.
    pub(super) fn tripling(&self) -> Vec<Tripling> {
        let (usage, window) = (self.inputs.usage, self.inputs.window);
        let measured = usage.measured(self.then);
        let mut rows = Vec::new();
        for (subject, unit, series) in measured.iter() {
            let mut of: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
            let last = series.days();
            let last = last.filter(|(day, _)| (1..=DAYS).contains(&window.to.days_since(*day)));
            let all: f64 = last.map(|(_, amount)| amount).sum();
            for (tenant, day, amount) in series.by_tenant() {
                let back = window.to.days_since(day);
                let at = match back {
                    1..=DAYS => 1,
                    _ if back > DAYS && back <= 2 * DAYS => 0,
                    _ => continue,
                };
                of.entry(tenant).or_default()[at] += amount;
            }
            for (tenant, [before, last]) in of {
                let grows = before > 0.0 && last >= 3.0 * before && last >= LEAST * all;
                if let Some((name, _)) = usage.tenant(tenant).filter(|_| grows) {
                    rows.push(Tripling {
                        tenant: name.to_owned(),
                        path: subject.to_string(),
                        unit: unit.to_owned(),
                        before,
                        last,
                        share: last / all,
                    });
                }
            }
        }
        rows
    }
}
