//! Checks what declarations refer to.

use crate::finding::Finding;
use crate::model::merge::Declarations;

/// What is wrong.
#[must_use]
pub fn resolve(_declarations: &Declarations) -> Vec<Finding> {
    Vec::new()
}
