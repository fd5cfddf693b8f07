//! `outside-project`

use crate::rules::Check;

crate::rule! {
    "outside-project", Error, Check::Reading
}
