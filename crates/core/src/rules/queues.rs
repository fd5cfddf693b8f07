//! Rules of the section “Queues”.

use crate::rules::Section;

pub(super) mod broker_inflight_limit;
pub(super) mod broker_message_limit;
pub(super) mod broker_retention_limit;
pub(super) mod consumers_over_partitions;
pub(super) mod drain_target_missing;
pub(super) mod queue_evicts;
pub(super) mod queue_shared_by_tiers;
pub(super) mod queue_unbounded;
pub(super) mod queue_unstable;
pub(super) mod replay_missing;
pub(super) mod replay_too_small;
pub(super) mod replication_undeclared;
pub(super) mod retention_below_drain;
pub(super) mod retention_cut_short;
pub(super) mod worker_ceiling_over_rate_limit;
pub(super) mod workers_scale_on_cpu;
pub(super) mod workers_without_ceiling;

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
        &broker_inflight_limit::RULE,
        &retention_cut_short::RULE,
        &queue_shared_by_tiers::RULE,
    ],
};
