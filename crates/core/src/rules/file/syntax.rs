//! `syntax`

use crate::rules::Check;

crate::rule! {
    "syntax", Error, Check::Reading
}
