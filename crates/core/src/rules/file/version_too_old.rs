//! `version-too-old`

use crate::rules::Check;

crate::rule! {
    "version-too-old", Error, Check::Reading
}
