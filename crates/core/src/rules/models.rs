//! Rules of the section “ASR and LLM compute”.

use crate::rules::Section;

pub(super) mod model_without_budget;
pub(super) mod model_without_tenant_quota;
pub(in crate::rules) mod price_stale;
pub(super) mod quota_below_use;
pub(super) mod quota_over_budget;
pub(super) mod quota_oversubscribed;

pub(super) static SECTION: Section = Section {
    name: "models",
    title: "ASR and LLM compute",
    rules: &[
        &model_without_budget::RULE,
        &model_without_tenant_quota::RULE,
        &quota_below_use::RULE,
        &quota_over_budget::RULE,
        &quota_oversubscribed::RULE,
        &price_stale::RULE,
    ],
};
