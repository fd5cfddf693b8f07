//! `outside-project`

use crate::rules::Check;

crate::rule! {
    /// A capacity.toml that belongs to no project.
    ///
    /// ## Why
    ///
    /// Where one folder says that it is a project, a file beside it would be in none: what it declares would be counted nowhere.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// # file: shop/capacity.toml
    /// [project]
    /// name = "shop"
    ///
    /// # file: tools/capacity.toml
    /// # what the tools ask for
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// # file: shop/capacity.toml
    /// [project]
    /// name = "shop"
    ///
    /// # file: shop/tools/capacity.toml
    /// # what the tools ask for
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived. Move the file below a project, or give its folder a `[project]`.
    ///
    /// ## Figure
    ///
    /// None.
    "outside-project", Error, Check::Reading
}
