//! `invalid-value`

use crate::rules::Check;

crate::rule! {
    /// A value whose unit, sign, range or form is wrong, or that excludes another.
    ///
    /// ## Why
    ///
    /// A number with the wrong unit is wrong by orders of magnitude, silently. So units are written, and what could be read in two ways is refused: `200/m` could be a minute or a month.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [project]
    /// horizon = "2 years"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// [project]
    /// horizon = "2y"
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived.
    ///
    /// ## Figure
    ///
    /// None.
    "invalid-value", Error, Check::Reading
}
