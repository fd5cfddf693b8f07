//! Tenants: which cost most, and which grow fast.

use std::collections::BTreeMap;

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
        for (subject, unit, series) in measured.iter() {
            // What a model or an API costs as a whole is the sum of its lines.
            let is_line = subject.0.first().is_some_and(|table| table == "features");
            if unit == "cost" && is_line {
                for (tenant, day, cost) in series.by_tenant() {
                    if window.has(day) {
                        *costs.entry(tenant).or_default() += cost;
                    }
                }
            }
        }
        let all: f64 = costs.values().sum();
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

    /// Tenants whose use of something in the last 30 days is at least three times that of the 30
    /// before, and 1% of all use of it.
    pub(super) fn tripling(&self) -> Vec<Tripling> {
        let (usage, window) = (self.inputs.usage, self.inputs.window);
        let measured = usage.measured(self.then);
        let mut rows = Vec::new();
        for (subject, unit, series) in measured.iter() {
            let mut of: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
            let mut all = 0.0;
            for (tenant, day, amount) in series.by_tenant() {
                let back = window.to.days_since(day);
                let at = match back {
                    1..=DAYS => 1,
                    _ if back > DAYS && back <= 2 * DAYS => 0,
                    _ => continue,
                };
                of.entry(tenant).or_default()[at] += amount;
                all += if at == 1 { amount } else { 0.0 };
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
