//! Rules of the section “Queues”.

use crate::rules::Section;

pub(in crate::rules) mod broker_message_limit;
pub(in crate::rules) mod broker_retention_limit;
pub(in crate::rules) mod consumers_over_partitions;
pub(in crate::rules) mod drain_target_missing;
pub(in crate::rules) mod queue_evicts;
pub(in crate::rules) mod queue_shared_by_tiers;
pub(in crate::rules) mod queue_unbounded;
pub(in crate::rules) mod queue_unstable;
pub(in crate::rules) mod replay_missing;
pub(in crate::rules) mod replay_too_small;
pub(in crate::rules) mod replication_undeclared;
pub(in crate::rules) mod retention_below_drain;
pub(in crate::rules) mod worker_ceiling_over_rate_limit;
pub(in crate::rules) mod workers_scale_on_cpu;
pub(in crate::rules) mod workers_without_ceiling;

pub(super) static SECTION: Section = Section {
    name: "queues",
    title: "Queues",
    rules: &[
        &workers_without_ceiling::RULE,
        &workers_scale_on_cpu::RULE,
        &worker_ceiling_over_rate_limit::RULE,
        &queue_unstable::RULE,
        &drain_target_missing::RULE,
        &replay_missing::RULE,
        &replay_too_small::RULE,
        &replication_undeclared::RULE,
        &consumers_over_partitions::RULE,
        &queue_unbounded::RULE,
        &queue_evicts::RULE,
        &retention_below_drain::RULE,
        &broker_retention_limit::RULE,
        &broker_message_limit::RULE,
        &queue_shared_by_tiers::RULE,
    ],
};
