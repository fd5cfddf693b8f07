//! `outside-project`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// A capacity.toml that belongs to no project.
    "outside-project", Error, Check::Reading
}
