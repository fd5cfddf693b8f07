//! `version-too-old`

use crate::rules::Check;

crate::rule! {
    /// The project asks for another version of caplint.
    ///
    /// ## Why
    ///
    /// A team that relies on a rule or a key of a newer version says so, rather than be judged by one that does not know it.
    ///
    /// ## Example
    ///
    /// ```toml fails
    /// [project]
    /// require = ">=999"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// [project]
    /// require = ">=0.1"
    /// ```
    ///
    /// ## Configuration
    ///
    /// It is always an error, and cannot be turned off or waived. `project.require` is a semver range.
    ///
    /// ## Figure
    ///
    /// None.
    "version-too-old", Error, Check::Reading
}
