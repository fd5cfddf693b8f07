//! `concurrency`: calls of an API, or runs of a model, that take place at the same time.

use super::{Metered, Of, rate};
use crate::meter::MeterKind;
use crate::quantity::Graph;

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    rate::limited(of, MeterKind::Concurrency, graph, out);
}
