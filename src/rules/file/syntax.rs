//! `syntax`

use crate::rules::Check;

crate::rule! {
    /// ## What it checks
    ///
    /// The file is not valid TOML, not UTF-8, too large, or no file.
    "syntax", Error, Check::Reading
}
