//! `credits`: of an API, per month, against its plan.

use super::{Basis, KindOfMeter, Metered, OfApi};
use crate::meter::{Family, MeterId, MeterKind};
use crate::quantity::{Graph, Quantity};

pub(super) struct Credits;

impl KindOfMeter for Credits {
    fn of_api(&self, of: &OfApi<'_>, _: &mut Graph, out: &mut Vec<Metered>) {
        if of.sinks.lines == 0 && of.api.plan.is_none() {
            return;
        }
        let id = MeterId::new(Family::Api, of.name, MeterKind::Credits, Vec::new());
        let credits = of.credits.times(of.metering.days_per_month());
        out.push(Metered {
            basis: Basis::Credits(of.credits),
            ..Metered::new(id, "credits/month", credits, limit(of))
        });
    }
}

/// The plan; in scenarios that and all that the packs allow; none where credits past the plan are
/// billed as they are used.
fn limit(of: &OfApi<'_>) -> Option<Quantity> {
    let api = of.api;
    if api.overage.is_some() {
        return None;
    }
    let plan = api.plan.and_then(|plan| plan.credits);
    if of.metering.situation().scenario().is_none() {
        return plan.map(|credits| Quantity::certain(credits.now));
    }
    if plan.is_none() && api.packs.is_empty() {
        return None;
    }
    let mut most = plan.map_or(0.0, |credits| credits.max.unwrap_or(credits.now));
    for pack in &api.packs {
        most += pack.credits * pack.max? as f64;
    }
    Some(Quantity::certain(most))
}
