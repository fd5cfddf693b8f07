//! `unknown-reference`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A name that nothing has.
    "unknown-reference", Error, Check::Reading
}
