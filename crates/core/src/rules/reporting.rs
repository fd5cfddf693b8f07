//! How rules report what they find.

use crate::finding::Finding;
use crate::rules::{Findings, TomlPath};

impl Findings {
    pub(super) fn about(&self, keys: &[&str], message: impl Into<String>) -> Finding {
        self.finding(TomlPath::new(keys).to_string(), message)
    }

    pub(super) fn each<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        check: impl Fn(&Self, T) -> Option<Finding>,
    ) {
        for item in items {
            if let Some(finding) = check(self, item) {
                self.push(finding);
            }
        }
    }
}
