//! What models cost, and who used more of them than a tenant may.

use std::collections::BTreeMap;

use crate::calibrate::Measured;
use crate::document::TomlPath;
use crate::meter::{Family, MeterKind};
use crate::model::LineKind;
use crate::rules::governance::quota_exceeded::Counted;

use super::Own;
use super::report::{OverQuota, Spend};

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
            for (day, amount) in all.into_iter().flatten() {
                *months.entry((day.year(), day.month())).or_default() += amount;
            }
            let most = months.iter().max_by(|one, other| one.1.total_cmp(other.1));
            let Some(((year, month), most)) = most else {
                continue;
            };
            rows.push(Spend {
                model: name.clone(),
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
