//! `version-too-old`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// The project asks for another version of caplint.
    "version-too-old", Error, Check::Reading
}
