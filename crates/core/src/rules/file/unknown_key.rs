//! `unknown-key`

use crate::rules::Check;

crate::rule! {
    "unknown-key", Error, Check::Reading
}
