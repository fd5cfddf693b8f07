//! Rules of the section “Features and credits”.

use crate::rules::Section;

pub(in crate::rules) mod alert_blind_zone;
pub(in crate::rules) mod alert_lead_too_short;
mod budget_missing;
pub(in crate::rules) mod burn_hard;
pub(in crate::rules) mod burn_soft;
mod cache_hit_ratio_implausible;
mod cache_missing;
mod cache_on_fresh_endpoint;
mod cache_saves_nothing;
mod cache_too_long;
mod cache_undecided;
mod dominant_feature;
mod endpoint_without_cost;
mod event_bought_late;
mod event_without_buffer;
mod feature_without_demand;
mod feature_without_owner;
mod feature_without_spec;
mod pack_not_cheapest;
mod retry_ratio_missing;
mod spec_pattern_unmatched;
pub(in crate::rules) mod spec_without_feature;
mod unused_declaration;

pub(super) static SECTION: Section = Section {
    name: "features",
    title: "Features and credits",
    rules: &[
        &spec_without_feature::RULE,
        &spec_pattern_unmatched::RULE,
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
