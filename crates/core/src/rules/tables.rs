//! Rules of the section “Tables”.

use crate::rules::Section;

pub(super) mod expire_by_delete;
pub(super) mod expire_detaches_only;
pub(super) mod indexes_undeclared;
pub(super) mod partition_coarser_than_retention;
pub(super) mod retention_forever_unexplained;
pub(super) mod rollup_refresh_past_retention;
pub(super) mod rollup_shorter_than_raw;
pub(super) mod rollup_too_fine;
pub(super) mod row_size_implausible;
pub(super) mod table_without_partition;
pub(super) mod table_without_retention;
pub(super) mod table_without_rollup;
pub(super) mod too_many_partitions;

pub(super) static SECTION: Section = Section {
    name: "tables",
    title: "Tables",
    rules: &[
        &table_without_retention::RULE,
        &retention_forever_unexplained::RULE,
        &table_without_rollup::RULE,
        &rollup_shorter_than_raw::RULE,
        &rollup_refresh_past_retention::RULE,
        &rollup_too_fine::RULE,
        &table_without_partition::RULE,
        &partition_coarser_than_retention::RULE,
        &too_many_partitions::RULE,
        &expire_detaches_only::RULE,
        &expire_by_delete::RULE,
        &row_size_implausible::RULE,
        &indexes_undeclared::RULE,
    ],
};
