//! Rules of the section “Governance”.

use crate::rules::Section;

pub(in crate::rules) mod calibration_missing;
pub(in crate::rules) mod calibration_stale;
pub(in crate::rules) mod irreversible_undecided;
pub(in crate::rules) mod projection_missing;
pub(in crate::rules) mod waiver_expired;
pub(in crate::rules) mod waiver_unused;
pub(in crate::rules) mod waiver_without_end;

pub(super) static SECTION: Section = Section {
    name: "governance",
    title: "Governance",
    rules: &[
        &calibration_missing::RULE,
        &calibration_stale::RULE,
        &projection_missing::RULE,
        &irreversible_undecided::RULE,
        &waiver_expired::RULE,
        &waiver_unused::RULE,
        &waiver_without_end::RULE,
    ],
};
