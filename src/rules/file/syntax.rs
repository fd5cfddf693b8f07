//! `syntax`

use crate::rules::Check;

crate::rule! {
    /// The file is not valid TOML, not UTF-8, too large, or not a file.
    ///
    /// ## Why
    ///
    /// caplint reads what it can of a broken file, and a broken file never hides what is wrong with the good ones. But what stands in the broken part is not counted, so nothing is let through.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [project]
    /// name = "shop
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
    "syntax", Error, Check::Reading
}
