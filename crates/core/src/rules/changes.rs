//! Rules of the section “Changes”.

use crate::rules::Section;

pub(in crate::rules) mod change_over_threshold;
mod feature_change_over_threshold;
mod limit_raised;
mod limit_removed;
mod policy_loosened;
mod project_removed;

pub(super) static SECTION: Section = Section {
    name: "changes",
    title: "Changes",
    rules: &[
        &change_over_threshold::RULE,
        &feature_change_over_threshold::RULE,
        &policy_loosened::RULE,
        &project_removed::RULE,
        &limit_removed::RULE,
        &limit_raised::RULE,
    ],
};
