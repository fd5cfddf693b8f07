//! `unknown-key`

use crate::rules::Check;

crate::rule! {
    /// A key that the format does not have.
    ///
    /// ## Why
    ///
    /// A key that nothing reads is a decision that nobody carries out: `retenton = "90d"` keeps rows for ever.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [project]
    /// nam = "shop"
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
    /// It is always an error, and cannot be turned off or waived. The keys are in the JSON Schema: `caplint schema`.
    ///
    /// ## Figure
    ///
    /// None.
    "unknown-key", Error, Check::Reading
}
