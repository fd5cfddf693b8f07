//! The errors of files themselves: what reading and resolving find. They are always errors and
//! cannot be turned off.

use crate::finding::Severity;
use crate::rules::{Check, Rule};

macro_rules! reading {
    ($($(#[doc = $doc:literal])* $rule:ident = $name:literal;)*) => {
        $(
            $(#[doc = $doc])*
            pub(super) static $rule: Rule = Rule {
                name: $name,
                severity: Severity::Error,
                docs: concat!($($doc, "\n",)*),
                check: Check::Reading,
            };
        )*
    };
}

reading! {
    /// The file is not valid TOML, not UTF-8, too large, or no file.
    SYNTAX = "syntax";
    /// A key that the format does not have.
    UNKNOWN_KEY = "unknown-key";
    /// A value whose unit, sign, range or form is wrong, or that excludes another.
    INVALID_VALUE = "invalid-value";
    /// A key that has to be there.
    MISSING_KEY = "missing-key";
    /// A name that is declared twice.
    DUPLICATE_NAME = "duplicate-name";
    /// A name that nothing has.
    UNKNOWN_REFERENCE = "unknown-reference";
    /// Things that stand on each other in a circle.
    REFERENCE_CYCLE = "reference-cycle";
    /// A capacity.toml that belongs to no project.
    OUTSIDE_PROJECT = "outside-project";
    /// The project asks for another version of caplint.
    VERSION_TOO_OLD = "version-too-old";
}
