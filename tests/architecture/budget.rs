//! What still breaks a check of the architecture.

/// The check, the file (for circles, the crate), and how many violations are known. Lower and remove
/// only.
pub(super) const BUDGET: &[(&str, &str, usize)] = &[
    ("import circle", "crates/states", 6),
    ("long file", "crates/core/src/changes/steps.rs", 1),
    ("long file", "crates/states/src/repository.rs", 1),
    ("long function", "crates/core/src/rules/remedy.rs", 1),
    ("long function", "crates/core/src/run.rs", 1),
    // Errors of files are found below the rules: their names stand there, and the rules take them
    // from there.
    ("rule named elsewhere", "crates/core/src/finding.rs", 9),
    // The example in a help text.
    ("rule named elsewhere", "src/cli/output.rs", 1),
];
