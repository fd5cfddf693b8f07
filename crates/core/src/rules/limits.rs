//! Rules of the section “Limits”.

use crate::fit::{Fitted, OnDisk};
use crate::rules::rule::Rules;
use crate::rules::support::{measured, percent};
use crate::rules::{Context, Section};
use crate::words::number;

mod assumed_values;
mod burst_undeclared;
pub(crate) mod limit_ahead;
mod limit_counts_calls;
pub(in crate::rules) mod limit_missing;
pub(in crate::rules) mod lower_bound;
pub(in crate::rules) mod near_limit;
pub(crate) mod over_limit;
mod peak_assumed;
pub(crate) mod scenario_over_limit;

pub(super) static SECTION: Section = Section {
    name: "limits",
    title: "Limits",
    rules: &[
        &over_limit::RULE,
        &near_limit::RULE,
        &limit_ahead::RULE,
        &scenario_over_limit::RULE,
        &lower_bound::RULE,
        &assumed_values::RULE,
        &limit_missing::RULE,
        &limit_counts_calls::RULE,
        &peak_assumed::RULE,
        &burst_undeclared::RULE,
    ],
};

/// The rules that say of a meter that it breaks, or comes near that.
pub(super) const OF_METERS: Rules = &[&over_limit::RULE, &near_limit::RULE, &limit_ahead::RULE];

/// What is on a disk against its limit, in words: `90 GB stored of 100 GB, 90%`.
fn filled(context: &Context<'_>, fitted: &Fitted, on_disk: OnDisk) -> String {
    let bytes = number::bytes(on_disk.bytes);
    let limit = measured(context, fitted, fitted.meter.limit);
    let share = on_disk.utilization.map(percent);
    let share = share.map_or(String::new(), |share| format!(", {share}"));
    format!("{bytes} stored of {limit}{share}")
}
