//! `missing-key`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A key that has to be there.
    "missing-key", Error, Check::Reading
}
