//! What could not be read of `limits` of APIs and models.

use super::{DEMAND, LIMIT, Search};
use crate::meter::{Family, MeterKind};

impl Search<'_> {
    /// What is unread of one limit is unknown in the model; which endpoints it takes away, and which
    /// limit it is, counts for all.
    pub(super) fn limits(&mut self, family: Family, name: &str, rest: &[&str]) {
        const KINDS: [MeterKind; 2] = [MeterKind::Rate, MeterKind::Concurrency];
        match rest {
            [_, "rate" | "concurrent" | "counts" | "per" | "largest", ..] => {}
            [_, "endpoints" | "exclusive", ..] => self.gaps.mark(family, name, &KINDS, DEMAND),
            _ => {
                self.gaps.mark(family, name, &KINDS, DEMAND);
                self.gaps.mark(family, name, &KINDS, LIMIT);
            }
        }
    }
}
