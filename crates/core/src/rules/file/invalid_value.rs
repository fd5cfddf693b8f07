//! `invalid-value`

use crate::rules::Check;

crate::rule! {
    "invalid-value", Error, Check::Reading
}
