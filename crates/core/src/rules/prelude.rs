//! What most rules use.

pub(super) use super::{Check, Context, Findings, Rule, Speaks};
pub(super) use crate::advice::{Set, Way};
pub(super) use crate::exceptions::AllowedOn;
pub(super) use crate::finding::{Finding, Severity, When};
pub(super) use crate::meter::{Family, MeterId, MeterKind};
pub(super) use crate::model::policy::PolicyKey;
pub(super) use crate::source::Span;
pub(super) use crate::words::number;
