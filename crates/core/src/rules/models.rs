//! Rules of the section “ASR and LLM compute”.

use crate::rules::Section;

pub(in crate::rules) mod model_without_budget;
pub(in crate::rules) mod model_without_tenant_quota;
pub(in crate::rules) mod price_stale;
pub(in crate::rules) mod quota_below_use;
pub(in crate::rules) mod quota_over_budget;
pub(in crate::rules) mod quota_oversubscribed;

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
