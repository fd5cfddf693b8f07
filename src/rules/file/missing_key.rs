//! `missing-key`

use crate::rules::Check;

crate::rule! {
    /// A key that has to be there is not.
    ///
    /// ## Why
    ///
    /// Without it there is nothing to compute, and nothing is assumed in its place.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [entities]
    /// device = { count = { 90d = 2_600_000 } }
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// [project]
    /// name = "shop"
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived.
    ///
    /// ## Figure
    ///
    /// None.
    "missing-key", Error, Check::Reading
}
