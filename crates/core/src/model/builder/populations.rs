//! Whom lines and state tables are counted per.

use std::sync::Arc;

use super::Builder;
use crate::document::reader::At;
use crate::document::values::Texts;
use crate::document::{Table as _, tables};
use crate::model::lines::*;
use crate::model::things::*;
use crate::source::Spanned;

impl Builder<'_> {
    /// The population of a line: the feature's tiers, or the line's own among them.
    pub(in crate::model) fn population(
        &self,
        path: &At<'_>,
        feature: &tables::Feature,
        per: Per,
        tenants: Option<&Spanned<Texts>>,
    ) -> Population {
        if per == Per::Project {
            return Population {
                per,
                tiers: Vec::new(),
            };
        }
        let of_feature: Arc<[usize]> = self.tier_indexes(feature.tenants.as_deref()).into();
        let of_line: Vec<usize> = match tenants {
            Some(_) => {
                let mut own = self.tier_indexes(tenants);
                own.retain(|tier| of_feature.contains(tier));
                own
            }
            None => of_feature.to_vec(),
        };
        let adopted = |tier| (tier, self.adoption(path, feature, tier, &of_feature));
        let tiers = of_line.into_iter().map(adopted).collect();
        Population { per, tiers }
    }

    fn adoption(
        &self,
        feature_path: &At<'_>,
        feature: &tables::Feature,
        tier: usize,
        of: &Arc<[usize]>,
    ) -> Adoption {
        if feature.is_broken("tenants") {
            return Adoption::Share(Value::Unknown);
        }
        if let Some(active) = &feature.active {
            return Adoption::Active {
                active: self.estimate(&feature_path.key("active"), &active.value, |count| count.0),
                of: of.clone(),
            };
        }
        Adoption::Share(match &feature.adoption {
            None => Value::Certain(1.0),
            Some(adoption) => self.per_name(
                &feature_path.key("adoption"),
                &adoption.value,
                self.tiers[tier],
                1.0,
            ),
        })
    }

    fn tier_indexes(&self, names: Option<&Spanned<Texts>>) -> Vec<usize> {
        let Some(names) = names else {
            return (0..self.tiers.len()).collect();
        };
        let names = names.value.0.iter().map(|name| name.value.as_str());
        let indexes = names.filter_map(|name| self.tiers.binary_search(&name).ok());
        let mut indexes: Vec<usize> = indexes.collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes
    }

    pub(in crate::model) fn population_of_all(&self, per: Per) -> Population {
        let whole = || Adoption::Share(Value::Certain(1.0));
        Population {
            per,
            tiers: (0..self.tiers.len()).map(|tier| (tier, whole())).collect(),
        }
    }
}
