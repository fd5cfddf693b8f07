//! `unknown-reference`

use crate::rules::Check;

crate::rule! {
    /// A name that nothing has.
    ///
    /// ## Why
    ///
    /// A line that writes to a table of another name is demand that meets no limit. The same holds for names of rules: a waiver for a rule that does not exist waives nothing.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [project]
    /// name = "shop"
    ///
    /// [rules]
    /// near-limt = "off"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// [project]
    /// name = "shop"
    ///
    /// [rules]
    /// near-limit = "off"
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived.
    ///
    /// ## Figure
    ///
    /// None.
    "unknown-reference", Error, Check::Reading
}
