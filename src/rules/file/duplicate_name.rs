//! `duplicate-name`

use crate::rules::Check;

crate::rule! {
    /// A name that is declared twice.
    ///
    /// ## Why
    ///
    /// All files of a project are one model. Of two tables with one name, one would silently win.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// # file: capacity.toml
    /// [project]
    /// name = "shop"
    ///
    /// [risk]
    /// downtime_cost_per_hour = 100
    ///
    /// # file: orders/capacity.toml
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "10GB"
    ///
    /// [tables.orders]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 1
    /// per = "project"
    ///
    /// # file: billing/capacity.toml
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "10GB"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// # file: capacity.toml
    /// [project]
    /// name = "shop"
    ///
    /// [risk]
    /// downtime_cost_per_hour = 100
    ///
    /// # file: orders/capacity.toml
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "10GB"
    ///
    /// [tables.orders]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 1
    /// per = "project"
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived.
    ///
    /// ## Figure
    ///
    /// None.
    "duplicate-name", Error, Check::Reading
}
