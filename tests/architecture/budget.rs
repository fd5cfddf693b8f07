//! What still breaks a check of the architecture.

/// The check, the file (for circles, the crate), and how many violations are known. Lower and remove
/// only.
pub(super) const BUDGET: &[(&str, &str, usize)] = &[
    ("import circle", "crates/states", 6),
    ("long file", "crates/core/src/changes/loosening.rs", 1),
    ("long file", "crates/core/src/changes/steps.rs", 1),
    ("long file", "crates/states/src/repository.rs", 1),
    ("long function", "crates/core/src/rules/remedy.rs", 1),
    ("long function", "crates/core/src/run.rs", 1),
    (
        "rule named elsewhere",
        "crates/core/src/changes/loosening.rs",
        24,
    ),
    ("rule named elsewhere", "crates/core/src/model/merge.rs", 2),
    (
        "rule named elsewhere",
        "crates/core/src/model/projects.rs",
        1,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/model/resolve/check.rs",
        4,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/model/resolve/cycles.rs",
        1,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/model/resolve/project.rs",
        1,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/model/resolve/rule_names.rs",
        103,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/model/scenarios.rs",
        1,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/rules/causes.rs",
        22,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/rules/governance/waiver_unused.rs",
        2,
    ),
    (
        "rule named elsewhere",
        "crates/core/src/verdicts/exceptions.rs",
        2,
    ),
    ("rule named elsewhere", "src/cli/fmt.rs", 2),
    ("rule named elsewhere", "src/cli/output.rs", 1),
    ("rule named elsewhere", "src/render/view.rs", 11),
];
