//! Errors of files themselves, which reading and resolving report.

use crate::finding::file_errors as names;
use crate::rules::{Rule, Section};

pub(super) static SECTION: Section = Section {
    name: "file",
    title: "The file itself",
    rules: &[
        &Rule::reading(names::SYNTAX),
        &Rule::reading(names::UNKNOWN_KEY),
        &Rule::reading(names::INVALID_VALUE),
        &Rule::reading(names::MISSING_KEY),
        &Rule::reading(names::DUPLICATE_NAME),
        &Rule::reading(names::UNKNOWN_REFERENCE),
        &Rule::reading(names::REFERENCE_CYCLE),
        &Rule::reading(names::OUTSIDE_PROJECT),
        &Rule::reading(names::VERSION_TOO_OLD),
    ],
};
