//! `invalid-value`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A value whose unit, sign, range or form is wrong, or that excludes another.
    "invalid-value", Error, Check::Reading
}
