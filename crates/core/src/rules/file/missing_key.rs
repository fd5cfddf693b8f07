//! `missing-key`

use crate::rules::Check;

crate::rule! {
    "missing-key", Error, Check::Reading
}
