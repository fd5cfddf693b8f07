//! `reference-cycle`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// Things that stand on each other in a circle.
    "reference-cycle", Error, Check::Reading
}
