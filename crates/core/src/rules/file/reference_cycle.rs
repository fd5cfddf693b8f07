//! `reference-cycle`

use crate::rules::Check;

crate::rule! {
    "reference-cycle", Error, Check::Reading
}
