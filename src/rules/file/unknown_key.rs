//! `unknown-key`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A key that the format does not have.
    "unknown-key", Error, Check::Reading
}
