//! Rules of the section “Tables”.

use crate::rules::Section;

pub(in crate::rules) mod expire_by_delete;
pub(in crate::rules) mod expire_detaches_only;
pub(in crate::rules) mod indexes_undeclared;
pub(in crate::rules) mod partition_coarser_than_retention;
pub(in crate::rules) mod retention_forever_unexplained;
pub(in crate::rules) mod rollup_shorter_than_raw;
pub(in crate::rules) mod rollup_too_fine;
pub(in crate::rules) mod row_size_implausible;
pub(in crate::rules) mod table_without_partition;
pub(in crate::rules) mod table_without_retention;
pub(in crate::rules) mod table_without_rollup;
pub(in crate::rules) mod too_many_partitions;

pub(super) static SECTION: Section = Section {
    name: "tables",
    title: "Tables",
    rules: &[
        &table_without_retention::RULE,
        &retention_forever_unexplained::RULE,
        &table_without_rollup::RULE,
        &rollup_shorter_than_raw::RULE,
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
