//! What models cost, and who used more of them than a tenant may.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibrate::Measured;
use crate::document::TomlPath;
use crate::meter::{Family, MeterKind};
use crate::model::LineKind;
use crate::rules::governance::quota_exceeded::Counted;
use crate::units::Date;
use crate::words::number;

use super::Own;
use super::report::{Bridge, OverQuota, Spend};

impl Own<'_> {
    /// What each model cost: by its own rows, else by those of the lines that run it.
    pub(super) fn spend(&self, measured: &Measured) -> Vec<Spend> {
        let mut rows = Vec::new();
        for name in self.then.model.models.keys() {
            let own = TomlPath::new(&[Family::Model.as_str(), name]).to_string();
            let lines = self.then.model.features.iter().flat_map(|(feature, body)| {
                let lines = body.lines.iter();
                let runs = lines
                    .filter(|line| line.kind == LineKind::Inference && *line.uses.thing == **name);
                runs.map(move |line| line.path(feature))
            });
            let cost = |path: &str| Some(&measured.get(path, "cost")?.days);
            let mut months: BTreeMap<(u16, u8), f64> = BTreeMap::new();
            let all = match cost(&own) {
                Some(days) => vec![days],
                None => lines.filter_map(|path| cost(&path)).collect(),
            };
            let mut days: BTreeSet<Date> = BTreeSet::new();
            for (day, amount) in all.into_iter().flatten() {
                days.insert(*day);
                *months.entry((day.year(), day.month())).or_default() += amount;
            }
            let most = months.iter().max_by(|one, other| one.1.total_cmp(other.1));
            let Some(((year, month), most)) = most else {
                continue;
            };
            rows.push(Spend {
                model: name.clone(),
                days: days.len(),
                cost: months.values().sum(),
                most: *most,
                month: format!("{year:04}-{month:02}"),
                budget: self
                    .meter(Family::Model, name, MeterKind::Spend)
                    .and_then(|meter| meter.limit),
            });
        }
        rows
    }

    /// Of the models whose use was measured, and not what it cost.
    pub(super) fn without_cost(&self, bridges: &[Bridge], spend: &[Spend]) -> Vec<String> {
        let is_told = |name: &&String| spend.iter().all(|it| it.model != **name);
        let models = self.then.model.models.keys().filter(is_told);
        let notes = models.filter_map(|name| {
            let keys = [Family::Model.as_str(), name, MeterKind::Spend.as_str()];
            let meter = TomlPath::new(&keys).to_string();
            let bridge = bridges.iter().find(|it| it.meter == meter)?;
            let amount = number::money(bridge.actual, self.project.currency());
            Some(format!(
                "No cost of the model `{name}` was measured: at its declared prices, what was used is {amount}."
            ))
        });
        notes.collect()
    }

    /// The tenants that passed a quota, those first that passed it by most.
    pub(super) fn over_quota(&self) -> Vec<OverQuota> {
        let usage = self.inputs.usage;
        let counted = Counted {
            project: self.then,
            usage,
            measured: &usage.measured(self.then),
            window: self.inputs.window,
        };
        let mut all = counted.all();
        all.sort_by(|(_, one), (_, other)| {
            let share = other.share().total_cmp(&one.share());
            share.then_with(|| one.tenant.cmp(other.tenant))
        });
        let rows = all.into_iter().map(|(model, passed)| OverQuota {
            tenant: passed.tenant.to_owned(),
            tier: Some(passed.tier.to_owned()).filter(|tier| !tier.is_empty()),
            model: model.to_owned(),
            unit: passed.unit.clone(),
            used: passed.most.used,
            quota: passed.flow.count,
            per: passed.flow.period.name().to_string(),
            when: passed.most.when,
        });
        rows.collect()
    }
}
