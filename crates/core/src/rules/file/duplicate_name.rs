//! `duplicate-name`

use crate::rules::Check;

crate::rule! {
    "duplicate-name", Error, Check::Reading
}
