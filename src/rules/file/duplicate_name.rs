//! `duplicate-name`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A name that is declared twice.
    "duplicate-name", Error, Check::Reading
}
