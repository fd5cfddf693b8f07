//! `credits`: of an API, per month, against its plan.

use super::{Basis, Metered, Of, Thing};
use crate::forecast::situation::Situation;
use crate::meter::{Family, MeterKind};
use crate::model::Api;
use crate::model::lines::events::Amount;
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Api(api) = of.thing else { return };
    let [sinks, _] = of.metering.asked_of(Family::Api, api.id);
    if sinks.lines == 0 && api.plan.is_none() {
        return;
    }
    let id = of.id(MeterKind::Credits, &[]);
    let per_day = of
        .metering
        .per_day(Amount::Credits, Family::Api, api.id, graph);
    let credits = per_day.times(of.metering.days_per_month());
    out.push(Metered {
        basis: Basis::Credits(per_day),
        ..Metered::new(id, "credits/month", credits, limit(api, of.situation()))
    });
}

/// The plan; in scenarios that and all that the packs allow; none where credits past the plan are
/// billed as they are used.
fn limit(api: &Api, situation: Situation<'_>) -> Option<Quantity> {
    if api.overage.is_some() {
        return None;
    }
    let plan = api.plan.and_then(|plan| plan.credits);
    if situation.scenario().is_none() {
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
