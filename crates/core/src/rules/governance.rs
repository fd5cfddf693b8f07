//! Rules of the section “Governance”.

use crate::rules::Section;

pub(crate) mod calibration_drift;
mod calibration_missing;
pub(in crate::rules) mod calibration_stale;
pub(crate) mod file_misnamed;
pub(in crate::rules) mod irreversible_undecided;
mod projection_missing;
pub(crate) mod quota_exceeded;
pub(in crate::rules) mod tenants_stale;
pub(crate) mod usage_unmatched;
mod waiver_expired;
mod waiver_unused;
mod waiver_without_end;

pub(super) static SECTION: Section = Section {
    name: "governance",
    title: "Governance",
    rules: &[
        &calibration_missing::RULE,
        &calibration_stale::RULE,
        &calibration_drift::RULE,
        &tenants_stale::RULE,
        &usage_unmatched::RULE,
        &quota_exceeded::RULE,
        &file_misnamed::RULE,
        &projection_missing::RULE,
        &irreversible_undecided::RULE,
        &waiver_expired::RULE,
        &waiver_unused::RULE,
        &waiver_without_end::RULE,
    ],
};
