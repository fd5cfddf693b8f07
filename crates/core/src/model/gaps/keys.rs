//! Which meters of a thing a key that could not be read leaves open.

use super::{DEMAND, Gap, LIMIT, LimitGap, is_beside_meters};
use crate::meter::{Family, MeterKind};

/// What is not known of meters of some kinds.
type Marks = &'static [(&'static [MeterKind], Gap)];

/// Nothing: what is unread of it is unknown in the model.
const NOTHING: Marks = &[];
const RATE: &[MeterKind] = &[MeterKind::Rate];
const SPEND: &[MeterKind] = &[MeterKind::Spend];
const CREDITS: &[MeterKind] = &[MeterKind::Credits];
const CONCURRENCY: &[MeterKind] = &[MeterKind::Concurrency];
const LIMITS: &[MeterKind] = &[MeterKind::Rate, MeterKind::Concurrency];
const STORAGE: &[MeterKind] = &[MeterKind::Storage];
const THROUGHPUT: &[MeterKind] = &[MeterKind::Throughput];
pub(super) const KEPT: &[MeterKind] = &[MeterKind::Retained, MeterKind::Spend];

const COSTS: Marks = &[(SPEND, DEMAND)];
const BUDGET: Marks = &[(SPEND, LIMIT)];

/// What a key of a thing leaves open, where that is less than all of it; tables aside, whose
/// databases are left open too.
pub(super) fn marks(family: Family, keys: &[&str]) -> Option<Marks> {
    match (family, keys) {
        (_, ["budget", ..]) => Some(BUDGET),
        (Family::Api, keys) => api(keys),
        (Family::Budget, ["of", ..]) | (Family::Cost, ["price", ..]) => Some(COSTS),
        (Family::Database, keys) => database(keys),
        (Family::Model, keys) => model(keys),
        (Family::Queue, keys) => queue(keys),
        (Family::Table, ["max_size", ..]) => Some(&[(STORAGE, LIMIT)]),
        _ => None,
    }
}

fn api(keys: &[&str]) -> Option<Marks> {
    const PACKS: Gap = Gap {
        limit: LimitGap::InScenarios,
        ..LIMIT
    };
    Some(match keys {
        ["endpoints", _, key, ..] if is_beside_meters(key) => NOTHING,
        [
            "endpoints",
            _,
            "credits" | "credits_per_item" | "credits_per_step",
            ..,
        ]
        | ["retry_ratio", ..]
        | ["plan", "balance", ..] => NOTHING,
        ["endpoints", _, "duration", ..] => &[(CONCURRENCY, DEMAND)],
        ["rate_limit", ..] => &[(RATE, LIMIT)],
        // Which endpoints one limit takes away counts for all.
        ["limits", _, "endpoints" | "exclusive", ..] => &[(LIMITS, DEMAND)],
        ["limits", rest @ ..] => limits(rest),
        ["plan", "price", ..] => COSTS,
        ["plan" | "overage", ..] => &[(CREDITS, LIMIT), (SPEND, DEMAND)],
        ["packs", ..] => &[(CREDITS, PACKS), (SPEND, DEMAND)],
        _ => return None,
    })
}

fn limits(keys: &[&str]) -> Marks {
    match keys {
        [_, "rate" | "concurrent" | "counts" | "per" | "largest", ..] => NOTHING,
        _ => &[(LIMITS, DEMAND), (LIMITS, LIMIT)],
    }
}

fn model(keys: &[&str]) -> Option<Marks> {
    Some(match keys {
        ["retry_ratio", ..] => NOTHING,
        ["capacity", ..] => &[(RATE, LIMIT)],
        ["limits", rest @ ..] => limits(rest),
        ["duration", ..] => &[(CONCURRENCY, DEMAND)],
        ["price" | "step" | "min_units", ..] => COSTS,
        _ => return None,
    })
}

fn database(keys: &[&str]) -> Option<Marks> {
    Some(match keys {
        ["storage", ..] => &[(STORAGE, LIMIT)],
        ["writes", ..] => &[(&[MeterKind::Writes], LIMIT)],
        ["reads", ..] => &[(&[MeterKind::Reads], LIMIT)],
        ["price", ..] => COSTS,
        ["overhead", ..] => &[(&[MeterKind::Storage, MeterKind::Spend], DEMAND)],
        _ => return None,
    })
}

fn queue(keys: &[&str]) -> Option<Marks> {
    Some(match keys {
        ["workers" | "depth" | "message_size", ..] => NOTHING,
        ["price", ..] => COSTS,
        ["storage", ..] => &[(&[MeterKind::Retained], LIMIT)],
        ["max_depth", ..] => &[(&[MeterKind::Depth], LIMIT)],
        ["drain", ..] => &[(&[MeterKind::Drain], LIMIT)],
        ["partitions" | "partition_throughput" | "throughput", ..] => &[(THROUGHPUT, LIMIT)],
        ["replay", ..] => &[(THROUGHPUT, DEMAND)],
        [
            "retention" | "retention_bytes" | "compact" | "replication",
            ..,
        ] => &[(KEPT, DEMAND)],
        _ => return None,
    })
}
