//! Rules of the section “Limits”.

use crate::rules::Section;
use crate::rules::rule::Rules;

mod burst_undeclared;
pub(in crate::rules) mod limit_ahead;
pub(in crate::rules) mod limit_missing;
mod lower_bound;
mod near_limit;
mod over_limit;
mod peak_assumed;
pub(in crate::rules) mod scenario_over_limit;

pub(super) static SECTION: Section = Section {
    name: "limits",
    title: "Limits",
    rules: &[
        &over_limit::RULE,
        &near_limit::RULE,
        &limit_ahead::RULE,
        &scenario_over_limit::RULE,
        &lower_bound::RULE,
        &limit_missing::RULE,
        &peak_assumed::RULE,
        &burst_undeclared::RULE,
    ],
};

/// The rules that say of a meter that it breaks, or comes near that.
pub(super) const OF_METERS: Rules = &[&over_limit::RULE, &near_limit::RULE, &limit_ahead::RULE];
