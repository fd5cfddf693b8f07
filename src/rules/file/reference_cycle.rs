//! `reference-cycle`

use crate::rules::Check;

crate::rule! {
    /// Things that stand on each other in a circle.
    ///
    /// ## Why
    ///
    /// Each occurrence of a line would follow from itself, and the rows of a rollup from its own.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "10GB"
    ///
    /// [tables.days]
    /// kind = "rollup"
    /// from = "weeks"
    /// ratio = 0.01
    /// row_size = "100B"
    /// retention = "1y"
    ///
    /// [tables.weeks]
    /// kind = "rollup"
    /// from = "days"
    /// ratio = 0.01
    /// row_size = "100B"
    /// retention = "2y"
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
    "reference-cycle", Error, Check::Reading
}
