//! Rules of the section “Features and credits”.

use crate::rules::Section;

pub(in crate::rules) mod alert_blind_zone;
pub(in crate::rules) mod alert_lead_too_short;
pub(in crate::rules) mod budget_missing;
pub(in crate::rules) mod burn_hard;
pub(in crate::rules) mod burn_soft;
pub(in crate::rules) mod cache_hit_ratio_implausible;
pub(in crate::rules) mod cache_missing;
pub(in crate::rules) mod cache_on_fresh_endpoint;
pub(in crate::rules) mod cache_saves_nothing;
pub(in crate::rules) mod cache_too_long;
pub(in crate::rules) mod cache_undecided;
pub(in crate::rules) mod dominant_feature;
pub(in crate::rules) mod endpoint_without_cost;
pub(in crate::rules) mod event_bought_late;
pub(in crate::rules) mod event_without_buffer;
pub(in crate::rules) mod feature_without_demand;
pub(in crate::rules) mod feature_without_owner;
pub(in crate::rules) mod feature_without_spec;
pub(in crate::rules) mod pack_not_cheapest;
pub(in crate::rules) mod retry_ratio_missing;
pub(in crate::rules) mod spec_without_feature;
pub(in crate::rules) mod unused_declaration;

pub(super) static SECTION: Section = Section {
    name: "features",
    title: "Features and credits",
    rules: &[
        &spec_without_feature::RULE,
        &feature_without_spec::RULE,
        &feature_without_owner::RULE,
        &feature_without_demand::RULE,
        &unused_declaration::RULE,
        &endpoint_without_cost::RULE,
        &cache_missing::RULE,
        &cache_undecided::RULE,
        &cache_on_fresh_endpoint::RULE,
        &cache_too_long::RULE,
        &cache_saves_nothing::RULE,
        &cache_hit_ratio_implausible::RULE,
        &retry_ratio_missing::RULE,
        &dominant_feature::RULE,
        &alert_blind_zone::RULE,
        &alert_lead_too_short::RULE,
        &burn_soft::RULE,
        &burn_hard::RULE,
        &budget_missing::RULE,
        &pack_not_cheapest::RULE,
        &event_without_buffer::RULE,
        &event_bought_late::RULE,
    ],
};
