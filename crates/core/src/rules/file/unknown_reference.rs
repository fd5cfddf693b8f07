//! `unknown-reference`

use crate::rules::Check;

crate::rule! {
    "unknown-reference", Error, Check::Reading
}
